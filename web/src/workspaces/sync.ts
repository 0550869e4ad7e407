/**
 * The workspace that this page is in: what is changed here is sent to the server soon, what others
 * change is taken over. Of an entry that two change at once, the later change stands.
 *
 * Until something is opened there is no workspace on the server; the first thing that is worth
 * keeping makes one without a name.
 */

import { messageOf, ToyzError } from "../errors";
import type { WorkspaceApi } from "./api";
import type { Changes, Entries, Parts } from "./parts";
import type { Level, Opened, Workspace } from "./types";

const SEND_AFTER_MS = 500;
/** Of one message; the server takes 64 KB. */
const MOST_BYTES = 50_000;
const MOST_KEYS = 500;
/** What the server will not take the next time either. */
const FINAL: ReadonlySet<string> = new Set(["too_large", "invalid_parameter", "forbidden", "not_found", "protocol_error", "bad_request"]);

/** `local`: one may only look, and what one changes stays in the page. */
export type Saving = "saved" | "saving" | "unsaved" | "local";

export interface SyncOptions {
  api: Pick<WorkspaceApi, "create" | "open" | "openLink" | "close" | "change">;
  parts: Parts;
  connected: () => boolean;
  /** This page is in the workspace now, or again. */
  entered: (opened: Opened) => void;
  /** Something of `workspace` or `saving` is other than before. */
  changed: () => void;
  /** Something could not be kept, for a reason that will not go away. */
  refused: (message: string) => void;
}

export class Sync {
  workspace: Workspace | null = null;
  revision = 0;
  private pending: Changes = {};
  private sending: Changes | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What the server would not take, until it is changed again. */
  private readonly refused = new Set<string>();
  /** How many messages hold one entry each: one of them is at fault. */
  private alone = 0;
  private entering = false;

  constructor(private readonly options: SyncOptions) {
    options.parts.onChange(({ after }) => this.own(after));
  }

  get saving(): Saving {
    if (this.workspace?.level === "view") return "local";
    const waits = this.workspace !== null && (this.sending !== null || !isEmpty(this.pending));
    if (this.refused.size > 0 || (waits && !this.options.connected())) return "unsaved";
    return waits ? "saving" : "saved";
  }

  /** What has not reached the server. */
  get unsaved(): Changes {
    return { ...this.sending, ...this.pending };
  }

  // ---- going in and out -----------------------------------------------------------------------

  /** Go into a workspace; what is in the page gives way to it. `kept` was changed here before, and never sent. */
  async enter(open: () => Promise<Opened>, kept: (workspace: string) => Changes = () => ({})): Promise<void> {
    await this.flush();
    const opened = await open();
    this.workspace = opened.workspace;
    this.revision = opened.state.revision;
    const own = opened.workspace.level === "view" ? {} : kept(opened.workspace.id);
    this.pending = own;
    this.refused.clear();
    this.options.parts.replace(present({ ...opened.state.entries, ...own }));
    this.plan(0);
    this.options.changed();
    this.options.entered(opened);
  }

  /** Go out of it: the page is empty, and what is opened next makes another. */
  async leave(): Promise<void> {
    await this.flush();
    if (this.workspace) await this.options.api.close();
    this.forget();
  }

  /** It is closed to this page. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.workspace = null;
    this.pending = {};
    this.refused.clear();
    this.options.parts.replace({});
    this.options.changed();
  }

  /** The server knows this page no more: go in again, and take over what has changed meanwhile. */
  async enterAgain(): Promise<void> {
    if (!this.workspace) return;
    this.pending = this.unsaved;
    this.sending = null;
    const opened = await this.options.api.open(this.workspace.id, this.revision);
    this.workspace = opened.workspace;
    const { entries, whole, revision } = opened.state;
    const { parts } = this.options;
    const gone = whole ? Object.keys(parts.entries()).filter((key) => !(key in entries)) : [];
    this.takeOver({ ...Object.fromEntries(gone.map((key) => [key, null])), ...entries });
    this.revision = revision;
    this.plan(0);
    this.options.changed();
    this.options.entered(opened);
  }

  // ---- what others do -------------------------------------------------------------------------

  /** Somebody else has changed entries. */
  remote(workspace: string, revision: number, entries: Changes): void {
    if (workspace !== this.workspace?.id || revision <= this.revision) return;
    this.revision = revision;
    this.takeOver(entries);
  }

  renamed(name: string): void {
    if (this.workspace) this.workspace = { ...this.workspace, name };
    this.options.changed();
  }

  levelChanged(level: Level): void {
    if (this.workspace) this.workspace = { ...this.workspace, level };
    if (level === "view") this.pending = {};
    this.options.changed();
  }

  /** What is on its way to the server is newer than what comes from there. */
  private takeOver(entries: Changes): void {
    const own = this.unsaved;
    this.options.parts.apply(Object.fromEntries(Object.entries(entries).filter(([key]) => !(key in own))));
  }

  // ---- what is done here ----------------------------------------------------------------------

  private own(after: Changes): void {
    const level = this.workspace?.level ?? "own";
    if (level === "view") return;
    // How the owner left it is the owner's own affair.
    const kept = Object.entries(after).filter(([key]) => level === "own" || !this.options.parts.isPersonal(key));
    if (kept.length === 0) return;
    Object.assign(this.pending, Object.fromEntries(kept));
    if (this.workspace || kept.some(([key]) => !this.options.parts.isPersonal(key))) this.plan(SEND_AFTER_MS);
    this.options.changed();
  }

  private plan(pause: number): void {
    this.timer ??= setTimeout(() => void this.flush(), pause);
  }

  /** Send what waits, now. Resolves when it is kept, or cannot be. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.sending || this.entering || !this.options.connected()) return;
    if (!this.workspace && !(await this.begin())) return;
    while (this.workspace && !this.sending && !isEmpty(this.pending)) {
      if (!(await this.send(this.workspace.id))) break;
    }
    if (!isEmpty(this.pending) && this.options.connected() && this.alone > 0) this.plan(0);
    this.options.changed();
  }

  /** Make a workspace of what is in the page, if there is anything worth keeping. */
  private async begin(): Promise<boolean> {
    const { api, parts } = this.options;
    if (!Object.keys(this.pending).some((key) => !parts.isPersonal(key) && this.pending[key] !== null)) return false;
    this.entering = true;
    try {
      this.pending = { ...parts.entries() };
      const opened = await api.open(await this.create());
      this.workspace = opened.workspace;
      this.revision = opened.state.revision;
      this.options.changed();
      this.options.entered(opened);
      return true;
    } catch (error) {
      this.refuse(error);
      return false;
    } finally {
      this.entering = false;
    }
  }

  /** One message makes it with what is in it: the page may be left before an answer comes. */
  private async create(): Promise<string> {
    const { api } = this.options;
    const batch = this.take();
    try {
      return (await api.create("", batch)).id;
    } catch (error) {
      this.pending = { ...batch, ...this.pending };
      if (!(error instanceof ToyzError && FINAL.has(error.code))) throw error;
      // One of the entries is at fault: those that are not are sent to an empty one.
      return (await api.create("", {})).id;
    }
  }

  private async send(workspace: string): Promise<boolean> {
    const batch = this.take();
    this.sending = batch;
    this.options.changed();
    try {
      const revision = await this.options.api.change(workspace, batch);
      if (this.workspace?.id !== workspace) return false;
      this.revision = Math.max(this.revision, revision);
      Object.keys(batch).forEach((key) => this.refused.delete(key));
      return true;
    } catch (error) {
      if (this.workspace?.id === workspace) this.refuse(error, batch);
      return false;
    } finally {
      if (this.sending === batch) this.sending = null;
      this.options.changed();
    }
  }

  /** As much of what waits as one message takes. */
  private take(): Changes {
    const batch: Changes = {};
    let bytes = 0;
    for (const [key, value] of Object.entries(this.pending)) {
      const size = key.length + new TextEncoder().encode(JSON.stringify(value)).length + 4;
      if (!isEmpty(batch) && (bytes + size > MOST_BYTES || Object.keys(batch).length >= MOST_KEYS || this.alone > 0)) break;
      batch[key] = value;
      bytes += size;
      delete this.pending[key];
    }
    this.alone = Math.max(0, this.alone - 1);
    return batch;
  }

  /** A lost connection gives everything back to be sent again; what the server does not want is not sent again. */
  private refuse(error: unknown, batch: Changes = {}): void {
    const keys = Object.keys(batch);
    if (error instanceof ToyzError && FINAL.has(error.code)) {
      if (keys.length > 1) {
        // One of them is at fault, and the others are worth keeping.
        this.pending = { ...batch, ...this.pending };
        this.alone = keys.length;
        this.plan(0);
      } else {
        keys.forEach((key) => this.refused.add(key));
        this.options.refused(messageOf(error));
      }
    } else if (this.sending === batch || isEmpty(batch)) {
      this.pending = { ...batch, ...this.pending };
    }
    this.options.changed();
  }
}

function isEmpty(changes: Changes): boolean {
  return Object.keys(changes).length === 0;
}

/** Without what is taken away. */
function present(changes: Changes): Entries {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null)) as Entries;
}
