/** An image whose tiles are pictures: stretched and coloured by the server. */

import { socket } from "../socket";
import type { Style } from "../types";
import type { TileIndex } from "./geometry";
import type { ImageLayerOptions, Reading, Surfaces } from "./image_layer";
import type { Look } from "./layer";
import { pyramidOf, TileLayer } from "./layer";
import { Painter } from "./painter";
import { lineSpeed } from "./tile_kind";
import { TiledLayer } from "./tiled_layer";

export class PictureLayer extends TiledLayer<ImageBitmap, Style> {
  readonly kind = "jpeg";
  private readonly painter = new Painter();

  constructor({ info, style, changed, failed }: ImageLayerOptions) {
    const tiles = new TileLayer<ImageBitmap, Style>({
      pyramid: pyramidOf(info),
      style,
      styleKey,
      fetch: (tile, wanted, priority, signal) => fetchPicture(info.image, tile, wanted, priority, signal),
      changed,
      failed,
    });
    super(tiles, style);
  }

  get overview(): ImageBitmap | null {
    return this.tiles.overview;
  }

  setStyle(style: Style, rough = false): void {
    this.style = style;
    this.tiles.setStyle(style, rough);
  }

  paint({ context, gl }: Surfaces, look: Look): void {
    gl?.hide();
    this.painter.paint(context, this.tiles.look(look), look.transform, look.density);
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
