/** The edge of a side panel: drag it, or move it with the arrow keys. */

import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";

const STEP_PX = 16;

@customElement("toyz-splitter")
export class Splitter extends LitElement {
  static override styles = css`
    :host {
      position: relative;
      z-index: 2;
      flex: none;
      width: 1px;
      background: var(--line);
      touch-action: none;
    }
    div {
      position: absolute;
      inset: 0 -4px;
      cursor: col-resize;
      transition: background var(--motion);
    }
    div:hover,
    div:focus-visible {
      background: var(--accent);
      opacity: 0.5;
      outline: none;
    }
  `;

  /** Of the panel, in pixels. */
  @property({ type: Number }) width = 320;
  @property({ type: Number }) min = 240;
  @property({ type: Number }) max = 640;
  /** 1 if the panel lies left of the edge, −1 if right. */
  @property({ type: Number }) direction = 1;
  @property() label = "";
  private start = { x: 0, width: 0 };

  override render() {
    return html`<div
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${this.label}
      aria-valuenow=${this.width}
      aria-valuemin=${this.min}
      aria-valuemax=${this.max}
      @pointerdown=${this.press}
      @pointermove=${this.drag}
      @keydown=${this.key}
    ></div>`;
  }

  private press(event: PointerEvent): void {
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    event.preventDefault();
    this.start = { x: event.clientX, width: this.width };
  }

  private drag(event: PointerEvent): void {
    if (event.buttons & 1) this.resize(this.start.width + this.direction * (event.clientX - this.start.x));
  }

  private key(event: KeyboardEvent): void {
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    this.resize(this.width + this.direction * steps * STEP_PX);
  }

  private resize(width: number): void {
    const detail = Math.round(Math.min(Math.max(width, this.min), this.max));
    if (detail !== this.width) this.dispatchEvent(new CustomEvent<number>("resized", { detail }));
  }
}
