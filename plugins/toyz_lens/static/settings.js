// @ts-check
/** The form of what is said of a lens: redshifts, the grid, how many models, and measured delays. */

import { h } from "./dom.js";
import { BOUNDS, isDays, within } from "./state.js";
import { ordinal } from "./words.js";

/** @typedef {import("./state.js").Settings} Settings */

const FIELDS = /** @type {const} */ ([
  ["zLens", "Lens redshift", "any"],
  ["zSource", "Source redshift", "any"],
  ["scale", "Pixel scale (arcsec)", "any"],
  ["pixrad", "Map radius (pixels)", 1],
  ["models", "Models", 50],
  ["seed", "Seed", 1],
]);
const HINTS = {
  scale: "As the image tells, if empty.",
  pixrad: "From the centre to the edge of the map, 5 to 12.",
  seed: "The same gives the same models.",
};

/**
 * @param {(label: string, change: Partial<Settings>) => void} save
 * @returns {{ element: HTMLElement, show: (settings: Settings, scale: number | null, order: readonly string[]) => void }}
 */
export function settingsForm(save) {
  const problem = h("p", { className: "problem", role: "alert", hidden: true });
  /** @type {Record<string, HTMLInputElement>} */
  const inputs = {};
  const rows = FIELDS.map(([name, title, step]) => {
    const [, least, most] = BOUNDS[name];
    const input = h("input", { type: "number", min: `${least}`, max: `${most}`, step: `${step}`, "aria-label": title, title: HINTS[/** @type {"seed"} */ (name)] ?? "" });
    input.addEventListener("change", () => {
      const text = input.value.trim();
      try {
        const value = text === "" && name === "scale" ? null : within(name, Number(text));
        problem.hidden = true;
        save(`Change the ${title.toLowerCase()}`, { [name]: value });
      } catch (error) {
        problem.hidden = false;
        problem.textContent = `${title}: ${/** @type {Error} */ (error).message}`;
      }
    });
    inputs[name] = input;
    return h("label", { className: "field" }, h("span", { className: "label" }, title), input);
  });
  const symmetric = h("input", { type: "checkbox", onchange: () => save("Change the symmetry", { symmetric: symmetric.checked }) });
  const delays = h("div", { className: "delays" });
  const element = h("section", { className: "settings", "aria-label": "Settings" }, h("h3", {}, "Settings"), h("div", { className: "fields" }, ...rows), h("label", { className: "row" }, symmetric, "Symmetric mass"), problem, delays);
  let shownOrder = "";
  return {
    element,
    show(settings, scale, order) {
      for (const [name] of FIELDS) {
        const input = /** @type {HTMLInputElement} */ (inputs[name]);
        const value = settings[name];
        const root = /** @type {Document | ShadowRoot} */ (input.getRootNode());
        if (root.activeElement !== input) input.value = value === null ? "" : `${value}`;
        if (name === "scale") input.placeholder = scale === null ? "not known" : scale.toPrecision(4);
      }
      symmetric.checked = settings.symmetric;
      const now = JSON.stringify([order, settings.delays]);
      if (now === shownOrder) return;
      shownOrder = now;
      delays.replaceChildren(...delayRows(settings, order, save));
    },
  };
}

/** @param {Settings} settings @param {readonly string[]} order @param {(label: string, change: Partial<Settings>) => void} save */
function delayRows(settings, order, save) {
  if (order.length < 2) return [];
  const rows = order.slice(1).map((id, number) => {
    const known = settings.delays[id];
    const name = `${ordinal(number + 2)} after the ${ordinal(number + 1)}`;
    /** @param {string} title @param {number | null | undefined} value */
    const field = (title, value) => h("input", { type: "number", min: "0", step: "any", value: value == null ? "" : `${value}`, "aria-label": `${title}, ${name}`, placeholder: title });
    const [days, error] = [field("days", known?.days), field("±", known?.error)];
    const changed = () => {
      const { [id]: _, ...others } = settings.delays;
      const given = { days: Number(days.value), error: error.value.trim() === "" ? null : Number(error.value) };
      const fits = isDays(given.days) && (given.error === null || isDays(given.error));
      save("Change a delay", { delays: fits ? { ...others, [id]: given } : others });
    };
    for (const input of [days, error]) input.addEventListener("change", changed);
    return h("div", { className: "delay" }, h("span", { className: "label" }, name), days, error);
  });
  return [h("h3", {}, "Measured delays"), ...rows];
}
