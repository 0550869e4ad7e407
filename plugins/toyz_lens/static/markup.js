// @ts-check
/**
 * The marks on a gravitational lens, as a value that is never changed: each operation gives a new one, with ids that are the caller's.
 * What cannot be is refused with an Error of one sentence.
 *
 * Points are FITS pixels (x to the right, y up, 1, 1 in the middle of the first). They form a tree for each source: a minimum of the
 * arrival time is its root; a point that is split is a saddle point with two children, which keep its former kind where they are seen 60°
 * apart or more from it (a lemniscate), and of which the nearer one is of the opposite kind where they are not (a limaçon). Kinds are never
 * chosen: they follow from the places (Küng et al. 2015, MNRAS 447, 2170).
 */

import { across, defaultHandles, kindsOf, placed, turnedHandles } from "./contours.js";

/** @typedef {"min" | "max"} Extremum @typedef {Extremum | "saddle"} Kind */
/** @typedef {{ readonly x: number, readonly y: number }} Place */
/**
 * `was` is what a saddle point was before it was split; `handles` are the three of the contour of a child, and none for a root.
 * @typedef {Place & { readonly id: string, readonly kind: Kind, readonly parent: string | null,
 *   readonly was: Extremum | null, readonly handles: readonly Place[] }} Point
 */
/** @typedef {Place & { readonly id: string, readonly r: number }} Mass a mass outside the lens, as large as its circle at most */
/** @typedef {{ readonly id: string, readonly ends: readonly [Place, Place] }} Ruler */
/**
 * @typedef {{ readonly points: Readonly<Record<string, Point>>, readonly masses: Readonly<Record<string, Mass>>,
 *   readonly rulers: Readonly<Record<string, Ruler>> }} Markup
 */

export const MAX_POINTS = 64;
export const MAX_OTHERS = 64; // of masses, and of rulers
/** Never the name of something that every object has, as `__proto__`. */
const ID = /^[A-Za-z0-9][\w-]{0,39}$/;

/** @returns {Markup} */
export const emptyMarkup = () => ({ points: {}, masses: {}, rulers: {} });

/** @param {Markup} markup @param {string} id */
export const pointOf = ({ points }, id) => entry(points, id, "point");

/** The roots, one for each source, in the order in which they were made. @param {Markup} markup */
export const rootsOf = ({ points }) => Object.values(points).filter(({ parent }) => parent === null);

/** Two, or none; sorted, so that nothing depends on how a store arranges them. @param {Markup} markup @param {string} id */
export function childrenOf({ points }, id) {
  return Object.values(points).filter(({ parent }) => parent === id).sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The ids of a point and of all that hang on it. @param {Markup} markup @param {string} id @returns {string[]} */
export function treeOf(markup, id) {
  return [id, ...childrenOf(markup, id).flatMap((child) => treeOf(markup, child.id))];
}

// ---- points -----------------------------------------------------------------------------------

/** Mark a minimum where nothing is: the root of a tree. @param {Markup} markup @param {string} id @param {number} x @param {number} y */
export function addRoot(markup, id, x, y) {
  return withPoints(markup, [{ id: newId(markup.points, id), ...placed(x, y), kind: "min", parent: null, was: null, handles: [] }]);
}

/**
 * Make a saddle point of a minimum or maximum. Its children lie on either side of it, a root's to the left and right, others' across the
 * line to their parent: images that belong together lie along the ring, not along its radius.
 * @param {Markup} markup @param {string} id @param {readonly [string, string]} children @param {number} distance
 */
export function split(markup, id, children, distance) {
  const point = pointOf(markup, id);
  if (point.kind === "saddle") throw new Error("That point is a saddle point already; collapse it first.");
  if (!(distance > 0)) throw new Error("The children of a saddle point need some distance from it.");
  if (children[0] === children[1]) throw new Error("The two children need ids of their own.");
  const aside = across(point.parent === null ? point : pointOf(markup, point.parent), point);
  const made = children.map((child, number) => {
    const shift = number ? -distance : distance;
    const place = placed(point.x + shift * aside.x, point.y + shift * aside.y);
    return { id: newId(markup.points, child), ...place, kind: point.kind, parent: id, was: null, handles: defaultHandles(point, place) };
  });
  return withPoints(markup, [{ ...point, kind: "saddle", was: point.kind }, ...made]);
}

/** Make a saddle point again what it was; its whole tree goes. @param {Markup} markup @param {string} id */
export function collapse(markup, id) {
  const point = pointOf(markup, id);
  if (point.was === null) throw new Error("Only a saddle point can be collapsed.");
  const others = without(markup.points, treeOf(markup, id));
  return { ...markup, points: { ...others, [id]: { ...point, kind: point.was, was: null } } };
}

/** Move a point; contours are turned and drawn out with it, and kinds follow. @param {Markup} markup @param {string} id @param {number} x @param {number} y */
export function movePoint(markup, id, x, y) {
  const point = pointOf(markup, id);
  const place = placed(x, y);
  const handles = point.parent === null ? [] : turnedHandles(point.handles, pointOf(markup, point.parent), point, place);
  const children = childrenOf(markup, id).map((child) => ({ ...child, handles: turnedHandles(child.handles, child, point, place) }));
  return withPoints(markup, [{ ...point, ...place, handles }, ...children]);
}

/** @param {Markup} markup @param {string} id @param {number} number @param {number} x @param {number} y */
export function moveHandle(markup, id, number, x, y) {
  const point = pointOf(markup, id);
  if (!point.handles[number]) throw new Error("There is no such handle.");
  return withPoints(markup, [{ ...point, handles: point.handles.with(number, placed(x, y)) }]);
}

/**
 * Take a point away with all that hangs on it. A root's tree goes whole; otherwise its saddle point goes too, which is none with one child
 * only, and the other child takes its place in the tree.
 * @param {Markup} markup @param {string} id
 */
export function removePoint(markup, id) {
  const { parent } = pointOf(markup, id);
  if (parent === null) return { ...markup, points: without(markup.points, treeOf(markup, id)) };
  const saddle = pointOf(markup, parent);
  const other = /** @type {Point} */ (childrenOf(markup, parent).find((child) => child.id !== id));
  const points = without(markup.points, [...treeOf(markup, id), parent]);
  const handles = saddle.parent === null ? [] : other.handles;
  return withPoints({ ...markup, points }, [{ ...other, parent: saddle.parent, handles }]);
}

/** @param {Markup} markup @param {readonly Point[]} changed @returns {Markup} */
function withPoints(markup, changed) {
  const points = { ...markup.points, ...Object.fromEntries(changed.map((point) => [point.id, point])) };
  if (Object.keys(points).length > MAX_POINTS) throw new Error(`More than ${MAX_POINTS} points are too many.`);
  return withKinds({ ...markup, points });
}

/** The marks with the kinds that follow from where they lie. @param {Markup} markup @returns {Markup} */
export function withKinds(markup) {
  /** @type {Record<string, Point>} */
  const points = { ...markup.points };
  /** @param {Point} point @param {Extremum} kind */
  const infer = (point, kind) => {
    const [one, other] = childrenOf(markup, point.id);
    points[point.id] = one && other ? { ...point, kind: "saddle", was: kind } : { ...point, kind, was: null };
    if (!one || !other) return;
    const kinds = kindsOf(point, [one, other], kind);
    infer(one, kinds[0]);
    infer(other, kinds[1]);
  };
  for (const root of rootsOf(markup)) infer(root, "min");
  return { ...markup, points };
}

// ---- masses and rulers ------------------------------------------------------------------------

/** @param {Markup} markup @param {string} id @param {number} x @param {number} y @param {number} r */
export function addMass(markup, id, x, y, r) {
  return withMass(markup, { id: newId(markup.masses, id, MAX_OTHERS), ...placed(x, y), r: radius(r) });
}

/** @param {Markup} markup @param {string} id @param {number} x @param {number} y */
export const moveMass = (markup, id, x, y) => withMass(markup, { ...entry(markup.masses, id, "mass"), ...placed(x, y) });
/** @param {Markup} markup @param {string} id @param {number} r */
export const resizeMass = (markup, id, r) => withMass(markup, { ...entry(markup.masses, id, "mass"), r: radius(r) });
/** @param {Markup} markup @param {string} id @returns {Markup} */
export const removeMass = (markup, id) => ({ ...markup, masses: without(markup.masses, [entry(markup.masses, id, "mass").id]) });
/** @param {Markup} markup @param {Mass} mass @returns {Markup} */
const withMass = (markup, mass) => ({ ...markup, masses: { ...markup.masses, [mass.id]: mass } });

/** @param {Markup} markup @param {string} id @param {Place} from @param {Place} to */
export function addRuler(markup, id, from, to) {
  return withRuler(markup, { id: newId(markup.rulers, id, MAX_OTHERS), ends: [placed(from.x, from.y), placed(to.x, to.y)] });
}

/** Move all of it. @param {Markup} markup @param {string} id @param {number} dx @param {number} dy */
export function moveRuler(markup, id, dx, dy) {
  const [from, to] = entry(markup.rulers, id, "ruler").ends;
  return withRuler(markup, { id, ends: [placed(from.x + dx, from.y + dy), placed(to.x + dx, to.y + dy)] });
}

/** Move one end of it. @param {Markup} markup @param {string} id @param {0 | 1} end @param {number} x @param {number} y */
export function resizeRuler(markup, id, end, x, y) {
  const [from, to] = entry(markup.rulers, id, "ruler").ends;
  return withRuler(markup, { id, ends: end ? [from, placed(x, y)] : [placed(x, y), to] });
}

/** @param {Markup} markup @param {string} id @returns {Markup} */
export const removeRuler = (markup, id) => ({ ...markup, rulers: without(markup.rulers, [entry(markup.rulers, id, "ruler").id]) });
/** @param {Markup} markup @param {Ruler} ruler @returns {Markup} */
const withRuler = (markup, ruler) => ({ ...markup, rulers: { ...markup.rulers, [ruler.id]: ruler } });

/** @template T @param {Readonly<Record<string, T>>} record @param {string} id @param {string} what @returns {T} */
function entry(record, id, what) {
  const found = Object.hasOwn(record, id) ? record[id] : undefined;
  if (found === undefined) throw new Error(`There is no ${what} “${id}”.`);
  return found;
}

/** @param {Readonly<Record<string, unknown>>} record @param {string} id @param {number} most */
function newId(record, id, most = Infinity) {
  if (typeof id !== "string" || !ID.test(id)) throw new Error(`“${id}” is no id: up to 40 letters, digits, - and _, a letter or digit first.`);
  if (Object.hasOwn(record, id)) throw new Error(`There is a mark “${id}” already.`);
  if (Object.keys(record).length >= most) throw new Error(`There are ${most} such marks already, which is the most.`);
  return id;
}

/** @param {unknown} r */
function radius(r) {
  if (typeof r === "number" && r > 0 && r <= 1e6) return r;
  throw new Error("The radius of a mass must be a number of pixels above 0, up to a million.");
}

/** @template T @param {Readonly<Record<string, T>>} record @param {readonly string[]} ids @returns {Record<string, T>} */
const without = (record, ids) => Object.fromEntries(Object.entries(record).filter(([id]) => !ids.includes(id)));

/** The marks that a stored or imported JSON is; what it holds beside them is left out. @param {unknown} json @returns {Markup} */
export function readMarkup(json) {
  const { points, masses = {}, rulers = {} } = fieldsOf(json, "The marks of a lens");
  let markup = { ...emptyMarkup(), points: readPoints(fieldsOf(points, "The list of points")) };
  for (const [id, mass] of Object.entries(fieldsOf(masses, "The list of masses"))) {
    const { x, y, r } = fieldsOf(mass, `Mass “${id}”`);
    markup = addMass(markup, id, x, y, r);
  }
  for (const [id, ruler] of Object.entries(fieldsOf(rulers, "The list of rulers"))) {
    const { ends } = fieldsOf(ruler, `Ruler “${id}”`);
    const [from, to] = Array.isArray(ends) ? ends : [];
    markup = addRuler(markup, id, fieldsOf(from, `An end of ruler “${id}”`), fieldsOf(to, `An end of ruler “${id}”`));
  }
  return markup;
}

/** @param {unknown} value @param {string} what @returns {any} an object, of any fields */
function fieldsOf(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} must be a JSON object.`);
  return value;
}

/** @param {Record<string, unknown>} json @returns {Record<string, Point>} */
function readPoints(json) {
  const all = Object.entries(json).map(([id, value]) => readPoint(id, fieldsOf(value, `Point “${id}”`), json));
  if (all.length > MAX_POINTS) throw new Error(`More than ${MAX_POINTS} points are too many.`);
  const markup = { ...emptyMarkup(), points: Object.fromEntries(all.map((point) => [point.id, point])) };
  for (const { id, kind } of all) {
    const children = childrenOf(markup, id).length;
    if (children !== (kind === "saddle" ? 2 : 0)) throw new Error(`Point “${id}” has ${children} children; a saddle point has two, any other none.`);
  }
  if (rootsOf(markup).flatMap(({ id }) => treeOf(markup, id)).length < all.length) throw new Error("Some points are their own ancestors and hang on no root.");
  const inferred = withKinds(markup).points;
  for (const { id, kind, was } of all) {
    const found = /** @type {Point} */ (inferred[id]);
    if (found.kind !== kind || found.was !== was) throw new Error(`Point “${id}” is not of the kind that follows from where it lies (${found.was ?? found.kind}).`);
  }
  return markup.points;
}

/** @param {string} id @param {Record<string, any>} fields @param {Record<string, any>} others @returns {Point} */
function readPoint(id, { x, y, kind, parent = null, was = null, handles }, others) {
  if (!["min", "saddle", "max"].includes(kind)) throw new Error(`Point “${id}” is of an unknown kind; there are min, saddle and max.`);
  if (parent !== null && !(typeof parent === "string" && Object.hasOwn(others, parent))) throw new Error(`Point “${id}” hangs on a point that is not there.`);
  const place = placed(x, y, `Point “${id}”`);
  const kept = handles ?? (parent === null ? [] : defaultHandles(fieldsOf(others[parent], `Point “${parent}”`), place));
  if (!Array.isArray(kept) || kept.length !== (parent === null ? 0 : 3)) throw new Error(`Point “${id}” needs three handles as a child, and none as a root.`);
  return { id: newId({}, id), ...place, kind, parent, was, handles: kept.map((each) => placed(each?.x, each?.y, `A handle of point “${id}”`)) };
}
