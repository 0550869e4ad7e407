/** The panel of regions: tools, the list, and what the selected one is and holds. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import { formatCount } from "../panels/format";
import { KeptFocus } from "../panels/kept_focus";
import { panelStyles } from "../panels/panel_styles";
import { VirtualRows } from "../panels/virtual";
import { store, StoreController } from "../store";
import { lock, shownRegions, takeTool, zoomToRegion } from "./commands";
import "./form";
import type { RegionForm } from "./form";
import { describeShape } from "./described";
import type { LabelPlace } from "./labelling";
import { offerLabel } from "./labelling";
import type { Placed } from "./regions";
import { regions } from "./regions";
import { COLOURS, SHAPE_TYPES } from "./shape";
import "./statistics";
import { TOOL_ICONS } from "./tool_icons";

const ROW = 30;

export class RegionsPanel extends LitElement implements LabelPlace {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        height: 100%;
        overflow-y: auto;
      }
      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .stack {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .stack > * {
        flex: none;
      }
      .stack > :last-child {
        margin-bottom: 12px;
      }
      /* As high as it needs, but where others want the room too. */
      .stack > .list {
        flex: 0 1 auto;
        min-height: min(var(--rows), ${7 * ROW}px);
        overflow-y: auto;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--ground);
        position: relative;
      }
      .list:focus-visible {
        outline-offset: -2px;
      }
      .spacer {
        position: relative;
      }
      .option {
        position: absolute;
        left: 0;
        right: 0;
        height: ${ROW}px;
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 0 8px;
        cursor: pointer;
      }
      .option:hover {
        background: var(--hover);
      }
      .option[aria-selected="true"] {
        background: var(--selected);
      }
      .option.active {
        box-shadow: inset 2px 0 0 var(--accent);
      }
      .option .icon {
        filter: drop-shadow(0 0 1px rgb(0 0 0 / 80%));
      }
      .option button {
        height: 24px;
        width: 24px;
      }
      .count {
        margin-left: auto;
        align-self: center;
      }
    `,
  ];

  /** The row that keys act on. */
  @state() private active = 0;
  private readonly rows = new VirtualRows(this, ".list", ROW);
  private stops: (() => void)[] = [];

  constructor() {
    super();
    new StoreController(this, ["current", "images", "overlays"]);
    new KeptFocus(this, () => this.renderRoot.querySelector<HTMLElement>(".list") ?? this.renderRoot.querySelector<HTMLElement>(".tools button"));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops = [regions.subscribe(() => this.requestUpdate()), offerLabel(this)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stops.forEach((stop) => stop());
  }

  override render(): TemplateResult {
    if (!store.image) return html`<div class="empty">${icon("shapes", 24)}<p>Open an image to draw regions on it.</p></div>`;
    const placed = shownRegions();
    this.rows.total = placed.length;
    const selected = placed.filter(({ id }) => regions.selected.has(id));
    const [single] = selected;
    return html`<div class="stack">
      ${this.tools(placed.length)} ${placed.length ? this.list(placed) : empty()} ${this.actions(selected)}
      ${single && selected.length === 1
        ? html`${keyed(single.id, html`<toyz-region-form .region=${single}></toyz-region-form>`)}<toyz-region-statistics .region=${single}></toyz-region-statistics>`
        : selected.length > 1
          ? html`<p class="label">${selected.length} regions are selected. Drag one of them to move all.</p>`
          : nothing}
    </div>`;
  }

  private tools(count: number): TemplateResult {
    const { tool } = regions;
    return html`<div class="tools" role="toolbar" aria-label="Draw a region">
      ${SHAPE_TYPES.map(
        (type) => html`<button class="square" title=${tooltip(`regions.${type}`)} aria-label=${commands.get(`regions.${type}`)?.title ?? type}
          aria-pressed=${tool?.type === type} @click=${() => (tool?.type === type && tool.stays ? regions.take(null) : takeTool(type))}>${icon(TOOL_ICONS[type])}</button>`,
      )}
      <select aria-label="Colour of new regions" title="Colour of new regions" .value=${regions.nextColour}
        @change=${(event: Event) => (regions.nextColour = (event.target as HTMLSelectElement).value)}>
        ${COLOURS.map(({ value, name }) => html`<option value=${value} ?selected=${value === regions.nextColour}>${name}</option>`)}
      </select>
      <span class="count label" role="status">${count === 0 ? "" : count === 1 ? "1 region" : `${formatCount(count)} regions`}</span>
    </div>`;
  }

  private list(placed: readonly Placed[]): TemplateResult {
    const { first, last, top, height } = this.rows.rows();
    const active = Math.min(this.active, placed.length - 1);
    return html`<div class="list" role="listbox" tabindex="0" style="--rows:${height + 2}px" aria-label="Regions of this image" aria-multiselectable="true"
      aria-activedescendant=${`region-${active}`} @scroll=${this.rows.onScroll} @keydown=${(event: KeyboardEvent) => this.key(event, placed)}>
      <div class="spacer" role="presentation" style="height:${height}px">
        ${placed.slice(first, last).map((region, number) => this.row(region, first + number, top + number * ROW, active))}
      </div>
    </div>`;
  }

  private row(region: Placed, index: number, top: number, active: number): TemplateResult {
    const { id, colour, label, shape, locked } = region;
    const text = describeShape(shape);
    return html`<div class="option ${index === active ? "active" : ""}" role="option" id=${`region-${index}`} style="top:${top}px"
      aria-selected=${regions.selected.has(id)} aria-label=${[label, text, locked ? "locked" : ""].filter(Boolean).join(", ")}
      @click=${(event: MouseEvent) => this.choose(region, index, event)} @dblclick=${() => zoomToRegion(id)}>
      <span style="color:${colour}">${icon(TOOL_ICONS[shape.type], 14)}</span>
      <span class="grow clip">${label || text}</span>
      ${locked ? icon("lock", 13) : nothing}
    </div>`;
  }

  private choose(region: Placed, index: number, event: MouseEvent): void {
    this.active = index;
    if (event.ctrlKey || event.metaKey) regions.toggle(region.id);
    else regions.select([region.id]);
  }

  private key(event: KeyboardEvent, placed: readonly Placed[]): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: this.rows.page, PageUp: -this.rows.page, Home: -placed.length, End: placed.length };
    const at = Math.min(this.active, placed.length - 1);
    const region = placed[at];
    const by = steps[event.key];
    if (by !== undefined) {
      this.active = Math.min(Math.max(at + by, 0), placed.length - 1);
      this.rows.reveal(this.active);
      if (!event.ctrlKey) regions.select([(placed[this.active] as Placed).id]);
    } else if (event.key === "Enter" && region) zoomToRegion(region.id);
    else if (event.key === " " && region) regions.toggle(region.id);
    else if (event.key === "F2" && region) this.rename(region);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private rename(region: Placed): void {
    regions.select([region.id]);
    this.writeLabel();
  }

  writeLabel(): void {
    void this.focusLabel();
  }

  /** Before the next key arrives, which would be a command elsewhere. */
  private async focusLabel(): Promise<void> {
    await this.updateComplete;
    const form = this.renderRoot.querySelector("toyz-region-form") as RegionForm | null;
    await form?.updateComplete;
    form?.focusLabel();
  }

  private actions(selected: readonly Placed[]): TemplateResult {
    const run = (id: string): (() => void) => () => void commands.run(id);
    const locked = selected.length > 0 && selected.every((one) => one.locked);
    const shown = store.get("overlays").regions;
    const button = (id: string, name: string, label: string, disabled = false): TemplateResult =>
      html`<button class="square plain" title=${tooltip(id)} aria-label=${label} ?disabled=${disabled} @click=${run(id)}>${icon(name)}</button>`;
    return html`<div class="row" role="toolbar" aria-label="Regions">
      ${button("view.regions", shown ? "eye" : "eye-off", shown ? "Hide the regions" : "Show the regions")}
      ${button("regions.zoom", "zoom-in", "Go to the selected region", selected.length === 0)}
      ${button("regions.duplicate", "copy", "Duplicate the selected regions", selected.length === 0)}
      <button class="square plain" title=${tooltip("regions.lock")} aria-label=${locked ? "Unlock the selected regions" : "Lock the selected regions"}
        ?disabled=${selected.length === 0} @click=${() => lock(selected.map(({ id }) => id), !locked)}>${icon(locked ? "lock-open" : "lock")}</button>
      ${button("regions.delete", "trash", "Delete the selected regions", selected.length === 0)}
      <span class="grow"></span>
      <button title=${tooltip("regions.files")} @click=${run("regions.files")}>Files …</button>
    </div>`;
  }
}

function empty(): TemplateResult {
  return html`<div class="empty">
    ${icon("shapes", 24)}
    <p>No regions on this image. Choose a shape above and drag over the picture, or bring some from a DS9 or CASA file.</p>
  </div>`;
}
