/** A tile painted without shaders: the minimap's picture. */

import type { DataTile } from "./data_tile";
import type { Lookup } from "./lookup";
import { lupton } from "./lupton";
import type { Slope } from "./transfer";
import { ENTRIES } from "./transfer";

const NOWHERE = -1;

/** The position of a value in the table; −1 where there is none. */
export function positionOf(value: number, { low, k }: Slope): number {
  if (Number.isNaN(value)) return NOWHERE;
  return Math.min(Math.max(Math.floor((value - low) * k + 0.5), 0), ENTRIES - 1);
}

/** The colours of a tile, pixel by pixel. */
export function colourTile(tile: DataTile, lookup: Lookup): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = tile;
  const pixels = new Uint8ClampedArray(4 * width * height);
  const bad = lookup.bad.map((part) => Math.round(255 * part));
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) pixels.set(colourAt(tile, column, row, lookup) ?? bad, at);
  }
  return pixels;
}

/** Null where the pixel has no value. */
function colourAt(tile: DataTile, column: number, row: number, lookup: Lookup): ArrayLike<number> | null {
  const { table, slopes } = lookup;
  const values = slopes.map((_, band) => tile.value(column, row, tile.data.bands === 1 ? 0 : band));
  if (values.some(Number.isNaN)) return null;
  if (tile.data.bands === 1) {
    const position = positionOf(values[0] as number, slopes[0]);
    return table.subarray(4 * position, 4 * position + 4);
  }
  const positions = slopes.map((slope, band) => {
    const value = values[band] as number;
    return lookup.lupton ? (value - slope.low) * slope.k + 0.5 : positionOf(value, slope);
  }) as [number, number, number];
  const [red, green, blue] = lookup.lupton ? lupton(positions) : positions;
  return [table[4 * red], table[4 * green], table[4 * blue], 255] as number[];
}

/** A tile on a canvas of its own. */
export function painted(tile: DataTile, lookup: Lookup): OffscreenCanvas {
  const canvas = new OffscreenCanvas(tile.width, tile.height);
  canvas.getContext("2d")?.putImageData(new ImageData(colourTile(tile, lookup), tile.width, tile.height), 0, 0);
  return canvas;
}
