/**
 * The link that opens the same file, view and style: everything stands in the part after `#`,
 * so that it reaches no log, and a change of it loads nothing.
 */

import type { OpenImage, View } from "./store";
import type { ChannelCuts, Component, CutsMethod, HduName, Stretch, Style, Which } from "./types";
import { LAYOUTS, MATCHES, STRETCHES } from "./types";
import { UPRIGHT } from "./viewer/geometry";

export interface Link extends Which {
  view: View | null;
  style: Partial<Style>;
  /** How the cuts of `style` were found; the user's own, if it is not said. */
  cuts?: OpenImage["cuts"];
}

/** No image has so many pixels, and none is shown so large. */
const FARTHEST = 1e8;
const CHANNELS = ["red", "green", "blue"] as const;
const METHODS: readonly CutsMethod[] = ["minmax", "zscale"];

/** Write a link, without its `#`. */
export function formatLink(link: Link): string {
  const { style, view, components = [] } = link;
  const file: [string, string | number | undefined][] = components.length
    ? components.map((part, channel) => [CHANNELS[channel] ?? "", componentText(part)])
    : [
        ["file", link.path],
        ["hdu", link.hdu === "auto" ? undefined : link.hdu],
        ["plane", link.plane || undefined],
        ["layout", unless(link.layout, "auto")],
        ["match", unless(link.match, "none")],
      ];
  const fields: [string, string | number | undefined][] = [
    ...file,
    ["x", view ? short(view.x, 8) : undefined],
    ["y", view ? short(view.y, 8) : undefined],
    ["zoom", view ? short(view.zoom, 5) : undefined],
    ["turn", view?.turn ? short(view.turn, 6) : undefined],
    ["mirrored", view?.mirrored ? 1 : undefined],
    ["low", style.low === undefined ? undefined : short(style.low, 7)],
    ["high", style.high === undefined ? undefined : short(style.high, 7)],
    ["channel_cuts", style.channel_cuts?.flat().map((limit) => short(limit, 7)).join(",")],
    ["cuts", style.low === undefined ? undefined : cutsText(link.cuts)],
    ["stretch", style.stretch],
    ["colormap", unless(style.colormap, "gray")],
    ["invert", style.invert ? 1 : undefined],
    ["contrast", unless(style.contrast, 1)],
    ["bias", unless(style.bias, 0.5)],
  ];
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encode(String(value))}`)
    .join("&");
}

/** Read a link, with or without its `#`; null if it names no file. What is not understood is left out. */
export function parseLink(hash: string): Link | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const components = componentsOf(fields);
  const path = components?.[0]?.path ?? fields.get("file");
  if (!path) return null;
  const number = (name: string): number | undefined => {
    const text = fields.get(name);
    const value = text === null || text.trim() === "" ? NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  };
  const style = styleOf(fields, number);
  const cuts = style.low === undefined ? null : cutsOf(fields.get("cuts"));
  return {
    path,
    hdu: components?.[0]?.hdu ?? hduOf(fields.get("hdu")),
    plane: components?.[0]?.plane ?? whole(number("plane")) ?? 0,
    ...mosaicOf(fields),
    ...(components ? { components } : {}),
    view: viewOf(fields, number),
    style,
    ...(cuts ? { cuts } : {}),
  };
}

/** An image of a composite, in the manner of extended filenames: `sky/a.fits[1]`, with a plane `sky/a.fits[1,3]`. */
function componentText({ path, hdu, plane }: Component): string {
  return `${path}[${hdu}${plane ? `,${plane}` : ""}]`;
}

/** Red, green and blue; null unless all three are named. */
function componentsOf(fields: URLSearchParams): Component[] | null {
  const components = CHANNELS.map((name) => {
    const [, path, hdu, plane] = /^(.+)\[(mosaic|\d{1,6})(?:,(\d{1,9}))?\]$/.exec(fields.get(name) ?? "") ?? [];
    return path && hdu ? { path, hdu: hdu === "mosaic" ? hdu : Number(hdu), plane: Number(plane ?? 0) } : null;
  });
  return components.every((part) => part !== null) ? (components as Component[]) : null;
}

function channelCutsOf(text: string | null): ChannelCuts | null {
  const limits = (text ?? "").split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const pairs = [0, 2, 4].map((at) => [limits[at], limits[at + 1]] as [number, number]);
  const sound = pairs.every(([low, high]) => low < high && Number.isFinite(high - low));
  return limits.length === 6 && sound ? (pairs as ChannelCuts) : null;
}

/** `zscale`, `minmax` or `98.5%`, as in the URL of a tile; nothing for cuts by hand. */
function cutsText(cuts: Link["cuts"]): string | undefined {
  if (!cuts || cuts.method === "manual") return undefined;
  return cuts.method === "percentile" ? `${short(cuts.percent ?? 99.5, 7)}%` : cuts.method;
}

function cutsOf(text: string | null): OpenImage["cuts"] | null {
  const method = METHODS.find((known) => known === text);
  if (method) return { method };
  const percent = /^\d{1,3}(\.\d{1,6})?%$/.test(text ?? "") ? parseFloat(text!) : NaN;
  return percent > 0 && percent <= 100 ? { method: "percentile", percent } : null;
}

function viewOf(fields: URLSearchParams, number: (name: string) => number | undefined): View | null {
  const [x, y, zoom] = [number("x"), number("y"), number("zoom")];
  if (x === undefined || y === undefined || zoom === undefined || zoom <= 0) return null;
  if (Math.max(Math.abs(x), Math.abs(y), zoom) > FARTHEST) return null;
  return { x, y, zoom, turn: turnOf(number("turn")), mirrored: fields.get("mirrored") === "1" };
}

function turnOf(turn: number | undefined): number {
  return turn !== undefined && Math.abs(turn) <= 360 ? turn : UPRIGHT.turn;
}

function styleOf(fields: URLSearchParams, number: (name: string) => number | undefined): Partial<Style> {
  const style: Partial<Style> = {};
  const [low, high] = [number("low"), number("high")];
  if (low !== undefined && high !== undefined && low < high && Number.isFinite(high - low)) Object.assign(style, { low, high });
  const channelCuts = channelCutsOf(fields.get("channel_cuts"));
  if (channelCuts) style.channel_cuts = channelCuts;
  const stretch = fields.get("stretch");
  if (STRETCHES.includes(stretch as Stretch)) style.stretch = stretch as Stretch;
  const colormap = fields.get("colormap");
  if (colormap && colormap.length <= 64) style.colormap = colormap;
  if (fields.get("invert") === "1") style.invert = true;
  const [contrast, bias] = [number("contrast"), number("bias")];
  if (contrast !== undefined && contrast >= 0 && contrast <= 20) style.contrast = contrast;
  if (bias !== undefined && bias >= -1 && bias <= 2) style.bias = bias;
  return style;
}

/** Layout and match are of a mosaic; beside the number of an HDU they mean nothing. */
function mosaicOf(fields: URLSearchParams): Pick<Link, "layout" | "match"> {
  const single = typeof hduOf(fields.get("hdu")) === "number";
  const layout = LAYOUTS.find((known) => known === fields.get("layout"));
  const match = MATCHES.find((known) => known === fields.get("match"));
  return { layout: (!single && layout) || "auto", match: (!single && match) || "none" };
}

function hduOf(text: string | null): HduName | "auto" {
  if (text === "mosaic") return "mosaic";
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : "auto";
}

function whole(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** What is as always is left out. */
function unless<T>(value: T, standard: T): T | undefined {
  return value === standard ? undefined : value;
}

function short(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Percent-encode, but leave the slashes of a path legible. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/");
}
