/** North and east on the screen, and the scale bar. */

import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Directions } from "../types";
import { directionOnScreen, scaleBar } from "./geometry";

const haloed = css`
  :host {
    display: block;
    padding: 6px 8px;
    border-radius: var(--radius);
    /* A halo alone is lost on a bright star and on a white stretch. */
    background: rgb(10 12 16 / 62%);
    pointer-events: none;
  }
  svg {
    display: block;
    overflow: visible;
  }
  .halo {
    stroke: rgb(0 0 0 / 80%);
    stroke-width: 4.5;
  }
  .line {
    stroke: #fff;
    stroke-width: 2;
  }
  path {
    fill: none;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  text {
    font: 600 11px/1 var(--font);
    fill: #fff;
    stroke: rgb(0 0 0 / 70%);
    stroke-width: 3;
    paint-order: stroke;
    text-anchor: middle;
    dominant-baseline: central;
  }
`;

const CENTRE = 32;
const ARM = 20;

@customElement("toyz-compass")
export class Compass extends LitElement {
  static override styles = [
    haloed,
    css`
      :host {
        padding: 4px;
        border-radius: 50%;
      }
    `,
  ];

  /** Of the picture as the file has it. */
  @property({ attribute: false }) directions: Directions | null = null;
  @property({ type: Number }) turn = 0;
  @property({ type: Boolean }) mirrored = false;

  override render() {
    if (!this.directions) return nothing;
    const north = directionOnScreen(this.directions.north, this);
    const east = directionOnScreen(this.directions.east, this);
    const label = `North points ${Math.round(north)}° and east ${Math.round(east)}° clockwise from up`;
    return html`<svg width="64" height="64" role="img" aria-label=${label}>
      ${arrow(north, "N", true)} ${arrow(east, "E", false)}
    </svg>`;
  }
}

function arrow(degrees: number, name: string, headed: boolean) {
  const angle = (degrees * Math.PI) / 180;
  const place = (radius: number, turn = 0): string => {
    const [x, y] = [Math.sin(angle + turn) * radius, -Math.cos(angle + turn) * radius];
    return `${(CENTRE + x).toFixed(1)} ${(CENTRE + y).toFixed(1)}`;
  };
  const head = headed ? `M${place(ARM - 6, -0.28)}L${place(ARM)}L${place(ARM - 6, 0.28)}` : "";
  const path = `M${CENTRE} ${CENTRE}L${place(ARM)}${head}`;
  const [x, y] = place(ARM + 9).split(" ");
  return svg`<path class="halo" d=${path}></path><path class="line" d=${path}></path><text x=${x} y=${y}>${name}</text>`;
}

@customElement("toyz-scale-bar")
export class ScaleBarElement extends LitElement {
  static override styles = haloed;

  @property({ type: Number }) zoom = 1;
  /** Arcseconds of a pixel; null without a WCS. */
  @property({ attribute: false }) pixelScale: number | null = null;
  @property({ type: Number }) longest = 140;

  override render() {
    const { length, label } = scaleBar(this.zoom, this.pixelScale, this.longest);
    const path = `M1 14V20H${(length + 1).toFixed(1)}V14`;
    return html`<svg width=${Math.ceil(length) + 2} height="22" role="img" aria-label="Scale: the bar is ${label} long">
      <path class="halo" d=${path}></path>
      <path class="line" d=${path}></path>
      <text x=${length / 2 + 1} y="9">${label}</text>
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "toyz-compass": Compass;
    "toyz-scale-bar": ScaleBarElement;
  }
}
