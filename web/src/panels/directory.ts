/** A folder on the server, fetched page by page as it is looked at. */
import type { ListOptions } from "../api";
import { isCancelled, messageOf } from "../errors";
import type { FileEntry, FileListing, FileSort } from "../types";
import { shownName } from "./format";

export const PAGE = 400;

/** Which folder, in what order, and what of it. */
export interface Query {
  path: string;
  sort: FileSort;
  descending: boolean;
  filter: string;
  hidden: boolean;
}

export type Fetch = (path: string, options: ListOptions, signal: AbortSignal) => Promise<FileListing>;

export class Directory {
  query: Query = { path: "", sort: "name", descending: false, filter: "", hidden: false };
  state: "idle" | "loading" | "ready" | "error" = "idle";
  problem = "";
  total = 0;
  /** Whether the server stopped counting. */
  truncated = false;
  parent: string | null = null;
  /** Whether what is shown may be changed. */
  writable = false;
  /** The path whose entries are held; that of the query comes once it has answered. */
  shown: string | null = null;

  private readonly entries = new Map<number, FileEntry>();
  private readonly asked = new Set<number>();
  private controller = new AbortController();

  constructor(
    private readonly fetch: Fetch,
    private readonly changed: () => void,
  ) {}

  at(index: number): FileEntry | undefined {
    return this.entries.get(index);
  }

  /** Where an entry that has been fetched stands, or −1. */
  indexOf(path: string): number {
    for (const [index, entry] of this.entries) if (entry.path === path) return index;
    return -1;
  }

  /** Ask for something else; what is shown stays until the first page of it comes. */
  async show(patch: Partial<Query>): Promise<void> {
    this.controller.abort();
    this.controller = new AbortController();
    this.query = { ...this.query, ...patch };
    this.state = "loading";
    this.problem = "";
    this.asked.clear();
    this.changed();
    await this.load(0, true);
  }

  /** Fetch what is missing of the rows `first` to `last`. */
  need(first: number, last: number): void {
    if (this.state !== "ready") return;
    for (let page = Math.floor(first / PAGE); page * PAGE < Math.min(last, this.total); page += 1) {
      if (!this.asked.has(page)) void this.load(page, false);
    }
  }

  private async load(page: number, fresh: boolean): Promise<void> {
    this.asked.add(page);
    const signal = this.controller.signal;
    const { path, sort, descending, filter, hidden } = this.query;
    try {
      const options = { offset: page * PAGE, limit: PAGE, sort, descending, filter, hidden };
      const listing = await this.fetch(path, options, signal);
      if (!signal.aborted) this.take(listing, fresh);
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      this.asked.delete(page);
      this.fail(messageOf(error), fresh);
    }
    if (!signal.aborted) this.changed();
  }

  private take(listing: FileListing, fresh: boolean): void {
    if (fresh) this.entries.clear();
    listing.entries.forEach((entry, i) => this.entries.set(listing.offset + i, entry));
    this.total = listing.total;
    this.truncated = listing.truncated;
    this.parent = listing.parent;
    this.writable = listing.writable;
    this.shown = listing.path;
    this.state = "ready";
  }

  private fail(message: string, fresh: boolean): void {
    this.problem = message;
    if (!fresh) return;
    this.state = "error";
    this.entries.clear();
    this.total = 0;
    this.shown = this.query.path;
    this.writable = false;
    this.parent = this.query.path ? this.query.path.split("/").slice(0, -1).join("/") : null;
  }
}

/** Where one has been, for back and forward. */
export class Trail {
  private paths: string[] = [];
  private here = -1;

  get current(): string | undefined {
    return this.paths[this.here];
  }

  get canGoBack(): boolean {
    return this.here > 0;
  }

  get canGoForward(): boolean {
    return this.here < this.paths.length - 1;
  }

  visit(path: string): void {
    if (path === this.current) return;
    this.paths = [...this.paths.slice(0, this.here + 1), path];
    this.here = this.paths.length - 1;
  }

  back(): string | undefined {
    if (this.canGoBack) this.here -= 1;
    return this.current;
  }

  forward(): string | undefined {
    if (this.canGoForward) this.here += 1;
    return this.current;
  }
}

/** The row that a key moves to from `row` (−1: none), or null if the key does not move. */
export function rowAfter(key: string, row: number, total: number, page: number): number | null {
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const step = steps[key];
  if (total === 0) return step === undefined && key !== "Home" && key !== "End" ? null : -1;
  if (key === "Home") return 0;
  if (key === "End") return total - 1;
  if (step === undefined) return null;
  if (row < 0) return step > 0 ? 0 : total - 1;
  return Math.min(total - 1, Math.max(0, row + step));
}

/** The parts of a path with the path of each, the list of shares first. */
export function crumbs(path: string): { name: string; path: string }[] {
  const parts = path ? path.split("/") : [];
  return [
    { name: "Shares", path: "" },
    ...parts.map((name, i) => ({ name: shownName(name), path: parts.slice(0, i + 1).join("/") })),
  ];
}

/** The order that a click on a column's heading asks for: dates and sizes begin with the largest. */
export function nextOrder(column: FileSort, query: Pick<Query, "sort" | "descending">): Pick<Query, "sort" | "descending"> {
  if (query.sort === column) return { sort: column, descending: !query.descending };
  return { sort: column, descending: column === "size" || column === "modified" };
}
