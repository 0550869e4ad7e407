/** A form drawn from a JSON Schema: every field labelled, faults at the field they belong to. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { StoreController } from "../store";
import type { Json } from "../types";
import { icon } from "../icon";
import { draftOf, isGroup, parametersOf } from "./draft";
import type { Draft, DraftGroup, Fault } from "./draft";
import { knownPaths } from "./known_paths";
import { panelStyles } from "./panel_styles";
import { fieldsOf } from "./schema";
import type { Field, Schema } from "./schema";

type Change = (draft: Draft) => void;

export class SchemaForm extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .fields {
        display: grid;
        gap: 10px;
      }
      .field {
        display: grid;
        gap: 3px;
        min-width: 0;
      }
      .field > input,
      .field > select,
      .field > textarea {
        width: 100%;
      }
      .note {
        color: var(--muted);
        font-size: 12px;
        line-height: 16px;
      }
      .fault {
        color: var(--bad);
        font-size: 12px;
        line-height: 16px;
      }
      fieldset {
        display: grid;
        gap: 8px;
        margin: 0;
        min-width: 0;
        padding: 8px 10px 10px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
      }
      legend {
        padding: 0 4px;
        font-size: 12px;
        color: var(--muted);
      }
      .item {
        display: flex;
        align-items: start;
        gap: 6px;
      }
      .item > :first-child {
        flex: 1;
        min-width: 0;
      }
      .optional {
        color: var(--muted);
        font-size: 11px;
      }
      textarea {
        font-family: var(--mono);
        resize: vertical;
      }
    `,
  ];

  @property({ attribute: false }) schema: Schema = {};
  /** What the server found wrong, by the path of the field. */
  @property({ attribute: false }) faults: Fault[] = [];
  @state() private drafts: Record<string, Draft> = {};
  @state() private own: Fault[] = [];
  private fields: Field[] = [];

  constructor() {
    super();
    new StoreController(this, ["current", "images"]); // whose paths are offered
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("schema")) return;
    this.fields = fieldsOf(this.schema);
    this.drafts = Object.fromEntries(this.fields.map((field) => [field.name, draftOf(field)]));
    this.own = [];
  }

  /** The parameters, or null where something must be mended first; the first such field gets the focus. */
  read(): Record<string, Json> | null {
    const { value, faults } = parametersOf(this.fields, this.drafts);
    this.own = faults;
    if (faults.length === 0) return value;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return null;
  }

  /** Put every field back to its default. */
  reset(): void {
    this.drafts = Object.fromEntries(this.fields.map((field) => [field.name, draftOf(field)]));
    this.own = [];
  }

  override render(): TemplateResult {
    if (this.fields.length === 0) return html`<p class="note">This task takes no parameters.</p>`;
    return html`<div class="fields">${this.fields.map((field) => {
      const change = (draft: Draft): void => {
        this.drafts = { ...this.drafts, [field.name]: draft };
        this.own = this.own.filter((fault) => fault.path !== field.path && !fault.path.startsWith(`${field.path}.`));
      };
      return this.field(field, this.drafts[field.name] ?? "", change);
    })}</div>`;
  }

  private faultOf(path: string): string {
    return [...this.own, ...this.faults].find((fault) => fault.path === path)?.message ?? "";
  }

  private field(field: Field, draft: Draft, change: Change): TemplateResult {
    if (field.kind === "boolean" && typeof draft === "boolean") return this.tick(field, draft, change);
    if (field.kind === "group" || field.kind === "tuple") return this.group(field, draft, change);
    if (field.kind === "list") return this.list(field, draft, change);
    if (field.kind === "choices") return this.ticks(field, draft, change);
    return this.labelled(field, draft as string, change);
  }

  private idOf(field: Field): string {
    return `field-${field.path.replace(/[^\w]/g, "-")}`;
  }

  private mark(field: Field): TemplateResult | typeof nothing {
    return field.required && field.default === undefined && !field.nullable ? nothing : html`<span class="optional">optional</span>`;
  }

  private about(field: Field): TemplateResult {
    const fault = this.faultOf(field.path);
    return html`${field.description ? html`<span class="note" id=${`${this.idOf(field)}-note`}>${field.description}</span>` : nothing}
      ${fault ? html`<span class="fault" id=${`${this.idOf(field)}-fault`} role="alert">${fault}</span>` : nothing}`;
  }

  private describedBy(field: Field): string | typeof nothing {
    const ids = [field.description && `${this.idOf(field)}-note`, this.faultOf(field.path) && `${this.idOf(field)}-fault`].filter(Boolean);
    return ids.length > 0 ? ids.join(" ") : nothing;
  }

  private labelled(field: Field, draft: string, change: Change): TemplateResult {
    return html`<div class="field"><label class="row" for=${this.idOf(field)}><span>${field.title}</span>${this.mark(field)}</label>
      ${this.control(field, draft, change)} ${this.about(field)}</div>`;
  }

  private control(field: Field, draft: string, change: Change): TemplateResult {
    const invalid = this.faultOf(field.path) ? "true" : "false";
    const input = (event: Event): void => change((event.target as HTMLInputElement).value);
    const { minimum, maximum } = field.schema;
    if (field.kind === "choice" || field.kind === "boolean") return this.choice(field, draft, change);
    if (field.kind === "json") {
      return html`<textarea id=${this.idOf(field)} rows="3" spellcheck="false" placeholder="JSON" aria-invalid=${invalid}
        aria-describedby=${this.describedBy(field)} .value=${draft} @input=${input}></textarea>`;
    }
    const bounds = [minimum !== undefined && `from ${minimum}`, maximum !== undefined && `to ${maximum}`].filter(Boolean).join(" ");
    const number = field.kind === "number";
    const offers = field.schema.format === "path" ? `${this.idOf(field)}-offers` : null;
    return html`<input id=${this.idOf(field)} class=${number ? "mono" : ""} type="text" inputmode=${number ? "decimal" : "text"} autocomplete="off" spellcheck="false"
      placeholder=${number ? bounds : ""} aria-invalid=${invalid} aria-required=${field.required} aria-describedby=${this.describedBy(field)}
      list=${offers ?? nothing} .value=${draft} @input=${input} />
      ${offers ? html`<datalist id=${offers}>${knownPaths().map((path) => html`<option value=${path}></option>`)}</datalist>` : nothing}`;
  }

  private choice(field: Field, draft: string, change: Change): TemplateResult {
    const options: [string, string][] = field.kind === "choice"
      ? field.choices.map((choice, i) => [String(i), String(choice)])
      : [["true", "Yes"], ["false", "No"]];
    const blank = field.nullable || draft === "";
    return html`<select id=${this.idOf(field)} aria-invalid=${this.faultOf(field.path) ? "true" : "false"} aria-describedby=${this.describedBy(field)}
      @change=${(event: Event) => change((event.target as HTMLSelectElement).value)}>
      ${blank ? html`<option value="" .selected=${draft === ""}>${field.nullable ? "none" : "choose"}</option>` : nothing}
      ${options.map(([value, title]) => html`<option value=${value} .selected=${value === draft}>${title}</option>`)}</select>`;
  }

  private tick(field: Field, draft: boolean, change: Change): TemplateResult {
    return html`<div class="field"><label class="row"><input type="checkbox" id=${this.idOf(field)} .checked=${draft} aria-describedby=${this.describedBy(field)}
      @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} />${field.title}</label>${this.about(field)}</div>`;
  }

  private group(field: Field & { kind: "group" | "tuple" }, draft: Draft, change: Change): TemplateResult {
    const now: DraftGroup = isGroup(draft) ? draft : { on: false, fields: {} };
    const optional = field.nullable || !field.required;
    const set = (name: string) => (part: Draft): void => change({ ...now, fields: { ...now.fields, [name]: part } });
    return html`<fieldset id=${this.idOf(field)}><legend>${field.title}</legend>
      ${optional ? html`<label class="row"><input type="checkbox" .checked=${now.on} @change=${(event: Event) =>
        change({ ...now, on: (event.target as HTMLInputElement).checked })} />Give ${field.title.toLowerCase()}</label>` : nothing}
      ${this.about(field)} ${now.on ? field.fields.map((part) => this.field(part, now.fields[part.name] ?? "", set(part.name))) : nothing}
    </fieldset>`;
  }

  private list(field: Field & { kind: "list" }, draft: Draft, change: Change): TemplateResult {
    const items = Array.isArray(draft) ? draft : [];
    const { minItems = 0, maxItems = Infinity } = field.schema;
    const without = (index: number): Draft[] => items.filter((_, i) => i !== index);
    const set = (index: number) => (part: Draft): void => change(items.map((item, i) => (i === index ? part : item)));
    return html`<fieldset id=${this.idOf(field)}><legend>${field.title}</legend>${this.about(field)}
      ${items.map((item, i) => html`<div class="item">${this.field(field.item(i), item, set(i))}
        <button type="button" class="plain square" title="Remove" aria-label=${`Remove ${field.item(i).title}`} ?disabled=${items.length <= minItems}
          @click=${() => change(without(i))}>${icon("x")}</button></div>`)}
      <div><button type="button" ?disabled=${items.length >= maxItems} @click=${() => change([...items, draftOf(field.item(items.length))])}>
        ${icon("plus")} Add</button></div></fieldset>`;
  }

  private ticks(field: Field & { kind: "choices" }, draft: Draft, change: Change): TemplateResult {
    const on = Array.isArray(draft) ? draft : [];
    return html`<fieldset id=${this.idOf(field)}><legend>${field.title}</legend>${this.about(field)}
      ${field.choices.map((choice, i) => html`<label class="row"><input type="checkbox" .checked=${on[i] === true} @change=${(event: Event) =>
        change(field.choices.map((_, j) => (j === i ? (event.target as HTMLInputElement).checked : on[j] === true)))} />${String(choice)}</label>`)}
    </fieldset>`;
  }
}
