/** All uploads of this page: a few at a time, each of which can be paused, resumed and given up. */
import { report } from "../actions";
import type { Picked } from "./picked";
import type { Unfinished } from "./upload";
import { discard, unfinished, Upload } from "./upload";

const AT_ONCE = 2;

export class Uploads {
  list: Upload[] = [];
  /** What an earlier page has left unfinished: picking the same file again goes on with it. */
  left: Unfinished[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly doneListeners = new Set<(path: string) => void>();

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Have `listener` told the path of each file that is uploaded. */
  onDone(listener: (path: string) => void): () => void {
    this.doneListeners.add(listener);
    return () => this.doneListeners.delete(listener);
  }

  /** Those that have not ended. */
  get unfinished(): number {
    return this.list.filter((upload) => !upload.ended).length;
  }

  /** Find what is left from before. */
  async look(): Promise<void> {
    const found = await unfinished().catch(() => []);
    this.left = found.filter(({ path }) => !this.list.some((upload) => upload.path === path));
    this.changed();
  }

  async discard(left: Unfinished): Promise<void> {
    this.left = this.left.filter((other) => other !== left);
    this.changed();
    await discard(new URL(left.url, location.href).href).catch(() => undefined);
  }

  /** Upload files into a folder; what is picked of a folder keeps its place in it. */
  add(picked: readonly Picked[], folder: string): void {
    const added = picked.map(({ file, relative }) => new Upload(file, `${folder}/${relative}`, relative.includes("/"), () => this.changed()));
    this.list = [...this.list, ...added];
    this.left = this.left.filter(({ path }) => !added.some((upload) => upload.path === path));
    this.changed();
  }

  pause(upload: Upload): void {
    upload.pause();
  }

  resume(upload: Upload): void {
    upload.again();
  }

  replace(upload: Upload): void {
    upload.replace();
  }

  remove(upload: Upload): void {
    void upload.cancel();
    this.list = this.list.filter((other) => other !== upload);
    this.changed();
  }

  /** Forget those that have ended. */
  clear(): void {
    this.list = this.list.filter((upload) => !upload.ended);
    this.changed();
  }

  private changed(): void {
    while (this.list.filter((upload) => upload.active).length < AT_ONCE) {
      const next = this.list.find((upload) => upload.state === "waiting");
      if (!next) break;
      void next.run().then(() => this.ended(next));
    }
    for (const listener of this.listeners) listener();
  }

  private ended(upload: Upload): void {
    this.changed();
    if (upload.state === "done") this.doneListeners.forEach((listener) => listener(upload.path));
    if (this.unfinished === 0 && upload.state === "done") {
      const count = this.list.filter((one) => one.state === "done").length;
      report("info", count === 1 ? `${upload.file.name} is uploaded.` : `${count} files are uploaded.`);
    }
  }
}

/** The uploads of this page. */
export const uploads = new Uploads();

addEventListener("beforeunload", (event) => {
  if (uploads.list.some((upload) => upload.active)) event.preventDefault();
});
