/** The whole image in a corner, with the rectangle of what is on the screen; drag it to go there. */

import type { PropertyValues } from "lit";
import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { viewer } from "../actions";
import type { Point, Size } from "./geometry";
import type { Overview } from "./image_layer";
import { fitsFromDisplay } from "./geometry";
import { MARKS } from "./overlays";

const LONGEST_PX = 148;
const SMALLEST_PX = 4;

@customElement("toyz-minimap")
export class Minimap extends LitElement {
  static override styles = css`
    :host {
      display: block;
      border: 1px solid rgb(255 255 255 / 22%);
      border-radius: 4px;
      overflow: hidden;
      background: rgb(0 0 0 / 60%);
      box-shadow: 0 0 0 1px rgb(0 0 0 / 50%);
    }
    canvas {
      display: block;
      cursor: crosshair;
      touch-action: none;
    }
    canvas:focus-visible {
      outline: 2px solid var(--accent);
      outline-offset: -2px;
    }
  `;

  @property({ attribute: false }) image: Size = { width: 1, height: 1 };
  @property({ attribute: false }) overview: Overview | null = null;
  /** The corners of the screen, in display pixels. */
  @property({ attribute: false }) outline: Point[] | null = null;
  @query("canvas") private canvas!: HTMLCanvasElement;
  private small: { of: Overview; canvas: OffscreenCanvas } | null = null;

  override render() {
    const { width, height } = this.extent;
    return html`<canvas
      style="width:${width}px;height:${height}px"
      aria-label="Minimap: drag to move the view"
      role="img"
      @pointerdown=${this.press}
      @pointermove=${this.drag}
      @dblclick=${(event: Event) => event.stopPropagation()}
    ></canvas>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.paint();
  }

  private get extent(): Size {
    const scale = LONGEST_PX / Math.max(this.image.width, this.image.height);
    const side = (length: number): number => Math.max(24, Math.round(length * scale));
    return { width: side(this.image.width), height: side(this.image.height) };
  }

  private paint(): void {
    // A picture that was just replaced is closed and has no size; the new one comes with the next frame.
    if (this.overview?.width === 0) return;
    const density = window.devicePixelRatio || 1;
    const { width, height } = this.extent;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
    // Small, and painted with each movement: not worth the way to a graphics card.
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, h);
    if (this.overview) context.drawImage(this.reduced(this.overview, w, h), 0, 0);
    context.setTransform(density, 0, 0, density, 0, 0);
    if (this.outline) this.paintOutline(context, this.outline, { width, height });
  }

  /** The overview at the size of the minimap: made once, drawn with each movement. */
  private reduced(overview: Overview, width: number, height: number): OffscreenCanvas {
    const { small } = this;
    if (small?.of === overview && small.canvas.width === width && small.canvas.height === height) return small.canvas;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = "high";
    context.drawImage(overview, 0, 0, width, height);
    this.small = { of: overview, canvas };
    return canvas;
  }

  private paintOutline(context: CanvasRenderingContext2D, outline: Point[], { width, height }: Size): void {
    const { image } = this;
    const corners = outline.map(({ x, y }) => ({ x: (x / image.width) * width, y: (y / image.height) * height }));
    const path = new Path2D();
    for (const { x, y } of enlarged(corners)) path.lineTo(x, y);
    path.closePath();
    context.lineJoin = "round";
    context.strokeStyle = "rgb(0 0 0 / 70%)";
    context.lineWidth = 3.5;
    context.stroke(path);
    context.strokeStyle = MARKS.target;
    context.lineWidth = 1.5;
    context.stroke(path);
  }

  private press(event: PointerEvent): void {
    event.stopPropagation();
    this.canvas.setPointerCapture(event.pointerId);
    this.go(event);
  }

  private drag(event: PointerEvent): void {
    event.stopPropagation();
    if (event.buttons & 1) this.go(event);
  }

  private go(event: PointerEvent): void {
    const frame = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * this.image.width;
    const y = ((event.clientY - frame.top) / frame.height) * this.image.height;
    const place = fitsFromDisplay({ x, y }, this.image.height);
    viewer()?.panTo(place.x, place.y);
  }
}

/** A quadrilateral about the same middle, of a size that can be seen. */
function enlarged(corners: Point[]): Point[] {
  const [a, b, c] = corners as [Point, Point, Point, Point];
  const middle = { x: (a.x + c.x) / 2, y: (a.y + c.y) / 2 };
  const shortest = Math.min(Math.hypot(b.x - a.x, b.y - a.y), Math.hypot(c.x - b.x, c.y - b.y));
  const factor = Math.max(1, SMALLEST_PX / shortest);
  return corners.map(({ x, y }) => ({ x: middle.x + factor * (x - middle.x), y: middle.y + factor * (y - middle.y) }));
}

declare global {
  interface HTMLElementTagNameMap {
    "toyz-minimap": Minimap;
  }
}
