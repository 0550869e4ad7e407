/** One open image on the screen, whatever its tiles are made of. */

import type { TileKind } from "../store";
import type { FrameInfo, Style } from "../types";
import type { GlSurface } from "./data/gl_surface";
import type { Point } from "./geometry";
import type { Look } from "./layer";

/** What a layer paints on: our own canvas, and below it the one that shaders draw to, where there is one. */
export interface Surfaces {
  context: CanvasRenderingContext2D;
  gl: GlSurface | null;
}

/** What a tile that is here already says of a pixel. */
export interface Reading {
  /** NaN where the pixel has no value; of each band. */
  values: number[];
  /** It is a mean of several pixels, or rounded. */
  approximate: boolean;
}

export type Overview = ImageBitmap | OffscreenCanvas;

export interface ImageLayer {
  readonly kind: TileKind;
  /** As it is shown, or as soon as its tiles have come. */
  readonly style: Style;
  /** Tiles that are wanted and not yet here. */
  readonly loading: number;
  /** Of the memory that its tiles take, here and on the graphics card. */
  readonly bytes: number;
  /** The whole image, small, as it is shown; another object once it looks different. */
  readonly overview: Overview | null;
  /** Whether it was made for an image of this size; one that is still unpacked may grow. */
  fits(info: Pick<FrameInfo, "width" | "height" | "levels">): boolean;
  /** Show the image in another style; `rough` while a gesture changes it continuously. */
  setStyle(style: Style, rough?: boolean): void;
  /** The pixels of levels ≥ `level` are others now. */
  refresh(level: number): void;
  /** Ask again for tiles that could not be had. */
  forgive(): void;
  /** Stop asking, keep what is here: the image leaves the screen. */
  rest(): void;
  /** The image is on the screen again. */
  wake(): void;
  close(): void;
  /** Ask for what is missing and draw what is here. */
  paint(surfaces: Surfaces, look: Look): void;
  /**
   * Have at hand what would be painted, and no more; true once it is. Requests of a higher `urgency` number come later;
   * with `null` nothing is asked for.
   */
  foresee(look: Look, urgency: number | null): boolean;
  /** Read a pixel (display coordinates) from the tiles that are here; null if they cannot tell. */
  read(place: Point): Reading | null;
}

export interface ImageLayerOptions {
  info: FrameInfo;
  style: Style;
  /** One of another image of the same kind, whose tiles are as these should be. */
  like: ImageLayer | null;
  /** There is something new to draw. */
  changed: () => void;
  failed: (error: unknown) => void;
}
