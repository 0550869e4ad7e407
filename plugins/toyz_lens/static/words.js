// @ts-check
/** The marks in words: what each point is, and when it arrives. */

import { arrivalsOf, centreOf, extremumOf } from "./order.js";
import { rootsOf } from "./markup.js";

/** @typedef {import("./markup.js").Kind} Kind */
/** @typedef {import("./markup.js").Markup} Markup */

/** @type {Readonly<Record<Kind, string>>} */
export const KIND_NAMES = { min: "minimum", saddle: "saddle point", max: "maximum" };

/** @param {number} number from 1 */
export function ordinal(number) {
  const teen = number % 100 > 10 && number % 100 < 14;
  const ending = teen ? undefined : ["th", "st", "nd", "rd"][number % 10];
  return `${number}${ending ?? "th"}`;
}

/** For each point its place in the order and its kind, as "2nd to arrive, minimum". @param {Markup} markup @returns {Record<string, string>} */
export function wordsOf(markup) {
  const roots = rootsOf(markup);
  const centre = centreOf(markup);
  const words = roots.flatMap((root, source) => {
    const arrivals = arrivalsOf(markup, root);
    return arrivals.map(({ id, kind }, number) => {
      const isLeftOut = number === arrivals.length - 1 && kind === "max";
      const place = isLeftOut ? `last to arrive, ${KIND_NAMES.max}, too faint to be modelled` : `${ordinal(number + 1)} to arrive, ${KIND_NAMES[kind]}`;
      const isCentre = id === centre?.id && extremumOf(centre) === "max";
      return [id, `${roots.length > 1 ? `source ${source + 1}: ` : ""}${isCentre ? "lens centre; " : ""}${place}`];
    });
  });
  return Object.fromEntries(words);
}
