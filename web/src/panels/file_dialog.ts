/**
 * The files of the server: shares, folders, and what is in them.
 *
 * As a dialog it follows `store.dialog`; with the attribute `inline` it fills its place, as the
 * first screen of an empty workspace does.
 */
import { html, LitElement, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { openImage } from "../actions";
import { files } from "../api";
import { icon } from "../icon";
import { socket } from "../socket";
import { store, StoreController } from "../store";
import { uploads } from "../transfers/uploads";
import type { FileEntry, HduName } from "../types";
import { dialogFrame, whenClosed } from "./dialog";
import { Directory, rowAfter, Trail } from "./directory";
import type { Query } from "./directory";
import { FileChanges, shareOf } from "./file_changes";
import type { FileAction, Folder } from "./file_changes";
import { foot, searchRow, sidebar, star, tool, trail } from "./file_chrome";
import { dialogs } from "./file_commands";
import type { OpenHduEvent } from "./file_detail";
import { FileIntake } from "./file_intake";
import { headings, inTheirPlace, isFolder, line } from "./file_rows";
import { fileStyles } from "./file_styles";
import { fileQuestion, fileTools, QuestionFocus } from "./file_tools";
import { folderOf } from "./format";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";
import { places } from "./places";
import type { RestoredEvent } from "./trash_view";
import { VirtualRows } from "./virtual";

const ROW = 28;
const FILTER_PAUSE_MS = 120;
export class FileDialog extends LitElement implements Folder {
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
  private readonly changes = new FileChanges(this);
  readonly intake = new FileIntake(this, () => this.writable, (picked) => this.changes.upload(picked));
  private readonly asking = new QuestionFocus(this, () => this.list?.focus());
  /** Done as soon as the folder is listed. */
  private pending: FileAction | null = null;
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
    dialogs.add(this);
    this.stops = [
      places.onChange(() => this.requestUpdate()),
      uploads.onDone((path) => this.changedOnServer(folderOf(path))),
      socket.on("server", "shares", () => this.sharesChanged()),
      socket.on("files", "changed", (data) => this.changedOnServer((data as { path: string }).path)),
    ];
  }

  private greeted = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    dialogs.delete(this);
    this.stops.forEach((stop) => stop());
  }

  get active(): boolean {
    return this.inline || store.get("dialog") === "files";
  }

  override willUpdate(): void {
    if (this.active && this.directory.state === "idle") this.begin();
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    const trail = this.renderRoot.querySelector(".crumbs ol");
    if (trail) trail.scrollLeft = trail.scrollWidth;
    if (this.inline) this.takeFocus();
    else this.follow();
    this.asking.updated(this.changes.question);
  }

  /** Open and close with the store. */
  private follow(): void {
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

  get entry(): FileEntry | null {
    return this.directory.at(this.selected) ?? null;
  }

  // ---- changing files -----------------------------------------------------------------------

  get path(): string {
    return this.directory.query.path;
  }

  get writable(): boolean {
    return this.directory.writable;
  }

  /** Do something to what is chosen, or as soon as the folder is listed. */
  act(action: FileAction): void {
    if (this.directory.state === "ready") this.changes.do(action);
    else this.pending = action;
  }

  refresh(chosen?: string): void {
    this.wanted = chosen ?? this.entry?.path ?? null;
    void this.directory.show({});
  }

  private changedOnServer(path: string): void {
    if (this.active && path === this.directory.shown && this.directory.state === "ready") this.refresh();
  }

  /** Other shares may be seen now; who is in one that is gone has its reason there. */
  private sharesChanged(): void {
    if (this.active && this.directory.state !== "idle") this.refresh();
  }

  // ---- moving about -----------------------------------------------------------------------

  private go(path: string, note = true): Promise<void> {
    if (note) this.trail.visit(path);
    clearTimeout(this.timer);
    if (this.filter) this.filter.value = "";
    this.selected = -1;
    this.placesOpen = false;
    this.changes.entered();
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
      this.actPending();
    } else if (directory.state === "error") this.rows.total = 0;
    this.requestUpdate();
  }

  private actPending(): void {
    const action = this.pending;
    this.pending = null;
    if (action) this.changes.do(action);
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
    if (event.key === "F2") this.changes.do("rename");
    else if (event.key === "Delete") this.changes.do("delete");
    else if (event.key === "Backspace" || (event.key === "ArrowLeft" && !event.shiftKey)) this.up();
    else if (event.key === "ArrowRight" && this.entry && isFolder(this.entry)) this.activate(this.entry);
    else if (event.key.length === 1 && event.key !== " ") this.typed(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onFilterKey = (event: KeyboardEvent): void => {
    const empty = this.filter?.value === "";
    // Who does not know the keys yet asks for them where the cursor happens to be.
    if (event.key === "?" && empty) {
      event.preventDefault();
      store.set({ dialog: "keys" });
    } else if (["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Enter"].includes(event.key)) this.moved(event);
    else if (event.key === "Backspace" && empty) {
      event.preventDefault();
      this.up();
    } else if (event.key === "Escape" && (!empty || this.inline)) {
      event.preventDefault();
      event.stopPropagation();
      if (empty) this.list?.focus();
      else this.setFilter("");
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
    const { trash } = this.changes;
    const { intake } = this;
    return html`<div class="frame ${intake.dropping ? "dropping" : ""}" @keydown=${this.escapes} @dragover=${intake.onDrag} @dragleave=${intake.onDrag} @drop=${intake.onDrop}>
      ${this.top()} ${searchRow(this.directory, {
        key: this.onFilterKey,
        filter: (text) => this.setFilter(text),
        hidden: (hidden) => this.reorder({ hidden }),
      })} ${fileTools(this.changes, this)} ${fileQuestion(this.changes)}
      ${this.writable || uploads.list.length > 0 ? html`<toyz-upload-list></toyz-upload-list>` : nothing}
      ${intake.fields()}
      <div class="body" @open-hdu=${(event: OpenHduEvent) => this.open(event.path, event.hdu)} @restored=${(event: RestoredEvent) => this.refresh(event.path)}>
        ${sidebar(this.placesOpen, { go: (path) => void this.go(path), open: (path) => this.open(path) })}
        ${trash ? html`<toyz-trash .share=${shareOf(this.path)}></toyz-trash>` : this.listing()}
        <toyz-file-detail class=${this.entry ? "" : "idle"} .entry=${this.entry} role="region" aria-label="File"></toyz-file-detail>
      </div>
      ${foot(this.entry, this.inline, { close: () => this.close(), open: () => this.activate(this.entry) })}
    </div>`;
  }

  /** Escape ends what is asked, wherever one is: only then the dialog. */
  private readonly escapes = {
    capture: true,
    handleEvent: (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !this.changes.question) return;
      event.preventDefault();
      event.stopPropagation();
      this.changes.dismiss();
    },
  };

  private readonly onCancel = (event: Event): void => {
    event.preventDefault();
    if (this.changes.question) this.changes.dismiss();
    else this.close();
  };

  private top(): TemplateResult {
    return html`<div class="top">
      <button class="plain square narrow-only" title="Places" aria-expanded=${this.placesOpen}
        @click=${() => (this.placesOpen = !this.placesOpen)}>${icon("bookmark")}<span class="unseen">Places</span></button>
      ${tool("Back", icon("arrow-left"), () => this.step(this.trail.back()), !this.trail.canGoBack)}
      ${tool("Forward", glyph("arrow-right"), () => this.step(this.trail.forward()), !this.trail.canGoForward)}
      ${tool("Up (Backspace)", icon("arrow-up"), () => this.up(), this.directory.parent === null)}
      ${trail(this.path, (path) => void this.go(path))} ${star(this.path)}
      ${tool("Read the folder again", glyph("refresh-cw"), () => void this.directory.show({}), false)}
      ${this.inline ? nothing : tool("Close (Esc)", icon("x"), () => this.close(), false)}
    </div>`;
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
      <div class="line head" role="row" aria-rowindex="1">${headings(this.directory.query, (patch) => this.reorder(patch))}</div>
      <div class="scroll" role="rowgroup" @scroll=${this.rows.onScroll} tabindex="-1">
        <div class="spacer" role="presentation" .style=${`height:${height}px`}>
          ${indices.map((index) => this.row(index, top + (index - first) * ROW))}
        </div>
      </div>
      ${inTheirPlace(this.directory, () => this.setFilter(""))}
    </div>`;
  }

  private row(index: number, top: number): TemplateResult {
    const entry = this.directory.at(index);
    return line(entry, { index, top, selected: index === this.selected }, {
      click: (event) => this.clicked(event, index),
      open: () => this.activate(entry ?? null),
    });
  }

  private clicked(event: PointerEvent, index: number): void {
    const again = this.selected === index;
    this.select(index);
    const entry = this.entry;
    // A finger has no double click that people know of: a folder opens at the first touch.
    if (event.pointerType === "touch" && entry && (isFolder(entry) || again)) this.activate(entry);
  }
}
