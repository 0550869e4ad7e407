/** What can be played: an ordered row of frames of one size. */

import { nameOf } from "../panels/format";
import type { OpenImage } from "../store";
import type { FrameInfo, HduName, ImageInfo, Style } from "../types";
import type { ReelKind } from "./state";

/** Where a frame is found. */
export interface Place {
  path: string;
  hdu: HduName;
  plane: number;
}

export interface Reel {
  readonly kind: ReelKind;
  readonly count: number;
  /** Which of them an image is; −1 if none. */
  find(info: FrameInfo): number;
  place(number: number): Place;
  /** What is known of a frame without opening it: it is open already, and has a style of its own. */
  known(number: number): { info: ImageInfo; style: Style } | null;
  label(number: number): string;
}

/** The planes of the cube that an image shows; null if it has but one. */
export function planesOf({ path, hdu, planes }: ImageInfo): Reel | null {
  if (planes < 2) return null;
  return {
    kind: "planes",
    count: planes,
    find: (info) => (info.path === path && info.hdu === hdu && info.planes === planes ? info.plane : -1),
    place: (plane) => ({ path, hdu, plane }),
    known: () => null,
    label: (plane) => `plane ${plane + 1}`,
  };
}

/** The open images that have the size of one of them; null if there is no other. */
export function imagesOf(images: readonly OpenImage[], { info }: OpenImage): Reel | null {
  const same = images.filter((image) => fits(image.info, info));
  if (same.length < 2) return null;
  const at = (number: number): OpenImage => same[number] as OpenImage;
  return {
    kind: "images",
    count: same.length,
    find: ({ image }) => same.findIndex((other) => other.info.image === image),
    place: (number) => at(number).info,
    known: at,
    label: (number) => at(number).info.name,
  };
}

/** Files that follow each other, from which the same HDU and plane is shown; null if there is but one. */
export function filesOf(paths: readonly string[], { hdu, plane }: ImageInfo): Reel | null {
  if (paths.length < 2) return null;
  const at = (number: number): string => paths[number] as string;
  return {
    kind: "files",
    count: paths.length,
    find: (info) => (info.hdu === hdu && info.plane === plane ? paths.indexOf(info.path) : -1),
    place: (number) => ({ path: at(number), hdu, plane }),
    known: () => null,
    label: (number) => nameOf(at(number)),
  };
}

/** Whether one can be shown in the place of the other. */
export function fits(frame: FrameInfo, other: FrameInfo): boolean {
  return frame.width === other.width && frame.height === other.height && frame.channels === other.channels;
}
