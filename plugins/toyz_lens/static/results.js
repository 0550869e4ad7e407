// @ts-check
/** What a model says, in a panel: numbers, figures, and a table of the images. */

import { arrivalChart, histogramChart, massChart, profileChart } from "./charts.js";
import { banded, h, written } from "./dom.js";
import { downloadButtons } from "./downloads.js";
import { KIND_NAMES, ordinal } from "./words.js";

/** R̂ above which chains do not agree, as `toyz_glass` judges them. */
const AGREED = 1.05;

/** @param {any} result @param {{ preview: boolean, stale: boolean, lens: any, name: string }} of @returns {Node[]} */
export function resultNodes(result, { preview, stale, lens, name }) {
  const extra = result.images.filter((/** @type {any} */ { seen, kind }) => seen === null && kind !== "max").length;
  const facts = [
    ["Einstein radius", `${banded(result.theta_E, 3)}″`],
    ["H0", `${banded(result.H0, 1)} km/s/Mpc`],
    ["Models", `${result.models} in ${written(result.seconds, 1)} s`],
    ["Convergence", `R̂ ${written(result.rhat, 3)}, ESS ${written(result.ess, 0)}`],
    ["Unseen images predicted", `${extra}`],
  ];
  const list = h("dl", { className: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", { className: "label" }, name ?? ""), h("dd", { className: "mono" }, value ?? "")]));
  const notes = [];
  if (preview) notes.push(h("p", { className: "label", role: "status" }, "A preview of the first models; the rest are being drawn."));
  if (stale) notes.push(h("p", { className: "warning" }, "The marks or settings have changed since: model again."));
  if (!preview && result.rhat > AGREED) notes.push(h("p", { className: "warning" }, "The chains do not agree yet: draw more models."));
  const bands = h("p", { className: "label" }, "Each is the median with the band of 68 %; maps are of the mean model.");
  return [
    h("h3", {}, "Model"),
    ...notes,
    list,
    bands,
    figure("Arrival time", arrivalChart(result), "Circles: minima, diamonds: saddle points; hollow: predicted, and not marked."),
    figure("Mass (κ)", massChart(result), "Light is much; dashed: critical curves."),
    figure("Profile", profileChart(result), "Dashed: the Einstein radius."),
    figure("Hubble constant", histogramChart(result.hubble, result.H0, "H0 (km/s/Mpc)"), ""),
    imageTable(result),
    ...(preview ? [] : [h("h3", {}, "Save"), downloadButtons(result, lens, name)]),
  ];
}

/** @param {string} title @param {SVGElement} drawing @param {string} caption */
const figure = (title, drawing, caption) => h("figure", {}, h("figcaption", {}, title), drawing, caption && h("p", { className: "label" }, caption));

/** @param {any} result */
function imageTable({ marks, images }) {
  const rows = marks.map((/** @type {any} */ { delay, magnification }, /** @type {number} */ number) => {
    const found = images.find((/** @type {any} */ { seen }) => seen === number);
    const kind = found ? KIND_NAMES[/** @type {"min"} */ (found.kind)] : "–";
    return h("tr", {}, h("th", { scope: "row" }, ordinal(number + 1)), h("td", {}, kind), h("td", { className: "mono" }, number ? banded(delay, 1) : "0"), h("td", { className: "mono" }, banded(magnification, 1)));
  });
  const head = h("tr", {}, ...["Image", "Kind", "Delay (days)", "Magnification"].map((name) => h("th", { scope: "col" }, name)));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows));
}

/** @param {any[]} readings @param {readonly string[]} order @param {(one: number, other: number) => void} exchange @returns {Node[]} */
export function readingNodes(readings, order, exchange) {
  const items = readings.map(({ exchanged, reasons, summary }) => {
    const title = exchanged === null ? "As marked" : `With the ${ordinal(exchanged[0] + 1)} and the ${ordinal(exchanged[1] + 1)} exchanged`;
    const use = exchanged && summary && order.length ? h("button", { onclick: () => exchange(exchanged[0], exchanged[1]) }, "Exchange them") : null;
    return h("li", {}, h("div", { className: "row" }, h("strong", { className: "grow" }, title), use), ...reasons.map((/** @type {string} */ reason) => h("p", { className: "label" }, reason)));
  });
  return [h("h3", {}, "Readings of the marks, the likeliest first"), h("ol", { className: "readings" }, ...items)];
}
