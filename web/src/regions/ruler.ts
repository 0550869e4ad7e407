/** The length of a line as it is shown beside it. */

import { formatNumber } from "../panels/format";
import type { PathShape } from "./shape";

/** Degrees, minutes or seconds of arc, whichever gives a number of one to three digits. */
export function formatAngle(arcsec: number): string {
  if (arcsec >= 3600) return `${formatNumber(Number((arcsec / 3600).toPrecision(5)))}°`;
  if (arcsec >= 60) return `${formatNumber(Number((arcsec / 60).toPrecision(5)))}′`;
  return `${formatNumber(Number(arcsec.toPrecision(5)))}″`;
}

export function lengthOf({ vertices }: PathShape): number {
  const [start, end] = vertices;
  return start && end ? Math.hypot(end[0] - start[0], end[1] - start[1]) : 0;
}

/**
 * In pixels, and about how long on the sky, by the scale (arcseconds of a pixel) in the middle of the image: from one CCD of a
 * mosaic to another that is off by some percent. The panel has the exact one.
 */
export function rulerLabel(shape: PathShape, scale: number | null): string {
  const length = lengthOf(shape);
  const pixels = `${formatNumber(Number(length.toPrecision(5)))} px`;
  return scale === null ? pixels : `≈ ${formatAngle(Number((length * scale).toPrecision(3)))} · ${pixels}`;
}
