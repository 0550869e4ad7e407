/** How shapes lie on the screen: the path that is drawn, and what a pointer meets. */

import type { Box, Point, Transform } from "../viewer/geometry";
import { boxAround, cornersOf, toDisplay, toScreen } from "../viewer/geometry";
import type { BoxShape, EllipseShape, Shape, Vertex } from "./shape";
import { boundsOf, direction } from "./shape";

/** Screen pixels from the middle of a point's cross to its ends. */
const CROSS = 6;
/** Across the ends of a line. */
const TICK = 4;

const rounded = (value: number): number => Math.round(value * 100) / 100;
const text = ({ x, y }: Point): string => `${rounded(x)} ${rounded(y)}`;

/** Where the positions of a shape's own axes lie, in pixels. */
export function onAxes({ x, y, angle }: EllipseShape | BoxShape, along: number, across: number): Point {
  const [cos, sin] = direction(angle);
  return { x: x + along * cos - across * sin, y: y + along * sin + across * cos };
}

export function boxCorners(shape: BoxShape): Point[] {
  const [w, h] = [shape.width / 2, shape.height / 2];
  return [onAxes(shape, -w, -h), onAxes(shape, w, -h), onAxes(shape, w, h), onAxes(shape, -w, h)];
}

const pointsOf = (vertices: readonly Vertex[]): Point[] => vertices.map(([x, y]) => ({ x, y }));

/** SVG path data of a shape; `transform` leads from its pixels to the screen. A text has none. */
export function pathOf(shape: Shape, transform: Transform): string {
  switch (shape.type) {
    case "text":
      return "";
    case "point":
      return crossAt(toScreen(transform, shape));
    case "circle":
      return ellipsePath({ ...shape, type: "ellipse", rx: shape.radius, ry: shape.radius, angle: 0 }, transform);
    case "ellipse":
      return ellipsePath(shape, transform);
    case "box":
      return `${polyline(boxCorners(shape), transform)}Z`;
    case "polygon":
      return `${polyline(pointsOf(shape.vertices), transform)}Z`;
    case "line":
      return linePath(pointsOf(shape.vertices), transform);
  }
}

function crossAt({ x, y }: Point): string {
  return `M${text({ x: x - CROSS, y })}h${2 * CROSS}M${text({ x, y: y - CROSS })}v${2 * CROSS}`;
}

function polyline(points: Point[], transform: Transform): string {
  return `M${points.map((point) => text(toScreen(transform, point))).join("L")}`;
}

function ellipsePath(shape: EllipseShape, transform: Transform): string {
  const [start, end] = [shape.rx, -shape.rx].map((along) => toScreen(transform, onAxes(shape, along, 0))) as [Point, Point];
  const turn = (Math.atan2(start.y - end.y, start.x - end.x) * 180) / Math.PI;
  const arc = `A${rounded(shape.rx * transform.scale)} ${rounded(shape.ry * transform.scale)} ${rounded(turn)} 1 0 `;
  return `M${text(start)}${arc}${text(end)}${arc}${text(start)}Z`;
}

function linePath(points: Point[], transform: Transform): string {
  const [start, end] = points.map((point) => toScreen(transform, point)) as [Point, Point];
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const [nx, ny] = [(-(end.y - start.y) / length) * TICK, ((end.x - start.x) / length) * TICK];
  const tick = ({ x, y }: Point): string => `M${text({ x: x - nx, y: y - ny })}L${text({ x: x + nx, y: y + ny })}`;
  return `M${text(start)}L${text(end)}${tick(start)}${tick(end)}`;
}

/** The box around a shape on the screen. */
export function screenBounds(shape: Shape, transform: Transform): Box {
  return boxAround(cornersOf(boundsOf(shape)).map((corner) => toScreen(transform, corner)));
}

/** What a pointer meets of a shape: its line, within `reach` screen pixels, what lies within, or nothing. */
export function meeting(shape: Shape, transform: Transform, at: Point, reach: number, box = boundsOf(shape)): "edge" | "inside" | null {
  const place = toDisplay(transform, at);
  const near = reach / transform.scale;
  const least = shape.type === "point" || shape.type === "text" ? Math.max(reach, CROSS + 2) / transform.scale : near;
  if (place.x < box.x0 - least || place.x > box.x1 + least || place.y < box.y0 - least || place.y > box.y1 + least) return null;
  switch (shape.type) {
    case "point":
    case "text":
      return "edge";
    case "circle":
      return banded(Math.hypot(place.x - shape.x, place.y - shape.y) - shape.radius, near);
    case "ellipse":
      return banded(fromEllipse(shape, place), near);
    case "box":
      return ofPolygon(boxCorners(shape), place, near);
    case "polygon":
      return ofPolygon(pointsOf(shape.vertices), place, near);
    case "line": {
      const [start, end] = pointsOf(shape.vertices) as [Point, Point];
      return fromSegment(place, start, end) <= near ? "edge" : null;
    }
  }
}

function banded(distance: number, near: number): "edge" | "inside" | null {
  if (Math.abs(distance) <= near) return "edge";
  return distance < 0 ? "inside" : null;
}

/** About how far a place is from an ellipse; negative inside. */
function fromEllipse({ x, y, rx, ry, angle }: EllipseShape, place: Point): number {
  const [cos, sin] = direction(angle);
  const [dx, dy] = [place.x - x, place.y - y];
  const [along, across] = [dx * cos + dy * sin, dy * cos - dx * sin];
  const level = Math.hypot(along / rx, across / ry);
  if (level === 0) return -Math.min(rx, ry);
  // The first step of Newton's from the place to the edge.
  const slope = Math.hypot(along / (rx * rx), across / (ry * ry)) / level;
  return (level - 1) / slope;
}

function ofPolygon(corners: Point[], place: Point, near: number): "edge" | "inside" | null {
  let inside = false;
  for (const [number, end] of corners.entries()) {
    const start = corners.at(number - 1) as Point;
    if (fromSegment(place, start, end) <= near) return "edge";
    const crosses = start.y > place.y !== end.y > place.y;
    if (crosses && place.x < start.x + ((place.y - start.y) * (end.x - start.x)) / (end.y - start.y)) inside = !inside;
  }
  return inside ? "inside" : null;
}

export function fromSegment(place: Point, start: Point, end: Point): number {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((place.x - start.x) * dx + (place.y - start.y) * dy) / length2;
  const part = Math.min(Math.max(along, 0), 1);
  return Math.hypot(place.x - start.x - part * dx, place.y - start.y - part * dy);
}
