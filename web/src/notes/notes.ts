/** The notes of the workspace: short texts in Markdown about it, an image or a region. */

import { newId, regionImage, regions } from "../regions/regions";
import type { RegionImage } from "../regions/shape";
import { store } from "../store";
import type { Json } from "../types";
import { Table } from "../workspaces/table";

export type About = { readonly type: "workspace" } | { readonly type: "image"; readonly image: RegionImage } | { readonly type: "region"; readonly region: string };

export interface Note {
  readonly about: About;
  readonly text: string;
  /** Who wrote it first, as that page said. */
  readonly author: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly modified: number;
}

export interface KeptNote extends Note {
  readonly id: string;
}

export const MAX_NOTE = 20_000;

const isText = (value: Json | undefined): value is string => typeof value === "string";
const isTime = (value: Json | undefined): value is number => typeof value === "number" && Number.isFinite(value);

/** The note that a value is; null if it is none. */
export function readNote(value: Json): Note | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { about, text, author, created, modified } = value;
  if (typeof about !== "object" || about === null || Array.isArray(about)) return null;
  const { type, image, region } = about;
  const known = type === "workspace" || (type === "region" && isText(region)) || (type === "image" && isImage(image));
  return known && isText(text) && isText(author) && isTime(created) && isTime(modified) ? (value as unknown as Note) : null;
}

function isImage(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && isText(value["path"]);
}

export class Notes extends Table<Note> {
  constructor(private readonly now: () => number = () => Date.now() / 1000) {
    super("note");
  }

  protected override read(value: Json): Note | null {
    return readNote(value);
  }

  /** All of them, what was changed last first. */
  get all(): KeptNote[] {
    return [...this.table].map(([id, note]) => ({ ...note, id })).sort((one, other) => other.modified - one.modified || (one.id < other.id ? 1 : -1));
  }

  write(about: About, text: string, author: string): string {
    const [id, now] = [newId(), this.now()];
    this.table.set(id, { about, text: text.slice(0, MAX_NOTE), author, created: now, modified: now });
    this.changed("Write note");
    return id;
  }

  rewrite(id: string, text: string): void {
    const note = this.table.get(id);
    if (!note || note.text === text) return;
    this.table.set(id, { ...note, text: text.slice(0, MAX_NOTE), modified: this.now() });
    this.changed("Edit note");
  }

  remove(id: string): void {
    if (this.table.delete(id)) this.changed("Delete note");
  }
}

/** The notes of this page. */
export const notes = new Notes();

/** What a new note is about unless it is said otherwise: the selected region, the image that is shown, or the workspace. */
export function usualAbout(): About {
  const [region, ...others] = regions.selected;
  if (region !== undefined && others.length === 0) return { type: "region", region };
  return store.image ? { type: "image", image: regionImage(store.image.info) } : { type: "workspace" };
}

/** Notes that hold all the words, in their text or their author's name, whatever the case. */
export function searched(all: readonly KeptNote[], words: string): readonly KeptNote[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ text, author }) => {
    const line = `${text} ${author}`.toLowerCase();
    return wanted.every((word) => line.includes(word));
  });
}
