/** One box for every command and for going to a position. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { goTo, openImage } from "../actions";
import { commands, keyLabel } from "../commands";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import { dialogFrame, whenClosed } from "./dialog";
import { rowAfter } from "./directory";
import { nameOf } from "./format";
import { fuzzyFilter, matchedRuns } from "./fuzzy";
import { commandItems, looksLikePosition, plainItem, positionItems } from "./palette_items";
import type { Item } from "./palette_items";
import { panelStyles } from "./panel_styles";
import { places } from "./places";

const MOST = 60;

export class Palette extends LitElement {
  static override styles = [
    ...panelStyles,
    dialogFrame,
    css`
      dialog {
        width: min(600px, 100vw - 24px);
        max-height: min(520px, 80dvh);
        margin-top: 12dvh;
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 25%);
      }
      .box {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 0 14px;
        border-bottom: 1px solid var(--line);
        color: var(--muted);
      }
      input[role="combobox"] {
        flex: 1;
        height: 44px;
        border: 0;
        padding: 0;
        background: transparent;
        color: var(--text);
        font-size: 15px;
      }
      input[role="combobox"]:focus-visible {
        outline: none;
      }
      .box:focus-within {
        box-shadow: inset 0 -2px 0 var(--accent);
      }
      .options {
        overflow: auto;
        padding: 6px;
      }
      .option {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 30px;
        padding: 0 8px;
        border-radius: var(--radius);
        cursor: default;
      }
      .option:hover {
        background: var(--hover);
      }
      .option[aria-selected="true"] {
        background: var(--selected);
      }
      b {
        color: var(--accent);
        font-weight: 600;
      }
      .group {
        color: var(--muted);
        font-size: 12px;
      }
    `,
  ];

  @state() private query = "";
  @state() private active = 0;

  constructor() {
    super();
    new StoreController(this, ["dialog", "current"]);
  }

  private get open(): boolean {
    return store.get("dialog") === "palette";
  }

  override willUpdate(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && dialog && !dialog.open) {
      this.query = "";
      this.active = 0;
    }
  }

  override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog || dialog.open === this.open) return;
    if (this.open) {
      dialog.showModal();
      this.renderRoot.querySelector("input")?.focus();
    } else dialog.close();
  }

  private get items(): Item[] {
    const query = this.query.trim();
    const items = commandItems(query, commands.all);
    if (query) items.push(...this.recentItems(query));
    if (store.image && looksLikePosition(query)) {
      items.unshift(...positionItems(query, store.image.info.wcs !== null, (text) => void goTo(text)));
    }
    return items.slice(0, MOST);
  }

  private recentItems(query: string): Item[] {
    return fuzzyFilter(query, places.recent, (recent) => nameOf(recent.path)).map(({ item, match }) => ({
      ...plainItem(`recent-${item.path}`, nameOf(item.path), "Recent file", () => void openImage(item.path)),
      runs: matchedRuns(nameOf(item.path), match.positions),
    }));
  }

  override render(): TemplateResult {
    return html`<dialog aria-label="Commands" @cancel=${this.onCancel} @close=${whenClosed(() => this.close())} @click=${this.onBackdrop}>
      ${this.open ? this.content(this.items) : nothing}
    </dialog>`;
  }

  private content(items: Item[]): TemplateResult {
    return html`
      <div class="box">${icon("search")}
        <input type="text" role="combobox" aria-label="Command or position" aria-expanded="true" aria-controls="options" aria-autocomplete="list"
          aria-activedescendant=${items.length > 0 ? `option-${this.active}` : nothing} autocomplete="off" spellcheck="false"
          placeholder=${store.image ? "Command, or a position such as 03:56:21.6 -52:48:40" : "Command"} .value=${this.query}
          @input=${this.onInput} @keydown=${this.onKey} /><kbd>Esc</kbd></div>
      <div class="options" id="options" role="listbox" aria-label="Commands">${items.map((item, i) => this.option(item, i))}</div>
      ${items.length === 0 ? html`<p class="empty" role="status">No command is called this. Positions are two numbers: <span class="mono">59.09 -52.811</span></p>` : nothing}
    `;
  }

  private option(item: Item, index: number): TemplateResult {
    return html`<div class="option" role="option" id=${`option-${index}`} aria-selected=${index === this.active} @click=${() => this.choose(item)}
      @pointermove=${() => (this.active = index)}>
      <span class="grow clip">${item.runs.map((run) => (run.hit ? html`<b>${run.text}</b>` : run.text))}</span>
      <span class="group">${item.group}</span>${item.keys.slice(0, 2).map((key) => html`<kbd>${keyLabel(key)}</kbd>`)}</div>`;
  }

  private readonly onInput = (event: Event): void => {
    this.query = (event.target as HTMLInputElement).value;
    this.active = 0;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const items = this.items;
    if (event.key === "Enter") {
      const item = items[this.active];
      if (item) this.choose(item);
    } else {
      const row = ["Home", "End"].includes(event.key) ? null : rowAfter(event.key, this.active, items.length, 8);
      if (row === null || row < 0) return;
      this.active = row;
      void this.updateComplete.then(() => this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }));
    }
    event.preventDefault();
    event.stopPropagation();
  };

  private choose(item: Item): void {
    this.close();
    // After the focus is back where it was, so that a command that moves it has the last word.
    void this.updateComplete.then(() => commands.run(item.id) || item.run());
  }

  private close(): void {
    if (this.open) store.set({ dialog: null });
  }

  private readonly onCancel = (event: Event): void => {
    event.preventDefault();
    this.close();
  };

  private readonly onBackdrop = (event: Event): void => {
    if (event.target === event.currentTarget) this.close();
  };
}
