/** The whole header of an HDU, searchable. What a header holds is shown as text and never as markup. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { images } from "../api";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { ImageInfo } from "../types";
import { cardLine, highlighted } from "./cards";
import type { CardText } from "./cards";
import { copyText } from "./clipboard";
import { rowAfter } from "./directory";
import { formatCount, hduName } from "./format";
import { HeaderSource, MOST_FOUND } from "./header_source";
import type { HeaderRow } from "./header_source";
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
      .found {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 4px;
      }
      .found button {
        height: 20px;
        padding: 0 4px;
        font-size: 12px;
        color: var(--accent);
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
      .card.of {
        grid-template-columns: 9ch 9ch minmax(24ch, max-content) max-content;
      }
      @container (max-width: 460px) {
        .card.of {
          grid-template-columns: 6ch 8ch minmax(11ch, max-content) max-content;
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

  @state() private selected = -1;
  private readonly source = new HeaderSource(images, () => this.requestUpdate());
  private readonly rows = new VirtualRows(this, ".list", ROW);
  private listed: HeaderRow[] = [];

  constructor() {
    super();
    new StoreController(this, ["current", "images", "readout"]);
  }

  /** Put the cursor into the search field. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=search]")?.select();
  }

  override willUpdate(): void {
    this.source.show(store.get("current") ?? "", store.image?.info.hdus.length ?? 1);
    this.source.under(store.get("readout")?.ccd?.hdu ?? null);
    if (this.source.rows === this.listed) return;
    this.listed = this.source.rows;
    this.selected = -1;
    this.rows.total = this.listed.length;
    this.rows.toTop();
  }

  private choose(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.source.look(value === "all" || value === "ccd" ? value : Number(value));
  }

  private card(row: number): CardText | undefined {
    return this.source.rows[row]?.card;
  }

  private copy(row: number): void {
    const card = this.card(row);
    if (card) void copyText(cardLine(card), `Copied ${card[0] || "the card"}.`);
  }

  private readonly copyAll = (): void => {
    const lines = this.source.rows.map((row) => cardLine(row.card));
    void copyText(lines.join("\n"), `Copied ${formatCount(lines.length)} cards.`);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const copying = event.key === "Enter" || ((event.ctrlKey || event.metaKey) && event.key === "c" && !getSelection()?.toString());
    if (copying && this.selected >= 0) this.copy(this.selected);
    else {
      const row = rowAfter(event.key, this.selected, this.source.rows.length, this.rows.page);
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
        ${this.hdus(image.info)}
        <div class="row">
          <input class="grow" type="search" placeholder="Search keyword, value, comment" aria-label="Search the header" spellcheck="false" autocomplete="off"
            .value=${this.source.query} @input=${(event: Event) => this.source.search((event.target as HTMLInputElement).value)} />
          <button class="square" title="Copy these cards" aria-label="Copy these cards" ?disabled=${this.source.rows.length === 0} @click=${this.copyAll}>${icon("copy")}</button>
        </div>
        <div class="found"><span class="label" role="status">${this.summary()}</span>${this.elsewhere()}</div>
      </div>
      ${this.source.problem ? html`<p class="problem stack" role="alert">${this.source.problem}</p>` : this.cards()}
    `;
  }

  /** On a mosaic what is sought stands mostly in the headers of its CCDs. */
  private elsewhere(): TemplateResult | typeof nothing {
    const { elsewhere, cutShort } = this.source;
    if (elsewhere === 0) return nothing;
    const cards = elsewhere === 1 ? "1 card" : `${cutShort ? "over " : ""}${formatCount(elsewhere)} cards`;
    return html`<button class="plain" title="Show the cards of all HDUs" @click=${() => this.source.look("all")}>${cards} in other HDUs: show</button>`;
  }

  private summary(): string {
    const { loading, where, query, rows, total } = this.source;
    if (loading) return where === "all" ? "Searching the headers …" : "Reading the header …";
    if (where === "all") {
      const many = rows.length === MOST_FOUND ? "The first " : "";
      return query.trim() ? `${many}${formatCount(rows.length)} cards in all HDUs` : "Searches the headers of all HDUs";
    }
    const all = formatCount(total);
    return query.trim() ? `${formatCount(rows.length)} of ${all} cards` : `${all} cards · Enter copies the chosen one`;
  }

  private hdus({ hdus, ccds }: ImageInfo): TemplateResult | typeof nothing {
    if (hdus.length < 2) return nothing;
    const { where, hdu: loaded } = this.source;
    const followed = where === "ccd" && loaded !== null ? `: ${loaded} ${hdus.find((hdu) => hdu.index === loaded)?.name ?? ""}` : "";
    return html`<select aria-label="HDU" @change=${this.choose}>
      <option value="all" .selected=${where === "all"}>All HDUs</option>
      ${ccds.length > 0 ? html`<option value="ccd" .selected=${where === "ccd"}>CCD under the cursor${followed}</option>` : nothing}
      ${hdus.map((hdu) => html`<option value=${hdu.index} .selected=${hdu.index === where}>${hdu.index}  ${hduName(hdu)}</option>`)}
    </select>`;
  }

  private cards(): TemplateResult {
    const none = this.source.rows.length === 0 && !this.source.loading;
    return none ? html`<p class="empty">${this.emptiness()}</p>` : this.list();
  }

  private emptiness(): string {
    const { query, where, elsewhere } = this.source;
    if (query.trim()) return elsewhere > 0 ? "No card of this HDU holds this." : "No card holds this.";
    return where === "all" ? "Type a keyword, a value or a word of a comment." : "This header has no cards.";
  }

  private list(): TemplateResult {
    this.rows.total = this.source.rows.length;
    const { first, last, top, height } = this.rows.rows();
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    const active = this.selected >= first && this.selected < last ? `card-${this.selected}` : nothing;
    return html`<div class="list mono" role="listbox" aria-label="Header cards" tabindex="0" aria-activedescendant=${active}
        @scroll=${this.rows.onScroll} @keydown=${this.onKey}>
      <div class="spacer" role="presentation" .style=${`height:${height}px`}>
        <div role="presentation" .style=${`transform:translateY(${top}px)`}>${indices.map((row) => this.line(row))}</div>
      </div>
    </div>`;
  }

  private line(row: number): TemplateResult {
    const [keyword, value, comment] = this.card(row) ?? ["", "", ""];
    const hdu = this.source.rows[row]?.hdu;
    return html`<div class="card ${hdu ? "of" : ""}" role="option" id=${`card-${row}`} aria-selected=${row === this.selected} aria-setsize=${this.source.rows.length} aria-posinset=${row + 1}
      @click=${() => (this.selected = row)} @dblclick=${() => this.copy(row)}
      >${hdu ? html`<span class="muted">${hdu.name || hdu.index}</span>` : nothing}<span class="keyword">${this.marked(keyword)}</span><span>${this.marked(value)}</span><span class="comment">${this.marked(comment)}</span></div>`;
  }

  private marked(text: string): unknown {
    if (!this.source.query.trim()) return text;
    return highlighted(text, this.source.query).map((run) => (run.hit ? html`<mark>${run.text}</mark>` : run.text));
  }
}
