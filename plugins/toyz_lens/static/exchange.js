// @ts-check
/** Another reading of the marks: two images change their places, and with them their part in the tree. */

import { movePoint, pointOf } from "./markup.js";

/** @typedef {import("./markup.js").Markup} Markup */

/** Let two points change places; refused where that would make any point of another kind. @param {Markup} markup @param {string} one @param {string} other */
export function exchange(markup, one, other) {
  const [a, b] = [pointOf(markup, one), pointOf(markup, other)];
  const changed = movePoint(movePoint(markup, one, b.x, b.y), other, a.x, a.y);
  const same = Object.values(markup.points).every(({ id, kind }) => changed.points[id]?.kind === kind);
  if (!same) throw new Error("Exchanged, other marks would be of another kind: move the two by hand.");
  return changed;
}
