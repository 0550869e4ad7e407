/** The number of the plane that is shown, as a field: type another one, or step with the arrows. */
import { css, html, LitElement, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { images } from "../api";
import type { ImageInfo } from "../types";
import type { CardText } from "./cards";
import { panelStyles } from "./panel_styles";
import { axesText, goToPlane, planeAxes } from "./planes";

export class PlaneField extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        flex: none;
      }
      label {
        display: flex;
        align-items: center;
        gap: 4px;
        white-space: nowrap;
      }
      input[type="number"] {
        padding: 0 4px;
        border-color: var(--line);
        text-align: right;
        appearance: textfield;
      }
      input[type="number"]:hover,
      input[type="number"]:focus {
        border-color: var(--control);
      }
      input::-webkit-inner-spin-button {
        display: none;
      }
    `,
  ];

  @property({ attribute: false }) info: ImageInfo | null = null;
  @state() private cards: readonly CardText[] = [];
  private named = "";

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("info") && this.info) void this.name(this.info);
  }

  /** The names of the axes stand in the header, which all planes of a cube share. */
  private async name({ image, path, hdu, modified, reader }: ImageInfo): Promise<void> {
    const cube = `${path} ${hdu} ${modified}`;
    if (cube === this.named || reader !== "FITS") return;
    this.named = cube;
    this.cards = [];
    try {
      const { cards } = await images.header(image);
      if (cube === this.named) this.cards = cards;
    } catch {
      this.named = ""; // closed meanwhile: asked for again with the next plane
    }
  }

  private readonly go = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    const { info } = this;
    if (info && !goToPlane(info, Number(field.value) - 1)) field.value = String(info.plane + 1);
  };

  override render(): TemplateResult | typeof nothing {
    const { info } = this;
    if (!info) return nothing;
    const axes = axesText(planeAxes(info), this.cards);
    const title = `Plane ${info.plane + 1} of ${info.planes}${axes ? `: ${axes}` : ""}. Type a number and press Enter; ↑ and ↓ step here, [ and ] anywhere`;
    const width = `width:${String(info.planes).length + 2}ch`;
    return html`<label class="mono" title=${title}>
      <input type="number" min="1" max=${info.planes} step="1" aria-label="Number of the plane" .style=${width} .value=${String(info.plane + 1)}
        @change=${this.go} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
      <span class="muted">/ ${info.planes}</span></label>`;
  }
}
