/**
 * The files of the server: shares, folders, and what is in them.
 *
 * As a dialog it follows `store.dialog`; with the attribute `inline` it fills its place, as the
 * first screen of an empty workspace does.
 */
import { html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { openImage } from "../actions";
import { files } from "../api";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { FileEntry, FileSort, HduName } from "../types";
import { dialogFrame, whenClosed } from "./dialog";
import { crumbs, Directory, nextOrder, rowAfter, Trail } from "./directory";
import type { Query } from "./directory";
import type { OpenHduEvent } from "./file_detail";
import { fileStyles } from "./file_styles";
import { folderOf, formatBytes, formatCount, formatDate, nameOf, NOTHING } from "./format";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";
import { places } from "./places";
import { VirtualRows } from "./virtual";

const ROW = 28;
const FILTER_PAUSE_MS = 120;
const COLUMNS: { sort: FileSort; title: string; class: string }[] = [
  { sort: "name", title: "Name", class: "" },
  { sort: "kind", title: "Kind", class: "kind" },
  { sort: "size", title: "Size", class: "number" },
  { sort: "modified", title: "Changed", class: "number date" },
];

const isFolder = (entry: FileEntry): boolean => entry.kind === "folder" || entry.kind === "share";

function symbol(entry: FileEntry): unknown {
  if (entry.kind === "share") return icon("hard-drive");
  if (entry.kind === "folder") return icon("folder");
  if (entry.kind === "other") return glyph("ban");
  return entry.reader ? icon("file-image") : icon("file");
}

export class FileDialog extends LitElement {
  static override styles = [...panelStyles, dialogFrame, fileStyles];

  /** Whether it is part of the page instead of a dialog above it. */
  @property({ type: Boolean, reflect: true }) inline = false;
  @state() private selected = -1;
  @state() private placesOpen = false;

  private readonly directory = new Directory(
    (path, options, signal) => files.list(path, options, { signal }),
    () => this.listed(),
  );
  private readonly trail = new Trail();
  private readonly rows = new VirtualRows(this, ".scroll", ROW);
  private stops: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Selected as soon as its folder is listed. */
  private wanted: string | null = null;

  constructor() {
    super();
    new StoreController(this, ["dialog", "opening", "problem", "connection"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void places.start();
    this.stops = [places.onChange(() => this.requestUpdate())];
  }

  private greeted = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.stops.forEach((stop) => stop());
  }

  private get active(): boolean {
    return this.inline || store.get("dialog") === "files";
  }

  override willUpdate(): void {
    if (this.active && this.directory.state === "idle") this.begin();
  }

  override updated(): void {
    const trail = this.renderRoot.querySelector(".crumbs ol");
    if (trail) trail.scrollLeft = trail.scrollWidth;
    if (this.inline) {
      this.takeFocus();
      return;
    }
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog || dialog.open === this.active) return;
    if (this.active) {
      dialog.showModal();
      this.list?.focus();
      if (this.directory.state !== "loading") void this.directory.show({});
    } else dialog.close();
  }

  /** The first screen is ready for the arrow keys, unless somebody has begun elsewhere. */
  private takeFocus(): void {
    if (this.greeted || !this.list || document.activeElement !== document.body) return;
    this.greeted = true;
    this.list.focus({ preventScroll: true });
  }

  /** Start in the folder of what is shown, or of what was opened last. */
  private begin(): void {
    const path = store.image?.info.path;
    this.wanted = path ?? null;
    void this.go(path ? folderOf(path) : "");
  }

  private get list(): HTMLElement | null {
    return this.renderRoot.querySelector(".list");
  }

  private get filter(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input[type=search]");
  }

  private get entry(): FileEntry | null {
    return this.directory.at(this.selected) ?? null;
  }

  // ---- moving about -----------------------------------------------------------------------

  private go(path: string, note = true): Promise<void> {
    if (note) this.trail.visit(path);
    clearTimeout(this.timer);
    if (this.filter) this.filter.value = "";
    this.selected = -1;
    this.placesOpen = false;
    this.rows.toTop();
    return this.directory.show({ path, filter: "" });
  }

  private up(): void {
    const { parent, query } = this.directory;
    if (parent === null) return;
    this.wanted = query.path;
    void this.go(parent);
  }

  private step(path: string | undefined): void {
    if (path !== undefined) void this.go(path, false);
  }

  private reorder(patch: Partial<Query>): void {
    this.wanted = this.entry?.path ?? null;
    this.rows.toTop();
    void this.directory.show(patch);
  }

  private listed(): void {
    const { directory } = this;
    if (directory.state === "ready") {
      this.rows.total = directory.total;
      this.keepSelection();
    } else if (directory.state === "error") this.rows.total = 0;
    this.requestUpdate();
  }

  private keepSelection(): void {
    if (this.wanted !== null) {
      const at = this.directory.indexOf(this.wanted);
      this.wanted = null;
      if (at >= 0) this.select(at);
      else this.selected = -1;
    }
    if (this.selected >= this.directory.total) this.selected = this.directory.total - 1;
    if (this.selected < 0 && this.directory.query.filter && this.directory.total > 0) this.selected = 0;
  }

  private select(row: number): void {
    this.selected = row;
    void this.updateComplete.then(() => this.rows.reveal(row));
  }

  private activate(entry: FileEntry | null): void {
    if (!entry) return;
    if (isFolder(entry)) void this.enter(entry.path);
    else if (entry.kind === "file") this.open(entry.path);
  }

  /** The keys are for the list then, unless somebody went elsewhere while it came. */
  private async enter(path: string): Promise<void> {
    const root = this.renderRoot as ShadowRoot;
    const before = root.activeElement;
    await this.go(path);
    if (!root.activeElement || root.activeElement === before) this.list?.focus();
  }

  private open(path: string, hdu: HduName | "auto" = "auto"): void {
    void openImage(path, { hdu });
  }

  private close(): void {
    if (store.get("dialog") === "files") store.set({ dialog: null });
  }

  // ---- keys -------------------------------------------------------------------------------

  private readonly onListKey = (event: KeyboardEvent): void => {
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement;
    if (onButton || ["/", "?"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || this.moved(event)) return;
    if (event.key === "Backspace" || (event.key === "ArrowLeft" && !event.shiftKey)) this.up();
    else if (event.key === "ArrowRight" && this.entry && isFolder(this.entry)) this.activate(this.entry);
    else if (event.key.length === 1 && event.key !== " ") this.typed(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Wherever one is in the dialog, but for its fields. */
  private readonly onFrameKey = (event: KeyboardEvent): void => {
    if (event.key !== "/" || event.composedPath()[0] instanceof HTMLInputElement) return;
    this.filter?.select();
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onFilterKey = (event: KeyboardEvent): void => {
    const empty = this.filter?.value === "";
    if (["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Enter"].includes(event.key)) this.moved(event);
    else if (event.key === "Backspace" && empty) {
      event.preventDefault();
      this.up();
    } else if (event.key === "Escape" && !empty) {
      event.preventDefault();
      event.stopPropagation();
      this.setFilter("");
    }
  };

  private moved(event: KeyboardEvent): boolean {
    if (event.key === "Enter") {
      this.activate(this.entry);
    } else {
      const row = rowAfter(event.key, this.selected, this.directory.total, this.rows.page);
      if (row === null) return false;
      this.select(row);
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** A letter typed over the list goes into the filter. */
  private typed(text: string): void {
    const field = this.filter;
    if (!field) return;
    field.focus();
    this.setFilter(field.value + text);
  }

  private setFilter(filter: string): void {
    const field = this.filter;
    if (field) field.value = filter;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.rows.toTop();
      this.selected = -1;
      void this.directory.show({ filter: filter.trim() });
    }, FILTER_PAUSE_MS);
  }

  // ---- drawing ----------------------------------------------------------------------------

  override render(): TemplateResult {
    if (this.inline) return this.frame();
    return html`<dialog aria-label="Open a file" @cancel=${this.onCancel} @close=${whenClosed(() => this.close())}>
      ${this.active ? this.frame() : nothing}
    </dialog>`;
  }

  private frame(): TemplateResult {
    return html`<div class="frame" @keydown=${this.onFrameKey}>
      ${this.top()} ${this.search()}
      <div class="body" @open-hdu=${(event: OpenHduEvent) => this.open(event.path, event.hdu)}>
        ${this.sidebar()} ${this.listing()}
        <toyz-file-detail class=${this.entry ? "" : "idle"} .entry=${this.entry} role="region" aria-label="File"></toyz-file-detail>
      </div>
      ${this.foot()}
    </div>`;
  }

  private readonly onCancel = (event: Event): void => {
    event.preventDefault();
    this.close();
  };

  private top(): TemplateResult {
    const path = this.directory.query.path;
    const marked = places.bookmarks.includes(path);
    return html`<div class="top">
      <button class="plain square narrow-only" title="Places" aria-expanded=${this.placesOpen}
        @click=${() => (this.placesOpen = !this.placesOpen)}>${icon("bookmark")}<span class="unseen">Places</span></button>
      ${this.tool("Back", icon("arrow-left"), () => this.step(this.trail.back()), !this.trail.canGoBack)}
      ${this.tool("Forward", glyph("arrow-right"), () => this.step(this.trail.forward()), !this.trail.canGoForward)}
      ${this.tool("Up (Backspace)", icon("arrow-up"), () => this.up(), this.directory.parent === null)}
      <nav class="crumbs" aria-label="Folder">
        <ol>${crumbs(path).map((crumb) => this.crumb(crumb, path))}</ol>
      </nav>
      <button class="plain square" ?hidden=${path === ""} aria-pressed=${marked}
        title=${marked ? "Remove the bookmark of this folder" : "Bookmark this folder"}
        @click=${() => places.toggleBookmark(path)}>${icon("star")}<span class="unseen">Bookmark</span></button>
      ${this.tool("Read the folder again", glyph("refresh-cw"), () => void this.directory.show({}), false)}
      ${this.inline ? nothing : this.tool("Close (Esc)", icon("x"), () => this.close(), false)}
    </div>`;
  }

  private tool(title: string, symbol: unknown, run: () => void, disabled: boolean): TemplateResult {
    return html`<button class="plain square" title=${title} aria-label=${title} ?disabled=${disabled} @click=${run}>${symbol}</button>`;
  }

  private crumb(crumb: { name: string; path: string }, path: string): TemplateResult {
    const here = crumb.path === path;
    return html`<li>${crumb.path ? icon("chevron-right", 12) : nothing}
      <button aria-current=${here ? "location" : nothing} @click=${() => void this.go(crumb.path)}>${crumb.name}</button></li>`;
  }

  private search(): TemplateResult {
    const { query, total, truncated, state } = this.directory;
    const count = state === "loading" && total === 0 ? "…" : `${truncated ? "over " : ""}${formatCount(total)}`;
    return html`<div class="search">
      <input type="search" placeholder="Filter, such as  c4d*fz    ( / )" aria-label="Filter the names in this folder" spellcheck="false"
        autocomplete="off" @keydown=${this.onFilterKey}
        @input=${(event: Event) => this.setFilter((event.target as HTMLInputElement).value)} />
      <label class="row"><input type="checkbox" .checked=${query.hidden}
        @change=${(event: Event) => this.reorder({ hidden: (event.target as HTMLInputElement).checked })} /> Hidden</label>
      <span class="count" role="status">${count} ${total === 1 ? "entry" : "entries"}</span>
    </div>`;
  }

  private sidebar(): TemplateResult {
    const recent = places.recent.slice(0, 12);
    return html`<nav class="places ${this.placesOpen ? "open" : ""}" aria-label="Places">
      <h3>Bookmarks</h3>
      ${places.bookmarks.map((path) => html`<button title=${path} @click=${() => void this.go(path)}>
        ${icon("folder")}<span class="clip">${nameOf(path)}</span></button>`)}
      ${places.bookmarks.length === 0 ? html`<p class="label">The star above keeps a folder here.</p>` : nothing}
      <h3>Recent files</h3>
      ${recent.map(({ path }) => html`<button title=${path} @click=${() => this.open(path)}>
        ${icon("clock")}<span class="clip">${nameOf(path)}</span></button>`)}
      ${recent.length === 0 ? html`<p class="label">Files you open are listed here.</p>` : nothing}
    </nav>`;
  }

  private listing(): TemplateResult {
    const { total, state } = this.directory;
    this.rows.total = total;
    const { first, last, top, height } = this.rows.rows();
    this.directory.need(first, last);
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    const active = this.selected >= first && this.selected < last ? `entry-${this.selected}` : nothing;
    return html`<div class="list ${state === "loading" ? "busy" : ""} ${this.entry ? "chosen" : ""}" role="grid" tabindex="0" aria-label="Files" aria-rowcount=${total + 1}
        aria-activedescendant=${active} aria-busy=${state === "loading"} @keydown=${this.onListKey}>
      <div class="line head" role="row" aria-rowindex="1">${COLUMNS.map((column) => this.heading(column))}</div>
      <div class="scroll" role="rowgroup" @scroll=${this.rows.onScroll} tabindex="-1">
        <div class="spacer" role="presentation" .style=${`height:${height}px`}>
          ${indices.map((index) => this.line(index, top + (index - first) * ROW))}
        </div>
      </div>
      ${this.overlay()}
    </div>`;
  }

  private heading(column: (typeof COLUMNS)[number]): TemplateResult {
    const { sort, descending } = this.directory.query;
    const sorted = sort === column.sort ? (descending ? "descending" : "ascending") : "none";
    return html`<div role="columnheader" class=${column.class} aria-sort=${sorted}>
      <button title=${`Sort by ${column.title.toLowerCase()}`} @click=${() => this.reorder(nextOrder(column.sort, this.directory.query))}>
        ${column.title} ${sorted === "none" ? nothing : sorted === "ascending" ? glyph("chevron-up", 12) : icon("chevron-down", 12)}
      </button></div>`;
  }

  private line(index: number, top: number): TemplateResult {
    const entry = this.directory.at(index);
    const kind = entry ? `${entry.kind} ${entry.kind === "file" && !entry.reader ? "unreadable" : ""}` : "";
    return html`<div class="line entry ${kind}" role="row" id=${`entry-${index}`} aria-rowindex=${index + 2}
        aria-selected=${index === this.selected} .style=${`top:${top}px`}
        @click=${(event: PointerEvent) => this.clicked(event, index)} @dblclick=${() => this.activate(entry ?? null)}>
      <span class="name" role="gridcell">${entry ? symbol(entry) : nothing}<span class="clip" title=${entry?.name ?? ""}>${entry?.name ?? "…"}</span></span>
      <span class="kind muted clip" role="gridcell">${entry ? entry.reader || (isFolder(entry) ? entry.kind : NOTHING) : ""}</span>
      <span class="number mono" role="gridcell">${entry && !isFolder(entry) ? formatBytes(entry.size) : ""}</span>
      <span class="number date mono muted" role="gridcell">${entry ? formatDate(entry.modified) : ""}</span>
    </div>`;
  }

  private clicked(event: PointerEvent, index: number): void {
    const again = this.selected === index;
    this.select(index);
    const entry = this.entry;
    // A finger has no double click that people know of: a folder opens at the first touch.
    if (event.pointerType === "touch" && entry && (isFolder(entry) || again)) this.activate(entry);
  }

  private overlay(): TemplateResult | typeof nothing {
    const { state, problem, total, query } = this.directory;
    if (state === "error") {
      return html`<div class="over empty"><p class="problem" role="alert">${icon("circle-alert")}<span>${problem}</span></p>
        <button @click=${() => void this.directory.show({})}>Try again</button></div>`;
    }
    if (state === "loading" && total === 0) return html`<div class="over empty"><p>Reading the folder …</p></div>`;
    if (state !== "ready" || total > 0) return nothing;
    if (query.filter) return html`<div class="over empty"><p>Nothing here matches “${query.filter}”.</p>
      <button @click=${() => this.setFilter("")}>Clear the filter</button></div>`;
    if (query.path === "") return html`<div class="over empty"><p>No folder is shared with you.</p>
      <p>Start the server with one: <code class="mono">toyz serve DIR</code></p></div>`;
    return html`<div class="over empty"><p>This folder is empty.</p></div>`;
  }

  private foot(): TemplateResult {
    const entry = this.entry;
    const opening = store.get("opening");
    const problem = store.get("problem");
    const hint = html`<span class="muted hints clip"><kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> open · <kbd>⌫</kbd> up · type to filter
      ${this.inline ? html` · no data yet? <code class="mono">toyz make-exposure sample.fits</code>` : nothing}</span>`;
    return html`<div class="foot">
      <span class="grow clip">${
        opening ? html`<span role="status">Opening ${nameOf(opening)} …</span>`
        : problem ? html`<span class="problem" role="alert">${icon("circle-alert")}<span>${nameOf(problem.path)}: ${problem.message}</span></span>`
        : hint}</span>
      ${this.inline ? nothing : html`<button @click=${() => this.close()}>Cancel</button>`}
      <button class="primary" ?disabled=${!entry || entry.kind === "other"} @click=${() => this.activate(entry)}>
        ${entry && isFolder(entry) ? "Go into" : "Open"}</button>
    </div>`;
  }
}
