/**
 * The shapes of regions, as `toyz.regions` declares them and workspaces keep them.
 *
 * Pixels count from 0 at the centre of the first one, x to the right and y up, whatever way the
 * picture stands on the screen; angles are degrees from +x towards +y.
 */

import type { HduName, ImageInfo } from "../types";
import type { Box, Point, Transform } from "../viewer/geometry";
import { boxAround } from "../viewer/geometry";

export type Vertex = readonly [number, number];

interface Place<T extends string> {
  readonly type: T;
  readonly x: number;
  readonly y: number;
}

export type PointShape = Place<"point"> | Place<"text">;

export interface CircleShape {
  readonly type: "circle";
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface EllipseShape {
  readonly type: "ellipse";
  readonly x: number;
  readonly y: number;
  /** Semi-axes; the first lies at the angle. */
  readonly rx: number;
  readonly ry: number;
  readonly angle: number;
}

export interface BoxShape {
  readonly type: "box";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

interface Path<T extends string> {
  readonly type: T;
  readonly vertices: readonly Vertex[];
}

export type PathShape = Path<"polygon"> | Path<"line">;

export type Shape = PointShape | CircleShape | EllipseShape | BoxShape | PathShape;
export type ShapeType = Shape["type"];

export const SHAPE_TYPES: readonly ShapeType[] = ["point", "circle", "ellipse", "box", "polygon", "line", "text"];
export const MAX_VERTICES = 1000;

export const SHAPE_NAMES: Record<ShapeType, string> = {
  point: "Point",
  circle: "Circle",
  ellipse: "Ellipse",
  box: "Box",
  polygon: "Polygon",
  line: "Line",
  text: "Text",
};

/** The pixels that a region lies on: all planes of an HDU, or a mosaic in one layout; of a composite those of its red channel. */
export interface RegionImage {
  readonly path: string;
  readonly hdu: HduName;
  readonly layout: ImageInfo["layout"];
}

export interface Region {
  readonly image: RegionImage;
  readonly shape: Shape;
  readonly label: string;
  readonly colour: string;
  readonly locked: boolean;
}

/** Okabe–Ito: told apart also by those who see colours differently. */
export const COLOURS: readonly { value: string; name: string }[] = [
  { value: "#f0e442", name: "Yellow" },
  { value: "#56b4e9", name: "Sky blue" },
  { value: "#e69f00", name: "Orange" },
  { value: "#009e73", name: "Green" },
  { value: "#cc79a7", name: "Purple" },
  { value: "#d55e00", name: "Vermilion" },
  { value: "#0072b2", name: "Blue" },
  { value: "#ffffff", name: "White" },
];

export const DEFAULT_COLOUR = "#f0e442";

/** From the pixels of regions to the screen, for an image of a height whose display pixels stand so. */
export function pixelTransform({ scale, x, y, a, b, c, d }: Transform, height: number): Transform {
  const down = height - 0.5;
  return { scale, x: x + 0.5 * a + down * c, y: y + 0.5 * b + down * d, a, b, c: -c, d: -d };
}

/** Whether statistics make sense of it. */
export function holdsPixels({ type }: Shape): boolean {
  return type !== "line" && type !== "text";
}

/** Its middle: what it is turned about, and where a view goes to it. */
export function centreOf(shape: Shape): Point {
  if (!("vertices" in shape)) return { x: shape.x, y: shape.y };
  const { x0, y0, x1, y1 } = boundsOf(shape);
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
}

/** The least box around it. */
export function boundsOf(shape: Shape): Box {
  if ("vertices" in shape) return boxAround(shape.vertices.map(([x, y]) => ({ x, y })));
  const { dx, dy } = reachOf(shape);
  return { x0: shape.x - dx, y0: shape.y - dy, x1: shape.x + dx, y1: shape.y + dy };
}

function reachOf(shape: Exclude<Shape, PathShape>): { dx: number; dy: number } {
  if (shape.type === "point" || shape.type === "text") return { dx: 0, dy: 0 };
  if (shape.type === "circle") return { dx: shape.radius, dy: shape.radius };
  const [cos, sin] = direction(shape.angle);
  if (shape.type === "ellipse") {
    return { dx: Math.hypot(shape.rx * cos, shape.ry * sin), dy: Math.hypot(shape.rx * sin, shape.ry * cos) };
  }
  const [w, h] = [shape.width / 2, shape.height / 2];
  return { dx: Math.abs(w * cos) + Math.abs(h * sin), dy: Math.abs(w * sin) + Math.abs(h * cos) };
}

/** Cosine and sine of degrees; quarter turns are exact. */
export function direction(degrees: number): [number, number] {
  const quarter = degrees / 90;
  if (Number.isInteger(quarter)) {
    const turns: [number, number][] = [[1, 0], [0, 1], [-1, 0], [0, -1]];
    return turns[((quarter % 4) + 4) % 4] as [number, number];
  }
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)];
}

/** Degrees from 0 to 360. */
export function wrapped(degrees: number): number {
  const turn = degrees - 360 * Math.floor(degrees / 360);
  return turn >= 360 ? 0 : turn;
}

export function moved(shape: Shape, dx: number, dy: number): Shape {
  if ("vertices" in shape) return { ...shape, vertices: shape.vertices.map(([x, y]) => [x + dx, y + dy] as const) };
  return { ...shape, x: shape.x + dx, y: shape.y + dy };
}

/** Turned about its middle. */
export function turned(shape: Shape, degrees: number): Shape {
  if ("angle" in shape) return { ...shape, angle: wrapped(shape.angle + degrees) };
  if (!("vertices" in shape)) return shape;
  const { x, y } = centreOf(shape);
  const [cos, sin] = direction(degrees);
  return {
    ...shape,
    vertices: shape.vertices.map(([vx, vy]) => {
      const [dx, dy] = [vx - x, vy - y];
      return [x + dx * cos - dy * sin, y + dx * sin + dy * cos] as const;
    }),
  };
}

/** The shape that a drag from one place to another draws; null while it has no size. */
export function drawn(type: ShapeType, start: Point, end: Point): Shape | null {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const [x, y] = [(start.x + end.x) / 2, (start.y + end.y) / 2];
  if (type === "point" || type === "text") return { type, x: end.x, y: end.y };
  if (type === "circle") return dx || dy ? { type, x: start.x, y: start.y, radius: Math.hypot(dx, dy) } : null;
  if (type === "line") {
    return dx || dy ? { type, vertices: [[start.x, start.y], [end.x, end.y]] } : null;
  }
  if (type === "polygon" || !dx || !dy) return null; // a polygon is drawn vertex by vertex
  if (type === "box") return { type, x, y, width: Math.abs(dx), height: Math.abs(dy), angle: 0 };
  return { type, x, y, rx: Math.abs(dx) / 2, ry: Math.abs(dy) / 2, angle: 0 };
}
