/** An image whose tiles are pictures: stretched and coloured by the server. */

import { socket } from "../socket";
import type { FrameInfo, Style } from "../types";
import type { TileIndex } from "./geometry";
import type { ImageLayer, ImageLayerOptions, Reading, Surfaces } from "./image_layer";
import type { Look } from "./layer";
import { pyramidOf, TileLayer } from "./layer";
import { Painter } from "./painter";
import { lineSpeed } from "./tile_kind";

export class PictureLayer implements ImageLayer {
  readonly kind = "jpeg";
  style: Style;
  private readonly tiles: TileLayer<ImageBitmap, Style>;
  private readonly painter = new Painter();

  constructor({ info, style, changed, failed }: ImageLayerOptions) {
    this.style = style;
    this.tiles = new TileLayer<ImageBitmap, Style>({
      pyramid: pyramidOf(info),
      style,
      styleKey,
      fetch: (tile, wanted, priority, signal) => fetchPicture(info.image, tile, wanted, priority, signal),
      changed,
      failed,
    });
  }

  get loading(): number {
    return this.tiles.loading;
  }

  get bytes(): number {
    return this.tiles.bytes;
  }

  get overview(): ImageBitmap | null {
    return this.tiles.overview;
  }

  fits(info: Pick<FrameInfo, "width" | "height" | "levels">): boolean {
    return this.tiles.fits(info);
  }

  setStyle(style: Style, rough = false): void {
    this.style = style;
    this.tiles.setStyle(style, rough);
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

  paint({ context, gl }: Surfaces, look: Look): void {
    gl?.hide();
    this.painter.paint(context, this.tiles.look(look), look.transform, look.density);
  }

  foresee(look: Look, urgency: number | null): boolean {
    return this.tiles.foresee(look, urgency);
  }

  /** Colours tell no values. */
  read(): Reading | null {
    return null;
  }
}

/** Get a tile over the websocket and decode it off the main thread. */
async function fetchPicture(
  image: string,
  tile: TileIndex,
  style: Style,
  priority: number,
  signal: AbortSignal,
): Promise<ImageBitmap> {
  const { format, payload } = await socket.requestTile({ image, ...tile, style }, priority, signal);
  lineSpeed.came(payload.length);
  const blob = new Blob([payload], { type: `image/${format}` });
  return createImageBitmap(blob, { colorSpaceConversion: "none" });
}

/** The same for styles that look the same. */
export function styleKey(style: Style): string {
  const { low, high, stretch, colormap, invert, contrast, bias, bad, quality, channel_cuts } = style;
  return [low, high, stretch, colormap, invert, contrast, bias, bad, quality, channel_cuts].join(" ");
}
