// @ts-check
/** The panel: marks of the image that is shown, what may be wrong with them, and the model that follows. */

import { h } from "./dom.js";
import { doubtsOf, isModellable } from "./doubts.js";
import { centreOf, seenOf } from "./order.js";
import { exchange } from "./exchange.js";
import { removeMass, removePoint, removeRuler, rootsOf } from "./markup.js";
import { COLOURS, glyph, lensOverlay } from "./overlay.js";
import { STYLES } from "./panel.css.js";
import { readingNodes, resultNodes } from "./results.js";
import { settingsForm } from "./settings.js";
import { keyOf, lensFor, newLens, readLens, toArcsec } from "./state.js";
import { s, written } from "./dom.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./overlay.js").Mode} Mode @typedef {import("./markup.js").Markup} Markup @typedef {import("./state.js").Lens} Lens */

const MODES = /** @type {const} */ ([
  ["points", "Images", "I", "Mark images: click an empty place for a first one, a mark to split it or take it together again; drag to move"],
  ["masses", "Masses", "G", "Mark other masses: drag from the middle of a galaxy to its edge"],
  ["rulers", "Ruler", "U", "Measure: drag from one place to another"],
]);

/** @param {any} toyz */
export function activate(toyz) {
  const table = toyz.table("marks", readLens);
  /** @type {Mode | null} */
  let mode = null;
  /** @type {string | null} */
  let selected = null;
  /** @type {AbortController | null} */
  let running = null;
  /** @type {{ key: string, lens: string, data: any, preview: boolean } | null} */
  let model = null;
  /** @type {{ lens: string, found: any[] } | null} */
  let read = null;

  const key = () => (toyz.image() ? keyOf(toyz.image()) : null);
  /** @returns {Lens} */
  const lens = () => (key() !== null && table.get(key())) || newLens();
  const scale = () => lens().settings.scale ?? toyz.image()?.wcs?.pixel_scale ?? null;
  /** @param {Markup} markup */
  const orderOf = (markup) => rootsOf(markup).flatMap((root) => seenOf(markup, root).map(({ id }) => id));
  const given = () => (scale() === null ? "" : JSON.stringify(lensFor(lens(), scale())));
  /** @param {string} label @param {Markup} markup */
  const setMarkup = (label, markup) => key() !== null && table.set(label, key(), { ...lens(), markup });

  // ---- over the picture -----------------------------------------------------------------------

  const overlay = toyz.overlay(
    lensOverlay({
      shown: () => ({ mode, selected, scale: scale(), markup: key() === null ? null : lens().markup, order: orderOf(lens().markup), result: model?.key === key() ? model?.data : null, centre: centreOf(lens().markup) }),
      begin: () => lens().markup,
      set: setMarkup,
      draft: (label, markup) => key() !== null && table.draft(label, key(), { ...lens(), markup }),
      select: (id) => {
        selected = id;
        update();
      },
      refused: (error) => toyz.notice(error.message, "warning"),
    }),
  );

  // ---- the panel ------------------------------------------------------------------------------

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  const root = toyz.element.getRootNode();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const tools = MODES.map(([name, title, hotkey, hint]) => h("button", { title: `${hint} (Shift ${hotkey})`, "aria-pressed": "false", onclick: () => take(name) }, title));
  const hint = h("p", { className: "label" });
  const marks = h("ul", { className: "marks", "aria-label": "Marks" });
  const doubts = h("ul", { className: "doubts", "aria-label": "What may be wrong" });
  const form = settingsForm((label, change) => {
    if (key() !== null) table.set(label, key(), { ...lens(), settings: { ...lens().settings, ...change } });
  });
  const start = h("button", { className: "primary grow", title: "Draw models of the mass (Shift S)", onclick: () => void run() }, "Model");
  const tryOthers = h("button", { title: "Exchange minima and saddle points, and rank what comes of it (Shift Q)", onclick: () => void runReadings() }, "Other readings");
  const stop = h("button", { hidden: true, onclick: () => running?.abort() }, "Cancel");
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Progress" });
  const status = h("p", { className: "label", role: "status" });
  const problem = h("p", { className: "problem", role: "alert", hidden: true });
  const results = h("section", { "aria-label": "Model" });
  const readings = h("section", { "aria-label": "Readings" });
  const body = h(
    "div",
    { className: "lens" },
    h("section", { "aria-label": "Marks" }, h("div", { className: "segments", role: "group", "aria-label": "What a click marks" }, ...tools), hint, marks, doubts),
    form.element,
    h("section", { "aria-label": "Run" }, h("div", { className: "row" }, start, tryOthers, stop), bar, status, problem),
    results,
    readings,
  );
  const empty = h("p", { className: "empty" }, "Open an image of a lens to mark it.");
  toyz.element.append(empty, body);

  /** @param {Mode} name */
  function take(name) {
    mode = mode === name ? null : name;
    update();
  }

  function update() {
    const { markup, settings } = lens();
    const order = orderOf(markup);
    const there = key() !== null;
    empty.hidden = there;
    body.hidden = !there;
    tools.forEach((button, number) => button.setAttribute("aria-pressed", `${MODES[number]?.[0] === mode}`));
    hint.textContent = MODES.find(([name]) => name === mode)?.[3] ?? "Choose what to mark.";
    marks.replaceChildren(...markItems(markup));
    const map = scale() === null ? null : toArcsec(/** @type {number} */ (scale()));
    const found = doubtsOf(markup, map);
    if (there && map === null) found.unshift({ id: null, level: "problem", text: "The image tells no pixel scale: say one in the settings." });
    doubts.replaceChildren(...found.map(({ level, text }) => h("li", { className: level === "problem" ? "bad" : "" }, text)));
    form.show(settings, toyz.image()?.wcs?.pixel_scale ?? null, rootsOf(markup).length > 1 ? [] : order);
    const possible = there && map !== null && isModellable(markup, map);
    start.disabled = tryOthers.disabled = !possible || running !== null;
    showResults(order);
    overlay.refresh();
  }

  /** @param {readonly string[]} order */
  function showResults(order) {
    const shown = model?.key === key() ? model : null;
    results.replaceChildren(...(shown ? resultNodes(shown.data, { preview: shown.preview, stale: shown.lens !== given(), lens: JSON.parse(shown.lens), name: toyz.image().name }) : []));
    readings.replaceChildren(...(read?.lens === given() ? readingNodes(read.found, order, (one, other) => exchangeMarks(order, one, other)) : []));
  }

  /** @param {Markup} markup @returns {Node[]} */
  function markItems(markup) {
    const words = wordsOf(markup);
    const order = orderOf(markup);
    const points = Object.values(markup.points).sort((a, b) => place(order, a.id) - place(order, b.id)).map((point) => {
      const drawing = s("svg", { width: 18, height: 18, "aria-hidden": "true" }, glyph(point.kind, 9, 9, { fill: COLOURS[point.kind], stroke: "#000000" }));
      return item(point.id, drawing, words[point.id] ?? "", `Remove the image that is ${words[point.id]}`, () => setMarkup("Remove an image", removePoint(markup, point.id)));
    });
    const masses = Object.values(markup.masses).map(({ id, r }, number) => item(id, null, `Mass ${number + 1}, radius ${lengthOf(r)}`, `Remove mass ${number + 1}`, () => setMarkup("Remove a mass", removeMass(markup, id))));
    const rulers = Object.values(markup.rulers).map(({ id, ends: [a, b] }, number) => item(id, null, `Ruler ${number + 1}: ${lengthOf(Math.hypot(a.x - b.x, a.y - b.y))}`, `Remove ruler ${number + 1}`, () => setMarkup("Remove a ruler", removeRuler(markup, id))));
    return [...points, ...masses, ...rulers];
  }

  /** @param {readonly string[]} order @param {string} id */
  const place = (order, id) => (order.includes(id) ? order.indexOf(id) : order.length);

  /** @param {number} pixels */
  const lengthOf = (pixels) => (scale() === null ? `${written(pixels, 1)} pixels` : `${written(pixels * /** @type {number} */ (scale()), 2)}″`);

  /** @param {string} id @param {SVGElement | null} drawing @param {string} text @param {string} removal @param {() => void} remove */
  function item(id, drawing, text, removal, remove) {
    const pick = () => {
      selected = id;
      update();
    };
    return h("li", { "aria-current": `${id === selected}` }, drawing, h("button", { className: "plain pick", onclick: pick }, text), h("button", { className: "plain square", "aria-label": removal, title: removal, onclick: remove }, "×"));
  }

  // ---- models -----------------------------------------------------------------------------------

  /** @param {string} task @param {Record<string, unknown>} parameters @param {(data: any) => void} done */
  async function call(task, parameters, done) {
    if (running) return;
    running = new AbortController();
    problem.hidden = true;
    bar.hidden = stop.hidden = false;
    bar.value = 0;
    update();
    try {
      /** @param {{ message?: string, progress?: number }} told */
      const onProgress = ({ message, progress }) => {
        status.textContent = message ?? "";
        bar.value = progress ?? 0;
      };
      done(await toyz.call(task, parameters, { onProgress, signal: running.signal }));
      status.textContent = "";
    } catch (error) {
      const cancelled = running.signal.aborted;
      status.textContent = cancelled ? "Cancelled." : "";
      problem.hidden = cancelled;
      problem.textContent = /** @type {Error} */ (error).message;
    } finally {
      running = null;
      bar.hidden = stop.hidden = true;
      update();
    }
  }

  async function run() {
    const asked = { key: /** @type {string} */ (key()), lens: given() };
    const before = model;
    pending = asked;
    await call("model", { lens: JSON.parse(asked.lens) }, (data) => (model = { ...asked, data, preview: false }));
    pending = null;
    if (model?.preview) model = before?.preview ? null : before; // what was cancelled leaves what was there
    update();
  }

  async function runReadings() {
    const asked = given();
    await call("readings", { lens: JSON.parse(asked) }, (found) => (read = { lens: asked, found }));
  }

  /** @param {readonly string[]} order @param {number} one @param {number} other */
  function exchangeMarks(order, one, other) {
    const [a, b] = [order[one], order[other]];
    if (!a || !b) return;
    try {
      setMarkup("Exchange two images", exchange(lens().markup, a, b));
    } catch (error) {
      toyz.notice(/** @type {Error} */ (error).message, "warning");
    }
  }

  /** @type {{ key: string, lens: string } | null} */
  let pending = null;
  toyz.on("preview", (/** @type {any} */ data) => {
    if (!pending) return;
    model = { ...pending, data, preview: true };
    update();
  });

  table.subscribe(update);
  toyz.onImage(() => {
    selected = null;
    update();
  });
  for (const [name, title, hotkey] of MODES) {
    toyz.command({ name, title: `Lens: mark ${title.toLowerCase()}`, keys: [hotkey], run: () => take(name), when: () => key() !== null });
  }
  toyz.command({ name: "model", title: "Lens: model", keys: ["S"], run: () => void run(), when: () => !start.disabled });
  toyz.command({ name: "readings", title: "Lens: other readings", keys: ["Q"], run: () => void runReadings(), when: () => !tryOthers.disabled });
  return () => {
    running?.abort();
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((/** @type {CSSStyleSheet} */ one) => one !== sheet);
  };
}
