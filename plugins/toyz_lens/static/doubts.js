// @ts-check
/**
 * What may be wrong with the marks, in sentences for who made them.
 *
 * Of 119 models that volunteers made 41 % had kinds or an order that were wrong, often as a minimum and a saddle point of a quad were exchanged
 * (Küng et al. 2015). A problem is what no model can be made of; a hint is what a lens seldom looks like.
 */

import { pointOf, rootsOf } from "./markup.js";
import { between, centreOf, extremumOf, seenOf, squared } from "./order.js";
import { ordinal } from "./words.js";

/** @typedef {import("./markup.js").Markup} Markup */
/** @typedef {import("./markup.js").Point} Point */
/** @typedef {import("./order.js").ToArcsec} ToArcsec */
/** @typedef {{ readonly id: string | null, readonly level: "hint" | "problem", readonly text: string }} Doubt */
/** An image as it is seen from the lens centre: how far, in pixels and in arcsec (or null), and at which angle. */
/** @typedef {{ point: Point, name: string, radius: number, arcsec: number | null, angle: number }} Seen */
/** @typedef {{ centre: Point, images: Seen[], toArcsec: ToArcsec | null }} Source */

/** What the model refuses, arcsec: `CLOSEST` and `FARTHEST` of `toyz_glass.core.lens`. */
const CLOSEST = 1e-3;
const FARTHEST = 200;
/** Pixels, within which two clicks may have meant one image. */
const TWICE = 2;
/** Of the squares of distances, above which it is anyone's guess which of two minima arrives first. */
const ALIKE = 0.85;
const FULL = 2 * Math.PI;

/** @param {string | null} id @param {string} text @returns {Doubt} */
const problem = (id, text) => ({ id, level: "problem", text });
/** @param {string | null} id @param {string} text @returns {Doubt} */
const hint = (id, text) => ({ id, level: "hint", text });

/** All doubts, problems first. @param {Markup} markup @param {ToArcsec | null} toArcsec null for a picture of no known scale @returns {Doubt[]} */
export function doubtsOf(markup, toArcsec = null) {
  const roots = rootsOf(markup);
  if (!roots.length) return [problem(null, "Mark a first image: click where the lensed light is and nothing is marked yet.")];
  const doubts = [...ofCentre(markup), ...roots.flatMap((root) => ofSource(markup, root, toArcsec)), ...ofRoots(roots), ...ofMasses(markup)];
  return [...doubts.filter(({ level }) => level === "problem"), ...doubts.filter(({ level }) => level === "hint")];
}

/** Whether a model can be made. @param {Markup} markup @param {ToArcsec | null} toArcsec */
export const isModellable = (markup, toArcsec = null) => doubtsOf(markup, toArcsec).every(({ level }) => level !== "problem");

/** @param {Markup} markup @returns {Doubt[]} */
function ofCentre(markup) {
  const centre = centreOf(markup);
  if (!centre || (centre.parent === null && centre.kind !== "saddle")) return []; // with one image only that is the first thing to say
  if (centre.parent === null) {
    const how = "It becomes a maximum where, seen from the saddle point, it lies before the other one, less than 60° beside it.";
    return [problem(centre.id, `Mark the lens centre: drag one of the two points of the first saddle point onto the lens galaxy. ${how}`)];
  }
  const isImage = rootsOf(markup).some((root) => seenOf(markup, root).some(({ id }) => id === centre.id));
  if (!isImage) return [];
  const why = centre.kind === "saddle" ? "is a saddle point; click it to make it a maximum again" : "is not the last to arrive; collapse some saddle points";
  return [problem(centre.id, `No image can lie at the lens centre, but it ${why}.`)];
}

/** @param {Markup} markup @param {Point} root @param {ToArcsec | null} toArcsec @returns {Doubt[]} */
function ofSource(markup, root, toArcsec) {
  if (root.kind !== "saddle") {
    const text = "There is one image only, and a model needs two at least; click the point to make it a saddle point with two more, or remove it.";
    return [problem(root.id, text)];
  }
  const centre = /** @type {Point} */ (centreOf(markup));
  const images = seenOf(markup, root).map(({ id }, number) => seen(centre, pointOf(markup, id), ordinal(number + 1), toArcsec));
  const source = { centre, images, toArcsec };
  // How images lie about the centre says nothing while there is none.
  const checks = centre.kind === "max" ? [...ALWAYS, ...ABOUT_CENTRE] : ALWAYS;
  return checks.flatMap((check) => check(source));
}

/** @param {Point} centre @param {Point} point @param {string} name @param {ToArcsec | null} toArcsec @returns {Seen} */
function seen(centre, point, name, toArcsec) {
  const [dx, dy] = [point.x - centre.x, point.y - centre.y];
  return { point, name, radius: Math.hypot(dx, dy), arcsec: toArcsec && distance(toArcsec, centre, point), angle: Math.atan2(dy, dx) };
}

/** @param {ToArcsec} toArcsec @param {Point} one @param {Point} other */
function distance(toArcsec, one, other) {
  const { x, y } = between(toArcsec, one, other);
  return Math.hypot(x, y);
}

// ---- what the model refuses -------------------------------------------------------------------

/** @param {Source} source @returns {Doubt[]} */
function tooClose({ centre, images, toArcsec }) {
  return images.flatMap((image, number) => {
    const { point, name } = image;
    const others = images.slice(0, number).map((other) => ({ of: other.point, called: `the ${other.name}` }));
    if (point.id !== centre.id) others.unshift({ of: centre, called: "the lens centre" });
    return others.filter(({ of }) => of !== point && squared(of, point) < TWICE ** 2).map(({ of, called }) => {
      const apart = toArcsec ? distance(toArcsec, of, point) : Math.sqrt(squared(of, point));
      if (apart <= CLOSEST) return problem(point.id, `The ${name} to arrive lies on ${called}; move one of the two.`);
      return hint(point.id, `The ${name} to arrive lies within two pixels of ${called}; are they one?`);
    });
  });
}

/** @param {Source} source @returns {Doubt[]} */
function tooFar({ images }) {
  return images
    .filter(({ arcsec }) => arcsec !== null && arcsec >= FARTHEST)
    .map(({ point, name }) => problem(point.id, `The ${name} to arrive is more than ${FARTHEST}″ from the lens centre; is the pixel scale right?`));
}

// ---- what a lens seldom looks like ------------------------------------------------------------

/** @param {Source} source @returns {Doubt[]} */
function howMany({ images }) {
  const { length } = images;
  if (length % 2) return [hint(null, `There are ${length} images, but mostly their number is even, since the one at the centre is too faint.`)];
  return length > 4 ? [hint(null, `There are ${length} images; more than four are rare, and need more than one lens galaxy.`)] : [];
}

/** @param {Source} source @returns {Doubt[]} */
function maxima({ centre, images }) {
  return images.filter(({ point }) => point.kind === "max" && point !== centre).map(({ point, name }) => {
    const text = `The ${name} to arrive is a maximum, which lies on a galaxy and is hardly ever seen; if it is no galaxy's centre, drag it away from the other point of its saddle point.`;
    return hint(point.id, text);
  });
}

/** In a quad minima and saddle points take turns around the lens centre. @param {Source} source @returns {Doubt[]} */
function turns({ images }) {
  if (kinds(images) !== "min min saddle saddle") return [];
  const around = images.toSorted((one, other) => one.angle - other.angle);
  const pairs = around.flatMap((image, number) => {
    const next = /** @type {Seen} */ (around[(number + 1) % 4]);
    if (image.point.kind === next.point.kind) return [];
    return [image.point.kind === "min" ? { minimum: image, saddle: next } : { minimum: next, saddle: image }];
  });
  if (pairs.length === 4) return [];
  // To exchange either pair of neighbours makes them take turns; minima mostly lie farther out than saddle points.
  const [best] = pairs.toSorted((one, other) => inside(other) - inside(one));
  if (!best) return [];
  const { minimum, saddle } = best;
  const swap = `perhaps the ${minimum.name} to arrive is the saddle point and the ${saddle.name} the minimum`;
  return [hint(minimum.point.id, `Around the lens centre minima and saddle points take turns, but here two minima are neighbours; ${swap}.`)];
}

/** By how much the minimum lies nearer to the centre. @param {{ minimum: Seen, saddle: Seen }} pair */
const inside = ({ minimum, saddle }) => saddle.radius - minimum.radius;

/** @param {readonly Seen[]} images */
const kinds = (images) => images.map(({ point }) => point.kind).sort().join(" ");

/** @param {Source} source @returns {Doubt[]} */
function saddlesOutside({ images }) {
  const farthest = Math.max(...images.filter(({ point }) => point.kind === "min").map(({ radius }) => radius));
  return images.filter(({ point, radius }) => point.kind === "saddle" && radius > farthest).map(({ point, name }) => {
    const text = `The ${name} to arrive, a saddle point, lies farther from the lens centre than any minimum; perhaps it is a minimum.`;
    return hint(point.id, text);
  });
}

/** @param {Source} source @returns {Doubt[]} */
function lastNotNearest({ images }) {
  const last = images.at(-1);
  const nearest = Math.min(...images.slice(0, -1).map(({ radius }) => radius));
  if (kinds(images) !== "min min saddle saddle" || !last || last.radius <= nearest) return [];
  return [hint(last.point.id, "The last to arrive is mostly the one nearest to the lens centre, but here another is nearer.")];
}

/** @param {Source} source @returns {Doubt[]} */
function sameTime({ images }) {
  return images.flatMap(({ point }) => {
    const pair = images.filter((image) => image.point.parent === point.id && extremumOf(image.point) === "min");
    const [one, other] = pair;
    if (!one || !other) return [];
    const [a, b] = [squared(one.point, point), squared(other.point, point)];
    if (Math.min(a, b) <= ALIKE * Math.max(a, b)) return [];
    const text = `The ${one.name} and the ${other.name} to arrive are about as far from their saddle point, so that either may be first;`;
    return [hint(one.point.id, `${text} the farther one is taken to be.`)];
  });
}

/** @param {Source} source @returns {Doubt[]} */
function outlier({ images }) {
  const [farthest, ...others] = images.toSorted((one, other) => other.radius - one.radius);
  const middle = others[Math.floor(others.length / 2)];
  if (!farthest || !middle || others.length < 2 || farthest.radius <= 3 * middle.radius) return [];
  return [hint(farthest.point.id, `The ${farthest.name} to arrive lies far outside the others; does it belong to the lens?`)];
}

/** @param {Source} source @returns {Doubt[]} */
function oneSided({ images }) {
  const angles = images.map(({ angle }) => angle).sort((one, other) => one - other);
  const gaps = angles.map((angle, number) => (angles[number + 1] ?? /** @type {number} */ (angles[0]) + FULL) - angle);
  // Two images lie opposite each other or nearly so, and the others between them.
  if (images.length < 2 || Math.max(...gaps) < (220 / 360) * FULL) return [];
  return [hint(null, "All images lie on one side of the lens centre; is it on the lens galaxy, and is an image missing on the other side?")];
}

/** @param {readonly Point[]} roots @returns {Doubt[]} */
function ofRoots([, ...others]) {
  return others.map(({ id }, number) => hint(id, `This point and those that hang on it count as images of another source, the ${ordinal(number + 2)}; remove it if it is none.`));
}

/** @param {Markup} markup @returns {Doubt[]} */
function ofMasses(markup) {
  const centre = centreOf(markup);
  const covering = Object.values(markup.masses).filter((mass) => centre && squared(mass, centre) < mass.r ** 2);
  return covering.slice(0, 1).map(() => hint(null, "A circle of another mass covers the lens centre; the lens galaxy itself needs no circle."));
}

const ALWAYS = [tooClose, tooFar, maxima, sameTime];
const ABOUT_CENTRE = [howMany, turns, saddlesOutside, lastNotNearest, outlier, oneSided];
