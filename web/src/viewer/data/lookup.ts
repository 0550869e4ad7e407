/** What a style makes of values, as a shader uses it: a table of colours, and where in it a value lies. */

import type { ChannelCuts, CutPair, Style } from "../../types";
import type { Slope } from "./transfer";
import { colourTable, equalisationOf, greyStep, slopeOf, transferTable } from "./transfer";

/** Red, green, blue and opacity from 0 to 1. */
export type Rgba = readonly [number, number, number, number];

export interface Lookup {
  /** Of each band; the first is that of an image with only one. */
  slopes: readonly [Slope, Slope, Slope];
  /** The bands are stretched together; `table` is that of the linear stretch then. */
  lupton: boolean;
  /** 4096 colours of four bytes. */
  table: Uint8Array<ArrayBuffer>;
  /** Of pixels without a value. */
  bad: Rgba;
  /** The rounding step of values that is seen as no more than one grey level. */
  greyStep: number;
}

const GREY = new Uint8Array(Array.from({ length: 768 }, (_, place) => Math.floor(place / 3)));

/**
 * Make the look-up of a style, for images of so many bands.
 *
 * `colours` are the 256 of its colormap (grey, if they are not known yet), `quantiles` those of the
 * image, for the histogram stretch.
 */
export function lookupOf(style: Style, colours: Uint8Array | null, quantiles: Float64Array | null, bands = 1): Lookup {
  const { low, high, stretch, bad } = style;
  const curve = stretch === "histogram" && quantiles ? equalisationOf(quantiles, low, high) : null;
  const transfer = transferTable(style, curve);
  const all: CutPair = [low, high];
  const cuts: ChannelCuts = (bands === 3 && style.channel_cuts) || [all, all, all];
  const together = stretch === "lupton" && bands === 3;
  return {
    slopes: cuts.map(([from, to]) => slopeOf(from, to)) as [Slope, Slope, Slope],
    lupton: together,
    table: colourTable(together ? transferTable({ ...style, stretch: "linear" }, null) : transfer, colours ?? GREY),
    bad: parseColour(bad),
    // Of equal channels Lupton's stretch is asinh, and nowhere steeper.
    greyStep: Math.min(...cuts.map(([from, to]) => greyStep({ ...style, low: from, high: to }, transfer))),
  };
}

/** `#rrggbb`, or `transparent`. */
export function parseColour(text: string): Rgba {
  if (text === "transparent") return [0, 0, 0, 0];
  const part = (from: number): number => parseInt(text.slice(from, from + 2), 16) / 255;
  return [part(1), part(3), part(5), 1];
}
