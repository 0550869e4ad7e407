/** What stands around the list of the file dialog: the way to the folder, the filter, the places at its side, and the foot. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { icon } from "../icon";
import { store } from "../store";
import type { FileEntry } from "../types";
import { crumbs } from "./directory";
import type { Directory } from "./directory";
import { isFolder } from "./file_rows";
import { formatCount, nameOf } from "./format";
import { places } from "./places";

export function tool(title: string, symbol: unknown, run: () => void, disabled: boolean): TemplateResult {
  return html`<button class="plain square" title=${title} aria-label=${title} ?disabled=${disabled} @click=${run}>${symbol}</button>`;
}

/** The folders on the way to a path. */
export function trail(path: string, go: (path: string) => void): TemplateResult {
  return html`<nav class="crumbs" aria-label="Folder"><ol>${crumbs(path).map(
    (crumb) => html`<li>${crumb.path ? icon("chevron-right", 12) : nothing}
      <button aria-current=${crumb.path === path ? "location" : nothing} @click=${() => go(crumb.path)}>${crumb.name}</button></li>`,
  )}</ol></nav>`;
}

/** The button that keeps a folder. */
export function star(path: string): TemplateResult {
  const marked = places.bookmarks.includes(path);
  return html`<button class="plain square" ?hidden=${path === ""} aria-pressed=${marked}
    title=${marked ? "Remove the bookmark of this folder" : "Bookmark this folder"}
    @click=${() => places.toggleBookmark(path)}>${icon("star")}<span class="unseen">Bookmark</span></button>`;
}

/** Bookmarks and recent files. */
export function sidebar(open: boolean, on: { go: (path: string) => void; open: (path: string) => void }): TemplateResult {
  const recent = places.recent.slice(0, 12);
  return html`<nav class="places ${open ? "open" : ""}" aria-label="Places">
    <h3>Bookmarks</h3>
    ${places.bookmarks.map((path) => html`<button title=${path} @click=${() => on.go(path)}>
      ${icon("folder")}<span class="clip">${nameOf(path)}</span></button>`)}
    ${places.bookmarks.length === 0 ? html`<p class="label">Folders that you bookmark are listed here.</p>` : nothing}
    <h3>Recent files</h3>
    ${recent.map(({ path }) => html`<button title=${path} @click=${() => on.open(path)}>
      ${icon("clock")}<span class="clip">${nameOf(path)}</span></button>`)}
    ${recent.length === 0 ? html`<p class="label">Files you open are listed here.</p>` : nothing}
  </nav>`;
}

/** What is looked for in the folder, and how much there is. */
export function searchRow(
  { query, total, truncated, state }: Directory,
  on: { key: (event: KeyboardEvent) => void; filter: (text: string) => void; hidden: (hidden: boolean) => void },
): TemplateResult {
  const count = state === "loading" && total === 0 ? "…" : `${truncated ? "over " : ""}${formatCount(total)}`;
  return html`<div class="search">
    <input type="search" placeholder="Filter, such as  c4d*fz" aria-label="Filter the names in this folder" spellcheck="false"
      autocomplete="off" @keydown=${on.key} @input=${(event: Event) => on.filter((event.target as HTMLInputElement).value)} />
    <label class="row"><input type="checkbox" .checked=${query.hidden}
      @change=${(event: Event) => on.hidden((event.target as HTMLInputElement).checked)} /> Hidden</label>
    <span class="count" role="status">${count} ${total === 1 ? "entry" : "entries"}</span>
  </div>`;
}

/** What is going on, and the button that opens what is chosen. */
export function foot(entry: FileEntry | null, inline: boolean, on: { close: () => void; open: () => void }): TemplateResult {
  const opening = store.get("opening");
  const problem = store.get("problem");
  const hint = html`<span class="muted hints clip"><kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> open · <kbd>⌫</kbd> up · type to filter · <kbd>?</kbd> keys</span>`;
  return html`<div class="foot">
    <span class="grow clip">${
      opening ? html`<span role="status">Opening ${nameOf(opening)} …</span>`
      : problem ? html`<span class="problem" role="alert">${icon("circle-alert")}<span>${nameOf(problem.path)}: ${problem.message}</span></span>`
      : hint}</span>
    ${inline ? nothing : html`<button @click=${on.close}>Cancel</button>`}
    <button class="primary" ?disabled=${!entry || entry.kind === "other"} @click=${on.open}>
      ${entry && isFolder(entry) ? "Go into" : "Open"}</button>
  </div>`;
}
