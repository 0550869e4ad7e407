/** The session's tasks for regions, as typed functions. */

import type { CallOptions } from "../socket";
import { socket } from "../socket";
import type { Shape } from "./shape";

export interface ValueStatistics {
  count: number;
  bad: number;
  sum: number | null;
  mean: number | null;
  median: number | null;
  std: number | null;
  minimum: number | null;
  maximum: number | null;
}

export interface RegionStatistics {
  /** Square pixels. */
  area: number;
  /** Of each channel. */
  values: ValueStatistics[];
}

/** Where a region is on the sky; null where the WCS has no answer. */
export interface RegionSky {
  /** ICRS degrees of its centre, or its first vertex. */
  ra: number | null;
  dec: number | null;
  sexagesimal: [string, string] | null;
  /** Arcseconds of a pixel. */
  scale: number | null;
  /** Pixel direction of north, degrees from +x towards +y. */
  north: number | null;
  mirrored: boolean;
  vertices: ([number, number] | null)[];
  /** Of a line: arcseconds, degrees. */
  length: number | null;
  position_angle: number | null;
}

export interface MarkedRegion {
  shape: Shape;
  label: string;
  colour: string;
}

export interface ReadRegions {
  regions: MarkedRegion[];
  skipped: { reason: string; count: number }[];
}

export const SYSTEMS = { image: "Image pixels", icrs: "ICRS", fk5: "FK5 (J2000)", galactic: "Galactic" } as const;
export type System = keyof typeof SYSTEMS;

/** Characters of a text that fit in a message with room to spare. */
export const MAX_TEXT = 60_000;
const MAX_MESSAGE = 56_000;

export const regionTasks = {
  statistics: (image: string, shape: Shape, options?: CallOptions) =>
    socket.call<RegionStatistics>("regions", "statistics", { image, shape }, options),
  sky: (image: string, shape: Shape, options?: CallOptions) => socket.call<RegionSky>("regions", "sky", { image, shape }, options),
  read: (image: string, source: { text: string } | { path: string }) => socket.call<ReadRegions>("regions", "read", { image, ...source }),
  write: async (image: string, marked: readonly MarkedRegion[], system: System): Promise<string> => {
    const texts: string[] = [];
    for (const part of inMessages(marked)) texts.push(await socket.call<string>("regions", "write", { image, regions: part, system }));
    // Each begins with the two lines that say what the file is.
    return texts.map((text, number) => (number === 0 ? text : text.split("\n").slice(2).join("\n"))).join("");
  },
};

/** In parts that each fit into a message. */
export function inMessages(marked: readonly MarkedRegion[], most = MAX_MESSAGE): MarkedRegion[][] {
  const parts: MarkedRegion[][] = [];
  let room = 0;
  for (const { shape, label, colour } of marked) {
    const one = { shape, label, colour };
    const size = new TextEncoder().encode(JSON.stringify(one)).length + 1;
    if (size > room || (parts.at(-1)?.length ?? 0) >= 1000) {
      parts.push([]);
      room = most;
    }
    parts.at(-1)?.push(one);
    room -= size;
  }
  return parts;
}
