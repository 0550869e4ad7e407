// @ts-check
/** The marks over the picture: how they look, and what a pointer does to them. */

import { contoursOf, contourPath } from "./contours.js";
import { s, written } from "./dom.js";
import { addMass, addRoot, addRuler, collapse, moveHandle, moveMass, movePoint, moveRuler, resizeMass, resizeRuler, split } from "./markup.js";
import { linesOf } from "./result_lines.js";
import { KIND_NAMES } from "./words.js";

/** @typedef {import("./markup.js").Markup} Markup @typedef {import("./markup.js").Place} Place @typedef {import("./markup.js").Kind} Kind */
/** @typedef {"points" | "masses" | "rulers"} Mode */
/** @typedef {{ toScreen: (place: Place) => Place, scale: number }} Frame */
/** @typedef {{ place: Place, at: Place, event: PointerEvent, frame: Frame }} Press */
/**
 * What is held while a pointer is down: `change` gives the marks with it at another place, `click` those of a press that did not move.
 * @typedef {{ label: string, change: (place: Place) => Markup, click?: () => Markup, clickLabel?: string, made?: boolean }} Held
 */
/** @typedef {{ mode: Mode | null, markup: Markup | null, order: readonly string[], scale: number | null, selected: string | null, result: any, centre: Place | null }} Shown */
/**
 * @typedef {{ shown: () => Shown, set: (label: string, markup: Markup) => void, draft: (label: string, markup: Markup) => void,
 *   begin: () => Markup, select: (id: string | null) => void, refused: (error: Error) => void }} Editor
 */

/** Okabe & Ito's, which most people tell apart; the forms differ too. @type {Record<Kind, string>} */
export const COLOURS = { min: "#56b4e9", saddle: "#e69f00", max: "#f28cc0" };
const REACH = { mouse: 10, pen: 12, touch: 22 };
const MOVED = 4; // pixels of the screen: less is a click
const CHILDREN_AT = 42; // pixels of the screen

/** @param {PointerEvent} event */
const reachOf = ({ pointerType }) => REACH[/** @type {keyof typeof REACH} */ (pointerType)] ?? REACH.mouse;
export const newId = () => `m${Math.random().toString(36).slice(2, 10)}`;

/** @param {Place} one @param {Place} other */
const apart = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

/** An overlay for `toyz.overlay`. @param {Editor} editor */
export function lensOverlay(editor) {
  /** @type {Held | null} */
  let held = null;
  /** @type {Press | null} */
  let pressed = null;
  /** @type {Markup | null} */
  let before = null;
  let moved = false;

  /** @param {() => void} run */
  const guarded = (run) => {
    try {
      run();
    } catch (error) {
      editor.refused(/** @type {Error} */ (error));
    }
  };
  const letGo = () => {
    held = pressed = before = null;
    moved = false;
  };

  return {
    /** @param {SVGSVGElement} svg @param {Frame | null} frame */
    draw(svg, frame) {
      const shown = editor.shown();
      svg.replaceChildren(...(frame ? painted(shown, frame) : []));
    },

    /** @param {Press} press */
    down(press) {
      const { mode } = editor.shown();
      if (!mode) return false;
      before = editor.begin();
      held = gripAt(before, press, mode, editor) ?? begun(before, press, mode);
      pressed = press;
      moved = false;
      return held !== null;
    },

    /** @param {Press} press */
    move(press) {
      if (!held || !pressed) return;
      moved ||= apart(press.at, pressed.at) >= MOVED;
      const { label, change } = held;
      if (moved) guarded(() => editor.draft(label, change(press.place)));
    },

    /** @param {Press} press */
    up(press) {
      if (!held) return clicked(editor, press, guarded);
      const { label, change, click, clickLabel = label, made } = held;
      const wasMoved = moved;
      letGo();
      if (wasMoved) guarded(() => editor.set(label, change(press.place)));
      else if (click && !made) guarded(() => editor.set(clickLabel, click()));
    },

    giveUp() {
      if (!held || !before) return false;
      if (moved) editor.draft(held.label, before);
      letGo();
      return true;
    },

    cursor: () => (editor.shown().mode ? "crosshair" : ""),
  };
}

/** A click where nothing is held: a new image. @param {Editor} editor @param {Press} press @param {(run: () => void) => void} guarded */
function clicked(editor, { place }, guarded) {
  if (editor.shown().mode !== "points") return;
  guarded(() => {
    const id = newId();
    editor.set("Mark an image", addRoot(editor.begin(), id, place.x, place.y));
    editor.select(id);
  });
}

/** What a pointer takes hold of. @param {Markup} markup @param {Press} press @param {Mode} mode @param {Editor} editor @returns {Held | null} */
function gripAt(markup, { at, event, frame }, mode, editor) {
  const reach = reachOf(event);
  /** @param {Place} place */
  const near = (place) => apart(frame.toScreen(place), at) <= reach;
  if (mode === "points") return pointGrip(markup, near, frame, editor) ?? handleGrip(markup, near);
  if (mode === "masses") return massGrip(markup, near, at, frame, reach, editor);
  return rulerGrip(markup, near, editor);
}

/** @param {Markup} markup @param {(place: Place) => boolean} near @param {Frame} frame @param {Editor} editor @returns {Held | null} */
function pointGrip(markup, near, frame, editor) {
  const point = Object.values(markup.points).findLast((each) => near(each));
  if (!point) return null;
  editor.select(point.id);
  const isSaddle = point.kind === "saddle";
  return {
    label: "Move an image",
    change: ({ x, y }) => movePoint(markup, point.id, x, y),
    clickLabel: isSaddle ? "Collapse a saddle point" : "Split an image",
    click: () => (isSaddle ? collapse(markup, point.id) : split(markup, point.id, [newId(), newId()], CHILDREN_AT / frame.scale)),
  };
}

/** @param {Markup} markup @param {(place: Place) => boolean} near @returns {Held | null} */
function handleGrip(markup, near) {
  for (const { id, handles } of Object.values(markup.points)) {
    const number = handles.findIndex(near);
    if (number >= 0) return { label: "Shape a contour", change: ({ x, y }) => moveHandle(markup, id, number, x, y) };
  }
  return null;
}

/**
 * @param {Markup} markup @param {(place: Place) => boolean} near @param {Place} at @param {Frame} frame @param {number} reach
 * @param {Editor} editor @returns {Held | null}
 */
function massGrip(markup, near, at, frame, reach, editor) {
  for (const mass of Object.values(markup.masses).reverse()) {
    const out = apart(frame.toScreen(mass), at);
    if (Math.abs(out - mass.r * frame.scale) <= reach) {
      editor.select(mass.id);
      return { label: "Resize a mass", change: (place) => resizeMass(markup, mass.id, Math.max(apart(place, mass), 0.5)) };
    }
    if (near(mass)) {
      editor.select(mass.id);
      return { label: "Move a mass", change: ({ x, y }) => moveMass(markup, mass.id, x, y) };
    }
  }
  return null;
}

/** @param {Markup} markup @param {(place: Place) => boolean} near @param {Editor} editor @returns {Held | null} */
function rulerGrip(markup, near, editor) {
  for (const { id, ends } of Object.values(markup.rulers)) {
    const end = /** @type {0 | 1 | -1} */ (ends.findIndex(near));
    if (end >= 0) {
      editor.select(id);
      return { label: "Move an end of a ruler", change: ({ x, y }) => resizeRuler(markup, id, /** @type {0 | 1} */ (end), x, y) };
    }
    const middle = { x: (ends[0].x + ends[1].x) / 2, y: (ends[0].y + ends[1].y) / 2 };
    if (near(middle)) {
      editor.select(id);
      return { label: "Move a ruler", change: ({ x, y }) => moveRuler(markup, id, x - middle.x, y - middle.y) };
    }
  }
  return null;
}

/** What a drag makes that begins where nothing is. @param {Markup} markup @param {Press} press @param {Mode} mode @returns {Held | null} */
function begun(markup, { place }, mode) {
  const id = newId();
  const click = () => markup;
  if (mode === "masses") {
    return { label: "Mark another mass", click, made: true, change: (to) => addMass(markup, id, place.x, place.y, Math.max(apart(to, place), 0.5)) };
  }
  if (mode === "rulers") return { label: "Draw a ruler", click, made: true, change: (to) => addRuler(markup, id, place, to) };
  return null;
}

// ---- how it looks -------------------------------------------------------------------------------

/** @param {Shown} shown @param {Frame} frame @returns {SVGElement[]} */
function painted(shown, frame) {
  const { markup } = shown;
  if (!markup) return [];
  const groups = [...resultLines(shown, frame), ...contours(markup, shown, frame), ...masses(markup, shown, frame), ...rulers(markup, shown, frame)];
  return [...groups, ...points(markup, shown, frame)];
}

/** A line with a dark one below it, so that it is seen on any picture. @param {string} d @param {Record<string, string | number>} look @returns {SVGElement[]} */
const haloed = (d, look) => [
  s("path", { d, fill: "none", stroke: "rgb(0 0 0 / 60%)", "stroke-width": Number(look["stroke-width"] ?? 1.5) + 2, "stroke-linejoin": "round" }),
  s("path", { d, fill: "none", "stroke-width": 1.5, "stroke-linejoin": "round", ...look }),
];

/** @param {Markup} markup @param {Shown} shown @param {Frame} frame */
function contours(markup, shown, frame) {
  if (shown.result && !shown.mode) return []; // the model's own are there
  return contoursOf(markup).flatMap(({ saddle, child }) => {
    const line = haloed(contourPath(saddle, child, frame.toScreen), { stroke: COLOURS[child.was ?? /** @type {Kind} */ (child.kind)], "stroke-dasharray": "5 3", "stroke-width": 1.2 });
    if (shown.mode !== "points") return line;
    const handles = child.handles.map((handle) => {
      const { x, y } = frame.toScreen(handle);
      return s("rect", { x: x - 3, y: y - 3, width: 6, height: 6, fill: "#ffffff", stroke: "#000000" });
    });
    return [...line, ...handles];
  });
}

/** @param {Markup} markup @param {Shown} shown @param {Frame} frame */
function points(markup, { order, selected, mode }, frame) {
  return Object.values(markup.points).flatMap((point) => {
    const { x, y } = frame.toScreen(point);
    const number = order.indexOf(point.id);
    const look = { fill: COLOURS[point.kind], stroke: "#000000", "stroke-width": 1.2 };
    const ring = point.id === selected && mode ? [s("circle", { cx: x, cy: y, r: 12, fill: "none", stroke: "#ffffff", "stroke-width": 2 })] : [];
    const label = s(
      "text",
      { x: x + 10, y: y - 8, fill: "#ffffff", "text-anchor": "start", stroke: "rgb(0 0 0 / 75%)", "stroke-width": 3, "paint-order": "stroke", "font-size": 12 },
      number < 0 ? KIND_NAMES[point.kind] : `${number + 1}`,
    );
    return [...ring, glyph(point.kind, x, y, look), label];
  });
}

/** A circle for a minimum, a diamond for a saddle point, a triangle for a maximum. @param {Kind} kind @param {number} x @param {number} y @param {Record<string, string | number>} look */
export function glyph(kind, x, y, look) {
  if (kind === "min") return s("circle", { cx: x, cy: y, r: 5.5, ...look });
  const corners = kind === "saddle" ? [[0, -7], [7, 0], [0, 7], [-7, 0]] : [[0, -7], [6.5, 5], [-6.5, 5]];
  return s("polygon", { points: corners.map(([dx = 0, dy = 0]) => `${x + dx},${y + dy}`).join(" "), ...look });
}

/** @param {Markup} markup @param {Shown} shown @param {Frame} frame */
function masses(markup, { mode, selected }, frame) {
  return Object.values(markup.masses).flatMap((mass) => {
    const { x, y } = frame.toScreen(mass);
    const r = mass.r * frame.scale;
    const strong = mode === "masses" && mass.id === selected ? 2.5 : 1.5;
    return [
      s("circle", { cx: x, cy: y, r, fill: "rgb(255 255 255 / 6%)", stroke: "rgb(0 0 0 / 60%)", "stroke-width": strong + 2 }),
      s("circle", { cx: x, cy: y, r, fill: "none", stroke: "#e0e0e0", "stroke-width": strong }),
      s("circle", { cx: x, cy: y, r: 2.5, fill: "#e0e0e0", stroke: "#000000" }),
    ];
  });
}

/** @param {Markup} markup @param {Shown} shown @param {Frame} frame */
function rulers(markup, { scale }, frame) {
  return Object.values(markup.rulers).flatMap(({ ends: [from, to] }) => {
    const [a, b] = [frame.toScreen(from), frame.toScreen(to)];
    const length = apart(from, to);
    const label = scale === null ? `${written(length, 1)} pixels` : `${written(length * scale, 2)}″`;
    const text = s(
      "text",
      { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 8, fill: "#ffffff", "text-anchor": "middle", stroke: "rgb(0 0 0 / 75%)", "stroke-width": 3, "paint-order": "stroke", "font-size": 12 },
      label,
    );
    const ends = [a, b].map(({ x, y }) => s("circle", { cx: x, cy: y, r: 3, fill: "#ffffff", stroke: "#000000" }));
    return [...haloed(`M${a.x} ${a.y}L${b.x} ${b.y}`, { stroke: "#ffffff" }), ...ends, text];
  });
}

/** Contours of the model's arrival time through its saddle points. @param {Shown} shown @param {Frame} frame */
function resultLines({ result, centre, scale }, frame) {
  if (!result || !centre || scale === null) return [];
  /** @param {readonly [number, number]} arcsec */
  const map = ([x, y]) => frame.toScreen({ x: centre.x + x / scale, y: centre.y + y / scale });
  return linesOf(result, map, ["saddle"]).map(({ d, stroke, dash }) => s("path", { d, fill: "none", stroke, "stroke-width": 1.2, "stroke-dasharray": dash, "stroke-opacity": 0.9 }));
}
