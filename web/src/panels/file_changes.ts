/** What can be done to the files of a share: it asks where something must be said, does it, and offers to undo it. */
import { report } from "../actions";
import { files } from "../api";
import { isCancelled, messageOf, ToyzError } from "../errors";
import { download } from "../transfers/download";
import type { Picked } from "../transfers/picked";
import { uploads } from "../transfers/uploads";
import { store } from "../store";
import type { FileEntry, Update } from "../types";
import { folderOf } from "./format";

export type FileAction = "new_folder" | "upload" | "upload_folder" | "download" | "rename" | "move" | "delete" | "trash";

/** What is being asked in the dialog. */
export type Question =
  | { kind: "name"; title: string; value: string; accept: string; done: (name: string) => Promise<void> }
  | { kind: "replace"; name: string; done: () => Promise<void> }
  | { kind: "move"; entry: FileEntry };

/** The dialog, as what changes files sees it. */
export interface Folder {
  /** `share/folder`; empty at the list of shares. */
  readonly path: string;
  readonly writable: boolean;
  readonly entry: FileEntry | null;
  /** List it again, and choose what has this path. */
  refresh(chosen?: string): void;
  /** Has the user pick files. */
  readonly intake: { pick(folders: boolean): void };
  requestUpdate(): void;
}

export class FileChanges {
  question: Question | null = null;
  problem = "";
  /** What is copied to another disk, and which part of it is; null while nothing is. */
  copied: { name: string; fraction: number } | null = null;
  private copying = new AbortController();
  /** Whether the trash of the share is shown instead of the folder. */
  trash = false;

  constructor(private readonly folder: Folder) {}

  /** Whether something can be done now. */
  can(action: FileAction): boolean {
    const { path, writable, entry } = this.folder;
    if (path === "") return false;
    const chosen = entry !== null && (entry.kind === "file" || entry.kind === "folder");
    if (action === "download") return entry === null || chosen;
    if (action === "rename" || action === "move" || action === "delete") return writable && chosen && !this.trash;
    return writable;
  }

  do(action: FileAction): void {
    const { entry, path } = this.folder;
    this.problem = this.can(action) ? "" : this.reason();
    if (this.problem) {
      this.folder.requestUpdate();
      return;
    }
    if (action === "new_folder") this.askName("New folder", "", "Make it", (name) => this.newFolder(`${path}/${name}`));
    else if (action === "upload" || action === "upload_folder") this.folder.intake.pick(action === "upload_folder");
    else if (action === "download") download(entry?.path ?? path);
    else if (action === "trash") this.show(!this.trash);
    else if (!entry) return;
    else if (action === "rename") this.askName("New name", entry.name, "Rename", (name) => this.rename(entry, name));
    else if (action === "move") this.ask({ kind: "move", entry });
    else void this.delete(entry);
  }

  /** Why something cannot be done. */
  private reason(): string {
    if (this.folder.path === "") return "Go into a share first.";
    if (!this.folder.writable) return "This share is granted to you for viewing only.";
    return this.folder.entry ? "Links and devices are left alone." : "Choose a file or a folder first.";
  }

  /** Another folder is shown: what was asked of the last one is not asked any more, but where to move something. */
  entered(): void {
    if (this.question?.kind !== "move") this.question = null;
    this.problem = "";
    this.trash = false;
  }

  /** Upload files to this folder. */
  upload(picked: readonly Picked[]): void {
    if (this.folder.writable && picked.length > 0) uploads.add(picked, this.folder.path);
  }

  /** Move what was chosen to be moved into the folder that is shown. */
  async moveHere(): Promise<void> {
    if (this.question?.kind !== "move") return;
    const { entry } = this.question;
    const to = `${this.folder.path}/${lastOf(entry.path)}`;
    let wasCopied = false;
    const move = async (overwrite: boolean): Promise<string> => {
      this.copying = new AbortController();
      const onProgress = ({ progress }: Update): void => {
        if (progress === undefined) return;
        wasCopied = true;
        this.showCopied({ name: entry.name, fraction: progress });
      };
      try {
        return await files.move(entry.path, to, overwrite, { onProgress, signal: this.copying.signal });
      } finally {
        this.showCopied(null);
      }
    };
    await this.attempt(entry.name, move, (path, replaced) => {
      this.folder.refresh(path);
      const original = wasCopied ? ` The original is in the trash of ${shareOf(entry.path)}, since that lies on another disk.` : "";
      this.offer(`${entry.name} is moved.${original}`, () => this.back(path, entry.path, replaced));
    });
  }

  private showCopied(copied: FileChanges["copied"]): void {
    this.copied = copied;
    this.folder.requestUpdate();
  }

  get canMoveHere(): boolean {
    if (this.question?.kind !== "move" || this.copied !== null) return false;
    const { path, writable } = this.folder;
    const { entry } = this.question;
    return writable && path !== folderOf(entry.path) && !`${path}/`.startsWith(`${entry.path}/`);
  }

  /** Ask no more; what is being copied is taken back. */
  dismiss(): void {
    this.copying.abort();
    this.ask(null);
  }

  /** Move something back from the trash. */
  async restore(share: string, id: string, name: string): Promise<void> {
    await this.attempt(name, () => files.restore(share, id), (path) => this.folder.refresh(path));
  }

  private show(trash: boolean): void {
    this.trash = trash;
    this.question = null;
    this.folder.requestUpdate();
  }

  private askName(title: string, value: string, accept: string, done: (name: string) => Promise<void>): void {
    const checked = async (name: string): Promise<void> => {
      if (!name.includes("/")) return done(name);
      this.problem = "A name has no /.";
      this.folder.requestUpdate();
    };
    this.ask({ kind: "name", title, value, accept, done: checked });
  }

  private ask(question: Question | null): void {
    this.question = question;
    this.problem = "";
    this.folder.requestUpdate();
  }

  private newFolder(path: string): Promise<void> {
    return this.attempt(null, () => files.createFolder(path), () => this.folder.refresh(path));
  }

  private rename(entry: FileEntry, name: string): Promise<void> {
    if (name === entry.name) return Promise.resolve(this.dismiss());
    return this.attempt(name, (overwrite) => files.rename(entry.path, name, overwrite), (path, replaced) => {
      this.folder.refresh(path);
      this.offer(`${entry.name} is ${name} now.`, () => this.back(path, entry.path, replaced));
    });
  }

  /** Undo a move, and what was replaced by it has its name again. */
  private async back(path: string, from: string, replaced: boolean): Promise<void> {
    await files.move(path, from);
    if (!replaced) return;
    const old = (await files.trash(shareOf(path))).find((trashed) => trashed.path === path);
    if (old) await files.restore(shareOf(path), old.id);
  }

  private async delete(entry: FileEntry): Promise<void> {
    const share = shareOf(entry.path);
    const open = store.get("images").some(({ info }) => `${info.path}/`.startsWith(`${entry.path}/`));
    await this.attempt(null, () => files.delete(entry.path), (id) => {
      this.folder.refresh();
      this.offer(`${entry.name} is in the trash.${open ? " It is open here still, as far as it was read." : ""}`, () => files.restore(share, id));
    });
  }

  /** Do something; if the name is taken, ask whether what has it may go to the trash. */
  private async attempt<T>(name: string | null, run: (overwrite: boolean) => Promise<T>, done: (result: T, replaced: boolean) => void, overwrite = false): Promise<void> {
    try {
      const result = await run(overwrite);
      this.ask(null);
      done(result, overwrite);
    } catch (error) {
      if (isCancelled(error)) return;
      const taken = error instanceof ToyzError && error.code === "already_exists";
      if (taken && name !== null && !overwrite) {
        this.ask({ kind: "replace", name, done: () => this.attempt(name, run, done, true) });
        return;
      }
      this.problem = messageOf(error);
      this.folder.requestUpdate();
    }
  }

  private offer(message: string, undo: () => Promise<unknown>): void {
    const run = (): void => {
      undo().then(
        () => this.folder.refresh(),
        (error: unknown) => report("error", `That could not be undone: ${messageOf(error)}`),
      );
    };
    report("info", message, { action: { title: "Undo", run } });
  }
}

export const shareOf = (path: string): string => path.split("/", 1)[0] as string;
const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
