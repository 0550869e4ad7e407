/** Recent files and bookmarks: kept by the server for the user, shared by all windows. */
import { settings } from "../api";
import { keepSetting } from "../kept_settings";
import { reportError } from "../actions";
import { store } from "../store";
import { nameOf } from "./format";

export interface Recent {
  path: string;
  /** Seconds since the epoch. */
  opened: number;
}

const LONGEST = 30;

const isRecent = (value: unknown): value is Recent =>
  typeof value === "object" && value !== null && typeof (value as Recent).path === "string";

/** Put a path at the head of the recent ones. */
export function withRecent(recent: readonly Recent[], path: string, opened: number): Recent[] {
  return [{ path, opened }, ...recent.filter((other) => other.path !== path)].slice(0, LONGEST);
}

/** Add or remove a bookmark; the list stays sorted by name. */
export function toggled(bookmarks: readonly string[], path: string): string[] {
  const others = bookmarks.filter((other) => other !== path);
  if (others.length < bookmarks.length) return others;
  return [...others, path].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

export class Places {
  recent: Recent[] = [];
  bookmarks: string[] = [];
  private readonly listeners = new Set<() => void>();
  private loaded: Promise<void> | null = null;

  /** Fetch them once, and follow what is opened from now on. */
  start(): Promise<void> {
    if (!this.loaded) {
      this.loaded = this.load();
      store.subscribe(["current"], () => void this.noteOpened());
    }
    return this.loaded;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  toggleBookmark(path: string): void {
    this.bookmarks = toggled(this.bookmarks, path);
    this.keep("bookmarks", this.bookmarks);
  }

  forgetRecent(): void {
    this.recent = [];
    this.keep("recent_files", this.recent);
  }

  private async load(): Promise<void> {
    try {
      const [recent, bookmarks] = await Promise.all([settings.get("recent_files"), settings.get("bookmarks")]);
      if (Array.isArray(recent)) this.recent = recent.filter(isRecent);
      if (Array.isArray(bookmarks)) this.bookmarks = bookmarks.filter((path) => typeof path === "string");
      this.changed();
    } catch (error) {
      reportError(error, "settings");
    }
  }

  private async noteOpened(): Promise<void> {
    const path = store.image?.info.path;
    if (!path || this.recent[0]?.path === path) return;
    await this.loaded;
    this.recent = withRecent(this.recent, path, Date.now() / 1000);
    this.keep("recent_files", this.recent);
  }

  private keep(key: string, value: unknown): void {
    this.changed();
    void keepSetting(key, value);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The places of this user. */
export const places = new Places();
