/** How the CCDs of the mosaic that is shown are laid out and matched: changes of it, and what there is to say. */

import { addImage, closeImage, reportError, updateImage } from "./actions";
import { images as imagesApi } from "./api";
import type { Command } from "./commands";
import { formatNumber } from "./panels/format";
import type { OpenImage, View } from "./store";
import { store, whichOf } from "./store";
import type { ImageInfo, LayoutChoice, Match, PixelReadout, Style } from "./types";

export const LAYOUT_NAMES: Record<Exclude<LayoutChoice, "auto">, string> = { detsec: "DETSEC", wcs: "WCS", grid: "Grid" };
export const MATCH_NAMES: Record<Match, string> = { none: "As is", background: "Background", gain: "Gain" };

/** Whether the picture is a mosaic. */
export function isMosaic(): boolean {
  return store.image?.info.hdu === "mosaic";
}

/** Show the mosaic in another layout, or with its CCDs matched otherwise, with the same sky in the middle. */
export async function changeMosaic(change: { layout?: LayoutChoice; match?: Match }): Promise<void> {
  const before = store.image;
  if (!before || !isMosaic()) return;
  const id = before.info.image;
  const view = store.get("view") ?? before.view;
  store.set({ opening: before.info.path });
  try {
    const middle = change.layout && view ? await imagesApi.pixel(id, view.x, view.y) : null;
    const info = await imagesApi.open({ ...whichOf(before), ...change });
    const layout = change.layout ?? before.layout;
    if (info.image === id) return updateImage({ layout }, id);
    const moved = middle && view ? await follow(info, view, middle) : view;
    const style = await restyled(before, info, change.match !== undefined);
    // Meanwhile another image may have been chosen: it stays in front.
    addImage(info, { layout, view: moved, style, cuts: before.cuts }, store.get("current") === id);
    closeImage(id);
  } catch (error) {
    reportError(error, "images");
  } finally {
    store.set({ opening: null });
  }
}

/** The view whose middle is the same place of the sky; null, which fits the image, where it has none. */
async function follow(info: ImageInfo, view: View, { ra, dec }: PixelReadout): Promise<View | null> {
  if (ra === null || dec === null || !info.wcs) return null;
  const place = await imagesApi.position(info.image, ra, dec).catch(() => null);
  return place?.inside ? { ...view, x: place.x, y: place.y } : null;
}

/** The same style; cuts that were found are found anew where the values are others. */
async function restyled(before: OpenImage, info: ImageInfo, values: boolean): Promise<Style> {
  const { style, cuts } = before;
  if (!values || cuts.method === "manual") return style;
  const { low, high } = cuts.method === "zscale" ? info.cuts : await imagesApi.cuts(info.image, cuts.method, cuts.percent);
  return { ...style, low, high };
}

/** Match the backgrounds, or show them as they are. */
export function toggleMatch(): void {
  void changeMosaic({ match: store.image?.info.match === "none" ? "background" : "none" });
}

/** How good the layout is: `Residual 0.04 px rms, 0.25 px at most, on N7`. */
export function residualText({ residual }: Pick<ImageInfo, "residual">): string {
  if (!residual) return "";
  return `Residual ${residual.rms.toFixed(2)} px rms, ${residual.maximum.toFixed(2)} px at most, on ${residual.worst}`;
}

/** What was done to the CCDs: `122 amplifiers brought to 2034 adu: −12 to +31 adu`. */
export function matchText({ match, matching, ccds, unit }: Pick<ImageInfo, "match" | "matching" | "ccds" | "unit">): string {
  if (!matching) return "";
  const { parts, level, lowest, highest, unmatched } = matching;
  const what = parts > ccds.length ? `${parts} amplifiers` : `${parts} CCDs`;
  const units = unit ? ` ${unit}` : "";
  const range =
    match === "gain"
      ? `× ${lowest.toFixed(3)} to ${highest.toFixed(3)}`
      : `${signed(lowest)} to ${signed(highest)}${units}`;
  const left = unmatched.length > 0 ? ` Left as they are: ${unmatched.join(", ")}.` : "";
  return `Sky of ${what} brought to ${formatNumber(level, 5)}${units}: ${range}.${left}`;
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${formatNumber(Math.abs(value), 3)}`;

/** What the palette offers for a mosaic. */
export function mosaicCommands(): Command[] {
  const group = "Image";
  const lay = (layout: keyof typeof LAYOUT_NAMES, title: string): Command => {
    const when = (): boolean => isMosaic() && store.image?.info.layout !== layout;
    return { id: `mosaic.${layout}`, title, group, when, run: () => void changeMosaic({ layout }) };
  };
  const match = (how: Match, title: string): Command => {
    const when = (): boolean => isMosaic() && store.image?.info.match !== how;
    return { id: `mosaic.match_${how}`, title, group, when, run: () => void changeMosaic({ match: how }) };
  };
  return [
    lay("detsec", "Lay out the CCDs by DETSEC"),
    lay("wcs", "Lay out the CCDs by WCS"),
    lay("grid", "Lay out the CCDs as a grid"),
    { id: "mosaic.match", title: "Match the background of the CCDs, or not", group, keys: ["k"], when: isMosaic, run: toggleMatch },
    match("none", "Sky of the CCDs: as it is"),
    match("background", "Sky of the CCDs: match the background"),
    match("gain", "Sky of the CCDs: match the gain"),
  ];
}
