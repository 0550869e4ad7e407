/** How the CCDs of a mosaic are laid out and matched; a part of the display panel. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { changeMosaic, isMosaic, LAYOUT_NAMES, MATCH_NAMES, matchText, residualText } from "../mosaic";
import { store, StoreController } from "../store";
import type { ImageInfo, LayoutChoice, Match } from "../types";
import { MATCHES } from "../types";
import { panelStyles } from "./panel_styles";

const LAYOUT_HINTS: Record<Exclude<LayoutChoice, "auto">, string> = {
  detsec: "CCDs where the headers put them on the detector, by whole pixels",
  wcs: "CCDs on one plane of the sky, turned and stretched as their WCS says: stars line up across gaps",
  grid: "CCDs side by side",
};
const MATCH_HINTS: Record<Match, string> = {
  none: "The values of the file",
  background: "Add to each CCD or amplifier what brings its sky to the median of all",
  gain: "Multiply each CCD or amplifier by what brings its sky to the median of all",
};
const LAYOUTS = Object.keys(LAYOUT_NAMES) as (keyof typeof LAYOUT_NAMES)[];

export class MosaicSettings extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        display: block;
      }
      .row + .row {
        margin-top: 4px;
      }
      .row > .label {
        flex: 0 0 44px;
      }
      .segments > button {
        flex: 1 1 auto;
      }
      p.label {
        margin: 4px 0 0;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["images", "current", "opening"]);
  }

  override render(): TemplateResult | typeof nothing {
    const info = store.image?.info;
    if (!info || !isMosaic()) return nothing;
    const facts = [residualText(info), matchText(info)].filter(Boolean);
    return html`<h3>Mosaic</h3>
      ${this.choice("Layout", LAYOUTS, info.layout, LAYOUT_NAMES, LAYOUT_HINTS, (layout) => void changeMosaic({ layout }))}
      ${this.choice("Sky", MATCHES, info.match, MATCH_NAMES, MATCH_HINTS, (match) => void changeMosaic({ match }))}
      ${facts.map((fact) => html`<p class="label">${fact}</p>`)}`;
  }

  private choice<T extends string>(
    title: string,
    values: readonly T[],
    chosen: ImageInfo["layout"] | Match,
    names: Record<T, string>,
    hints: Record<T, string>,
    choose: (value: T) => void,
  ): TemplateResult {
    const busy = store.get("opening") !== null;
    return html`<div class="row"><span class="label">${title}</span>
      <div class="segments grow" role="group" aria-label=${`${title} of the CCDs`}>
        ${values.map((value) => html`<button title=${hints[value]} aria-pressed=${value === chosen} ?disabled=${busy}
          @click=${() => value !== chosen && choose(value)}>${names[value]}</button>`)}
      </div></div>`;
  }
}
