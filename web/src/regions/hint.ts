/** What to do with the tool in the hand, over the picture; and, for fingers, how to finish and to put it away. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { markups } from "../viewer/markup";
import { shared } from "../styles";
import { regionMarkup } from "./region_markup";
import { regions } from "./regions";
import type { ShapeType } from "./shape";
import { SHAPE_NAMES } from "./shape";

const HOW: Partial<Record<ShapeType, string>> = {
  point: "click where it is",
  text: "click where it stands",
  polygon: "click vertex after vertex; the first one again closes it",
  circle: "drag from its centre",
  line: "drag from end to end",
};

export class RegionHint extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        position: absolute;
        left: 50%;
        top: 12px;
        transform: translateX(-50%);
        width: max-content;
        max-width: calc(100% - 24px);
        pointer-events: auto;
      }
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 4px 8px;
        padding: 4px 4px 4px 12px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        box-shadow: var(--shadow);
      }
    `,
  ];

  private stop: (() => void) | undefined;
  private drawnWith = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = regions.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  /** A vertex more or less changes what can be done. */
  follow(): void {
    const now = `${regions.tool?.type} ${regionMarkup.drawing.count}`;
    if (now !== this.drawnWith) this.requestUpdate();
    this.drawnWith = now;
  }

  override render(): TemplateResult | typeof nothing {
    const { tool } = regions;
    if (!tool) return nothing;
    const ready = regionMarkup.drawing.count >= 3;
    return html`<div role="status">
      <span>${SHAPE_NAMES[tool.type]}: ${HOW[tool.type] ?? "drag from corner to corner"}${tool.stays ? ", one after the other" : ""}</span>
      ${tool.type === "polygon" && ready ? html`<button class="primary" @click=${() => regionMarkup.drawing.finish()}>Finish</button>` : nothing}
      <button @click=${() => this.putAway()}>Done (Esc)</button>
    </div>`;
  }

  private putAway(): void {
    regionMarkup.drawing.giveUp();
    regions.take(null);
    markups.refresh();
  }
}

if (!customElements.get("toyz-region-hint")) customElements.define("toyz-region-hint", RegionHint);
