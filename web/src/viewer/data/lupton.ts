/** Lupton's stretch of three channels, as `toyz_tiles.stretch` defines it. */

import { ASINH_STRENGTH } from "../../panels/stretch";
import { ENTRIES } from "./transfer";

const LAST = ENTRIES - 1;
/** What is further above the cuts is no brighter. */
export const BRIGHTEST = 1e6;

/** Positions between the cuts (`(value − low) · k + 0.5`), which may be beyond them, to positions in a linear table. */
export function lupton(positions: readonly [number, number, number]): [number, number, number] {
  const v = positions.map((position) => Math.min(Math.max((position - 0.5) / LAST, 0), BRIGHTEST)) as [number, number, number];
  const intensity = (v[0] + v[1] + v[2]) / 3;
  const whole = Math.asinh(ASINH_STRENGTH);
  const factor = intensity > 0 ? Math.asinh(ASINH_STRENGTH * intensity) / (whole * intensity) : ASINH_STRENGTH / whole;
  const most = Math.max(1, factor * Math.max(...v));
  return v.map((part) => Math.min(Math.floor((part * factor * LAST) / most + 0.5), LAST)) as [number, number, number];
}
