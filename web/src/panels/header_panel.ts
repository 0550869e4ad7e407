/** The whole header of an HDU, searchable. What a header holds is shown as text and never as markup. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { images } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { HduInfo } from "../types";
import { CardIndex, cardLine, highlighted } from "./cards";
import type { CardText } from "./cards";
import { copyText } from "./clipboard";
import { rowAfter } from "./directory";
import { formatCount } from "./format";
import { panelStyles } from "./panel_styles";
import { VirtualRows } from "./virtual";

const ROW = 20;

export class HeaderPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        container-type: inline-size;
        height: 100%;
        min-height: 320px;
      }
      .tools {
        display: grid;
        gap: 8px;
        padding: 12px 12px 8px;
      }
      select {
        width: 100%;
      }
      .list {
        flex: 1;
        min-height: 0;
        overflow: auto;
        border-top: 1px solid var(--line);
        font-size: 12px;
      }
      .list:focus-visible {
        outline-offset: -2px;
      }
      .spacer {
        position: relative;
        min-width: 100%;
        width: max-content;
      }
      .card {
        display: grid;
        grid-template-columns: 9ch minmax(24ch, max-content) max-content;
        gap: 10px;
        height: 20px;
        line-height: 20px;
        padding: 0 12px;
        white-space: pre;
        cursor: default;
      }
      @container (max-width: 460px) {
        .card {
          grid-template-columns: 8ch minmax(11ch, max-content) max-content;
        }
      }
      .card:hover {
        background: var(--hover);
      }
      .card[aria-selected="true"] {
        background: var(--selected);
      }
      .keyword {
        color: var(--accent);
      }
      .comment {
        color: var(--muted);
      }
    `,
  ];

  @state() private hdu: number | null = null;
  @state() private index = new CardIndex([]);
  @state() private found: number[] = [];
  @state() private query = "";
  @state() private selected = -1;
  @state() private problem = "";
  @state() private loading = false;
  private shown = "";
  private generation = 0;
  private readonly rows = new VirtualRows(this, ".list", ROW);

  constructor() {
    super();
    new StoreController(this, ["current", "images"]);
  }

  /** Put the cursor into the search field. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=search]")?.select();
  }

  override willUpdate(): void {
    const image = store.get("current") ?? "";
    if (image === this.shown) return;
    this.shown = image;
    this.hdu = null;
    if (image) void this.load();
  }

  private async load(): Promise<void> {
    const generation = ++this.generation;
    this.loading = true;
    this.problem = "";
    try {
      const header = await images.header(this.shown, this.hdu ?? undefined);
      if (generation !== this.generation) return;
      this.hdu = header.hdu;
      this.index = new CardIndex(header.cards);
    } catch (error) {
      if (generation !== this.generation) return;
      this.index = new CardIndex([]);
      this.problem = messageOf(error);
    }
    this.loading = false;
    this.search(this.query);
  }

  private search(query: string): void {
    this.query = query;
    this.found = this.index.find(query);
    this.selected = -1;
    this.rows.total = this.found.length;
    this.rows.toTop();
  }

  private choose(event: Event): void {
    this.hdu = Number((event.target as HTMLSelectElement).value);
    void this.load();
  }

  private card(row: number): CardText | undefined {
    return this.index.cards[this.found[row] ?? -1];
  }

  private copy(row: number): void {
    const card = this.card(row);
    if (card) void copyText(cardLine(card), `Copied ${card[0] || "the card"}.`);
  }

  private readonly copyAll = (): void => {
    const lines = this.found.map((i) => cardLine(this.index.cards[i] as CardText));
    void copyText(lines.join("\n"), `Copied ${formatCount(lines.length)} cards.`);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const copying = event.key === "Enter" || ((event.ctrlKey || event.metaKey) && event.key === "c" && !getSelection()?.toString());
    if (copying && this.selected >= 0) this.copy(this.selected);
    else if (event.key === "/" && !event.ctrlKey) this.focus();
    else {
      const row = rowAfter(event.key, this.selected, this.found.length, this.rows.page);
      if (row === null) return;
      this.selected = row;
      this.rows.reveal(row);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  override render(): TemplateResult {
    const image = store.image;
    if (!image) return html`<div class="empty"><p>Open a file to read its header.</p></div>`;
    return html`
      <div class="tools">
        ${this.hdus(image.info.hdus)}
        <div class="row">
          <input class="grow" type="search" placeholder="Search keyword, value, comment" aria-label="Search the header" spellcheck="false" autocomplete="off"
            .value=${this.query} @input=${(event: Event) => this.search((event.target as HTMLInputElement).value)} />
          <button class="square" title="Copy these cards" aria-label="Copy these cards" ?disabled=${this.found.length === 0} @click=${this.copyAll}>${icon("copy")}</button>
        </div>
        <span class="label" role="status">${this.summary()}</span>
      </div>
      ${this.problem ? html`<p class="problem stack" role="alert">${this.problem}</p>` : this.list()}
    `;
  }

  private summary(): string {
    if (this.loading) return "Reading the header …";
    const all = formatCount(this.index.cards.length);
    return this.query.trim() ? `${formatCount(this.found.length)} of ${all} cards` : `${all} cards · Enter copies the chosen one`;
  }

  private hdus(hdus: HduInfo[]): TemplateResult | typeof nothing {
    if (hdus.length < 2) return nothing;
    return html`<select aria-label="HDU" @change=${this.choose}>
      ${hdus.map((hdu) => html`<option value=${hdu.index} .selected=${hdu.index === this.hdu}>${hdu.index}  ${hdu.name || (hdu.index === 0 ? "PRIMARY" : hdu.kind)}</option>`)}
    </select>`;
  }

  private list(): TemplateResult {
    this.rows.total = this.found.length;
    const { first, last, top, height } = this.rows.rows();
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    const active = this.selected >= first && this.selected < last ? `card-${this.selected}` : nothing;
    return html`<div class="list mono" role="listbox" aria-label="Header cards" tabindex="0" aria-activedescendant=${active}
        @scroll=${this.rows.onScroll} @keydown=${this.onKey}>
      <div class="spacer" role="presentation" .style=${`height:${height}px`}>
        <div role="presentation" .style=${`transform:translateY(${top}px)`}>${indices.map((row) => this.line(row))}</div>
      </div>
    </div>
    ${this.found.length === 0 && !this.loading ? html`<p class="empty">${this.query ? "No card holds this." : "This header has no cards."}</p>` : nothing}`;
  }

  private line(row: number): TemplateResult {
    const [keyword, value, comment] = this.card(row) ?? ["", "", ""];
    return html`<div class="card" role="option" id=${`card-${row}`} aria-selected=${row === this.selected} aria-setsize=${this.found.length} aria-posinset=${row + 1}
      @click=${() => (this.selected = row)} @dblclick=${() => this.copy(row)}
      ><span class="keyword">${this.marked(keyword)}</span><span>${this.marked(value)}</span><span class="comment">${this.marked(comment)}</span></div>`;
  }

  private marked(text: string): unknown {
    if (!this.query.trim()) return text;
    return highlighted(text, this.query).map((run) => (run.hit ? html`<mark>${run.text}</mark>` : run.text));
  }
}
