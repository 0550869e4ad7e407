/**
 * The parts of the page that put something into the workspace, and what all of them together hold.
 *
 * A workspace is a flat map of entries: a JSON value under a key, such as `image/3f2a` or
 * `region/9c01`. A part owns the keys that are its prefix or begin with it and a slash. Entries of
 * parts that are not there (a plugin that is missing) are kept as they are.
 */

import type { Json } from "../types";
import { sameJson } from "./same_json";

/** What is there, by key. */
export type Entries = Record<string, Json>;
/** What is another now, by key; null is taken away. */
export type Changes = Record<string, Json | null>;

export interface Part {
  /** Its keys are this, or begin with this and a slash. */
  readonly prefix: string;
  /**
   * Everyone has an own: such entries are saved, and taken over when a workspace is opened, but not
   * while others change theirs (what is in view, how panels lie).
   */
  readonly personal?: boolean;
  /** All that it holds. Values are never changed in place: one that is the same object as before counts as unchanged. */
  entries(): Entries;
  /** Take over an entry as another person, an undo or a workspace that opens has it; null takes it away. Never throws. */
  apply(key: string, value: Json | null): void;
  /**
   * Have `changed` called after something is other than before. With a label ("Move region") the
   * change can be undone under that name. Called also for what `apply` brought about, it does nothing.
   */
  onChange(changed: (label?: string) => void): () => void;
}

/** What this page changed. */
export interface OwnChange {
  before: Changes;
  after: Changes;
  /** What it is called where it can be undone. */
  label?: string;
}

export type Listener = (change: OwnChange) => void;

export class Parts {
  private readonly parts: Part[] = [];
  private readonly known = new Map<string, Json>();
  private readonly listeners = new Set<Listener>();
  /** Parts that told of a change while they were handed entries; null while they are not. */
  private handing: Set<Part> | null = null;

  /** Make a part known, and give it what the workspace has for it already. Returns the function that takes it away. */
  add(part: Part): () => void {
    if (this.parts.some(({ prefix }) => prefix === part.prefix)) throw new Error(`two parts have the prefix ${part.prefix}`);
    this.parts.push(part);
    this.hand(Object.fromEntries([...this.known].filter(([key]) => isOf(part, key))));
    this.notice(part);
    const stop = part.onChange((label) => this.notice(part, label));
    return () => {
      stop();
      this.parts.splice(this.parts.indexOf(part), 1);
    };
  }

  /** All entries of the workspace. */
  entries(): Entries {
    return Object.fromEntries(this.known);
  }

  /** Whether everyone has an own entry of this key. */
  isPersonal(key: string): boolean {
    return this.partOf(key)?.personal ?? false;
  }

  get(key: string): Json | null {
    return this.known.get(key) ?? null;
  }

  /** Whether what happens now is what others have changed, or an undo, and not done by hand. */
  get applying(): boolean {
    return this.handing !== null;
  }

  /** Take over what others have changed. */
  apply(changes: Changes): void {
    this.take(Object.fromEntries(Object.entries(changes).filter(([key]) => !this.isPersonal(key))));
  }

  /** Hold these entries and no others, as when a workspace is opened. Nobody is told of a change. */
  replace(entries: Entries): void {
    const gone = [...this.known.keys()].filter((key) => !(key in entries));
    this.take({ ...Object.fromEntries(gone.map((key) => [key, null])), ...entries });
  }

  /** Change entries in this page's own name, as undo does. */
  enact(changes: Changes): void {
    const before = Object.fromEntries(Object.keys(changes).map((key) => [key, this.get(key)]));
    this.take(changes, () => this.tell({ before, after: changes }));
  }

  /** Be told of what this page changes. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private partOf(key: string): Part | null {
    return this.parts.find((part) => isOf(part, key)) ?? null;
  }

  /** Know first, then hand out: what parts then tell of each other's entries is no news. */
  private take(changes: Changes, tell: () => void = () => undefined): void {
    const news = Object.fromEntries(Object.entries(changes).filter(([key, value]) => !sameJson(this.get(key), value)));
    for (const [key, value] of Object.entries(news)) {
      if (value === null) this.known.delete(key);
      else this.known.set(key, value);
    }
    tell();
    this.hand(news);
  }

  /** Give each part what is its own, in the order of their adding; what they tell meanwhile is looked at afterwards. */
  private hand(changes: Changes): void {
    const outermost = this.handing === null;
    const told = (this.handing ??= new Set());
    try {
      for (const part of this.parts) {
        for (const [key, value] of Object.entries(changes)) if (this.partOf(key) === part) part.apply(key, value);
      }
    } finally {
      if (outermost) this.handing = null;
    }
    if (outermost) told.forEach((part) => this.notice(part));
  }

  /** Find out what a part has changed. */
  private notice(part: Part, label?: string): void {
    if (this.handing) {
      this.handing.add(part);
      return;
    }
    const now = part.entries();
    const [before, after]: Changes[] = [{}, {}];
    const keys = new Set([...[...this.known.keys()].filter((key) => isOf(part, key)), ...Object.keys(now)]);
    for (const key of keys) {
      const value = now[key] ?? null;
      if (sameJson(this.get(key), value)) continue;
      before![key] = this.get(key);
      after![key] = value;
      if (value === null) this.known.delete(key);
      else this.known.set(key, value);
    }
    if (Object.keys(after!).length > 0) this.tell({ before: before!, after: after!, ...(label ? { label } : {}) });
  }

  private tell(change: OwnChange): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}

function isOf({ prefix }: Part, key: string): boolean {
  return key === prefix || key.startsWith(`${prefix}/`);
}

/** The parts of this page. */
export const parts = new Parts();
