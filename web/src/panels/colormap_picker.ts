/** A button that shows the colormap, and the list it opens: gradients by group, with a filter. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { icon } from "../icon";
import type { Colormap } from "../types";
import { rowAfter } from "./directory";
import { panelStyles } from "./panel_styles";

/** Fired when a colormap is chosen. */
export class ColormapEvent extends Event {
  constructor(readonly name: string) {
    super("colormap");
  }
}

/** The CSS of a gradient. */
export function gradient(colours: readonly string[], invert = false): string {
  const ordered = invert ? [...colours].reverse() : colours;
  return `background:linear-gradient(to right, ${ordered.join(", ")})`;
}

/** The maps whose name or group holds the text, the groups kept together in the order they come. */
export function grouped(colormaps: readonly Colormap[], text: string): [group: string, maps: Colormap[]][] {
  const wanted = text.trim().toLowerCase();
  const groups = new Map<string, Colormap[]>();
  for (const map of colormaps) {
    if (!`${map.name} ${map.group}`.toLowerCase().includes(wanted)) continue;
    groups.set(map.group, [...(groups.get(map.group) ?? []), map]);
  }
  return [...groups];
}

export class ColormapPicker extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        position: relative;
      }
      .swatch {
        height: 12px;
        border-radius: 3px;
        box-shadow: inset 0 0 0 1px var(--line);
        flex: none;
      }
      .chosen {
        width: 100%;
        justify-content: flex-start;
        border-color: var(--control);
        background: var(--ground);
      }
      .chosen .swatch {
        flex: 1;
      }
      .popup {
        margin: 0;
        padding: 0;
        position: fixed;
        inset: auto;
        width: 300px;
        max-height: min(420px, 70vh);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
        overflow: hidden;
      }
      .popup:popover-open {
        display: flex;
        flex-direction: column;
      }
      .popup input {
        flex: none;
        margin: 8px;
      }
      .options {
        overflow: auto;
        padding-bottom: 6px;
      }
      h3 {
        padding: 6px 12px 2px;
      }
      .option {
        display: grid;
        grid-template-columns: 104px minmax(0, 1fr);
        gap: 10px;
        align-items: center;
        height: 24px;
        padding: 0 12px;
        cursor: default;
      }
      .option:hover {
        background: var(--hover);
      }
      .option.active {
        background: var(--selected);
      }
      .option[aria-selected="true"] {
        color: var(--accent);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) colormaps: Colormap[] = [];
  @property() name = "gray";
  @property({ type: Boolean }) invert = false;
  @property({ type: Boolean }) disabled = false;
  @state() private text = "";
  @state() private active = -1;
  @state() private open = false;

  private get choices(): Colormap[] {
    return grouped(this.colormaps, this.text).flatMap(([, maps]) => maps);
  }

  private get popup(): HTMLElement | null {
    return this.renderRoot.querySelector(".popup");
  }

  override render(): TemplateResult {
    const current = this.colormaps.find((map) => map.name === this.name);
    return html`
      <button class="chosen" aria-haspopup="listbox" aria-expanded=${this.open} ?disabled=${this.disabled}
        aria-label=${`Colormap: ${this.name}`} title="Colormap (c: next)" @click=${() => this.toggle()}>
        <span>${this.name}</span><span class="swatch" .style=${gradient(current?.colours ?? ["#000", "#fff"], this.invert)}></span>
        ${icon("chevron-down")}
      </button>
      <div class="popup" popover="auto" @toggle=${this.onToggle}>${this.open ? this.list() : nothing}</div>
    `;
  }

  private list(): TemplateResult {
    const choices = this.choices;
    const active = choices[this.active];
    return html`
      <input type="search" role="combobox" aria-label="Find a colormap" aria-expanded="true" aria-controls="options" placeholder="Find a colormap"
        aria-activedescendant=${active ? `map-${active.name}` : nothing} autocomplete="off" spellcheck="false"
        .value=${this.text} @input=${this.onInput} @keydown=${this.onKey} />
      <div class="options" id="options" role="listbox" aria-label="Colormaps">
        ${grouped(this.colormaps, this.text).map(([group, maps]) => html`<div role="group" aria-label=${group}>
          <h3 aria-hidden="true">${group}</h3>${maps.map((map) => this.option(map, map === active))}</div>`)}
      </div>
      ${choices.length === 0 ? html`<p class="empty">No colormap has this name.</p>` : nothing}
    `;
  }

  private option(map: Colormap, active: boolean): TemplateResult {
    return html`<div class="option ${active ? "active" : ""}" role="option" id=${`map-${map.name}`} aria-selected=${map.name === this.name}
      @click=${() => this.choose(map.name, true)}>
      <span class="clip">${map.name}</span><span class="swatch" .style=${gradient(map.colours, this.invert)}></span></div>`;
  }

  private toggle(): void {
    const popup = this.popup;
    const button = this.renderRoot.querySelector("button");
    if (!popup || !button) return;
    const box = button.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, innerWidth - 308));
    const [above, below] = [box.top - 12, innerHeight - box.bottom - 12];
    const room = `max-height:${Math.min(420, Math.max(above, below))}px`;
    popup.style.cssText = below >= Math.min(above, 300)
      ? `left:${left}px;top:${box.bottom + 4}px;${room}`
      : `left:${left}px;bottom:${innerHeight - box.top + 4}px;${room}`;
    popup.togglePopover();
  }

  private readonly onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === "open";
    if (!this.open) return;
    this.text = "";
    this.active = this.choices.findIndex((map) => map.name === this.name);
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector("input")?.focus();
      this.reveal();
    });
  };

  private readonly onInput = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.active = this.choices.length > 0 ? 0 : -1;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter") {
      const map = this.choices[this.active];
      if (map) this.choose(map.name, true);
    } else if (event.key === "Escape") this.close();
    else if (!["ArrowDown", "ArrowUp", "PageDown", "PageUp"].includes(event.key)) return;
    else this.move(event.key);
    event.preventDefault();
    event.stopPropagation();
  };

  /** Moving through the list shows each map on the picture at once. */
  private move(key: string): void {
    const row = rowAfter(key, this.active, this.choices.length, 8);
    const map = this.choices[row ?? -1];
    if (row === null || !map) return;
    this.active = row;
    this.choose(map.name, false);
    void this.updateComplete.then(() => this.reveal());
  }

  private reveal(): void {
    this.renderRoot.querySelector(".option.active")?.scrollIntoView({ block: "nearest" });
  }

  private choose(name: string, close: boolean): void {
    this.dispatchEvent(new ColormapEvent(name));
    if (close) this.close();
  }

  private close(): void {
    this.popup?.hidePopover();
    this.renderRoot.querySelector("button")?.focus();
  }
}
