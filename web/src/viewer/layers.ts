/** The layers of the open images; the last few shown keep their tiles, so that blinking is instant. */

import { reportError } from "../actions";
import { ToyzError } from "../errors";
import type { OpenImage } from "../store";
import { store } from "../store";
import { DataLayer } from "./data/data_layer";
import type { ImageLayer } from "./image_layer";
import { PictureLayer } from "./picture_layer";

const KEPT_LAYERS = 4;
const RETRY_AFTER_MS = 1500;
/** Errors that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(["busy", "timed_out", "session_lost"]);

export class Layers {
  /** Least recently shown first. */
  private readonly table = new Map<string, ImageLayer>();
  private lastComplaint = "";
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void) {}

  /** The layer of an image, made if need be. */
  show({ info, style }: Pick<OpenImage, "info" | "style">): ImageLayer {
    for (const [id, other] of this.table) if (id !== info.image) other.rest();
    const before = this.table.get(info.image);
    const kept = before?.fits(info) && before.kind === store.get("tileKind") ? before : null;
    if (!kept) before?.close();
    const layer = kept ?? this.create({ info, style });
    layer.wake();
    this.table.delete(info.image);
    this.table.set(info.image, layer);
    for (const [id, old] of this.table) {
      if (this.table.size <= KEPT_LAYERS) break;
      old.close();
      this.table.delete(id);
    }
    return layer;
  }

  get(image: string): ImageLayer | undefined {
    return this.table.get(image);
  }

  /** Drop the layers of images that are open no more; the one on the screen only falls silent. */
  keep(images: ReadonlySet<string>, painted?: string): void {
    for (const [id, layer] of this.table) {
      if (images.has(id)) continue;
      layer.rest();
      if (id === painted) continue;
      layer.close();
      this.table.delete(id);
    }
  }

  /** Ask again for all tiles that could not be had. */
  forgive(): void {
    this.lastComplaint = "";
    for (const layer of this.table.values()) layer.forgive();
  }

  private create({ info, style }: Pick<OpenImage, "info" | "style">): ImageLayer {
    const Layer = store.get("tileKind") === "data" ? DataLayer : PictureLayer;
    return new Layer({
      info,
      style,
      changed: this.changed,
      failed: (error) => {
        if (this.table.has(info.image)) this.complain(error);
      },
    });
  }

  /** A hundred tiles fail for one reason: say it once. What passes by itself is tried again. */
  private complain(error: unknown): void {
    if (error instanceof ToyzError && PASSING.has(error.code)) {
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.forgive(), RETRY_AFTER_MS);
      return;
    }
    const message = String(error);
    if (message === this.lastComplaint) return;
    this.lastComplaint = message;
    reportError(error, "images");
  }
}
