/** What the palette offers for what is typed. */
import type { Command } from "../commands";
import { fuzzyFilter, matchedRuns } from "./fuzzy";

export interface Item {
  id: string;
  title: string;
  group: string;
  keys: string[];
  run: () => void;
  /** The title cut into runs that were matched and not. */
  runs: { text: string; hit: boolean }[];
}

/** Whether a text may be a position: two numbers, or an angle as people write it. */
export function looksLikePosition(text: string): boolean {
  const trimmed = text.trim();
  if (!/^[-+−]?\d/.test(trimmed)) return false;
  if (/[^\d\s.,:;+\-−°'"′″hmsdegalicrfkxyb()]/i.test(trimmed)) return false;
  return /[\d.smadeg°"″'′][\s,]+[-+−]?\d|\d[-+−]\d/.test(trimmed);
}

export function commandItems(query: string, commands: readonly Command[]): Item[] {
  const possible = commands.filter((command) => command.when?.() !== false);
  return fuzzyFilter(query, possible, (command) => command.title).map(({ item, match }) => ({
    id: item.id,
    title: item.title,
    group: item.group,
    keys: item.keys ?? [],
    run: item.run,
    runs: matchedRuns(item.title, match.positions),
  }));
}

export const plainItem = (id: string, title: string, group: string, run: () => void): Item => ({
  id, title, group, keys: [], run, runs: [{ text: title, hit: false }],
});

const PAIR = /^([+-]?[\d.]+)[\s,]+([+-]?[\d.]+)$/;

/** Where one may go: two bare numbers can be degrees, a pixel, or both. The server reads them alike. */
export function positionItems(query: string, hasSky: boolean, go: (text: string) => void): Item[] {
  const pair = PAIR.exec(query);
  if (!pair) return [plainItem("go-to", `Go to ${query}`, "Position", () => go(query))];
  const [first, second] = [Number(pair[1]), Number(pair[2])];
  const sky = hasSky && first >= 0 && first <= 360 && Math.abs(second) <= 90;
  const pixel = plainItem("go-to-pixel", `Go to pixel x ${pair[1]}, y ${pair[2]}`, "Position", () => go(`${query} px`));
  if (!sky) return [pixel];
  return [plainItem("go-to", `Go to RA ${pair[1]}°, Dec ${pair[2]}°`, "Position", () => go(`${query} deg`)), pixel];
}
