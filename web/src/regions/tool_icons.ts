/** The icons of the shapes. */

import type { ShapeType } from "./shape";

export const TOOL_ICONS: Record<ShapeType, string> = {
  point: "crosshair",
  circle: "circle",
  ellipse: "ellipse",
  box: "rectangle-horizontal",
  polygon: "pentagon",
  line: "ruler",
  text: "type",
};
