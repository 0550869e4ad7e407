/** The files that lie beside an image. */

import { files } from "../api";
import type { FrameInfo } from "../types";

/** Files of a folder that are looked through. */
const MOST_FILES = 5000;
const PAGE = 1000;

/** The files beside an image that its reader reads, in the order of their names. */
export async function filesLike({ path, reader }: FrameInfo): Promise<string[]> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const found: string[] = [];
  for (let offset = 0; offset < MOST_FILES; offset += PAGE) {
    const { entries, total } = await files.list(folder, { offset, limit: PAGE, sort: "name" });
    found.push(...entries.filter((entry) => entry.kind === "file" && entry.reader === reader).map((entry) => entry.path));
    if (offset + PAGE >= total) break;
  }
  return found;
}
