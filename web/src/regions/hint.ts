/** What to do with the tool in the hand, over the picture; and, for fingers, how to finish and to put it away. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { viewer } from "../actions";
import { commands, keyLabel } from "../commands";
import { KeptFocus } from "../panels/kept_focus";
import { bannerStyles } from "../viewer/banners";
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
    bannerStyles,
    css`
      /* Fingers have none. */
      @media (hover: none) {
        .keys {
          display: none;
        }
      }
    `,
  ];

  private stops: (() => void)[] = [];
  private drawnWith = "";

  constructor() {
    super();
    new KeptFocus(this, viewer);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [regions.subscribe(() => this.requestUpdate()), markups.add({ draw: () => this.follow() })];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stops.forEach((stop) => stop());
  }

  /** A vertex more or less changes what can be done. */
  private follow(): void {
    const now = `${regions.tool?.type} ${regionMarkup.drawing.count}`;
    if (now !== this.drawnWith) this.requestUpdate();
    this.drawnWith = now;
  }

  override render(): TemplateResult | typeof nothing {
    const { tool } = regions;
    if (!tool) return nothing;
    const { count } = regionMarkup.drawing;
    const ready = count >= 3;
    const [key = ""] = commands.get(`regions.${tool.type}`)?.keys ?? [];
    return html`<div class="banner" role="status">
      <span>${SHAPE_NAMES[tool.type]} <span class="keys">(${keyLabel(key)})</span>: ${HOW[tool.type] ?? "drag from corner to corner"}${tool.stays ? ", one after the other" : ""}
        ${count === 0 ? html`<span class="keys">(Enter: in the middle of the view)</span>` : nothing}</span>
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
