// @ts-check
/**
 * The saddle contours of the arrival time as they are drawn: a closed line for each child of a saddle point, through the saddle point and three
 * handles. They only help the eye; no model knows of them. What their form says is said here too: where children lie to each other.
 */

/** @typedef {import("./markup.js").Extremum} Extremum */
/** @typedef {import("./markup.js").Markup} Markup */
/** @typedef {import("./markup.js").Place} Place */
/** A child of a saddle point, or anything with its place and handles. @typedef {Place & { readonly handles: readonly Place[] }} Child */
/** @typedef {readonly [Place, Place, Place, Place]} Piece a cubic Bézier curve: where it begins, two controls, where it ends */

/** Of the way from the saddle point to the child: so wide that the contours of children half as far across it lie within. */
const ASIDE = 0.55;
const BEYOND = 1.4;

// ---- places -----------------------------------------------------------------------------------

const MAX_PIXEL = 1e6;

/** A place that can be kept. @param {unknown} x @param {unknown} y @param {string} what for the sentence that refuses it @returns {Place} */
export function placed(x, y, what = "A mark") {
  if (!isPixel(x) || !isPixel(y)) throw new Error(`${what} lies nowhere: x and y must be numbers of pixels up to a million.`);
  return { x: x + 0, y: y + 0 }; // −0, which JSON does not keep, becomes 0
}

/** @param {unknown} value @returns {value is number} */
const isPixel = (value) => typeof value === "number" && Math.abs(value) <= MAX_PIXEL;

/** The nearest place that can be kept. @param {Place} place */
export function clamped({ x, y }) {
  const [nearX = 0, nearY = 0] = [x, y].map((value) => Math.min(Math.max(value, -MAX_PIXEL), MAX_PIXEL));
  return placed(nearX, nearY);
}

/** The direction across the line from one place to another; to the right where they are one. @param {Place} from @param {Place} to */
export function across(from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  return length ? { x: (from.y - to.y) / length, y: (to.x - from.x) / length } : { x: 1, y: 0 };
}

/**
 * The kinds of the two children of a saddle point, from what it was: its own where they lie 60° apart or more (the contours are a
 * lemniscate), the opposite for the nearer one where they do not (they are a limaçon, one within the other).
 * @param {Place} saddle @param {readonly [Place, Place]} children @param {Extremum} was @returns {[Extremum, Extremum]}
 */
export function kindsOf(saddle, [one, other], was) {
  const [ax, ay, bx, by] = [one.x - saddle.x, one.y - saddle.y, other.x - saddle.x, other.y - saddle.y];
  const [a, b, dot] = [ax * ax + ay * ay, bx * bx + by * by, ax * bx + ay * by];
  // The cosine of the angle is ½ at most. Without roots and arcs every browser finds the same.
  if (dot <= 0 || 4 * dot * dot <= a * b) return [was, was];
  const opposite = was === "min" ? "max" : "min";
  return a <= b ? [opposite, was] : [was, opposite];
}

/**
 * Where a contour's handles lie after the line between its saddle point and its child is another: turned and drawn out as that is.
 * @param {readonly Place[]} handles @param {Place} fixed the end that stays @param {Place} from where the other was @param {Place} to @returns {Place[]}
 */
export function turnedHandles(handles, fixed, from, to) {
  const [ax, ay, bx, by] = [from.x - fixed.x, from.y - fixed.y, to.x - fixed.x, to.y - fixed.y];
  const square = ax * ax + ay * ay;
  if (!square) return handles.map(clamped);
  const [along, aside] = [(ax * bx + ay * by) / square, (ax * by - ay * bx) / square];
  return handles.map(({ x, y }) => {
    const [dx, dy] = [x - fixed.x, y - fixed.y];
    return clamped({ x: fixed.x + along * dx - aside * dy, y: fixed.y + aside * dx + along * dy });
  });
}

// ---- contours ---------------------------------------------------------------------------------

/**
 * Where handles lie at first: beside the child on either hand, and beyond it between them.
 * @param {Place} saddle @param {Place} child @returns {Place[]}
 */
export function defaultHandles(saddle, child) {
  const [dx, dy] = [child.x - saddle.x, child.y - saddle.y];
  return [
    { x: child.x - ASIDE * dy, y: child.y + ASIDE * dx },
    { x: saddle.x + BEYOND * dx, y: saddle.y + BEYOND * dy },
    { x: child.x + ASIDE * dy, y: child.y - ASIDE * dx },
  ].map(clamped);
}

/**
 * Its four pieces, from the saddle point and back to it. They go smoothly through the handles (Catmull & Rom) and meet in a corner
 * at the saddle point, where the contours of both children cross.
 * @param {Place} saddle @param {Child} child @returns {Piece[]}
 */
export function contourOf(saddle, { handles }) {
  const knots = [saddle, ...handles, saddle];
  return knots.slice(1).map((end, number) => {
    const start = /** @type {Place} */ (knots[number]);
    const [before, after] = [knots[number - 1], knots[number + 2]];
    const leaving = before ? ahead(start, before, end, 6) : ahead(start, start, end, 3);
    const arriving = after ? ahead(end, after, start, 6) : ahead(end, end, start, 3);
    return [start, leaving, arriving, end];
  });
}

/** From a place a part of the way that leads from one to another. @param {Place} place @param {Place} from @param {Place} to @param {number} part */
function ahead(place, from, to, part) {
  return { x: place.x + (to.x - from.x) / part, y: place.y + (to.y - from.y) / part };
}

/**
 * A contour as the path of an SVG. Seen through an affine map, as of pixels to the screen, it is the map of the contour.
 * @param {Place} saddle @param {Child} child @param {(place: Place) => Place} map
 */
export function contourPath(saddle, child, map = (place) => place) {
  /** @param {Place} place */
  const written = (place) => {
    const { x, y } = map(place);
    return `${rounded(x)} ${rounded(y)}`;
  };
  const curves = contourOf(saddle, child).map(([, ...rest]) => `C${rest.map(written).join(" ")}`);
  return `M${written(saddle)}${curves.join("")}Z`;
}

/** @param {number} value */
const rounded = (value) => Math.round(value * 1000) / 1000 + 0;

/**
 * Places along a contour, from the saddle point on; the line back to it closes it.
 * @param {Place} saddle @param {Child} child @param {number} steps of each of the four pieces @returns {Place[]}
 */
export function contourPoints(saddle, child, steps = 16) {
  return contourOf(saddle, child).flatMap((piece) => Array.from({ length: steps }, (_, step) => along(piece, step / steps)));
}

/** @param {Piece} piece @param {number} t @returns {Place} */
function along([p0, p1, p2, p3], t) {
  const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
  return { x: a * p0.x + b * p1.x + c * p2.x + d * p3.x, y: a * p0.y + b * p1.y + c * p2.y + d * p3.y };
}

/** All contours of the marks: each child that has one, with its saddle point. @param {Markup} markup */
export function contoursOf({ points }) {
  return Object.values(points).flatMap((child) => {
    const saddle = child.parent === null ? undefined : points[child.parent];
    return saddle ? [{ saddle, child }] : [];
  });
}
