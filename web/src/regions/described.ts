/** A shape in a few words, with FITS pixels. */

import { lengthOf } from "./ruler";
import type { Shape } from "./shape";
import { SHAPE_NAMES } from "./shape";

const short = (value: number): string => String(Math.round(value * 10) / 10).replace("-", "−");

export function describeShape(shape: Shape): string {
  const name = SHAPE_NAMES[shape.type];
  if (shape.type === "polygon") return `${name} of ${shape.vertices.length} vertices`;
  if (shape.type === "line") return `${name} of ${short(lengthOf(shape))} px`;
  if (!("x" in shape)) return name;
  const place = `${name} at ${short(shape.x + 1)}, ${short(shape.y + 1)}`;
  if (shape.type === "circle") return `${place}, radius ${short(shape.radius)}`;
  if (shape.type === "ellipse") return `${place}, ${short(shape.rx)} × ${short(shape.ry)}`;
  return shape.type === "box" ? `${place}, ${short(shape.width)} × ${short(shape.height)}` : place;
}
