/** A tile painted without shaders: the minimap's picture. */

import type { DataTile } from "./data_tile";
import type { Lookup } from "./lookup";
import { ENTRIES } from "./transfer";

const NOWHERE = -1;

/** The position of a value in the table; −1 where there is none. */
export function positionOf(value: number, { slope: { low, k } }: Lookup): number {
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
  const { table } = lookup;
  const red = positionOf(tile.value(column, row), lookup);
  if (red === NOWHERE) return null;
  if (tile.data.bands === 1) return table.subarray(4 * red, 4 * red + 4);
  const [green, blue] = [positionOf(tile.value(column, row, 1), lookup), positionOf(tile.value(column, row, 2), lookup)];
  if (green === NOWHERE || blue === NOWHERE) return null;
  return [table[4 * red], table[4 * green], table[4 * blue], 255] as number[];
}

/** A tile on a canvas of its own. */
export function painted(tile: DataTile, lookup: Lookup): OffscreenCanvas {
  const canvas = new OffscreenCanvas(tile.width, tile.height);
  canvas.getContext("2d")?.putImageData(new ImageData(colourTile(tile, lookup), tile.width, tile.height), 0, 0);
  return canvas;
}
