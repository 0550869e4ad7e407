/** The whole image in a corner, with the rectangle of what is on the screen; drag it to go there. */

import type { PropertyValues } from "lit";
import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { viewer } from "../actions";
import type { Ccd } from "../types";
import type { Box, Size } from "./geometry";
import { fitsFromDisplay } from "./geometry";
import { MARKS } from "./overlays";

const LONGEST_PX = 148;

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
  @property({ attribute: false }) overview: ImageBitmap | null = null;
  /** What the screen shows, in display pixels. */
  @property({ attribute: false }) box: Box | null = null;
  @property({ attribute: false }) ccds: Ccd[] = [];
  @query("canvas") private canvas!: HTMLCanvasElement;

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
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, h);
    context.imageSmoothingQuality = "high";
    if (this.overview) context.drawImage(this.overview, 0, 0, w, h);
    context.setTransform(density, 0, 0, density, 0, 0);
    if (this.box) this.paintBox(context, this.box, width, height);
  }

  private paintBox(context: CanvasRenderingContext2D, box: Box, width: number, height: number): void {
    const x = (value: number): number => (value / this.image.width) * width;
    const y = (value: number): number => (value / this.image.height) * height;
    const [left, top] = [Math.max(x(box.x0), 0.75), Math.max(y(box.y0), 0.75)];
    const [right, bottom] = [Math.min(x(box.x1), width - 0.75), Math.min(y(box.y1), height - 0.75)];
    const [w, h] = [Math.max(right - left, 4), Math.max(bottom - top, 4)];
    context.strokeStyle = "rgb(0 0 0 / 70%)";
    context.lineWidth = 3.5;
    context.strokeRect(left, top, w, h);
    context.strokeStyle = MARKS.target;
    context.lineWidth = 1.5;
    context.strokeRect(left, top, w, h);
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

declare global {
  interface HTMLElementTagNameMap {
    "toyz-minimap": Minimap;
  }
}
