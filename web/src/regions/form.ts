/**
 * The selected region in numbers: label, colour, place and size in pixels and on the sky.
 *
 * A form is of one region as long as it lives, so that what is typed into it can be for no other.
 */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { report } from "../actions";
import { images } from "../api";
import { commands, tooltip } from "../commands";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { focused, focusSoon, KeptFocus } from "../panels/kept_focus";
import { panelStyles } from "../panels/panel_styles";
import { store } from "../store";
import type { RegionSky } from "./api";
import { regionTasks } from "./api";
import type { Field } from "./fields";
import { fieldText, parseField, pixelFields, skyFields } from "./fields";
import { withNewVertex, withoutVertex } from "./handles";
import type { Placed } from "./regions";
import { regions } from "./regions";
import { formatAngle } from "./ruler";
import type { Region, Shape } from "./shape";
import { centreOf, COLOURS, MAX_VERTICES, moved, SHAPE_NAMES } from "./shape";

/** Vertices that are listed; the others are dragged, or moved in files. */
const LISTED = 50;

export class RegionForm extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(128px, 1fr));
        gap: 8px;
      }
      label {
        display: grid;
        gap: 2px;
      }
      .wide {
        grid-column: 1 / -1;
      }
      input,
      select {
        width: 100%;
      }
      .numbers input {
        font-family: var(--mono);
        font-variant-numeric: tabular-nums;
      }
      .vertices {
        max-height: 220px;
        overflow-y: auto;
        padding: 2px;
      }
      .vertex {
        display: grid;
        grid-template-columns: 1fr 1fr 28px;
        gap: 8px;
        align-items: end;
        margin-bottom: 4px;
      }
      section {
        display: grid;
        gap: 8px;
        margin-top: 12px;
      }
    `,
  ];

  @property({ attribute: false }) region!: Placed;
  @state() private sky: RegionSky | null = null;
  @state() private problem = "";
  private asked: Shape | null = null;
  private image = "";
  /** The field in which something is typed that is not kept yet. */
  private edited: EventTarget | null = null;
  /** What had the keys before the label was given them. */
  private cameFrom: Element | null = null;

  constructor() {
    super();
    new KeptFocus(this, () => this.renderRoot.querySelector<HTMLElement>(".vertices"));
  }

  /** What was typed is kept when the form goes, too: browsers tell of no change in a field that is taken away. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.edited) this.edited.dispatchEvent(new Event("change", { bubbles: true }));
    else if (this.problem) this.complain(this.problem);
  }

  /** Beside the fields; once they are gone, where it is still read. */
  private complain(problem: string): void {
    this.problem = problem;
    const { label, shape } = this.region;
    if (!this.isConnected && regions.get(this.region.id)) report("warning", `${label || SHAPE_NAMES[shape.type]} stays as it was. ${problem}`);
  }

  /** Put the cursor into the label, with all of it selected; Enter leads back to where the keys were. */
  focusLabel(): void {
    const input = this.renderRoot.querySelector<HTMLInputElement>("#label");
    this.cameFrom = focused();
    input?.select();
    focusSoon(input);
  }

  private readonly onLabelKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(this.cameFrom instanceof HTMLElement) || !this.cameFrom.isConnected) return;
    event.preventDefault();
    this.cameFrom.focus();
    this.cameFrom = null;
  };

  override willUpdate(): void {
    const image = store.image?.info;
    if (!image || (this.asked === this.region.shape && this.image === image.image)) return;
    if (this.image !== image.image) this.sky = null;
    this.asked = this.region.shape;
    this.image = image.image;
    this.problem = "";
    if (image.wcs) void this.askSky(image.image, this.region.shape);
    else this.sky = null;
  }

  private async askSky(image: string, shape: Shape): Promise<void> {
    const sky = await regionTasks.sky(image, shape).catch(() => null);
    if (shape === this.asked && image === this.image) this.sky = sky;
  }

  override render(): TemplateResult {
    const { label, colour, shape } = this.region;
    const known = COLOURS.some(({ value }) => value === colour);
    return html`<section aria-label=${`Selected: ${SHAPE_NAMES[shape.type]}`} @input=${(event: Event) => (this.edited = event.target)} @change=${() => (this.edited = null)}>
      <div class="row">
        <h3 class="grow">${SHAPE_NAMES[shape.type]}</h3>
        <button class="square plain" title=${tooltip("notes.new")} aria-label="Write a note about this region" @click=${() => commands.run("notes.new")}>${icon("notebook-pen")}</button>
      </div>
      <div class="fields">
        <label>
          <span class="label">Label</span>
          <input id="label" type="text" maxlength="200" .value=${label} @keydown=${this.onLabelKey} @change=${(event: Event) => this.relabel((event.target as HTMLInputElement).value)} />
        </label>
        <label>
          <span class="label">Colour</span>
          <select @change=${(event: Event) => this.edit("Change colour", { colour: (event.target as HTMLSelectElement).value })}>
            ${known ? nothing : html`<option value=${colour} selected>${colour}</option>`}
            ${COLOURS.map(({ value, name }) => html`<option value=${value} ?selected=${value === colour}>${name}</option>`)}
          </select>
        </label>
      </div>
      ${"vertices" in shape ? this.vertices(shape) : html`<div class="fields numbers">${pixelFields(shape).map((field) => this.field(field))}</div>`}
      ${this.onSky(shape)} ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
    </section>`;
  }

  private field(field: Field): TemplateResult {
    return html`<label>
      <span class="label">${field.label} (${field.unit})</span>
      <input type="text" inputmode="decimal" name=${field.name} .value=${fieldText(field.value)} @change=${(event: Event) => this.typed(event.target as HTMLInputElement, field)} />
    </label>`;
  }

  private vertices(shape: Extract<Shape, { vertices: unknown }>): TemplateResult {
    const fields = pixelFields(shape);
    const full = shape.vertices.length >= MAX_VERTICES;
    const pairs = shape.vertices.slice(0, LISTED).map((_, index) => [fields[2 * index], fields[2 * index + 1]] as [Field, Field]);
    return html`<div class="vertices numbers" tabindex="0" role="group" aria-label="Vertices">
        ${pairs.map(
          ([x, y], index) => html`<div class="vertex">
            ${this.field(x)}${this.field(y)}
            ${shape.type === "polygon"
              ? html`<button class="square plain" aria-label=${`Take vertex ${index + 1} away`} title="Take it away" ?disabled=${shape.vertices.length <= 3}
                  @click=${() => this.reshape("Change vertices", withoutVertex(shape, index))}>${icon("x", 14)}</button>`
              : nothing}
          </div>`,
        )}
        ${shape.vertices.length > LISTED ? html`<p class="label">and ${shape.vertices.length - LISTED} more</p>` : nothing}
      </div>
      ${shape.type === "polygon"
        ? html`<button ?disabled=${full} @click=${() => this.addVertex(shape)}>${icon("plus", 14)} Add a vertex</button>`
        : nothing}`;
  }

  private onSky(shape: Shape): TemplateResult | typeof nothing {
    const { sky } = this;
    if (!sky || sky.ra === null) return nothing;
    const position = sky.sexagesimal?.join(" ") ?? "";
    const place = "vertices" in shape ? "First vertex (ICRS)" : "RA, Dec (ICRS)";
    return html`<div class="fields numbers">
      <label class="wide">
        <span class="label">${place}</span>
        <input type="text" name="position" .value=${position} @change=${(event: Event) => void this.moveTo(event.target as HTMLInputElement, position)} />
      </label>
      ${skyFields(shape, sky).map((field) => this.field(field))}
      ${sky.length === null
        ? nothing
        : html`<p class="wide">${formatAngle(sky.length)} <span class="label">at position angle</span> ${(sky.position_angle ?? 0).toFixed(2)}°</p>`}
    </div>`;
  }

  private typed(input: HTMLInputElement, field: Field): void {
    const value = parseField(input.value, field);
    input.setAttribute("aria-invalid", String(value === null));
    if (value === null) this.complain(`${field.label} is a number${field.positive ? " above 0" : ""}.`);
    else if (fieldText(field.value) !== input.value) this.reshape(`Change ${field.label.toLowerCase()}`, field.put(value));
  }

  /** To a position as people write it: sexagesimal, degrees, galactic. */
  private async moveTo(input: HTMLInputElement, before: string): Promise<void> {
    if (input.value === before) return;
    const { shape } = this.region;
    try {
      const at = await images.locate(this.image, input.value);
      const from = "vertices" in shape ? { x: shape.vertices[0]?.[0] ?? 0, y: shape.vertices[0]?.[1] ?? 0 } : centreOf(shape);
      this.reshape("Move region", moved(shape, at.x - 1 - from.x, at.y - 1 - from.y));
    } catch (error) {
      input.setAttribute("aria-invalid", "true");
      this.complain(messageOf(error));
    }
  }

  private addVertex(shape: Extract<Shape, { vertices: unknown }>): void {
    const [first, second] = shape.vertices;
    if (first && second) this.reshape("Change vertices", withNewVertex(shape, { x: (first[0] + second[0]) / 2, y: (first[1] + second[1]) / 2 }));
  }

  private relabel(label: string): void {
    this.edit("Rename region", { label: label.replace(/[\x00-\x1f\x7f]+/g, " ").trim() });
  }

  private reshape(label: string, shape: Shape): void {
    this.edit(label, { shape });
  }

  private edit(label: string, change: Partial<Region>): void {
    this.problem = "";
    regions.edit(label, [this.region.id], (region) => ({ ...region, ...change }));
  }
}

if (!customElements.get("toyz-region-form")) customElements.define("toyz-region-form", RegionForm);
