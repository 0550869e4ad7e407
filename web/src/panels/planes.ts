/** The planes of a cube: the axes they lie along, and how to get from one to another. */
import { openHdu } from "../actions";
import type { ImageInfo } from "../types";
import type { CardText } from "./cards";

/** A slider passes over many planes; the one where it rests is opened. */
const PAUSE_MS = 90;

/** Where a plane lies along one axis of a cube, counted from 1. */
export interface PlaneAxis {
  /** As FITS counts: 1 and 2 are those of the picture. */
  axis: number;
  at: number;
  length: number;
}

/** The place of the plane along each axis but the picture's own two; the first one changes fastest. */
export function planeAxes({ hdu, hdus, plane }: Pick<ImageInfo, "hdu" | "hdus" | "plane">): PlaneAxis[] {
  const shape = hdus.find((other) => other.index === hdu)?.shape ?? [];
  let rest = plane;
  return shape.slice(0, -2).reverse().map((length, i) => {
    const at = (rest % length) + 1;
    rest = Math.floor(rest / length);
    return { axis: i + 3, at, length };
  });
}

/** `FREQ 12 of 50, STOKES 1 of 4`, by the names that the header gives the axes; those of one plane are left out. */
export function axesText(axes: readonly PlaneAxis[], cards: readonly CardText[]): string {
  const nameOf = (axis: number): string => cards.find(([keyword]) => keyword === `CTYPE${axis}`)?.[1].trim() || `axis ${axis}`;
  return axes.filter(({ length }) => length > 1).map(({ axis, at, length }) => `${nameOf(axis)} ${at} of ${length}`).join(", ");
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Show a plane, counted from 0, unless another is wanted at once; false if there is no such plane. */
export function goToPlane(info: ImageInfo, plane: number): boolean {
  if (!Number.isInteger(plane) || plane < 0 || plane >= info.planes) return false;
  clearTimeout(timer);
  timer = setTimeout(() => void openHdu(info.hdu, plane), PAUSE_MS);
  return true;
}
