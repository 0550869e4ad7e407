/** The regions over the picture: drawn, selected, and changed by hand. */

import { store } from "../store";
import type { Markup, MarkupFrame, Press } from "../viewer/markup";
import { markups } from "../viewer/markup";
import type { Point, Transform } from "../viewer/geometry";
import { toDisplay } from "../viewer/geometry";
import { Drawing } from "./drawing";
import type { Grip } from "./grip";
import { gripAt, Gripping } from "./grip";
import { handlesOf, withNewVertex, withoutVertex } from "./handles";
import { writeLabel } from "./labelling";
import { meeting } from "./outline";
import type { PaintedShape } from "./painter";
import { knownBounds, ShapePainter, svg } from "./painter";
import type { Placed, Regions } from "./regions";
import { regionImage, regions } from "./regions";
import { rulerLabel } from "./ruler";
import type { PathShape, RegionImage } from "./shape";
import { pixelTransform } from "./shape";

const HANDLE = 4;
const REACH = { mouse: 6, pen: 10, touch: 16 } as const;

export const reachOf = ({ pointerType }: PointerEvent): number => REACH[pointerType as keyof typeof REACH] ?? REACH.mouse;

export class RegionMarkup implements Markup {
  readonly element = document.createElement("div");
  private readonly painter = new ShapePainter(() => markups.refresh(), this.element);
  private readonly sketch = svg("g");
  private readonly handles = svg("g");
  private frame: MarkupFrame | null = null;
  private transform: Transform | null = null;
  private list: readonly PaintedShape[] = [];
  private stale = true;
  private gripping: Gripping | null = null;
  private hover: Grip | null = null;
  readonly drawing: Drawing;

  constructor(private readonly regions: Regions) {
    const above = svg("svg");
    above.append(this.sketch, this.handles);
    this.element.className = "regions";
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.painter.element, above);
    this.drawing = new Drawing(regions, writeLabel);
    regions.subscribe(() => {
      this.stale = true;
      markups.refresh();
    });
    store.subscribe(["overlays"], () => markups.refresh());
  }

  // ---- what is drawn --------------------------------------------------------------------------

  draw(frame: MarkupFrame | null): void {
    if (frame?.image !== this.frame?.image) this.stale = true;
    this.frame = frame;
    const shown = frame !== null && store.get("overlays").regions;
    this.element.style.display = shown ? "" : "none";
    this.transform = frame && pixelTransform(frame.transform, frame.image.height);
    if (!frame || !shown || !this.transform) return;
    if (this.stale) this.gather();
    if (!this.painter.draw(this.list, this.transform, frame.screen)) return;
    this.drawHandles(this.transform);
    this.sketch.replaceChildren(...this.drawing.sketch(this.transform));
  }

  private gather(): void {
    this.stale = false;
    const { selected } = this.regions;
    const scale = this.frame?.image.wcs?.pixel_scale ?? null;
    this.list = this.placed.map((region) => {
      const shape = this.regions.shapeOf(region);
      const label = shape.type === "line" ? [region.label, rulerLabel(shape, scale)].filter(Boolean).join("  ") : region.label;
      return { shape, label, colour: region.colour, strong: selected.has(region.id) };
    });
  }

  private drawHandles(transform: Transform): void {
    const region = this.single;
    const handles = region && !region.locked ? handlesOf(this.regions.shapeOf(region), transform) : [];
    this.handles.replaceChildren(
      ...handles.map(({ kind, at }) =>
        kind === "size"
          ? svg("rect", { class: "handle", x: `${at.x - HANDLE}`, y: `${at.y - HANDLE}`, width: `${2 * HANDLE}`, height: `${2 * HANDLE}` })
          : svg("circle", { class: `handle ${kind}`, cx: `${at.x}`, cy: `${at.y}`, r: `${HANDLE + 0.5}` }),
      ),
    );
  }

  // ---- what is touched ------------------------------------------------------------------------

  down({ at, event }: Press): boolean {
    const { transform, image } = this;
    if (!transform || !image || !store.get("overlays").regions) return false;
    const place = toDisplay(transform, at);
    if (this.regions.tool) {
      this.drawing.down(this.regions.tool.type, { place, at, transform, image });
      return true;
    }
    const grip = this.gripAt(at, reachOf(event));
    if (!grip || (grip.inside && !this.regions.selected.has(grip.region.id))) return false;
    if (!this.regions.selected.has(grip.region.id)) this.regions.select([grip.region.id]);
    this.gripping = new Gripping(this.regions, grip, place, event.ctrlKey || event.metaKey);
    return true;
  }

  move({ at, event }: Press): void {
    if (!this.transform) return;
    const place = toDisplay(this.transform, at);
    if (this.gripping) this.gripping.move(place, { centred: event.altKey, stepped: event.ctrlKey || event.metaKey });
    else if (this.regions.tool) this.drawing.move({ place, at, transform: this.transform });
    else this.hover = this.placed.length ? this.gripAt(at, reachOf(event)) : null;
    if (this.regions.tool) markups.refresh();
  }

  up({ at, event }: Press): void {
    if (this.gripping) {
      this.gripping.end();
      this.gripping = null;
    } else if (this.regions.tool) {
      this.drawing.up();
      markups.refresh();
    } else {
      this.click(at, event);
    }
  }

  /** With the tool in the hand, but no pointer. */
  place(): void {
    const { transform, image, frame } = this;
    const { tool } = this.regions;
    if (!tool || !transform || !image || !frame) return;
    this.drawing.place(tool.type, { image, transform, screen: frame.screen });
    markups.refresh();
  }

  /** On the picture, and not on what can be dragged. */
  private click(at: Point, event: PointerEvent): void {
    const { transform } = this;
    if (!transform || !store.get("overlays").regions) return;
    const under = this.placed.filter(({ shape }) => meeting(shape, transform, at, reachOf(event), knownBounds(shape)) !== null);
    const smallest = under.sort((one, other) => extentOf(one) - extentOf(other))[0];
    if (smallest && (event.ctrlKey || event.metaKey)) this.regions.toggle(smallest.id);
    else if (smallest) this.regions.select([smallest.id]);
    else if (this.regions.selected.size) this.regions.select([]);
  }

  /** On a vertex it takes that away, on a side of a polygon it makes another. */
  twice(at: Point): boolean {
    const { transform } = this;
    if (!transform) return false;
    if (this.regions.tool) return true;
    const region = this.single;
    const grip = region && !region.locked ? this.gripAt(at, REACH.mouse) : null;
    if (!grip || grip.region.id !== region?.id || grip.inside || region.shape.type !== "polygon") return false;
    const { handle } = grip;
    const change = (shape: PathShape): PathShape =>
      handle?.kind === "vertex" ? withoutVertex(shape, handle.index) : withNewVertex(shape, toDisplay(transform, at));
    this.regions.edit("Change vertices", [region.id], (old) => ({ ...old, shape: change(old.shape as PathShape) }));
    return true;
  }

  giveUp(): boolean {
    if (this.gripping) {
      this.gripping.giveUp();
      this.gripping = null;
      return true;
    }
    if (this.drawing.giveUp()) markups.refresh();
    else if (this.regions.tool) this.regions.take(null);
    else return false;
    return true;
  }

  get cursor(): string {
    if (this.regions.tool) return "crosshair";
    const grip = this.gripping?.grip ?? this.hover;
    if (!grip || (grip.inside && !this.regions.selected.has(grip.region.id))) return "";
    if (grip.region.locked) return "pointer";
    return grip.handle ? (grip.handle.kind === "turn" ? "grab" : "pointer") : "move";
  }

  private gripAt(at: Point, reach: number): Grip | null {
    const { transform, frame } = this;
    if (!transform || !frame) return null;
    return gripAt(this.regions, this.placed, { at, reach, transform, screen: frame.screen });
  }

  private get image(): RegionImage | null {
    return this.frame && regionImage(this.frame.image);
  }

  private get placed(): readonly Placed[] {
    return this.regions.of(this.image);
  }

  /** The one that is selected, if it is only one. */
  private get single(): Placed | null {
    const [id, ...others] = this.regions.selected;
    if (id === undefined || others.length) return null;
    return this.placed.find((region) => region.id === id) ?? null;
  }
}

function extentOf({ shape }: Placed): number {
  const { x0, y0, x1, y1 } = knownBounds(shape);
  return (x1 - x0) * (y1 - y0);
}


/** Those of the page. */
export const regionMarkup = new RegionMarkup(regions);
