// @ts-check
/**
 * What is kept in the workspace of a lens: its marks and what is said of it, for each image of the page. Values come from anybody who may
 * edit the workspace, and are read as such.
 */

import { emptyMarkup, readMarkup, rootsOf } from "./markup.js";
import { imagesOf, massesOf } from "./order.js";

/** @typedef {import("./markup.js").Markup} Markup */
/** @typedef {{ readonly days: number, readonly error: number | null }} Delay against the image before; an exact one has no error */
/**
 * @typedef {{ readonly zLens: number, readonly zSource: number, readonly scale: number | null, readonly pixrad: number,
 *   readonly models: number, readonly symmetric: boolean, readonly seed: number, readonly delays: Readonly<Record<string, Delay>> }} Settings
 * `scale`: arcsec of a pixel, where the image does not tell.
 */
/** @typedef {{ readonly markup: Markup, readonly settings: Settings }} Lens */

/** Each with what it is first and its bounds; models and redshifts as `toyz_glass` takes them. */
export const BOUNDS = /** @type {const} */ ({
  zLens: [0.5, 0.001, 10],
  zSource: [2, 0.002, 10],
  scale: [0.263, 1e-4, 10],
  pixrad: [8, 5, 12],
  models: [200, 50, 2000],
  seed: [0, 0, 1e6],
});

/** @returns {Lens} */
export function newLens() {
  const { zLens, zSource, pixrad, models, seed } = BOUNDS;
  const settings = { zLens: zLens[0], zSource: zSource[0], scale: null, pixrad: pixrad[0], models: models[0], symmetric: true, seed: seed[0], delays: {} };
  return { markup: emptyMarkup(), settings };
}

/** A lens as an entry of the workspace has it; throws what is wrong. @param {any} value @returns {Lens} */
export function readLens(value) {
  const { markup, settings = {} } = value ?? {};
  const usual = newLens().settings;
  /** @param {keyof typeof BOUNDS} name */
  const number = (name) => within(name, settings[name] ?? usual[name] ?? BOUNDS[name][0]);
  return {
    markup: readMarkup(markup),
    settings: {
      zLens: number("zLens"),
      zSource: number("zSource"),
      scale: settings.scale == null ? null : number("scale"),
      pixrad: Math.round(number("pixrad")),
      models: Math.round(number("models")),
      symmetric: settings.symmetric !== false,
      seed: Math.round(number("seed")),
      delays: readDelays(settings.delays ?? {}),
    },
  };
}

/** A number within its bounds, or an error that says them. @param {keyof typeof BOUNDS} name @param {unknown} value @returns {number} */
export function within(name, value) {
  const [, least, most] = BOUNDS[name];
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new Error(`It is a number from ${least} to ${most}.`);
}

/** @param {Record<string, any>} given @returns {Record<string, Delay>} */
function readDelays(given) {
  const found = Object.entries(given).flatMap(([id, delay]) => {
    const [days, error] = [delay?.days, delay?.error ?? null];
    const fits = isDays(days) && (error === null || isDays(error));
    return fits ? [[id, { days, error }]] : [];
  });
  return Object.fromEntries(found);
}

/** @param {unknown} value @returns {value is number} */
export const isDays = (value) => typeof value === "number" && value > 0 && value < 1e5;

/** An id for the image, of the letters that a key of the workspace may have. @param {{ path: string, hdu: unknown, layout?: string }} image */
export function keyOf({ path, hdu, layout = "" }) {
  let [one, two] = [0x811c9dc5, 0x1b873593];
  for (const letter of JSON.stringify([path, hdu, layout])) {
    const code = /** @type {number} */ (letter.codePointAt(0));
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0xcc9e2d51);
  }
  return [one, two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The map from pixels to arcsec, of a lens that is small on the sky: y stays up. @param {number} scale @returns {import("./order.js").ToArcsec} */
export const toArcsec = (scale) => (x, y) => [x * scale, y * scale];

/**
 * The lens as `toyz_glass` reads it. @param {Lens} lens @param {number} scale arcsec of a pixel
 * @returns {Record<string, unknown>}
 */
export function lensFor({ markup, settings }, scale) {
  const map = toArcsec(scale);
  const sources = rootsOf(markup).map((root) => {
    const { images, ids } = imagesOf(markup, map, root);
    const delays = ids.slice(1).map((id) => delayFor(settings.delays[id]));
    return { z_source: settings.zSource, images: images.map((image) => [...image]), delays: delays.some((delay) => delay !== null) ? delays : [] };
  });
  const { zLens, pixrad, symmetric, models, seed } = settings;
  const own = { pixrad, symmetric, models, seed, masses: massesOf(markup, map) };
  return { z_lens: zLens, ...(sources.length === 1 ? sources[0] : { sources }), settings: own };
}

/** @param {Delay | undefined} delay */
const delayFor = (delay) => (delay === undefined ? null : delay.error === null ? delay.days : [delay.days, delay.error]);
