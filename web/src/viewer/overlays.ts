/** Marks on the sky: CCD outlines and names, the target's crosshair, the zoom box; each with a dark halo. */

import type { Ccd } from "../types";
import type { Box, Point, Transform } from "./geometry";
import { boxAround, toScreen } from "./geometry";

/** Okabe–Ito: told apart also by those who see colours differently. */
export const MARKS = { ccd: "#56b4e9", target: "#f0e442", box: "#ffffff" } as const;

const HALO = "rgb(0 0 0 / 65%)";

export interface Marks {
  ccds: Ccd[];
  /** Display pixels. */
  target: Point | null;
  /** Screen. */
  zoomBox: Box | null;
}

export function anyMarks({ ccds, target, zoomBox }: Marks): boolean {
  return ccds.length > 0 || target !== null || zoomBox !== null;
}

/** Draw the marks; the context is scaled to CSS pixels. */
export function paintMarks(context: CanvasRenderingContext2D, marks: Marks, transform: Transform): void {
  if (marks.ccds.length > 0) paintCcds(context, marks.ccds, transform);
  if (marks.target) paintTarget(context, toScreen(transform, marks.target));
  if (marks.zoomBox) paintZoomBox(context, marks.zoomBox);
}

function haloed(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
  context.lineJoin = "round";
  context.strokeStyle = HALO;
  context.lineWidth = width + 2.5;
  context.stroke(path);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

function paintCcds(context: CanvasRenderingContext2D, ccds: Ccd[], transform: Transform): void {
  const path = new Path2D();
  for (const ccd of ccds) {
    for (const [number, corner] of cornersOn(transform, ccd).entries()) {
      if (number === 0) path.moveTo(corner.x, corner.y);
      else path.lineTo(corner.x, corner.y);
    }
    path.closePath();
  }
  haloed(context, path, MARKS.ccd, 1);
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "top";
  context.lineJoin = "round";
  for (const ccd of ccds) paintName(context, ccd, transform);
}

function cornersOn(transform: Transform, { corners }: Ccd): Point[] {
  return corners.map(([x, y]) => toScreen(transform, { x, y }));
}

/** The name stands in the top left corner of its CCD, along that edge which is nearest to level. */
function paintName(context: CanvasRenderingContext2D, ccd: Ccd, transform: Transform): void {
  const slope = Math.atan2(transform.b, transform.a);
  const tilt = slope - Math.round(slope / (Math.PI / 2)) * (Math.PI / 2);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const box = boxAround(cornersOn(transform, ccd).map(({ x, y }) => ({ x: x * cos + y * sin, y: y * cos - x * sin })));
  const width = context.measureText(ccd.name).width;
  if (width + 12 > box.x1 - box.x0 || 22 > box.y1 - box.y0) return;
  // A name stays in sight while any part of its CCD does.
  const [left, top] = tilt === 0 ? [0, 0] : [box.x0, box.y0];
  const x = Math.min(Math.max(box.x0, left), box.x1 - width - 12) + 6;
  const y = Math.min(Math.max(box.y0, top), box.y1 - 22) + 5;
  context.save();
  context.rotate(tilt);
  context.strokeStyle = HALO;
  context.lineWidth = 3;
  context.strokeText(ccd.name, x, y);
  context.fillStyle = MARKS.ccd;
  context.fillText(ccd.name, x, y);
  context.restore();
}

function paintTarget(context: CanvasRenderingContext2D, { x, y }: Point): void {
  const path = new Path2D();
  const [inner, outer] = [7, 20];
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    path.moveTo(x + dx * inner, y + dy * inner);
    path.lineTo(x + dx * outer, y + dy * outer);
  }
  haloed(context, path, MARKS.target, 1.5);
}

function paintZoomBox(context: CanvasRenderingContext2D, box: Box): void {
  const path = new Path2D();
  path.rect(Math.min(box.x0, box.x1), Math.min(box.y0, box.y1), Math.abs(box.x1 - box.x0), Math.abs(box.y1 - box.y0));
  context.fillStyle = "rgb(255 255 255 / 8%)";
  context.fill(path);
  haloed(context, path, MARKS.box, 1);
}
