/**
 * Undo and redo: the steps that this page made, each the entries before and after it.
 *
 * Only one's own steps are here, in a shared workspace too. What somebody else has changed since is
 * left as that person has it.
 */

import type { Changes, OwnChange, Parts } from "./parts";
import { parts } from "./parts";
import { sameJson } from "./same_json";

const LONGEST = 200;
/** Milliseconds within which changes of the same keys under the same label are one step. */
const MERGE_MS = 1000;

interface Step {
  label: string;
  before: Changes;
  after: Changes;
}

export class History {
  private done: Step[] = [];
  private undone: Step[] = [];
  private last = -Infinity;
  private grouped: string | null = null;
  private named: string | null = null;
  private enacting = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly parts: Parts,
    private readonly now: () => number = () => performance.now(),
  ) {
    parts.onChange((change) => this.record(change));
  }

  /** What would be undone; null if there is nothing. */
  get undoLabel(): string | null {
    return this.done.at(-1)?.label ?? null;
  }

  /** What would be done again. */
  get redoLabel(): string | null {
    return this.undone.at(-1)?.label ?? null;
  }

  /** Take the last step back. Returns what it was called; null if nothing was left of it to take back. */
  undo(): string | null {
    return this.move(this.done, this.undone, "after", "before");
  }

  /** Do again what was taken back last. */
  redo(): string | null {
    return this.move(this.undone, this.done, "before", "after");
  }

  /** What comes now is a step of its own, as at the end of a drag. */
  seal(): void {
    this.last = -Infinity;
  }

  /** Give what `run` changes a name, for parts that do not know themselves what was done. */
  name(label: string, run: () => void): void {
    const before = this.named;
    this.named = label;
    try {
      run();
    } finally {
      this.named = before;
    }
  }

  /** Make one step of all that `run` changes. */
  group<T>(label: string, run: () => T): T {
    this.seal();
    this.grouped = label;
    try {
      return run();
    } finally {
      this.grouped = null;
      this.seal();
    }
  }

  /** Forget everything, as when another workspace is opened. */
  clear(): void {
    this.done = [];
    this.undone = [];
    this.changed();
  }

  /** Be told when there is something else to undo or redo. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private record({ before, after, label: own }: OwnChange): void {
    if (this.enacting) return;
    const label = this.grouped ?? this.named ?? own;
    // Where the view has moved meanwhile, that is no part of what was named.
    const besides = this.grouped === null && own === undefined && Object.keys(after).every((key) => this.parts.isPersonal(key));
    if (label === undefined || besides) {
      this.amend(after);
      return;
    }
    const now = this.now();
    const last = this.done.at(-1);
    const joined = this.grouped !== null ? this.last > -Infinity : now - this.last < MERGE_MS && sameKeys(last?.after, after);
    if (last?.label === label && joined) {
      last.before = { ...before, ...last.before };
      last.after = { ...last.after, ...after };
    } else {
      this.done = [...this.done.slice(1 - LONGEST), { label, before: { ...before }, after: { ...after } }];
    }
    this.last = now;
    this.undone = [];
    this.changed();
  }

  /** What changed without being a step belongs to the step that changed the same entry last. */
  private amend(after: Changes): void {
    for (const [key, value] of Object.entries(after)) {
      const step = this.done.findLast((other) => key in other.after);
      if (step) step.after[key] = value;
    }
  }

  private move(from: Step[], to: Step[], is: "before" | "after", becomes: "before" | "after"): string | null {
    this.seal();
    while (from.length > 0) {
      const step = from.pop() as Step;
      const keys = Object.keys(step.after).filter((key) => sameJson(this.parts.get(key), step[is][key] ?? null));
      if (keys.length === 0) continue; // others have changed all of it since
      const pick = (changes: Changes): Changes => Object.fromEntries(keys.map((key) => [key, changes[key] ?? null]));
      to.push({ label: step.label, before: pick(step.before), after: pick(step.after) });
      this.enact(pick(step[becomes]));
      this.changed();
      return step.label;
    }
    this.changed();
    return null;
  }

  private enact(changes: Changes): void {
    this.enacting = true;
    try {
      this.parts.enact(changes);
    } finally {
      this.enacting = false;
    }
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function sameKeys(one: Changes | undefined, other: Changes): boolean {
  return one !== undefined && sameJson(Object.keys(one).sort(), Object.keys(other).sort());
}

/** The history of this page. */
export const history = new History(parts);
