/** The frames that the session has open for the player: a few ahead, a bounded number in all. */

import type { AskedImage, images } from "../api";
import { isCancelled, isPassing } from "../errors";
import type { FrameInfo } from "../types";

/** Frames open at once; the session keeps as many besides the images of the window. */
const KEPT = 64;
/** Frames that are being opened at once. */
const AT_ONCE = 3;
/** Frames of which it is known what they are. */
const KNOWN = 4096;

export interface OpenedOptions {
  api: Pick<typeof images, "frame" | "close">;
  /** A frame has been opened, or could not be. */
  changed: () => void;
  /** Of these images, the window itself has some open: they are not to be closed. */
  isOpen: (image: string) => boolean;
}

export class OpenedFrames {
  private readonly infos = new Map<number, FrameInfo>();
  /** Those that the session has open, least recently used first. */
  private readonly open = new Map<number, string>();
  private readonly coming = new Map<number, AbortController>();
  /** Frames that cannot be shown. */
  readonly refused = new Set<number>();

  constructor(private readonly options: OpenedOptions) {}

  /** What is known of a frame that was opened once. */
  info(number: number): FrameInfo | null {
    return this.infos.get(number) ?? null;
  }

  /** The ids of all that were opened. */
  get images(): Set<string> {
    return new Set([...this.infos.values()].map(({ image }) => image));
  }

  isOpen(number: number): boolean {
    return this.open.has(number);
  }

  /** Have a frame opened, unless enough are being opened; `fits` says whether it can be shown. */
  want(number: number, place: AskedImage, fits: (info: FrameInfo) => boolean): void {
    const known = this.open.get(number);
    if (known !== undefined) {
      this.use(number, known);
      return;
    }
    if (this.coming.has(number) || this.refused.has(number) || this.coming.size >= AT_ONCE) return;
    void this.ask(number, place, fits);
  }

  /** Take an image that the window opened itself. */
  adopt(number: number, info: FrameInfo): void {
    this.infos.set(number, info);
    this.use(number, info.image);
  }

  /** The window has closed an image of its own. */
  closed(image: string): void {
    for (const [number, open] of this.open) if (open === image) this.open.delete(number);
  }

  /** Its pixels were not all there, and are others now: it is opened anew. */
  forget(image: string): void {
    for (const [number, info] of this.infos) {
      if (info.image !== image) continue;
      this.infos.delete(number);
      this.open.delete(number);
    }
  }

  /** The session has nothing open any more. */
  lost(): void {
    this.open.clear();
  }

  /** Open no more. */
  stop(): void {
    for (const controller of this.coming.values()) controller.abort();
    this.coming.clear();
  }

  /** Close everything. */
  close(): void {
    this.stop();
    for (const image of this.open.values()) this.release(image);
    this.open.clear();
    this.infos.clear();
  }

  private async ask(number: number, place: AskedImage, fits: (info: FrameInfo) => boolean): Promise<void> {
    const controller = new AbortController();
    this.coming.set(number, controller);
    try {
      const info = await this.options.api.frame(place, { signal: controller.signal });
      if (this.coming.get(number) !== controller) {
        this.release(info.image);
        return;
      }
      this.take(number, info, fits(info));
    } catch (error) {
      if (!isCancelled(error) && !isPassing(error)) this.refused.add(number);
    }
    if (this.coming.get(number) === controller) this.coming.delete(number);
    this.options.changed();
  }

  private take(number: number, info: FrameInfo, fits: boolean): void {
    if (!fits) {
      this.refused.add(number);
      this.release(info.image);
      return;
    }
    this.adopt(number, info);
    for (const [oldest, image] of this.open) {
      if (this.open.size <= KEPT) break;
      this.open.delete(oldest);
      this.release(image);
    }
    for (const oldest of this.infos.keys()) {
      if (this.infos.size <= KNOWN) break;
      if (!this.open.has(oldest)) this.infos.delete(oldest);
    }
  }

  private use(number: number, image: string): void {
    this.open.delete(number);
    this.open.set(number, image);
  }

  private release(image: string): void {
    if (!this.options.isOpen(image)) this.options.api.close(image).catch(() => undefined);
  }
}
