/** What the user prefers: what notices do, the colour of pixels without a value, the kind of tiles. Kept by the server. */
import { reportError, updateImage } from "../actions";
import { settings } from "../api";
import { keepSetting } from "../kept_settings";
import type { LogEntry, LogLevel, TilePreference } from "../store";
import { store } from "../store";

/** What a message does when it comes: shows a notice, opens the log panel, or only stands in the log. */
export type Manner = "notice" | "panel" | "silence";
export type NoticeLevel = Exclude<LogLevel, "debug">;
export type Manners = Record<NoticeLevel, Manner>;

const MANNERS: ReadonlySet<unknown> = new Set<Manner>(["notice", "panel", "silence"]);
export const DEFAULT_MANNERS: Manners = { error: "notice", warning: "notice", info: "notice" };
const TILES: ReadonlySet<unknown> = new Set<TilePreference>(["auto", "data", "jpeg"]);
const PLAIN_BAD = "#000000";

/** Read what the server kept; anything unknown has its default. */
export function mannersFrom(value: unknown): Manners {
  const given = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const chosen = { ...DEFAULT_MANNERS };
  for (const level of Object.keys(chosen) as NoticeLevel[]) {
    if (MANNERS.has(given[level])) chosen[level] = given[level] as Manner;
  }
  return chosen;
}

/** What an entry of the log does. Information from tasks stays in the log unless there is something to do about it. */
export function mannerOf(entry: Pick<LogEntry, "level" | "module" | "action" | "onPage">, manners: Manners): Manner {
  if (entry.level === "debug") return "silence";
  if (entry.onPage && manners[entry.level] === "notice") return "silence";
  if (entry.level === "info" && entry.module !== "page" && !entry.action) return "silence";
  return manners[entry.level];
}

export class Preferences {
  manners: Manners = { ...DEFAULT_MANNERS };
  /** `#rrggbb` or `transparent`. */
  bad = PLAIN_BAD;
  private readonly listeners = new Set<() => void>();
  private readonly seen = new Set<string>();
  private started = false;

  async start(): Promise<void> {
    if (this.started) return;
    this.started = true;
    store.subscribe(["images"], () => this.dress());
    try {
      this.manners = mannersFrom(await settings.get("notices"));
      const bad = await settings.get("bad_pixels");
      if (typeof bad === "string" && /^(transparent|#[0-9a-f]{6})$/.test(bad)) this.bad = bad;
      const tiles = await settings.get("tiles");
      if (TILES.has(tiles)) store.set({ tiles: tiles as TilePreference });
      store.subscribe(["tiles"], () => this.keep("tiles", store.get("tiles")));
      this.changed();
    } catch (error) {
      reportError(error, "settings");
    }
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  setManner(level: NoticeLevel, manner: Manner): void {
    this.manners = { ...this.manners, [level]: manner };
    this.keep("notices", this.manners);
  }

  setBad(bad: string): void {
    this.bad = bad;
    this.keep("bad_pixels", bad);
  }

  /** Give a newly opened image the preferred colour of bad pixels, unless it came with one of its own. */
  private dress(): void {
    for (const { info, style } of store.get("images")) {
      if (this.seen.has(info.image)) continue;
      this.seen.add(info.image);
      if (style.bad === PLAIN_BAD && this.bad !== PLAIN_BAD) updateImage({ style: { ...style, bad: this.bad } }, info.image);
    }
  }

  private keep(key: string, value: unknown): void {
    this.changed();
    void keepSetting(key, value);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The preferences of this user. */
export const preferences = new Preferences();
