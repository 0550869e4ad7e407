/** A tile painted without shaders: the minimap's picture, made anew with each change of contrast. */

import { BAD_CODE } from "./codec";
import type { DataTile } from "./data_tile";
import type { Lookup } from "./lookup";
import { lupton } from "./lupton";
import type { Scale } from "./scale";
import { positionOf, scaleOf } from "./scale";
import { ENTRIES } from "./transfer";

/** The colours of a tile, pixel by pixel: four bytes each. */
export function colourTile(tile: DataTile, lookup: Lookup): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * tile.width * tile.height);
  const whole = new Uint32Array(pixels.buffer);
  const bad = new Uint32Array(Uint8Array.from(lookup.bad, (part) => Math.round(255 * part)).buffer)[0] as number;
  if (!tile.data.samples) whole.fill(bad);
  else if (tile.data.bands === 1) colourOne(tile.data.samples, scaleOf(tile, lookup.slopes[0]), lookup, bad, whole);
  else colourThree(tile, lookup, bad, pixels, whole);
  return pixels;
}

function colourOne(samples: Uint16Array | Float32Array, scale: Scale, { table }: Lookup, bad: number, whole: Uint32Array): void {
  const colours = new Uint32Array(table.buffer, table.byteOffset, ENTRIES);
  const none = noneOf(samples);
  for (let at = 0; at < whole.length; at++) {
    const sample = samples[at] as number;
    whole[at] = sample === none || sample !== sample ? bad : (colours[positionOf(sample, scale)] as number);
  }
}

function colourThree(tile: DataTile, lookup: Lookup, bad: number, pixels: Uint8ClampedArray, whole: Uint32Array): void {
  const samples = tile.data.samples as Uint16Array | Float32Array;
  const none = noneOf(samples);
  const scales = lookup.slopes.map((slope) => scaleOf(tile, slope)) as [Scale, Scale, Scale];
  for (let at = 0; at < whole.length; at++) {
    const found = scales.map((_, band) => samples[band * whole.length + at] as number) as [number, number, number];
    if (found.some((sample) => sample === none || Number.isNaN(sample))) whole[at] = bad;
    else pixels.set([...colourOf(found, scales, lookup), 255], 4 * at);
  }
}

function colourOf(samples: readonly [number, number, number], scales: readonly [Scale, Scale, Scale], lookup: Lookup): number[] {
  const along = (band: 0 | 1 | 2): number => (samples[band] - scales[band].base) * scales[band].slope + scales[band].offset;
  const places = lookup.lupton
    ? lupton([along(0), along(1), along(2)])
    : samples.map((sample, band) => positionOf(sample, scales[band] as Scale));
  return places.map((place) => lookup.table[4 * place] as number);
}

/** The sample that stands for no value; of floats it is NaN. */
function noneOf(samples: Uint16Array | Float32Array): number {
  return samples instanceof Uint16Array ? BAD_CODE : NaN;
}

/** A tile on a canvas of its own. */
export function painted(tile: DataTile, lookup: Lookup): OffscreenCanvas {
  const canvas = new OffscreenCanvas(tile.width, tile.height);
  // It lives for a frame: where a graphics card has the canvas, this would wait for it.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.putImageData(new ImageData(colourTile(tile, lookup), tile.width, tile.height), 0, 0);
  return canvas;
}
