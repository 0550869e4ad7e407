import { describe, expect, it } from "vitest";
// @ts-ignore: plain JavaScript, of which tsc sees no types without allowJs
import * as contours from "../../../plugins/toyz_lens/static/contours.js";
// @ts-ignore
import * as doubting from "../../../plugins/toyz_lens/static/doubts.js";
// @ts-ignore
import * as marks from "../../../plugins/toyz_lens/static/markup.js";
// @ts-ignore
import * as order from "../../../plugins/toyz_lens/static/order.js";
// @ts-ignore
import * as words from "../../../plugins/toyz_lens/static/words.js";

interface Place { readonly x: number; readonly y: number }
interface Point extends Place {
  readonly id: string;
  readonly kind: "min" | "saddle" | "max";
  readonly parent: string | null;
  readonly was: "min" | "max" | null;
  readonly handles: readonly Place[];
}
interface Mass extends Place { readonly id: string; readonly r: number }
interface Markup {
  readonly points: Readonly<Record<string, Point>>;
  readonly masses: Readonly<Record<string, Mass>>;
  readonly rulers: Readonly<Record<string, { readonly id: string; readonly ends: readonly [Place, Place] }>>;
}
interface Doubt { readonly id: string | null; readonly level: "hint" | "problem"; readonly text: string }

// Of any type with allowJs too: half of the calls here are such as no type allows.
const { contourOf, contourPath, contourPoints, contoursOf, defaultHandles }: any = contours;
const { doubtsOf, isModellable }: any = doubting;
const { addMass, addRoot, addRuler, collapse, emptyMarkup, moveHandle, moveMass, movePoint, moveRuler, readMarkup, removeMass, removePoint,
  removeRuler, resizeMass, resizeRuler, rootsOf, split, treeOf, withKinds, MAX_OTHERS, MAX_POINTS }: any = marks;
const { arrivalsOf, centreOf, imagesOf, massesOf, seenOf }: any = order;
const { ordinal, wordsOf }: any = words;

// ---- marks to test with -----------------------------------------------------------------------

/** Numbers from 0 to 1 that look random and are the same each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whoever changes it is found out. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

const list = (markup: Markup): Point[] => Object.values(markup.points);
const stored = (markup: Markup): unknown => JSON.parse(JSON.stringify(markup));

/** Marks as somebody might have made them who clicked, dragged and removed at random. */
function randomMarkup(seed: number, steps = 25): Markup {
  const random = dice(seed);
  const pixel = () => 1 + 500 * random();
  let made = 0;
  const id = () => `${random() < 0.5 ? "a" : "7"}${(made += 1)}`;
  const one = (points: Point[]): Point | undefined => points[Math.floor(random() * points.length)];
  let markup: Markup = addRoot(emptyMarkup(), id(), pixel(), pixel());
  for (let step = 0; step < steps; step += 1) {
    frozen(markup);
    const choice = random();
    const any = one(list(markup));
    const leaf = one(list(markup).filter(({ kind }) => kind !== "saddle"));
    const child = one(list(markup).filter(({ parent }) => parent));
    if (!any || choice < 0.03) markup = addRoot(markup, id(), pixel(), pixel());
    else if (choice < 0.35 && leaf && list(markup).length < 20) markup = split(markup, leaf.id, [id(), id()], 1 + 100 * random());
    else if (choice < 0.75) markup = movePoint(markup, any.id, pixel(), pixel());
    else if (choice < 0.8 && child) markup = moveHandle(markup, child.id, Math.floor(3 * random()), pixel(), pixel());
    else if (choice < 0.84) markup = removePoint(markup, any.id);
    else if (choice < 0.88 && any.kind === "saddle") markup = collapse(markup, any.id);
    else if (choice < 0.94) markup = addMass(markup, id(), pixel(), pixel(), 30 * random() + 0.1);
    else markup = addRuler(markup, id(), { x: pixel(), y: pixel() }, { x: pixel(), y: pixel() });
  }
  return frozen(markup);
}

const MANY = Array.from({ length: 150 }, (_, seed) => randomMarkup(seed + 1));
const SCALE = 0.05;
const toArcsec = (x: number, y: number) => [SCALE * x - 7, SCALE * y + 3] as const;

/** A quad as volunteers mark it: its later saddle point is the root, its earlier one hangs on it beside the lens centre. */
function quad(min1: Place, min2: Place, saddle1: Place, saddle2: Place, centre: Place): Markup {
  let markup: Markup = addRoot(emptyMarkup(), "saddle2", saddle2.x, saddle2.y);
  markup = split(markup, "saddle2", ["saddle1", "centre"], 10);
  markup = movePoint(markup, "saddle1", saddle1.x, saddle1.y);
  markup = movePoint(markup, "centre", centre.x, centre.y);
  markup = split(markup, "saddle1", ["min1", "min2"], 5);
  markup = movePoint(markup, "min1", min1.x, min1.y);
  return frozen(movePoint(markup, "min2", min2.x, min2.y));
}

/** With the centre at (200, 150), from arcsec. */
function quadOf(...images: [number, number][]): Markup {
  const [min1, min2, saddle1, saddle2] = images.map(([x, y]) => ({ x: 200 + x / SCALE, y: 150 + y / SCALE })) as [Place, Place, Place, Place];
  return quad(min1, min2, saddle1, saddle2, { x: 200, y: 150 });
}

/** Paraficz & Hjorth 2010, Table 2, and a mock. */
const QUADS: Record<string, [number, number][]> = {
  "PG1115+080": [[0.381, 1.344], [-0.947, -0.69], [-1.096, -0.232], [0.722, -0.617]],
  "HE0435-1223": [[-1.165, 0.573], [1.311, -0.03], [0.311, 1.126], [-0.226, -1.041]],
  "RXJ1131-1231": [[-1.984, 0.578], [-1.426, -1.73], [-2.016, -0.61], [1.096, 0.274]],
  "B1608+656": [[-1.155, -0.896], [-0.419, 1.059], [-1.165, 0.61], [0.714, -0.197]],
  "WFIJ2033-4723": [[-1.439, -0.311], [0.756, 0.949], [0.044, 1.068], [0.674, -0.589]],
  mock: [[1.23768, -0.66481], [-0.55437, 1.19848], [0.79044, 0.94583], [-0.8084, -0.66582]],
};
const PG = QUADS["PG1115+080"] as [number, number][];
const pg1115 = quadOf(...PG);

/** A double: the minimum farther out, the saddle point opposite. */
function double(): Markup {
  let markup: Markup = split(addRoot(emptyMarkup(), "s", 180, 150), "s", ["m", "c"], 10);
  markup = movePoint(markup, "m", 235, 152);
  return movePoint(markup, "c", 200, 150);
}

const idsOf = (markup: Markup): string[] => seenOf(markup).map(({ id }: { id: string }) => id);

/** Marks with all places changed by a map. */
function mapped(markup: Markup, map: (place: Place) => Place): Markup {
  const points = list(markup).map((point) => [point.id, { ...point, ...map(point), handles: point.handles.map(map) }]);
  return withKinds({ ...markup, points: Object.fromEntries(points) });
}

function turn(about: Place, degrees: number): (place: Place) => Place {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return ({ x, y }) => ({ x: about.x + cos * (x - about.x) - sin * (y - about.y), y: about.y + sin * (x - about.x) + cos * (y - about.y) });
}

// ---- the marks --------------------------------------------------------------------------------

describe("marks", () => {
  it("begin with a minimum", () => {
    const markup: Markup = addRoot(emptyMarkup(), "a", 10, 20);
    expect(markup).toEqual({ points: { a: { id: "a", x: 10, y: 20, kind: "min", parent: null, was: null, handles: [] } }, masses: {}, rulers: {} });
  });

  it("become a saddle point between two of what they were, which is a lemniscate", () => {
    const markup: Markup = split(addRoot(emptyMarkup(), "a", 10, 20), "a", ["b", "c"], 5);
    expect(markup.points["a"]).toMatchObject({ kind: "saddle", was: "min" });
    expect(markup.points["b"]).toMatchObject({ x: 15, y: 20, kind: "min", parent: "a" });
    expect(markup.points["c"]).toMatchObject({ x: 5, y: 20, kind: "min", parent: "a" });
    expect(markup.points["c"]?.handles).toHaveLength(3);
  });

  it("have the children of a child across the line to its parent", () => {
    const markup: Markup = split(split(addRoot(emptyMarkup(), "a", 10, 20), "a", ["b", "c"], 8), "b", ["d", "e"], 4);
    expect(markup.points["d"]).toMatchObject({ x: 18, y: 24 });
    expect(markup.points["e"]).toMatchObject({ x: 18, y: 16 });
  });

  it.each([
    [59.9, 10, 20, "max", "min"],
    [-59.9, 20, 10, "min", "max"],
    [60.1, 10, 20, "min", "min"],
    [0, 10, 20, "max", "min"],
    [180, 10, 20, "min", "min"],
    [300.1, 10, 20, "max", "min"],
  ])("%f° apart, %d and %d pixels away, are %s and %s", (angle, near, far, kindOfOne, kindOfOther) => {
    for (const at of [0, 77, 179, 301]) {
      let markup: Markup = split(addRoot(emptyMarkup(), "a", 10, 20), "a", ["b", "c"], 5);
      const on = (degrees: number, r: number) => [10 + r * Math.cos((degrees * Math.PI) / 180), 20 + r * Math.sin((degrees * Math.PI) / 180)] as const;
      markup = movePoint(markup, "b", ...on(at, near));
      markup = movePoint(markup, "c", ...on(at + angle, far));
      expect([markup.points["b"]?.kind, markup.points["c"]?.kind]).toEqual([kindOfOne, kindOfOther]);
    }
  });

  it("are a lemniscate where a child lies on its saddle point, so that there is no angle", () => {
    let markup: Markup = split(addRoot(emptyMarkup(), "a", 10, 20), "a", ["b", "c"], 5);
    markup = movePoint(markup, "b", 10, 20);
    expect(list(markup).map(({ kind }) => kind)).toEqual(["saddle", "min", "min"]);
    expect(readMarkup(stored(markup))).toEqual(markup);
  });

  it("turn over all that hangs on them", () => {
    let markup: Markup = split(addRoot(emptyMarkup(), "a", 100, 100), "a", ["b", "c"], 50);
    markup = split(markup, "b", ["d", "e"], 10);
    expect(markup.points["b"]).toMatchObject({ kind: "saddle", was: "min" });
    markup = movePoint(markup, "c", 300, 100);
    expect(markup.points["b"]).toMatchObject({ kind: "saddle", was: "max" });
    expect([markup.points["d"]?.kind, markup.points["e"]?.kind]).toEqual(["max", "max"]);
    expect(collapse(markup, "b").points["b"]).toMatchObject({ kind: "max", was: null });
  });

  it("are what they were when they are collapsed again", () => {
    for (const markup of MANY) {
      for (const leaf of list(markup).filter(({ kind }) => kind !== "saddle")) {
        const deeper = split(split(markup, leaf.id, ["new1", "new2"], 9), "new2", ["new3", "new4"], 3);
        expect(collapse(deeper, leaf.id)).toEqual(markup);
      }
    }
  });

  it("stay well-formed whatever is done to them, and come back from JSON as they are", () => {
    const seen = { saddle: 0, max: 0, trees: 0 };
    for (const markup of MANY) {
      expect(readMarkup(stored(markup))).toEqual(markup);
      seen.saddle += list(markup).filter(({ kind }) => kind === "saddle").length;
      seen.max += list(markup).filter(({ kind }) => kind === "max").length;
      seen.trees += Number(rootsOf(markup).length > 1);
      // Minima and maxima are one more than saddle points, in each tree.
      for (const root of rootsOf(markup)) {
        const kinds = treeOf(markup, root.id).map((id: string) => markup.points[id]?.kind);
        expect(kinds.filter((kind: string) => kind === "saddle")).toHaveLength((kinds.length - 1) / 2);
      }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it("have contours that turn and grow with the line to their saddle point, and nobody else's do", () => {
    // A handle on the line from the saddle point to its child, half as far again, stays there, whichever end is moved.
    const onLine = (markup: Markup, id: string): { x: number; y: number } => {
      const child = markup.points[id] as Point;
      const saddle = markup.points[child.parent as string] as Point;
      return { x: saddle.x + 1.5 * (child.x - saddle.x), y: saddle.y + 1.5 * (child.y - saddle.y) };
    };
    let before: Markup = pg1115;
    for (const id of ["saddle1", "min1"]) before = moveHandle(before, id, 1, onLine(before, id).x, onLine(before, id).y);
    const after: Markup = movePoint(before, "saddle1", 190, 150);
    for (const id of ["saddle1", "min1"]) {
      const { x, y } = onLine(after, id);
      expect(after.points[id]?.handles[1]).toEqual({ x: expect.closeTo(x, 9), y: expect.closeTo(y, 9) });
    }
    expect(after.points["saddle1"]).toMatchObject({ x: 190, y: 150 });
    expect(after.points["centre"]).toEqual(before.points["centre"]);
  });

  it("have handles that are moved one by one", () => {
    const after: Markup = moveHandle(pg1115, "min1", 1, 5, 6);
    expect(after.points["min1"]?.handles.map((handle, number) => handle === pg1115.points["min1"]?.handles[number])).toEqual([true, false, true]);
    expect(after.points["min1"]?.handles[1]).toEqual({ x: 5, y: 6 });
    for (const [id, number] of [["min1", 3], ["min1", -1], ["saddle2", 0]]) expect(() => moveHandle(pg1115, id, number, 1, 1)).toThrow("no such handle");
  });

  it("are removed with their saddle point, whose place the other child takes", () => {
    const without: Markup = removePoint(pg1115, "min1");
    expect(Object.keys(without.points).sort()).toEqual(["centre", "min2", "saddle2"]);
    expect(without.points["min2"]).toMatchObject({ parent: "saddle2", kind: "min", handles: pg1115.points["min2"]?.handles });
    const promoted: Markup = removePoint(pg1115, "centre");
    expect(promoted.points["saddle1"]).toMatchObject({ parent: null, kind: "saddle", was: "min", handles: [] });
    expect(removePoint(pg1115, "saddle1").points).toEqual({ centre: { ...pg1115.points["centre"], kind: "min", parent: null, handles: [] } });
    expect(removePoint(pg1115, "saddle2").points).toEqual({});
    for (const markup of MANY) {
      for (const { id } of list(markup)) {
        const rest: Markup = removePoint(markup, id);
        expect(readMarkup(stored(rest))).toEqual(rest);
        expect(rest.points[id]).toBeUndefined();
      }
    }
  });

  it("refuse what cannot be, in a sentence", () => {
    const root: Markup = addRoot(emptyMarkup(), "a", 1, 2);
    const refused: [() => unknown, RegExp][] = [
      [() => addRoot(root, "a", 1, 2), /already/],
      [() => addRoot(root, "__proto__", 1, 2), /is no id/],
      [() => addRoot(root, "", 1, 2), /is no id/],
      [() => addRoot(root, "b", NaN, 2), /numbers of pixels/],
      [() => addRoot(root, "b", 1, Infinity), /numbers of pixels/],
      [() => movePoint(root, "constructor", 1, 2), /There is no point “constructor”/],
      [() => movePoint(root, "a", 1, 2e6), /numbers of pixels/],
      [() => split(root, "a", ["b", "b"], 5), /ids of their own/],
      [() => split(root, "a", ["a", "b"], 5), /already/],
      [() => split(root, "a", ["b", "c"], 0), /distance/],
      [() => split(root, "a", ["b", "c"], NaN), /distance/],
      [() => split(split(root, "a", ["b", "c"], 1), "a", ["d", "e"], 1), /already/],
      [() => collapse(root, "a"), /Only a saddle point/],
      [() => addMass(root, "m", 1, 2, 0), /radius/],
      [() => addMass(root, "m", 1, 2, "3"), /radius/],
      [() => resizeMass(root, "m", 1), /There is no mass “m”/],
      [() => removeRuler(root, "r"), /There is no ruler “r”/],
    ];
    for (const [act, sentence] of refused) expect(act).toThrow(sentence);
  });

  it("are not without end", () => {
    let markup: Markup = emptyMarkup();
    for (let number = 0; number < MAX_POINTS; number += 1) markup = addRoot(markup, `p${number}`, number, 1);
    expect(() => addRoot(markup, "more", 1, 1)).toThrow("too many");
    expect(() => split(markup, "p1", ["more", "most"], 1)).toThrow("too many");
    for (let number = 0; number < MAX_OTHERS; number += 1) markup = addMass(markup, `m${number}`, number, 1, 1);
    expect(() => addMass(markup, "more", 1, 1, 1)).toThrow("the most");
    expect(readMarkup(stored(markup))).toEqual(markup);
  });
});

describe("masses and rulers", () => {
  it("are added, moved, sized and removed", () => {
    let markup: Markup = addRuler(addMass(pg1115, "m", 10, 20, 5), "r", { x: 1, y: 2 }, { x: 4, y: 6 });
    frozen(markup);
    markup = resizeMass(moveMass(markup, "m", 11, 21), "m", 6);
    expect(markup.masses).toEqual({ m: { id: "m", x: 11, y: 21, r: 6 } });
    markup = resizeRuler(moveRuler(markup, "r", 10, -10), "r", 1, 0, 0);
    expect(markup.rulers).toEqual({ r: { id: "r", ends: [{ x: 11, y: -8 }, { x: 0, y: 0 }] } });
    expect(resizeRuler(markup, "r", 0, 3, 3).rulers["r"].ends[0]).toEqual({ x: 3, y: 3 });
    expect(removeRuler(removeMass(markup, "m"), "r")).toEqual(pg1115);
  });
});

describe("marks from elsewhere", () => {
  /** PG1115's, with something changed. */
  function broken(change: (json: any) => void): unknown {
    const json = stored(addRuler(addMass(pg1115, "m", 10, 20, 5), "r", { x: 1, y: 2 }, { x: 4, y: 6 }));
    change(json);
    return json;
  }

  it.each<[string, unknown, RegExp]>([
    ["nothing", null, /must be a JSON object/],
    ["a list", [], /must be a JSON object/],
    ["no points", {}, /list of points must be/],
    ["points that are a list", { points: [] }, /list of points must be/],
    ["a point that is none", { points: { a: 5 } }, /Point “a” must be/],
    ["a parent that is none", broken((json) => { json.points.saddle2 = null; delete json.points.centre.handles; }), /must be/],
    ["an unknown kind", broken((json) => { json.points.min1.kind = "sad"; }), /unknown kind/],
    ["NaN, which is null in JSON", broken((json) => { json.points.min1.x = null; }), /Point “min1” lies nowhere/],
    ["a number in words", broken((json) => { json.points.min1.x = "5"; }), /Point “min1” lies nowhere/],
    ["a handle too few", broken((json) => { json.points.min1.handles.pop(); }), /“min1” needs three handles/],
    ["a handle that is none", broken((json) => { json.points.min1.handles[0] = null; }), /A handle of point “min1”/],
    ["a root with handles", broken((json) => { json.points.saddle2.handles = json.points.min1.handles; }), /none as a root/],
    ["a child without a parent", broken((json) => { json.points.min1.parent = "x"; }), /hangs on a point that is not there/],
    ["a parent of another type", broken((json) => { json.points.min1.parent = 5; }), /hangs on a point that is not there/],
    ["an orphan of every object", broken((json) => { json.points.min1.parent = "constructor"; }), /hangs on a point that is not there/],
    ["one child only", broken((json) => { delete json.points.min1; }), /“saddle1” has 1 children/],
    ["three children", broken((json) => { json.points.min3 = { ...json.points.min2, id: "min3" }; }), /“saddle1” has 3 children/],
    ["children of a minimum", broken((json) => { json.points.saddle1.kind = "min"; }), /“saddle1” has 2 children/],
    ["a circle", broken((json) => { json.points.saddle2.parent = "saddle1"; json.points.saddle2.handles = json.points.min1.handles; json.points.min1.parent = null; json.points.min1.handles = []; }), /own ancestors/],
    ["a point that is its own parent", { points: { a: { x: 1, y: 1, kind: "saddle", was: "min", parent: "a" }, b: { x: 2, y: 2, kind: "min", parent: "a" } } }, /own ancestors/],
    ["a kind that does not follow", broken((json) => { json.points.min1.kind = "max"; }), /kind that follows from where it lies \(min\)/],
    ["a saddle point that was nothing", broken((json) => { json.points.saddle1.was = null; }), /kind that follows/],
    ["a maximum as root", { points: { a: { x: 1, y: 1, kind: "max" } } }, /kind that follows from where it lies \(min\)/],
    ["an id that is none", { points: { "a b": { x: 1, y: 1, kind: "min" } } }, /is no id/],
    ["__proto__", JSON.parse('{"points": {"__proto__": {"x": 1, "y": 1, "kind": "min"}}}'), /is no id/],
    ["too many", { points: Object.fromEntries(Array.from({ length: 65 }, (_, number) => [`p${number}`, { x: number, y: 1, kind: "min" }])) }, /too many/],
    ["a mass without a radius", broken((json) => { delete json.masses.m.r; }), /radius/],
    ["masses that are a list", broken((json) => { json.masses = [5]; }), /list of masses/],
    ["a ruler with one end", broken((json) => { json.rulers.r.ends.pop(); }), /An end of ruler “r”/],
    ["a ruler with none", broken((json) => { json.rulers.r.ends = 5; }), /An end of ruler “r”/],
  ])("are refused if they are %s", (_what, json, sentence) => {
    expect(() => readMarkup(json)).toThrow(sentence);
    expect(() => readMarkup(json)).toThrow(/^[^.]{10,160}\.$/);
  });

  it("need no more than places, kinds and parents", () => {
    const json = broken((marked) => {
      for (const point of Object.values<any>(marked.points)) for (const name of ["id", "handles", ...(point.kind === "saddle" ? [] : ["was"])]) delete point[name];
      delete marked.masses;
      delete marked.rulers;
      marked.later = true;
    });
    const markup: Markup = readMarkup(json);
    expect(idsOf(markup)).toEqual(idsOf(pg1115));
    expect(markup).toEqual({ ...pg1115, points: Object.fromEntries(list(pg1115).map((point) => [point.id, { ...point, handles: markup.points[point.id]?.handles }])) });
    expect(markup.points["min1"]?.handles).toEqual(defaultHandles(pg1115.points["saddle1"], pg1115.points["min1"]));
  });
});

// ---- contours ---------------------------------------------------------------------------------

describe("contours", () => {
  const [saddle, child] = [{ x: 10, y: 20 }, { x: 20, y: 20 }];
  const first = { ...child, handles: defaultHandles(saddle, child) };

  it("are one for each child, from its saddle point", () => {
    const found = contoursOf(pg1115).map((each: { saddle: Point; child: Point }) => [each.saddle.id, each.child.id]);
    expect(found.sort()).toEqual([["saddle1", "min1"], ["saddle1", "min2"], ["saddle2", "centre"], ["saddle2", "saddle1"]]);
  });

  it("close through the saddle point and the handles, and go round the child", () => {
    const pieces: Place[][] = contourOf(saddle, first);
    expect(pieces.map(([start]) => start)).toEqual([saddle, ...first.handles]);
    pieces.forEach((piece, number) => expect(piece[3]).toEqual(pieces[(number + 1) % 4]?.[0]));
    const places: Place[] = contourPoints(saddle, first, 20);
    expect(places).toHaveLength(80);
    for (const knot of [saddle, ...first.handles]) expect(places).toContainEqual(knot);
    let turned = 0;
    places.forEach((place, number) => {
      const next = places[(number + 1) % places.length] as Place;
      const [a, b] = [Math.atan2(place.y - child.y, place.x - child.x), Math.atan2(next.y - child.y, next.x - child.x)];
      turned += Math.atan2(Math.sin(b - a), Math.cos(b - a));
    });
    expect(Math.abs(turned)).toBeCloseTo(2 * Math.PI, 6);
  });

  it("are smooth at the handles", () => {
    const pieces: [Place, Place, Place, Place][] = contourOf(saddle, first);
    pieces.slice(1).forEach(([start, leaving], number) => {
      const arriving = (pieces[number] as [Place, Place, Place, Place])[2];
      expect(leaving.x - start.x).toBeCloseTo(start.x - arriving.x, 9);
      expect(leaving.y - start.y).toBeCloseTo(start.y - arriving.y, 9);
    });
  });

  it("are paths of an SVG, in the caller's pixels", () => {
    const path: string = contourPath(saddle, first, ({ x, y }: Place) => ({ x: 2 * x, y: -y }));
    expect(path).toMatch(/^M20 -20(C(-?[\d.]+ ?){6}){4}Z$/);
    expect(path.endsWith("20 -20Z")).toBe(true);
    expect(contourPath(saddle, { ...saddle, handles: defaultHandles(saddle, saddle) })).not.toContain("NaN");
  });
});

// ---- the order --------------------------------------------------------------------------------

describe("the lens centre", () => {
  it("is the root's child that is or was a maximum, and else the root", () => {
    expect(centreOf(emptyMarkup())).toBeNull();
    const root: Markup = addRoot(emptyMarkup(), "a", 1, 2);
    expect(centreOf(root).id).toBe("a");
    expect(centreOf(split(root, "a", ["b", "c"], 5)).id).toBe("a");
    expect(centreOf(pg1115).id).toBe("centre");
    expect(centreOf(split(pg1115, "centre", ["b", "c"], 5)).id).toBe("centre");
    // A maximum deeper in the tree is another galaxy's.
    const deeper: Markup = split(split(root, "a", ["b", "c"], 50), "b", ["d", "e"], 10);
    const limacon: Markup = movePoint(movePoint(deeper, "d", 51, 42), "e", 51, 22);
    expect(list(limacon).filter(({ kind }) => kind === "max")).toHaveLength(1);
    expect(centreOf(limacon).id).toBe("a");
  });

  it("is the same for all sources", () => {
    const markup: Markup = addRoot(pg1115, "other", 220, 170);
    expect(centreOf(markup).id).toBe("centre");
    const second: Markup = split(addRoot(emptyMarkup(), "0", 1, 1), "0", ["b", "c"], 5);
    const both: Markup = { ...second, points: { ...second.points, ...pg1115.points } };
    expect(centreOf(both).id).toBe("centre");
    expect(imagesOf(both, toArcsec, both.points["saddle2"]).images).toEqual(imagesOf(pg1115, toArcsec).images);
  });
});

describe("the order of arrival", () => {
  it("of a quad is min, min, saddle, saddle, without the maximum", () => {
    const kinds = arrivalsOf(pg1115).map(({ kind }: Point) => kind);
    expect(kinds).toEqual(["min", "min", "saddle", "saddle", "max"]);
    expect(idsOf(pg1115)).toEqual(["min1", "min2", "saddle1", "saddle2"]);
  });

  it("of a double is min, saddle", () => {
    expect(idsOf(double())).toEqual(["m", "s"]);
  });

  it.each(Object.entries(QUADS).filter(([name]) => !name.startsWith("RXJ")))("is the one that was observed for %s", (_name, images) => {
    expect(idsOf(quadOf(...images))).toEqual(["min1", "min2", "saddle1", "saddle2"]);
  });

  it("goes by steps of 1, ½, … and by the squares of distances", () => {
    // The children of the root differ in kind: a minimum is one step below it, a maximum one above.
    // Those of saddle1 are both minima: the farther a half step below it, the nearer by the ratio of squares less.
    const at = (id: string) => arrivalsOf(markup).find((each: Point) => each.id === id).level;
    let markup = quad({ x: 100, y: 120 }, { x: 100, y: 70 }, { x: 100, y: 100 }, { x: 200, y: 100 }, { x: 150, y: 100 });
    expect([at("saddle2"), at("saddle1"), at("centre")]).toEqual([0, -1, 1]);
    expect(at("min2")).toBeCloseTo(-1 - 1 / 2, 9);
    expect(at("min1")).toBeCloseTo(-1 - (1 / 2) * (20 / 30) ** 2, 9);
    // Two maxima of the split centre: up, and the farther one higher.
    markup = split(markup, "centre", ["x1", "x2"], 5);
    markup = movePoint(markup, "x1", 150, 98);
    expect(at("x2")).toBeCloseTo(1 + 1 / 2, 9);
    expect(at("x1")).toBeCloseTo(1 + (1 / 2) * (2 / 5) ** 2, 9);
    // A level deeper the step is a third.
    markup = split(markup, "min2", ["y1", "y2"], 3);
    expect(at("y1")).toBeCloseTo(-1.5 - 1 / 3, 8);
    // And a limaçon's steps are whole ones.
    markup = movePoint(movePoint(markup, "y1", 100, 50), "y2", 100, 60);
    expect(markup.points["y2"]?.kind).toBe("max");
    expect([at("y1"), at("y2")]).toEqual([expect.closeTo(-1.5 - 1 / 3, 8), expect.closeTo(-1.5 + 1 / 3, 8)]);
  });

  it("leaves out a maximum at the end only, and one only", () => {
    let markup: Markup = split(pg1115, "centre", ["x1", "x2"], 5);
    const { x, y } = markup.points["x1"] as Point;
    markup = movePoint(markup, "x1", (x + 200) / 2, (y + 150) / 2);
    expect(idsOf(markup)).toEqual(["min1", "min2", "saddle1", "saddle2", "centre", "x1"]);
    const lemniscate: Markup = split(addRoot(emptyMarkup(), "a", 1, 2), "a", ["b", "c"], 5);
    expect(idsOf(lemniscate)).toHaveLength(3);
  });

  it("is the same when the marks are turned about their centre, shifted, mirrored or stored", () => {
    for (const [seed, markup] of MANY.entries()) {
      const centre: Point | null = centreOf(markup);
      if (!centre) continue;
      const random = dice(seed);
      for (const root of rootsOf(markup)) {
        const ids = (other: Markup) => arrivalsOf(other, other.points[root.id]).map(({ id }: Point) => id);
        for (let times = 0; times < 3; times += 1) expect(ids(mapped(markup, turn(centre, 360 * random())))).toEqual(ids(markup));
        expect(ids(mapped(markup, ({ x, y }) => ({ x: x + 50, y: 1000 - y })))).toEqual(ids(markup));
        const shuffled = Object.fromEntries(Object.entries(markup.points).reverse());
        expect(ids({ ...markup, points: shuffled })).toEqual(ids(markup));
      }
    }
  });

  it("has the minimum of all first, and each saddle point after its minima", () => {
    for (const markup of MANY) {
      const position = Object.fromEntries(rootsOf(markup).flatMap((root: Point) => arrivalsOf(markup, root).map(({ id }: Point, number: number) => [id, number])));
      for (const { id, kind, parent } of list(markup)) {
        if (kind === "min" && parent) expect(position[id]).toBeLessThan(position[parent] as number);
        if (kind === "max" && parent) expect(position[id]).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("images", () => {
  it("are arcsec from the lens centre, y up", () => {
    const { centre, images, ids } = imagesOf(pg1115, toArcsec);
    expect(centre).toEqual({ x: 200, y: 150 });
    expect(ids).toEqual(["min1", "min2", "saddle1", "saddle2"]);
    const kinds = ["min", "min", "saddle", "saddle"];
    expect(images).toEqual(PG.map(([x, y], number) => [expect.closeTo(x, 9), expect.closeTo(y, 9), kinds[number]]));
    expect(pg1115.points["min1"]?.y).toBeGreaterThan(150);
    expect(images[0][1]).toBeGreaterThan(0);
  });

  it("follow the map to the sky, also where that is turned", () => {
    const [, , kind] = imagesOf(pg1115, toArcsec).images[0];
    const turned = imagesOf(pg1115, (x: number, y: number) => [-SCALE * y, SCALE * x]).images[0];
    expect(turned).toEqual([expect.closeTo(-1.344, 9), expect.closeTo(0.381, 9), kind]);
  });

  it("are none where nothing is marked", () => {
    expect(imagesOf(emptyMarkup(), toArcsec)).toEqual({ centre: null, images: [], ids: [] });
    expect(massesOf(addMass(emptyMarkup(), "m", 1, 2, 3), toArcsec)).toEqual([]);
  });

  it("have masses beside them, as large as π θ_E²", () => {
    const markup: Markup = addMass(pg1115, "m", 240, 140, 12);
    const expected = { x: expect.closeTo(2, 9), y: expect.closeTo(-0.5, 9), largest: expect.closeTo(Math.PI * (12 * SCALE) ** 2, 9) };
    expect(massesOf(markup, toArcsec)).toEqual([expected]);
  });
});

// ---- words and doubts -------------------------------------------------------------------------

describe("words", () => {
  it("say when each point arrives, and what it is", () => {
    expect(wordsOf(pg1115)).toEqual({
      min1: "1st to arrive, minimum",
      min2: "2nd to arrive, minimum",
      saddle1: "3rd to arrive, saddle point",
      saddle2: "4th to arrive, saddle point",
      centre: "lens centre; last to arrive, maximum, too faint to be modelled",
    });
    expect(wordsOf(addRoot(pg1115, "more", 1, 1))).toMatchObject({ min2: "source 1: 2nd to arrive, minimum", more: "source 2: 1st to arrive, minimum" });
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map((number) => ordinal(number))).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"]);
    for (const markup of MANY) expect(Object.keys(wordsOf(markup)).sort()).toEqual(Object.keys(markup.points).sort());
  });
});

describe("doubts", () => {
  const doubts = (markup: Markup, map: typeof toArcsec | null = toArcsec): Doubt[] => doubtsOf(markup, map);
  const about = (markup: Markup, text: RegExp) => doubts(markup).filter((doubt) => text.test(doubt.text));

  it("are none of real lenses, but that two minima may arrive at once", () => {
    for (const [name, images] of Object.entries(QUADS)) {
      const alike = ["HE0435-1223", "RXJ1131-1231"].includes(name);
      expect(doubts(quadOf(...images)).map(({ text }) => text)).toEqual(alike ? [expect.stringMatching(/either may be first/)] : []);
      expect(isModellable(quadOf(...images), toArcsec)).toBe(true);
    }
    expect(doubts(double())).toEqual([]);
  });

  it("lead from nothing to a first model", () => {
    let markup: Markup = emptyMarkup();
    const steps: [RegExp, () => Markup][] = [
      [/^Mark a first image/, () => addRoot(markup, "s", 180, 150)],
      [/one image only/, () => split(markup, "s", ["m", "c"], 30)],
      [/^Mark the lens centre/, () => movePoint(markup, "c", 200, 150)],
    ];
    for (const [text, next] of steps) {
      const [first, ...others] = doubts(markup);
      expect(first).toEqual({ id: markup.points["s"] ? "s" : null, level: "problem", text: expect.stringMatching(text) });
      expect(others.filter(({ level }) => level === "problem")).toEqual([]);
      expect(isModellable(markup)).toBe(false);
      markup = next();
    }
    expect(markup.points["c"]?.kind).toBe("max");
    expect(isModellable(markup, toArcsec)).toBe(true);
  });

  it("are problems just where the model refuses the images", () => {
    const made = { yes: 0, no: 0 };
    for (const markup of MANY) {
      const refuses = rootsOf(markup).length === 0 || rootsOf(markup).some((root: Point) => {
        const places = imagesOf(markup, toArcsec, root).images as [number, number, string][];
        const apart = places.flatMap(([x, y], number) => places.slice(0, number).map(([ox, oy]) => Math.hypot(x - ox, y - oy)));
        const radii = places.map(([x, y]) => Math.hypot(x, y));
        return places.length < 2 || Math.min(...apart, ...radii) <= 1e-3 || Math.max(...radii) >= 200;
      });
      expect(isModellable(markup, toArcsec)).toBe(!refuses);
      made[refuses ? "no" : "yes"] += 1;
    }
    expect(Math.min(made.yes, made.no)).toBeGreaterThan(5);
  });

  it("are of a lens centre that is an image", () => {
    expect(about(split(pg1115, "centre", ["b", "c"], 5), /is a saddle point; click it/)).toMatchObject([{ id: "centre", level: "problem" }]);
  });

  it("are of points that lie on each other", () => {
    const [a, b] = [pg1115.points["saddle1"] as Point, pg1115.points["centre"] as Point];
    expect(about(movePoint(pg1115, "min2", a.x, a.y), /lies on the/)).toMatchObject([{ level: "problem" }]);
    expect(about(movePoint(pg1115, "min2", a.x, a.y + 1.9), /within two pixels of the/)).toMatchObject([{ level: "hint" }]);
    expect(about(movePoint(pg1115, "min2", b.x, b.y), /lies on the lens centre/)).toMatchObject([{ id: "min2", level: "problem" }]);
    expect(about(movePoint(pg1115, "min2", a.x, a.y - 2.1), /within two pixels/)).toEqual([]);
  });

  it("are of the pixel scale, where there is one", () => {
    const wide = (x: number, y: number) => [10 * x, 10 * y] as const;
    expect(doubtsOf(pg1115, wide)[0]).toMatchObject({ level: "problem", text: expect.stringMatching(/more than 200″/) });
    expect(doubts(pg1115, null)).toEqual([]);
  });

  it("are of a minimum and a saddle point that were exchanged, in each real quad and pair", () => {
    let quads = 0;
    for (const images of Object.values(QUADS)) {
      for (const [minimum, saddle] of [[0, 2], [0, 3], [1, 2], [1, 3]] as const) {
        const exchanged = [...images];
        [exchanged[minimum], exchanged[saddle]] = [images[saddle] as [number, number], images[minimum] as [number, number]];
        const markup = quadOf(...exchanged);
        expect(about(markup, /perhaps|another is nearer|^Mark the lens centre|is a maximum/).length).toBeGreaterThan(0);
        quads += Number(about(markup, /take turns/).length > 0);
      }
    }
    expect(quads).toBeGreaterThan(0); // seldom: most exchanges show already in the kinds
  });

  it("name the two that may be exchanged", () => {
    // Minima at 0° and 160°, saddle points at 180° and 270°: of neighbours the second of each lies outside the first.
    const at = (degrees: number, r: number): [number, number] => [r * Math.cos((degrees * Math.PI) / 180), r * Math.sin((degrees * Math.PI) / 180)];
    const markup = quadOf(at(0, 1.2), at(160, 1.2), at(180, 1.3), at(270, 1));
    expect(seenOf(markup).map(({ kind }: Point) => kind)).toEqual(["min", "min", "saddle", "saddle"]);
    const [doubt] = about(markup, /take turns/);
    expect(doubt).toMatchObject({ id: "min2", level: "hint" });
    expect(about(markup, /farther from the lens centre than any minimum/)).toMatchObject([{ id: "saddle1" }]);
  });

  it("are of images on one side, of one far outside, and of their number", () => {
    expect(about(movePoint(double(), "m", 190.8, 168), /one side/)).toMatchObject([{ id: null, level: "hint" }]);
    const far: Markup = movePoint(pg1115, "min1", 208, 280);
    expect(about(far, /far outside/)).toMatchObject([{ id: "min1", level: "hint" }]);
    expect(about(split(pg1115, "min1", ["b", "c"], 3), /There are 6 images/)).toMatchObject([{ id: null, level: "hint" }]);
  });

  it("are of further sources, of maxima among the images, and of a mass on the lens", () => {
    expect(about(addRoot(pg1115, "new", 300, 300), /another source, the 2nd/)).toMatchObject([{ id: "new", level: "hint" }]);
    let markup: Markup = split(pg1115, "min1", ["b", "c"], 3);
    const { x, y } = markup.points["min1"] as Point;
    markup = movePoint(movePoint(markup, "b", x, y + 4), "c", x, y + 8);
    expect(about(markup, /is a maximum/)).toMatchObject([{ id: "b", level: "hint" }]);
    expect(about(addMass(pg1115, "m", 203, 150, 5), /covers the lens centre/)).toHaveLength(1);
    expect(about(addMass(pg1115, "m", 240, 150, 5), /covers/)).toHaveLength(0);
  });

  it("are sentences with the id of a point, whatever is marked", () => {
    for (const markup of MANY) {
      for (const { id, text } of doubts(markup)) {
        expect(text).toMatch(/^[A-Z].*[.?]$/);
        if (id !== null) expect(markup.points[id]).toBeDefined();
      }
    }
  });
});
