// @ts-check
/** What a model says, drawn: maps, profiles and histograms as SVG, in the colours of the page. */

import { s } from "./dom.js";
import { glyph, COLOURS } from "./overlay.js";
import { linesOf } from "./result_lines.js";

const WIDTH = 300;
const HEIGHT = 190;
const EDGE = { left: 40, right: 8, top: 8, bottom: 32 };
const INNER = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
/** From dark to light, so that it is read without colours too. */
const RAMP = [[20, 16, 60], [72, 40, 120], [150, 55, 130], [220, 80, 100], [250, 140, 70], [252, 210, 120], [252, 250, 220]];

/** @typedef {readonly [number, number, number]} Band */
/** @typedef {(x: number, y: number) => { x: number, y: number }} Map */

/** Round numbers between two others, about so many. @param {number} least @param {number} most @param {number} count */
export function ticksOf(least, most, count = 4) {
  const rough = (most - least) / count;
  if (!(rough > 0)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = /** @type {number} */ ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, number) => Number(((first + number) * step).toPrecision(12)));
}

/**
 * Axes with their names. @param {{ x: readonly [number, number], y: readonly [number, number], xName: string, yName: string, title: string }} given
 * @param {(map: Map) => SVGElement[]} paint
 */
function chart({ x, y, xName, yName, title }, paint) {
  /** @type {Map} */
  const map = (at, up) => ({
    x: EDGE.left + ((at - x[0]) / (x[1] - x[0] || 1)) * INNER.width,
    y: EDGE.top + (1 - (up - y[0]) / (y[1] - y[0] || 1)) * INNER.height,
  });
  const bottom = EDGE.top + INNER.height;
  const across = ticksOf(...x).flatMap((tick) => {
    const at = map(tick, 0).x;
    return [line(at, bottom, at, bottom + 4), text(at, bottom + 15, `${tick}`, "middle")];
  });
  const up = ticksOf(...y).flatMap((tick) => {
    const at = map(0, tick).y;
    return [line(EDGE.left - 4, at, EDGE.left, at), text(EDGE.left - 6, at + 4, `${tick}`, "end")];
  });
  const frame = s("rect", { x: EDGE.left, y: EDGE.top, width: INNER.width, height: INNER.height, fill: "none", stroke: "var(--control)" });
  const clip = s("svg", { x: EDGE.left, y: EDGE.top, width: INNER.width, height: INNER.height, viewBox: `${EDGE.left} ${EDGE.top} ${INNER.width} ${INNER.height}` }, ...paint(map));
  const names = [text(EDGE.left + INNER.width / 2, HEIGHT - 3, xName, "middle"), s("g", { transform: `translate(10 ${EDGE.top + INNER.height / 2}) rotate(-90)` }, text(0, 0, yName, "middle"))];
  return s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title, width: "100%" }, clip, frame, ...across, ...up, ...names);
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {Record<string, string | number>} look */
const line = (x1, y1, x2, y2, look = {}) => s("line", { x1, y1, x2, y2, stroke: "var(--control)", ...look });
/** @param {number} x @param {number} y @param {string} words @param {"start" | "middle" | "end"} anchor */
const text = (x, y, words, anchor) => s("text", { x, y, fill: "var(--muted)", "font-size": 11, "text-anchor": anchor }, words);

/** The mean convergence of rings with its band, and θ_E. @param {any} result */
export function profileChart({ profile, theta_E: [low, middle, high] }) {
  const { radius, kappa } = profile;
  const most = Math.min(Math.max(...kappa[2]), 4 * Math.max(kappa[1][1] ?? 1, 1));
  const range = /** @type {[number, number]} */ ([0, Math.max(...profile.edge)]);
  const given = { x: range, y: /** @type {[number, number]} */ ([0, most]), xName: "radius (arcsec)", yName: "κ", title: "Convergence by radius, with the band of 68 %" };
  return chart(given, (map) => {
    /** @param {readonly number[]} values */
    const along = (values) => radius.map((/** @type {number} */ r, /** @type {number} */ number) => map(r, values[number] ?? 0));
    const band = [...along(kappa[2]), ...along(kappa[0]).reverse()].map((/** @type {any} */ { x, y }) => `${x},${y}`).join(" ");
    const median = along(kappa[1]).map((/** @type {any} */ { x, y }) => `${x},${y}`).join(" ");
    const rings = low === null ? [] : [
      s("rect", { x: map(low, 0).x, y: 0, width: Math.max(map(high, 0).x - map(low, 0).x, 0.5), height: HEIGHT, fill: "var(--warn)", "fill-opacity": 0.25 }),
      line(map(middle, 0).x, 0, map(middle, 0).x, HEIGHT, { stroke: "var(--warn)", "stroke-dasharray": "4 3" }),
    ];
    return [...rings, s("polygon", { points: band, fill: "var(--accent)", "fill-opacity": 0.3 }), s("polyline", { points: median, fill: "none", stroke: "var(--accent)", "stroke-width": 1.5 })];
  });
}

/** How often values come. @param {readonly number[]} values @param {readonly (number | null)[]} band @param {string} name */
export function histogramChart(values, band, name) {
  const found = values.filter((value) => Number.isFinite(value));
  const [least, most] = [Math.min(...found), Math.max(...found)];
  const bins = Math.max(5, Math.min(24, Math.round(Math.sqrt(found.length))));
  const width = (most - least) / bins || 1;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of found) counts[Math.min(bins - 1, Math.floor((value - least) / width))] = (counts[Math.min(bins - 1, Math.floor((value - least) / width))] ?? 0) + 1;
  const given = { x: /** @type {[number, number]} */ ([least, least + bins * width]), y: /** @type {[number, number]} */ ([0, Math.max(...counts) * 1.05]), xName: name, yName: "models", title: `Histogram of ${name}` };
  return chart(given, (map) => [
    ...counts.map((count, number) => {
      const [a, b] = [map(least + number * width, count), map(least + (number + 1) * width, 0)];
      return s("rect", { x: a.x, y: a.y, width: Math.max(b.x - a.x - 1, 0.5), height: b.y - a.y, fill: "var(--accent)", "fill-opacity": 0.75 });
    }),
    ...band.flatMap((value, number) => (value === null ? [] : [line(map(value, 0).x, 0, map(value, 0).x, HEIGHT, { stroke: "var(--warn)", "stroke-dasharray": number === 1 ? "none" : "4 3" })])),
  ]);
}

/** A square about the lens centre. @param {number} half arcsec @param {string} title @param {(map: Map) => SVGElement[]} paint */
function square(half, title, paint) {
  const size = 300;
  /** @type {Map} */
  const map = (x, y) => ({ x: (size * (x + half)) / (2 * half), y: (size * (half - y)) / (2 * half) });
  const tick = /** @type {number} */ (ticksOf(0, half, 2).at(-1) ?? half);
  const [from, to] = [map(-half * 0.93, -half * 0.93), map(-half * 0.93 + tick, -half * 0.93)];
  const bar = [line(from.x, from.y, to.x, to.y, { stroke: "#ffffff", "stroke-width": 2 }), s("text", { x: (from.x + to.x) / 2, y: from.y - 5, fill: "#ffffff", "font-size": 11, "text-anchor": "middle" }, `${tick}″`)];
  return s("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": title, width: "100%" }, s("rect", { width: size, height: size, fill: "#0a0a14" }), ...paint(map), ...bar);
}

/** @param {number} share */
function colourAt(share) {
  const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const low = RAMP[Math.floor(at)] ?? [0, 0, 0];
  const high = RAMP[Math.ceil(at)] ?? [0, 0, 0];
  return `rgb(${low.map((value, number) => Math.round(value + (at % 1) * ((high[number] ?? 0) - value))).join(" ")})`;
}

/** @param {any} result @param {Map} map */
function marks({ images }, map) {
  return images.map((/** @type {any} */ { x, y, kind, seen }) => {
    const at = map(x, y);
    const look = { fill: seen === null ? "none" : COLOURS[/** @type {"min"} */ (kind)], stroke: seen === null ? COLOURS[/** @type {"min"} */ (kind)] : "#000000" };
    return glyph(kind, at.x, at.y, look);
  });
}

/** The mean mass map; light is much. @param {any} result */
export function massChart(result) {
  const { x, y, side, kappa } = result.map;
  const half = result.arrival.half;
  const most = Math.max(...kappa);
  return square(half, "Mean convergence of the models", (map) => [
    ...kappa.map((/** @type {number} */ value, /** @type {number} */ number) => {
      const [a, b] = [map(x[number] - side[number] / 2, y[number] + side[number] / 2), map(x[number] + side[number] / 2, y[number] - side[number] / 2)];
      const share = Math.log1p(value * 3) / Math.log1p(most * 3);
      return s("rect", { x: a.x, y: a.y, width: b.x - a.x + 0.3, height: b.y - a.y + 0.3, fill: colourAt(share) });
    }),
    ...linesOf(result, ([px, py]) => map(px, py), ["critical"]).map(({ d, stroke, dash }) => s("path", { d, fill: "none", stroke, "stroke-dasharray": dash })),
    ...marks(result, map),
  ]);
}

/** Contours of the arrival time, those through saddle points drawn stronger; images that nobody marked are hollow. @param {any} result */
export function arrivalChart(result) {
  return square(result.arrival.half, "Contours of the arrival time", (map) => [
    ...linesOf(result, ([px, py]) => map(px, py), ["arrival", "saddle"]).map(({ kind, d, stroke }) => s("path", { d, fill: "none", stroke, "stroke-width": kind === "saddle" ? 1.6 : 0.7, "stroke-opacity": kind === "saddle" ? 1 : 0.6 })),
    ...marks(result, map),
  ]);
}
