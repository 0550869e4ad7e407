/**
 * Draws shapes over the picture as SVG.
 *
 * Paths are made on the screen's own pixels, whose numbers are small at any zoom: positions of an
 * image of 10⁵ pixels, enlarged by the browser, would lose tenths of a pixel. Some shapes share a
 * path: elements cost a browser time, and long paths much more (3000 ellipses: 260 ms as one
 * element each, 110 ms by tens, 1950 ms as one path). They lie on a layer that moves with the
 * picture, and are made anew when it rests.
 */

import type { Box, Size, Transform } from "../viewer/geometry";
import { boxAround, cornersOf, grow, outlineOf, toScreen } from "../viewer/geometry";
import { pathOf, screenBounds } from "./outline";
import type { Shape } from "./shape";
import { boundsOf, centreOf } from "./shape";

export interface PaintedShape {
  readonly shape: Shape;
  readonly colour: string;
  readonly label: string;
  /** Drawn wider, above the others. */
  readonly strong?: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
/** More names than these would cover what they name. */
const MOST_LABELS = 300;
/** Screen pixels of a shape's marks beyond its bounds. */
const MARGIN = 40;
/** Shapes of one path. */
const TOGETHER = 10;
const REST_MS = 180;
/** Of the screen, on each side: what is made beyond it, for the picture to move there. */
const AROUND = 0.25;
/** How much larger or smaller than they were made shapes may be shown while the picture moves. */
const MOST_SCALED = 2.5;

const bounds = new WeakMap<Shape, Box>();

/** The least box around a shape, remembered. */
export function knownBounds(shape: Shape): Box {
  let box = bounds.get(shape);
  if (!box) bounds.set(shape, (box = boundsOf(shape)));
  return box;
}

export function svg<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string> = {}): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

export class ShapePainter {
  /** A layer of its own. */
  readonly element = svg("svg", { class: "shapes" });
  private readonly halos = svg("g");
  private readonly lines = svg("g");
  private readonly labels = svg("g");
  /** Where the picture stood when the paths were made. */
  private anchor: Transform | null = null;
  /** Where the layer was moved to since. */
  private last: Transform | null = null;
  private painted: readonly PaintedShape[] | null = null;
  private screen: Size = { width: 0, height: 0 };
  private resting: ReturnType<typeof setTimeout> | undefined;

  /** `again` has it drawn once more, when the picture rests; `layer` is what moves until then. */
  constructor(
    private readonly again: () => void,
    private readonly layer: ElementCSSInlineStyle = this.element,
  ) {
    this.element.append(this.halos, this.lines, this.labels);
  }

  /** Draw these; the same list is only moved along until the picture rests. Whether the layer lies still. */
  draw(shapes: readonly PaintedShape[], transform: Transform, screen: Size): boolean {
    const same = shapes === this.painted && screen.width === this.screen.width && screen.height === this.screen.height;
    const motion = same && this.anchor ? between(this.anchor, transform) : null;
    if (motion === "none" && this.layer.style.transform === "") return true;
    // A frame in which only the picture beneath is another does not keep it from resting.
    if (motion && this.last && between(this.last, transform) === "none") return false;
    clearTimeout(this.resting);
    this.last = null;
    if (motion && motion !== "none" && this.reaches(motion, screen)) {
      this.last = transform;
      const { a, b, c, d, x, y } = motion;
      this.layer.style.transform = `matrix(${a},${b},${c},${d},${x},${y})`;
      this.resting = setTimeout(() => this.forget(), REST_MS);
      return false;
    }
    this.anchor = transform;
    this.painted = shapes;
    this.screen = screen;
    this.layer.style.transform = "";
    this.make(seen(shapes, transform, screen), transform);
    return true;
  }

  private forget(): void {
    this.anchor = null;
    this.last = null;
    this.again();
  }

  /** Whether what was made still covers the screen, and is not shown much too large or too small. */
  private reaches(motion: Transform, { width, height }: Size): boolean {
    const scaled = Math.max(motion.scale, 1 / motion.scale);
    const made = boxAround(cornersOf(around({ width, height })).map((corner) => toScreen(motion, corner)));
    return scaled < MOST_SCALED && made.x0 < 0.2 * width && made.y0 < 0.2 * height && made.x1 > 0.8 * width && made.y1 > 0.8 * height;
  }

  private make(shapes: readonly PaintedShape[], transform: Transform): void {
    const open = new Map<string, string[]>();
    const done: [key: string, paths: string[]][] = [];
    for (const { shape, colour, strong } of shapes) {
      const key = `${strong ? "strong" : "line"} ${colour}`;
      let paths = open.get(key);
      if (!paths || paths.length >= TOGETHER) {
        open.set(key, (paths = []));
        done.push([key, paths]);
      }
      paths.push(pathOf(shape, transform));
    }
    done.sort(([one], [other]) => Number(one.startsWith("strong")) - Number(other.startsWith("strong")));
    this.halos.replaceChildren(...done.map(([, paths]) => svg("path", { class: "halo", d: paths.join("") })));
    this.lines.replaceChildren(
      ...done.map(([key, paths]) => {
        const [kind = "", colour = ""] = key.split(" ");
        return svg("path", { class: kind, stroke: colour, d: paths.join("") });
      }),
    );
    this.labels.replaceChildren(...labelled(shapes).map((shape) => labelOf(shape, transform)));
  }
}

/** What leads from where a picture stood to where it stands, on the screen. */
export function between(from: Transform, to: Transform): Transform | "none" {
  if (from.a === to.a && from.b === to.b && from.c === to.c && from.d === to.d && from.x === to.x && from.y === to.y) return "none";
  const determinant = from.a * from.d - from.b * from.c;
  const a = (to.a * from.d - to.c * from.b) / determinant;
  const c = (to.c * from.a - to.a * from.c) / determinant;
  const b = (to.b * from.d - to.d * from.b) / determinant;
  const d = (to.d * from.a - to.b * from.c) / determinant;
  return { scale: to.scale / from.scale, a, b, c, d, x: to.x - a * from.x - c * from.y, y: to.y - b * from.x - d * from.y };
}

function around({ width, height }: Size): Box {
  const [dx, dy] = [AROUND * width, AROUND * height];
  return { x0: -dx, y0: -dy, x1: width + dx, y1: height + dy };
}

/** Those that are in sight, or will be soon. */
function seen(shapes: readonly PaintedShape[], transform: Transform, { width, height }: Size): PaintedShape[] {
  const screen = around({ width, height });
  const view = grow(boxAround(outlineOf({ transform, screen })), MARGIN / transform.scale);
  return shapes.filter(({ shape }) => {
    const { x0, y0, x1, y1 } = knownBounds(shape);
    return x0 <= view.x1 && x1 >= view.x0 && y0 <= view.y1 && y1 >= view.y0;
  });
}

function labelled(shapes: readonly PaintedShape[]): readonly PaintedShape[] {
  const named = shapes.filter(({ label }) => label !== "");
  return named.length <= MOST_LABELS ? named : named.filter(({ strong, shape }) => strong || shape.type === "text").slice(0, MOST_LABELS);
}

/** Above the shape; a text stands where it is. */
function labelOf({ shape, label, colour }: PaintedShape, transform: Transform): SVGTextElement {
  const box = screenBounds(shape, transform);
  const middle = screenBounds({ type: "point", ...centreOf(shape) }, transform);
  const at = shape.type === "text" ? { x: middle.x0, y: middle.y0 + 5 } : { x: (box.x0 + box.x1) / 2, y: box.y0 - (shape.type === "point" ? 10 : 6) };
  const element = svg("text", { x: at.x.toFixed(1), y: at.y.toFixed(1), fill: colour, class: shape.type === "text" ? "text" : "name" });
  element.textContent = label;
  return element;
}
