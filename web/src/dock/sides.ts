/** Where a box lies as seen from the picture. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Side = "left" | "right" | "above" | "below";

export const SIDES: readonly Side[] = ["left", "right", "above", "below"];

/** The side of `picture` on which `box` lies beside it; boxes in a corner count as beside. */
export function sideOf(box: Box, picture: Box): Side {
  const right = box.left - (picture.left + picture.width);
  const left = picture.left - (box.left + box.width);
  const below = box.top - (picture.top + picture.height);
  const above = picture.top - (box.top + box.height);
  // Boxes of one grid do not overlap, so that at least one of the gaps is not negative.
  const farthest = Math.max(right, left, below, above);
  if (farthest === right) return "right";
  if (farthest === left) return "left";
  return farthest === below ? "below" : "above";
}

/** How far `box` lies from `picture` towards a side; 0 if they touch. */
export function gapBetween(box: Box, picture: Box, side: Side): number {
  if (side === "right") return box.left - (picture.left + picture.width);
  if (side === "left") return picture.left - (box.left + box.width);
  if (side === "below") return box.top - (picture.top + picture.height);
  return picture.top - (box.top + box.height);
}

/** Whether a panel at this side has a width of its own, rather than a height. */
export function isBeside(side: Side): boolean {
  return side === "left" || side === "right";
}

/** A width beside the picture, or a height above or below it. */
export type Size = { width: number } | { height: number };

/** Where a panel lies, and what it takes of the picture's room there. */
export interface Held {
  side: Side;
  size: Size;
}

/** Of a width and a height, the one that counts at this side. */
export function sizeAt(side: Side, { width, height }: { width: number; height: number }): Size {
  return isBeside(side) ? { width } : { height };
}
