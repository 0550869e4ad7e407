// @ts-check
/** What a model says, as files: all of it as JSON, and the profile and the images as tables. */

import { h } from "./dom.js";

/** @param {readonly (readonly (string | number | null)[])[]} rows */
export const csvOf = (rows) => rows.map((row) => row.map((value) => (value === null ? "" : `${value}`)).join(",")).join("\r\n") + "\r\n";

/** The profile: for each ring its radii, and the bands of its convergence and of the mean within. @param {any} result */
export function profileRows({ profile }) {
  const bands = ["16", "50", "84"];
  const head = ["radius_arcsec", "edge_arcsec", ...bands.map((each) => `kappa_${each}`), ...bands.map((each) => `kappa_within_${each}`)];
  const rows = profile.radius.map((/** @type {number} */ radius, /** @type {number} */ ring) => [
    radius,
    profile.edge[ring],
    ...[profile.kappa, profile.within].flatMap((band) => band.map((/** @type {number[]} */ values) => values[ring])),
  ]);
  return [head, ...rows];
}

/** The images as they were marked: delays and magnifications with their bands. @param {any} result @param {any} lens as it was modelled */
export function imageRows({ marks }, lens) {
  const images = lens.images ?? lens.sources[0].images;
  const head = ["x_arcsec", "y_arcsec", "kind", "delay_days_16", "delay_days_50", "delay_days_84", "magnification_16", "magnification_50", "magnification_84"];
  return [head, ...marks.map((/** @type {any} */ { delay, magnification }, /** @type {number} */ number) => [...images[number], ...delay, ...magnification])];
}

/** Buttons that save files. @param {any} result @param {any} lens as it was modelled @param {string} name of the image */
export function downloadButtons(result, lens, name) {
  const base = name.replace(/\.[A-Za-z0-9.]{1,12}$/, "") || "lens";
  /** @param {string} title @param {string} file @param {() => string} content @param {string} type */
  const button = (title, file, content, type) => h("button", { title: `Save ${file}`, onclick: () => save(file, content(), type) }, title);
  return h(
    "div",
    { className: "row", role: "group", "aria-label": "Downloads" },
    button("JSON", `${base}_model.json`, () => JSON.stringify({ lens, result }, null, 1), "application/json"),
    button("Profile", `${base}_profile.csv`, () => csvOf(profileRows(result)), "text/csv"),
    button("Images", `${base}_images.csv`, () => csvOf(imageRows(result, lens)), "text/csv"),
  );
}

/** @param {string} file @param {string} content @param {string} type */
function save(file, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000); // the browser has begun by then
}
