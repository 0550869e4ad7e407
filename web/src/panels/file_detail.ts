/** What a file holds, from its headers alone: its HDUs, each of which may be opened. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { files } from "../api";
import { isCancelled, messageOf } from "../errors";
import { icon } from "../icon";
import type { FileDescription, FileEntry, HduInfo, HduName } from "../types";
import { formatBytes, formatDate, formatShape, hduName } from "./format";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";

/** Longer than the pause between two arrow keys held down, so that passing over files asks nothing. */
const PAUSE_MS = 140;

const shown = (hdu: HduInfo): boolean => hdu.kind === "image" && !hdu.problem;

/** Fired when an HDU is to be opened. */
export class OpenHduEvent extends Event {
  constructor(
    readonly path: string,
    readonly hdu: HduName | "auto",
  ) {
    super("open-hdu", { bubbles: true, composed: true });
  }
}

export class FileDetail extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .facts {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 2px 12px;
        margin: 0;
      }
      dt {
        color: var(--muted);
      }
      dd {
        margin: 0;
      }
      .title {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .hdus li + li {
        border-top: 1px solid var(--line);
      }
      .hdus button,
      .hdus .hdu {
        display: grid;
        grid-template-columns: 26px minmax(0, 1fr) auto;
        gap: 0 8px;
        width: 100%;
        height: auto;
        padding: 4px;
        border: 0;
        text-align: left;
        align-items: baseline;
        justify-content: stretch;
        white-space: normal;
      }
      .hdus small {
        grid-column: 2 / -1;
        font-size: 12px;
        color: var(--muted);
        overflow-wrap: anywhere;
      }
      .hdus small.warning {
        color: var(--warn);
      }
      .index {
        text-align: right;
        color: var(--muted);
      }
    `,
  ];

  @property({ attribute: false }) entry: FileEntry | null = null;
  @state() private description: FileDescription | null = null;
  @state() private problem = "";
  private controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.controller.abort();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("entry")) return;
    const before = changed.get("entry") as FileEntry | null | undefined;
    if (before?.path === this.entry?.path && before?.modified === this.entry?.modified) return;
    clearTimeout(this.timer);
    this.controller.abort();
    this.description = null;
    this.problem = "";
    if (this.entry?.kind === "file") this.timer = setTimeout(() => void this.describe(), PAUSE_MS);
  }

  private async describe(): Promise<void> {
    const path = this.entry?.path;
    if (!path) return;
    const { signal } = (this.controller = new AbortController());
    try {
      const description = await files.describe(path, { signal });
      if (!signal.aborted) this.description = description;
    } catch (error) {
      if (!signal.aborted && !isCancelled(error)) this.problem = messageOf(error);
    }
  }

  override render(): TemplateResult {
    const entry = this.entry;
    if (!entry) return html`<div class="empty">${glyph("images", 20)}<p>Choose a file to see what it holds.</p></div>`;
    return html`<div class="stack" aria-live="polite">
      <p class="title">${entry.name}</p>
      ${this.facts(entry)} ${entry.kind === "file" ? this.contents() : nothing}
    </div>`;
  }

  private facts(entry: FileEntry): TemplateResult {
    const kind = entry.kind === "file" ? entry.reader || "Not a picture that a reader knows" : entry.kind;
    return html`<dl class="facts">
      <dt>Kind</dt>
      <dd>${kind}${entry.writable === true ? ", writable" : ""}</dd>
      ${entry.kind === "file" ? html`<dt>Size</dt><dd>${formatBytes(entry.size)}</dd>` : nothing}
      <dt>Changed</dt>
      <dd>${formatDate(entry.modified)}</dd>
    </dl>`;
  }

  private contents(): TemplateResult {
    if (this.problem) return html`<p class="problem" role="alert">${icon("circle-alert")} <span>${this.problem}</span></p>`;
    const description = this.description;
    if (!description) return html`<p class="muted">Reading the headers …</p>`;
    const pictures = description.hdus.filter(shown).length;
    return html`
      ${description.warnings.map((text) => html`<p class="row warning">${icon("triangle-alert")}<span>${text}</span></p>`)}
      ${pictures > 1 ? this.opener("mosaic", "layers", `Open as a mosaic of ${pictures}`) : nothing}
      <h3>${description.hdus.length === 1 ? "1 HDU" : `${description.hdus.length} HDUs`}</h3>
      <ul class="hdus">${description.hdus.map((hdu) => html`<li>${this.hdu(hdu)}</li>`)}</ul>
    `;
  }

  private opener(hdu: HduName | "auto", symbol: string, title: string): TemplateResult {
    return html`<button @click=${() => this.open(hdu)}>${icon(symbol)} ${title}</button>`;
  }

  private hdu(hdu: HduInfo): TemplateResult {
    const facts = [hdu.dtype, hdu.compression, hdu.unit].filter(Boolean).join(" · ");
    const inside = html`
      <span class="index mono">${hdu.index}</span>
      <span class="clip">${hduName(hdu)}</span>
      <span class="mono muted">${hdu.kind === "empty" ? "no data" : formatShape(hdu.shape)}</span>
      ${facts ? html`<small>${hdu.kind === "image" ? facts : `${hdu.kind} · ${facts}`}</small>` : nothing}
      ${hdu.problem ? html`<small class="warning">${hdu.problem}</small>` : nothing}
    `;
    if (!shown(hdu)) return html`<div class="hdu">${inside}</div>`;
    return html`<button @click=${() => this.open(hdu.index)} title=${`Open HDU ${hdu.index}`}>${inside}</button>`;
  }

  private open(hdu: HduName | "auto"): void {
    if (this.entry) this.dispatchEvent(new OpenHduEvent(this.entry.path, hdu));
  }
}
