/** What layers have in common, whatever their tiles are made of: these come from one `TileLayer`. */

import type { TileKind } from "../store";
import type { FrameInfo, Style } from "../types";
import type { Point } from "./geometry";
import type { ImageLayer, Overview, Reading, Surfaces } from "./image_layer";
import type { Look, TileLayer } from "./layer";
import type { Bitmap } from "./rendition";

export abstract class TiledLayer<B extends Bitmap, S> implements ImageLayer {
  abstract readonly kind: TileKind;

  constructor(
    protected readonly tiles: TileLayer<B, S>,
    public style: Style,
  ) {}

  abstract get overview(): Overview | null;
  abstract setStyle(style: Style, rough?: boolean): void;
  abstract paint(surfaces: Surfaces, look: Look): void;
  abstract read(place: Point): Reading | null;

  get loading(): number {
    return this.tiles.loading;
  }

  get bytes(): number {
    return this.tiles.bytes;
  }

  fits(info: Pick<FrameInfo, "width" | "height" | "levels">): boolean {
    return this.tiles.fits(info);
  }

  refresh(level: number): void {
    this.tiles.refresh(level);
  }

  forgive(): void {
    this.tiles.forgive();
  }

  rest(): void {
    this.tiles.rest();
  }

  wake(): void {
    this.tiles.wake();
  }

  close(): void {
    this.tiles.close();
  }

  foresee(look: Look, urgency: number | null): boolean {
    return this.tiles.foresee(look, urgency);
  }
}
