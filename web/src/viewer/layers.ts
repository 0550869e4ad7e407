/** The layers of the open images and of the frames that are played: they keep their tiles, so that all is at hand, as far as memory goes. */

import { reportError } from "../actions";
import { isPassing } from "../errors";
import { store } from "../store";
import type { FrameInfo, Style } from "../types";
import { DataLayer } from "./data/data_layer";
import type { ImageLayer } from "./image_layer";
import type { Look } from "./layer";
import { PictureLayer } from "./picture_layer";

/** Of the tiles of all layers, here and on the graphics card. */
const KEPT_BYTES = 320 << 20;
/** Of that, what frames to come may fill. */
const FORESEEN_BYTES = 0.75 * KEPT_BYTES;
/** Tiles of frames to come that are on their way at once. */
const FORESEEN_TILES = 48;
/** From one frame to the next their priorities lie so far apart. */
const LATER = 100;
const RETRY_AFTER_MS = 1500;

/** What is to be painted. */
export interface Painted {
  info: FrameInfo;
  style: Style;
}

/** What passes by: in a style of its own, or in that of the image in whose place it is seen. */
export interface Passing {
  info: FrameInfo;
  style: Style | null;
  /** The session has it open, so that its tiles may be asked for. */
  open: boolean;
}

/** A frame to come. */
export interface Coming extends Painted {
  /** As in `Passing`. */
  open: boolean;
}

export class Layers {
  /** Least recently shown first. */
  private readonly table = new Map<string, ImageLayer>();
  private shown: ImageLayer | null = null;
  /** Those that fetch tiles for a moment to come. */
  private ahead = new Set<ImageLayer>();
  private lastComplaint = "";
  private retry: ReturnType<typeof setTimeout> | undefined;

  /** Called when more of a frame to come is here. */
  private arrived: () => void = () => undefined;

  constructor(private readonly changed: () => void) {}

  /** The layer of an image, made if need be; it asks for tiles only if the image is `open`. */
  show(image: Painted, open = true): ImageLayer {
    const layer = this.layerOf(image);
    for (const other of this.table.values()) if (other !== layer && !this.ahead.has(other)) other.rest();
    if (open) layer.wake();
    else layer.rest();
    this.shown = layer;
    this.use(image.info.image);
    this.trim();
    return layer;
  }

  /**
   * Have the next frames at hand, in their order, as far as memory goes and while nothing that is in sight waits.
   * Tells of each whether it is; `arrived` is called when more of them is.
   */
  foresee(frames: readonly Coming[], look: Look, arrived: () => void): boolean[] {
    this.arrived = arrived;
    const before = this.ahead;
    this.ahead = new Set();
    const room = { bytes: this.shown?.bytes ?? 0, tiles: this.shown?.loading ?? 0 };
    const ready = frames.map((frame, rank) => this.foreseeOne(frame, rank, room, look));
    for (const layer of before) if (!this.ahead.has(layer) && layer !== this.shown) layer.rest();
    // What comes last is forgotten first.
    for (const { info } of [...frames].reverse()) this.use(info.image);
    this.trim();
    return ready;
  }

  private foreseeOne(frame: Coming, rank: number, room: { bytes: number; tiles: number }, look: Look): boolean {
    const { image } = frame.info;
    const full = room.bytes > FORESEEN_BYTES || room.tiles > FORESEEN_TILES || (this.shown?.loading ?? 0) > 0;
    const silent = !frame.open || (rank > 0 && full);
    if (silent && !this.table.has(image)) return false;
    const layer = this.layerOf(frame, this.shown);
    if (layer.style !== frame.style) layer.setStyle(frame.style);
    const ready = layer.foresee(look, silent ? null : (rank + 1) * LATER);
    if (layer.loading > 0) this.ahead.add(layer);
    room.bytes += layer.bytes;
    room.tiles += layer.loading;
    return ready;
  }

  /** The layer of an image, made if need be; one that does not fit any more is replaced. */
  private layerOf(image: Painted, like: ImageLayer | null = null): ImageLayer {
    const id = image.info.image;
    const before = this.table.get(id);
    if (before?.fits(image.info) && before.kind === store.get("tileKind")) return before;
    before?.close();
    const layer = this.create(image, like);
    this.table.set(id, layer);
    return layer;
  }

  /** Count as used. */
  private use(image: string): void {
    const layer = this.table.get(image);
    if (!layer) return;
    this.table.delete(image);
    this.table.set(image, layer);
  }

  /** Forget what was not used for longest beyond the memory that may be taken. */
  private trim(): void {
    let used = 0;
    for (const layer of this.table.values()) used += layer.bytes;
    for (const [image, layer] of this.table) {
      if (used <= KEPT_BYTES) return;
      if (layer === this.shown || this.ahead.has(layer)) continue;
      used -= layer.bytes;
      layer.close();
      this.table.delete(image);
    }
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

  private create({ info, style }: Painted, like: ImageLayer | null): ImageLayer {
    const Layer = store.get("tileKind") === "data" ? DataLayer : PictureLayer;
    return new Layer({
      info,
      style,
      like,
      changed: () => {
        // What comes for later is not on the screen.
        if (this.shown === this.table.get(info.image)) this.changed();
        else this.arrived();
      },
      failed: (error) => {
        if (this.table.has(info.image)) this.complain(error);
      },
    });
  }

  /** A hundred tiles fail for one reason: say it once. What passes by itself is tried again. */
  private complain(error: unknown): void {
    if (isPassing(error)) {
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
