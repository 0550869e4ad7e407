/** A region that is being drawn: dragged out, or clicked vertex by vertex. */

import type { Point, Size, Transform } from "../viewer/geometry";
import { toDisplay, toScreen } from "../viewer/geometry";
import { pathOf } from "./outline";
import { svg } from "./painter";
import type { Regions } from "./regions";
import type { RegionImage, Shape, ShapeType, Vertex } from "./shape";
import { drawn, MAX_VERTICES } from "./shape";

/** Screen pixels: a drag that is shorter is none, and a click as near to the first vertex closes the polygon. */
const NEAR = 8;
/** Of what is drawn by a click without a drag, on the screen. */
const USUAL = 30;
/** Of the screen's smaller side: half of what is placed by a key. */
const PLACED = 0.12;

export interface DrawAt {
  place: Point;
  at: Point;
  transform: Transform;
}

export class Drawing {
  private type: ShapeType | null = null;
  private image: RegionImage | null = null;
  private start: DrawAt | null = null;
  private shape: Shape | null = null;
  private vertices: Vertex[] = [];
  private cursor: Point | null = null;

  /** `written` is called when a text stands where it belongs, and has yet to be written. */
  constructor(
    private readonly regions: Regions,
    private readonly written: () => void = () => undefined,
  ) {}

  /** Vertices of the polygon that is being drawn. */
  get count(): number {
    return this.vertices.length;
  }

  down(type: ShapeType, where: DrawAt & { image: RegionImage }): void {
    if (this.type !== type) this.forget();
    this.type = type;
    this.image = where.image;
    this.cursor = where.place;
    if (type === "polygon") {
      this.addVertex(where);
      return;
    }
    this.start = where;
    this.shape = drawn(type, where.place, where.place);
  }

  move({ place, at, transform }: DrawAt): void {
    this.cursor = place;
    const { start, type } = this;
    if (!start || !type) return;
    const far = Math.hypot(at.x - start.at.x, at.y - start.at.y) >= NEAR / 2;
    this.start = { ...start, transform };
    if (far || type === "point" || type === "text") this.shape = drawn(type, start.place, place);
  }

  up(): void {
    const { start, type, image } = this;
    if (!start || !type || !image) return;
    const shape = this.shape ?? drawn(type, ...usual(start, type));
    this.forget();
    if (shape) this.keep(image, shape);
  }

  /** Draw one in the middle of the screen, where it can be moved and sized from. */
  place(type: ShapeType, { image, transform, screen }: { image: RegionImage; transform: Transform; screen: Size }): void {
    this.forget();
    const half = PLACED * Math.min(screen.width, screen.height);
    const at = (right: number, down: number): Point => toDisplay(transform, { x: screen.width / 2 + right * half, y: screen.height / 2 + down * half });
    const shape = type === "polygon" ? triangle(at) : drawn(type, ...span(type, at, half / transform.scale));
    if (shape) this.keep(image, shape);
  }

  private keep(image: RegionImage, shape: Shape): void {
    this.regions.draw(image, shape, shape.type === "text" ? "Text" : "");
    if (shape.type === "text") this.written();
  }

  private addVertex({ place, at, transform }: DrawAt): void {
    const near = (vertex: Vertex | undefined): boolean => {
      if (!vertex) return false;
      const on = toScreen(transform, { x: vertex[0], y: vertex[1] });
      return Math.hypot(on.x - at.x, on.y - at.y) < NEAR;
    };
    // The second click of a double click falls on the vertex that the first has made.
    if (this.count >= 3 && (near(this.vertices[0]) || near(this.vertices.at(-1)))) this.finish();
    else if (!near(this.vertices.at(-1)) && this.count < MAX_VERTICES) this.vertices = [...this.vertices, [place.x, place.y]];
  }

  /** Close the polygon; false if it has not enough vertices. */
  finish(): boolean {
    const { image, vertices } = this;
    if (!image || vertices.length < 3) return false;
    this.forget();
    this.regions.draw(image, { type: "polygon", vertices });
    return true;
  }

  /** Take the last vertex back; whether there was one. */
  stepBack(): boolean {
    if (this.vertices.length === 0) return false;
    this.vertices = this.vertices.slice(0, -1);
    return true;
  }

  /** Whether there was anything to give up. */
  giveUp(): boolean {
    const begun = this.start !== null || this.vertices.length > 0;
    this.forget();
    return begun;
  }

  private forget(): void {
    this.start = null;
    this.shape = null;
    this.vertices = [];
  }

  /** What there is so far. */
  sketch(transform: Transform): SVGElement[] {
    const tool = this.regions.tool;
    if (!tool || tool.type !== this.type) return [];
    const colour = this.regions.nextColour;
    if (this.shape) return lines(pathOf(this.shape, transform), colour);
    if (this.vertices.length === 0) return [];
    const open = [...this.vertices, ...(this.cursor ? [[this.cursor.x, this.cursor.y] as const] : [])];
    const points = open.map(([x, y]) => toScreen(transform, { x, y }));
    const dots = points.slice(0, this.vertices.length).map(({ x, y }) => svg("circle", { class: "handle vertex", cx: `${x}`, cy: `${y}`, r: "4" }));
    return [...lines(`M${points.map(({ x, y }) => `${x} ${y}`).join("L")}`, colour), ...dots];
  }
}

function lines(path: string, colour: string): SVGElement[] {
  return [svg("path", { class: "halo", d: path }), svg("path", { class: "strong", d: path, stroke: colour })];
}

/** Where a drag would have gone, for a click: a circle about it, a box with it in the middle. */
function usual({ place, transform }: DrawAt, type: ShapeType): [Point, Point] {
  const half = USUAL / transform.scale;
  if (type === "circle" || type === "line") return [place, { x: place.x + half, y: place.y }];
  return around(place, half);
}

function around({ x, y }: Point, half: number): [Point, Point] {
  return [
    { x: x - half, y: y - half * 0.6 },
    { x: x + half, y: y + half * 0.6 },
  ];
}

/** Where a place on the screen lies, by halves of what is placed from the middle. */
type FromMiddle = (right: number, down: number) => Point;

/** Where a drag would have gone, for what is placed by a key: a line lies level, however the picture is turned. */
function span(type: ShapeType, at: FromMiddle, half: number): [Point, Point] {
  if (type === "line") return [at(-1, 0), at(1, 0)];
  if (type === "circle") return [at(0, 0), at(1, 0)];
  if (type === "box" || type === "ellipse") return around(at(0, 0), half);
  return [at(0, 0), at(0, 0)];
}

function triangle(at: FromMiddle): Shape {
  const corners = [at(-0.87, 0.5), at(0.87, 0.5), at(0, -1)];
  return { type: "polygon", vertices: corners.map(({ x, y }) => [x, y] as const) };
}
