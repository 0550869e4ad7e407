/** The rows of the file dialog: the headings, the entries, and what stands in their place where there are none. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { icon } from "../icon";
import type { FileEntry, FileSort } from "../types";
import { nextOrder } from "./directory";
import type { Directory, Query } from "./directory";
import { formatBytes, formatDate, NOTHING } from "./format";
import { glyph } from "./glyph";

const COLUMNS: { sort: FileSort; title: string; class: string }[] = [
  { sort: "name", title: "Name", class: "" },
  { sort: "kind", title: "Kind", class: "kind" },
  { sort: "size", title: "Size", class: "number" },
  { sort: "modified", title: "Changed", class: "number date" },
];

export const isFolder = (entry: FileEntry): boolean => entry.kind === "folder" || entry.kind === "share";

function symbol(entry: FileEntry): unknown {
  if (entry.kind === "share") return icon("hard-drive");
  if (entry.kind === "folder") return icon("folder");
  if (entry.kind === "other") return glyph("ban");
  return entry.reader ? icon("file-image") : icon("file");
}

/** The headings, which sort. */
export function headings(query: Query, reorder: (patch: Partial<Query>) => void): TemplateResult[] {
  return COLUMNS.map((column) => {
    const sorted = query.sort === column.sort ? (query.descending ? "descending" : "ascending") : "none";
    return html`<div role="columnheader" class=${column.class} aria-sort=${sorted}>
      <button title=${`Sort by ${column.title.toLowerCase()}`} @click=${() => reorder(nextOrder(column.sort, query))}>
        ${column.title} ${sorted === "none" ? nothing : sorted === "ascending" ? glyph("chevron-up", 12) : icon("chevron-down", 12)}
      </button></div>`;
  });
}

/** One entry; without one, its place while it is fetched. */
export function line(
  entry: FileEntry | undefined,
  at: { index: number; top: number; selected: boolean },
  on: { click: (event: PointerEvent) => void; open: () => void },
): TemplateResult {
  const kind = entry ? `${entry.kind} ${entry.kind === "file" && !entry.reader ? "unreadable" : ""}` : "";
  return html`<div class="line entry ${kind}" role="row" id=${`entry-${at.index}`} aria-rowindex=${at.index + 2}
      aria-selected=${at.selected} .style=${`top:${at.top}px`} @click=${on.click} @dblclick=${on.open}>
    <span class="name" role="gridcell">${entry ? symbol(entry) : nothing}<span class="clip" title=${entry?.name ?? ""}>${entry?.name ?? "…"}</span></span>
    <span class="kind muted clip" role="gridcell">${entry ? entry.reader || (isFolder(entry) ? entry.kind : NOTHING) : ""}</span>
    <span class="number mono" role="gridcell">${entry && !isFolder(entry) ? formatBytes(entry.size) : ""}</span>
    <span class="number date mono muted" role="gridcell">${entry ? formatDate(entry.modified) : ""}</span>
  </div>`;
}

/** What is said where there are no rows. */
export function inTheirPlace(directory: Directory, clear: () => void): TemplateResult | typeof nothing {
  const { state, problem, total, query, writable } = directory;
  if (state === "error") {
    return html`<div class="over empty"><p class="problem" role="alert">${icon("circle-alert")}<span>${problem}</span></p>
      <button @click=${() => void directory.show({})}>Try again</button></div>`;
  }
  if (state === "loading" && total === 0) return html`<div class="over empty"><p>Reading the folder …</p></div>`;
  if (state !== "ready" || total > 0) return nothing;
  if (query.filter) return html`<div class="over empty"><p>Nothing here matches “${query.filter}”.</p>
    <button @click=${clear}>Clear the filter</button></div>`;
  if (query.path === "") return html`<div class="over empty"><p>No folder is shared with you yet.</p>
    <p>An administrator grants one; it is here as soon as that is done.</p></div>`;
  return html`<div class="over empty"><p>This folder is empty.</p>${writable ? html`<p>Drop files here to upload them.</p>` : nothing}</div>`;
}
