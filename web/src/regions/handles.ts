/** The handles of a selected region: where they stand on the screen, and what dragging one does. */

import type { Point, Transform } from "../viewer/geometry";
import { toScreen } from "../viewer/geometry";
import { fromSegment, onAxes } from "./outline";
import type { BoxShape, EllipseShape, PathShape, Shape, Vertex } from "./shape";
import { centreOf, direction, MAX_VERTICES, turned, wrapped } from "./shape";

/** `size`: an end of an axis or a corner, by signs; `vertex`: one of a path; `turn`: the knob beside it. */
export type Handle =
  | { kind: "size"; along: -1 | 0 | 1; across: -1 | 0 | 1; at: Point }
  | { kind: "vertex"; index: number; at: Point }
  | { kind: "turn"; at: Point };

/** Screen pixels from the region to its knob. */
const KNOB = 26;
/** No length becomes less, in pixels. */
const LEAST = 1e-3;

const ENDS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;
const CORNERS = [[1, 1], [-1, 1], [-1, -1], [1, -1]] as const;

/** The handles of a shape, on the screen. */
export function handlesOf(shape: Shape, transform: Transform): Handle[] {
  if (shape.type === "point" || shape.type === "text") return [];
  if ("vertices" in shape) {
    const vertices = shape.vertices.map(([x, y], index) => ({ kind: "vertex" as const, index, at: toScreen(transform, { x, y }) }));
    return shape.type === "polygon" ? [...vertices, knobOf(shape, transform)] : vertices;
  }
  const ends = shape.type === "box" ? [...ENDS, ...CORNERS] : ENDS;
  const sizes = ends.map(([along, across]) => ({ kind: "size" as const, along, across, at: toScreen(transform, endOf(shape, along, across)) }));
  return shape.type === "circle" ? sizes : [...sizes, knobOf(shape, transform)];
}

function endOf(shape: Exclude<Shape, PathShape | { type: "point" | "text" }>, along: number, across: number): Point {
  const [a, b] = halves(shape);
  return onAxes({ angle: 0, ...shape } as EllipseShape, along * a, across * b);
}

function halves(shape: Exclude<Shape, PathShape | { type: "point" | "text" }>): [number, number] {
  if (shape.type === "circle") return [shape.radius, shape.radius];
  return shape.type === "ellipse" ? [shape.rx, shape.ry] : [shape.width / 2, shape.height / 2];
}

/** Beyond the end of the second axis; of a polygon above its middle. */
function knobOf(shape: EllipseShape | BoxShape | PathShape, transform: Transform): Handle {
  const middle = toScreen(transform, centreOf(shape));
  const end = "vertices" in shape ? { x: middle.x, y: Math.min(...shape.vertices.map(([x, y]) => toScreen(transform, { x, y }).y)) } : toScreen(transform, endOf(shape, 0, 1));
  const length = Math.hypot(end.x - middle.x, end.y - middle.y);
  if (length < 1) return { kind: "turn", at: { x: middle.x, y: middle.y - KNOB } };
  const out = (length + KNOB) / length;
  return { kind: "turn", at: { x: middle.x + (end.x - middle.x) * out, y: middle.y + (end.y - middle.y) * out } };
}

/** The handle under a pointer, the nearest of several. */
export function handleAt(handles: readonly Handle[], at: Point, reach: number): Handle | null {
  const [nearest] = handles
    .map((handle) => ({ handle, away: Math.hypot(handle.at.x - at.x, handle.at.y - at.y) }))
    .filter(({ away }) => away <= reach)
    .sort((one, other) => one.away - other.away);
  return nearest?.handle ?? null;
}

export interface DragOptions {
  /** Keep the middle of a box where it is, rather than the other side. */
  centred?: boolean;
  /** Turn by steps of 15°. */
  stepped?: boolean;
}

/** The shape after one of its handles was dragged from one pixel to another. */
export function dragged(shape: Shape, handle: Handle, from: Point, to: Point, options: DragOptions = {}): Shape {
  if (handle.kind === "vertex") return "vertices" in shape ? withVertex(shape, handle.index, [to.x, to.y]) : shape;
  if (handle.kind === "turn") return turnedTo(shape, from, to, options.stepped ?? false);
  if (shape.type === "circle") return { ...shape, radius: Math.max(Math.hypot(to.x - shape.x, to.y - shape.y), LEAST) };
  if (shape.type === "ellipse") return resizedEllipse(shape, handle, to);
  return shape.type === "box" ? resizedBox(shape, handle, to, options.centred ?? false) : shape;
}

function turnedTo(shape: Shape, from: Point, to: Point, stepped: boolean): Shape {
  const middle = centreOf(shape);
  const bearing = ({ x, y }: Point): number => (Math.atan2(y - middle.y, x - middle.x) * 180) / Math.PI;
  const by = bearing(to) - bearing(from);
  if (!("angle" in shape)) return turned(shape, stepped ? Math.round(by / 15) * 15 : by);
  const angle = wrapped(shape.angle + by);
  return { ...shape, angle: stepped ? wrapped(Math.round(angle / 15) * 15) : angle };
}

/** A place from the middle of a shape, along its axes. */
function ownPlace({ x, y, angle }: EllipseShape | BoxShape, place: Point): [number, number] {
  const [cos, sin] = direction(angle);
  const [dx, dy] = [place.x - x, place.y - y];
  return [dx * cos + dy * sin, dy * cos - dx * sin];
}

type Sizing = Extract<Handle, { kind: "size" }>;

function resizedEllipse(shape: EllipseShape, { along }: Sizing, to: Point): EllipseShape {
  const [a, b] = ownPlace(shape, to);
  return along ? { ...shape, rx: Math.max(Math.abs(a), LEAST) } : { ...shape, ry: Math.max(Math.abs(b), LEAST) };
}

function resizedBox(shape: BoxShape, { along, across }: Sizing, to: Point, centred: boolean): BoxShape {
  const [a, b] = ownPlace(shape, to);
  const [width, shiftA] = resizedSide(shape.width, along, a, centred);
  const [height, shiftB] = resizedSide(shape.height, across, b, centred);
  return { ...shape, ...onAxes(shape, shiftA, shiftB), width, height };
}

/** The length of a side whose end was dragged to a place along it, and how far its middle goes. */
function resizedSide(length: number, end: number, to: number, centred: boolean): [number, number] {
  if (end === 0) return [length, 0];
  if (centred) return [Math.max(2 * Math.abs(to), LEAST), 0];
  const other = (-end * length) / 2;
  return [Math.max(Math.abs(to - other), LEAST), (to + other) / 2];
}

export function withVertex(shape: PathShape, index: number, vertex: Vertex): PathShape {
  return { ...shape, vertices: shape.vertices.map((old, at) => (at === index ? vertex : old)) };
}

/** A polygon without one of its vertices; itself if it would have less than three. */
export function withoutVertex(shape: PathShape, index: number): PathShape {
  if (shape.type !== "polygon" || shape.vertices.length <= 3) return shape;
  return { ...shape, vertices: shape.vertices.filter((_, at) => at !== index) };
}

/** A polygon with one more vertex, on its nearest side. */
export function withNewVertex(shape: PathShape, place: Point): PathShape {
  if (shape.type !== "polygon" || shape.vertices.length >= MAX_VERTICES) return shape;
  const point = (index: number): Point => {
    const [x, y] = shape.vertices.at(index) as Vertex;
    return { x, y };
  };
  const away = shape.vertices.map((_, index) => fromSegment(place, point(index - 1), point(index)));
  const side = away.indexOf(Math.min(...away));
  return { ...shape, vertices: shape.vertices.toSpliced(side, 0, [place.x, place.y]) };
}

