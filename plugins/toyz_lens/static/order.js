// @ts-check
/**
 * What the marks say to the model: where the lens centre is, and in which order the images arrive, which their tree tells.
 *
 * The page marks pixels; a model wants arcsec on the tangent plane from the lens centre, y up. The map from one to the other is the caller's.
 */

import { childrenOf, rootsOf } from "./markup.js";

/** @typedef {import("./markup.js").Kind} Kind */
/** @typedef {import("./markup.js").Markup} Markup */
/** @typedef {import("./markup.js").Place} Place */
/** @typedef {import("./markup.js").Point} Point */
/** @typedef {(x: number, y: number) => readonly [number, number]} ToArcsec of a pixel on the tangent plane, from anywhere */
/** @typedef {{ readonly id: string, readonly kind: Kind, readonly level: number }} Arrival `level`: how late, in steps of the tree */
/** @typedef {readonly [x: number, y: number, kind: Kind]} Image */

/** What a point is, or was before it was split. @param {Pick<Point, "kind" | "was">} point */
export const extremumOf = ({ kind, was }) => was ?? kind;

/**
 * The lens centre, of all sources: the child of a root that is or was a maximum; without one the root itself, which no model can be made of.
 * Null where nothing is marked.
 * @param {Markup} markup @returns {Point | null}
 */
export function centreOf(markup) {
  const roots = rootsOf(markup);
  const maxima = roots.flatMap(({ id }) => childrenOf(markup, id)).filter((child) => extremumOf(child) === "max");
  return maxima[0] ?? roots[0] ?? null;
}

/**
 * All points of a source in the order of their arrival.
 *
 * Each level of the tree is a step away from its saddle point, down to a minimum and up to a maximum, and the deeper the smaller. Of two
 * children of the same kind the nearer one is less far from the saddle point's level, in the ratio of the squares of their distances.
 * @param {Markup} markup @param {Point | undefined} root the first one, if none is said @returns {Arrival[]}
 */
export function arrivalsOf(markup, root = rootsOf(markup)[0]) {
  return root ? walk(markup, root, 1, 0).sort((one, other) => one.level - other.level) : [];
}

/** @param {Markup} markup @param {Point} point @param {number} depth @param {number} level @returns {Arrival[]} */
function walk(markup, point, depth, level) {
  const children = childrenOf(markup, point.id);
  const steps = stepsOf(point, children);
  const below = children.flatMap((child, number) => walk(markup, child, depth + 1, level + (steps[number] ?? 0) / depth));
  // Two that are as far as each other stay so when the marks are turned, however that is rounded.
  return [...below, { id: point.id, kind: point.kind, level: Math.round(level * 1e9) / 1e9 }];
}

/** @param {Point} saddle @param {readonly Point[]} children @returns {number[]} */
function stepsOf(saddle, children) {
  const squares = children.map((child) => squared(child, saddle));
  const farthest = Math.max(...squares);
  const [one, other] = children.map(extremumOf);
  return children.map((child, number) => {
    const step = extremumOf(child) === "max" ? 1 : -1;
    return one === other && farthest > 0 ? (step * (squares[number] ?? 0)) / farthest : step;
  });
}

/** The square of a distance. @param {Place} one @param {Place} other */
export const squared = (one, other) => (one.x - other.x) ** 2 + (one.y - other.y) ** 2;

/** The images of a source in the order of their arrival, without a maximum at the end: it is too faint. @param {Markup} markup @param {Point} [root] */
export function seenOf(markup, root) {
  const arrivals = arrivalsOf(markup, root);
  return arrivals.at(-1)?.kind === "max" ? arrivals.slice(0, -1) : arrivals;
}

/**
 * The images of a source, as a model takes them, with the ids of their points and the pixel of the lens centre.
 * @param {Markup} markup @param {ToArcsec} toArcsec @param {Point} [root] the first one, if none is said
 * @returns {{ centre: Place | null, images: Image[], ids: string[] }}
 */
export function imagesOf(markup, toArcsec, root) {
  const centre = centreOf(markup);
  if (!centre) return { centre, images: [], ids: [] };
  const ids = seenOf(markup, root).map(({ id }) => id);
  const images = ids.map((id) => {
    const point = /** @type {Point} */ (markup.points[id]);
    const { x, y } = between(toArcsec, centre, point);
    return /** @type {Image} */ ([x, y, point.kind]);
  });
  return { centre: { x: centre.x, y: centre.y }, images, ids };
}

/**
 * The masses outside the lens, as a model takes them: the largest is π θ_E², with the circle that was drawn as θ_E.
 * @param {Markup} markup @param {ToArcsec} toArcsec @returns {{ x: number, y: number, largest: number }[]}
 */
export function massesOf(markup, toArcsec) {
  const centre = centreOf(markup);
  if (!centre) return [];
  return Object.values(markup.masses).map((mass) => ({
    ...between(toArcsec, centre, mass),
    largest: Math.PI * mass.r ** 2 * pixelArea(toArcsec, mass),
  }));
}

/** From one pixel to another, arcsec. @param {ToArcsec} toArcsec @param {Place} from @param {Place} to @returns {Place} */
export function between(toArcsec, from, to) {
  const [x0, y0] = toArcsec(from.x, from.y);
  const [x1, y1] = toArcsec(to.x, to.y);
  return { x: x1 - x0, y: y1 - y0 };
}

/** The square of the pixel scale there, arcsec². @param {ToArcsec} toArcsec @param {Place} place */
function pixelArea(toArcsec, { x, y }) {
  const right = between(toArcsec, { x: x - 0.5, y }, { x: x + 0.5, y });
  const up = between(toArcsec, { x, y: y - 0.5 }, { x, y: y + 0.5 });
  return Math.abs(right.x * up.y - right.y * up.x);
}
