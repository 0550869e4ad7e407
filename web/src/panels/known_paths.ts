/** Paths to offer where one is asked for: of what is open, and then of what was opened before. */
import { store } from "../store";
import { folderOf } from "./format";
import { places } from "./places";

export function knownPaths(): string[] {
  const open = store.get("images").map(({ info }) => info.path);
  const shown = store.image ? [store.image.info.path] : [];
  return [...new Set([...shown, ...open, ...places.recent.map(({ path }) => path)])];
}

/** The folders of those. */
export function knownFolders(most: number): string[] {
  return [...new Set(knownPaths().map(folderOf))].slice(0, most);
}
