/**
 * Draws shapes over the picture as SVG: all lines of one colour are one path, and one more beneath
 * them is their dark halo, so that thousands of shapes are few elements.
 *
 * Paths are made on the screen's own pixels, whose numbers are small at any zoom: positions of an
 * image of 10⁵ pixels, enlarged by the browser, would lose tenths of a pixel. While the picture is
 * only shifted they are shifted with it, and made anew when it has gone too far.
 */

import type { Box, Size, Transform } from "../viewer/geometry";
import { boxAround, grow, outlineOf } from "../viewer/geometry";
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
  readonly element = svg("g");
  private readonly halo = svg("path", { class: "halo" });
  private readonly lines = svg("g");
  private readonly labels = svg("g");
  private anchor: Transform | null = null;
  private painted: readonly PaintedShape[] | null = null;
  private screen: Size = { width: 0, height: 0 };

  constructor() {
    this.element.append(this.halo, this.lines, this.labels);
  }

  /** Draw these; the same list again is only moved along. */
  draw(shapes: readonly PaintedShape[], transform: Transform, screen: Size): void {
    const shift = this.shiftTo(transform);
    const near = shift && Math.abs(shift.dx) < screen.width / 2 && Math.abs(shift.dy) < screen.height / 2;
    const same = shapes === this.painted && screen.width === this.screen.width && screen.height === this.screen.height;
    if (same && near) {
      this.element.setAttribute("transform", `translate(${shift.dx} ${shift.dy})`);
      return;
    }
    this.anchor = transform;
    this.painted = shapes;
    this.screen = screen;
    this.element.removeAttribute("transform");
    this.make(seen(shapes, transform, screen), transform);
  }

  /** How far the picture was shifted since the paths were made; null if it was turned or zoomed as well. */
  private shiftTo({ a, b, c, d, x, y }: Transform): { dx: number; dy: number } | null {
    const from = this.anchor;
    if (!from || from.a !== a || from.b !== b || from.c !== c || from.d !== d) return null;
    return { dx: x - from.x, dy: y - from.y };
  }

  private make(shapes: readonly PaintedShape[], transform: Transform): void {
    const paths = new Map<string, string[]>();
    const all: string[] = [];
    for (const { shape, colour, strong } of shapes) {
      const path = pathOf(shape, transform);
      all.push(path);
      const key = `${strong ? "strong" : "line"} ${colour}`;
      const others = paths.get(key);
      if (others) others.push(path);
      else paths.set(key, [path]);
    }
    this.halo.setAttribute("d", all.join(""));
    const ordered = [...paths].sort(([one], [other]) => Number(one.startsWith("strong")) - Number(other.startsWith("strong")));
    this.lines.replaceChildren(
      ...ordered.map(([key, parts]) => {
        const [kind = "", colour = ""] = key.split(" ");
        return svg("path", { class: kind, stroke: colour, d: parts.join("") });
      }),
    );
    this.labels.replaceChildren(...labelled(shapes).map((shape) => labelOf(shape, transform)));
  }
}

/** Those that are in sight, or will be soon. */
function seen(shapes: readonly PaintedShape[], transform: Transform, { width, height }: Size): PaintedShape[] {
  const screen = { x0: -width / 2, y0: -height / 2, x1: 1.5 * width, y1: 1.5 * height };
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
