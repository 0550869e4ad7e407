/** What may be red, green or blue of a composite, and which of them comes first by its wavelength. */
import type { OpenImage } from "../store";
import type { Component, HduInfo, ImageInfo } from "../types";

export interface Band {
  title: string;
  component: Component;
  /** An open image that can tell the header. */
  image: string;
}

type Card = readonly [keyword: string, value: string, comment: string];

/** Planes of a cube that are offered. */
const MOST_PLANES = 200;
const FILTER_CARDS = ["FILTER", "FILTER1", "FILTER2", "FILTNAM1", "BAND", "FILTERID"];
/** Nanometres. */
const WAVELENGTHS: Record<string, number> = {
  u: 355, U: 365, B: 445, g: 477, V: 551, r: 623, R: 658, i: 763, I: 806, z: 905, Z: 905, y: 1000, Y: 1020, J: 1250, H: 1640, K: 2190,
  Ks: 2150, OIII: 501, Ha: 656, Halpha: 656, SII: 672, blue: 450, green: 540, red: 640,
};

/** Several HDUs may have one name, or none. */
const partName = (hdu: HduInfo): string => `HDU ${hdu.index}${hdu.name ? ` ${hdu.name}` : ""}`;
const keyOf = ({ path, hdu, plane }: Component): string => `${path}\n${hdu}\n${plane}`;

/** All that are of the size of the image that is shown: open images, and HDUs and planes of its file. */
export function bandsFor(shown: ImageInfo, images: readonly OpenImage[]): Band[] {
  const open = images.map(({ info }) => info).filter((info) => info.channels === 1 && sameSize(info, shown));
  const bands = [...open.map(openBand), ...(shown.components?.length ? [] : [...planesOf(shown), ...hdusOf(shown)])];
  const keys = bands.map(({ component }) => keyOf(component));
  return bands.filter((_, at) => keys.indexOf(keys[at] as string) === at);
}

function sameSize(info: ImageInfo, { width, height }: ImageInfo): boolean {
  return info.width === width && info.height === height;
}

function openBand({ path, name, hdu, hdus, plane, planes, image }: ImageInfo): Band {
  const info = hdus.find(({ index }) => index === hdu);
  const part = hdu === "mosaic" ? " · mosaic" : hdus.length > 1 && info ? ` · ${partName(info)}` : "";
  return { title: `${name}${part}${planes > 1 ? ` · plane ${plane + 1}` : ""}`, component: { path, hdu, plane }, image };
}

function planesOf({ path, name, hdu, planes, image }: ImageInfo): Band[] {
  const count = planes > 1 ? Math.min(planes, MOST_PLANES) : 0;
  return Array.from({ length: count }, (_, plane) => ({ title: `${name} · plane ${plane + 1}`, component: { path, hdu, plane }, image }));
}

function hdusOf({ path, name, hdus, image, width, height }: ImageInfo): Band[] {
  const fits = ({ kind, problem, planes = 1, channels = 1, shape = [] }: HduInfo): boolean =>
    kind === "image" && !problem && planes === 1 && channels === 1 && shape.at(-1) === width && shape.at(-2) === height;
  return hdus.filter(fits).map((hdu) => ({ title: `${name} · ${partName(hdu)}`, component: { path, hdu: hdu.index, plane: 0 }, image }));
}

/** Nanometres of a filter as headers name it (`g.MP9401`, `r DECam SDSS c0002 6415.0`, `F606W`), or as file names do; null if it says none. */
export function wavelengthOf(text: string, telescope = ""): number | null {
  const space = /F(\d{3,4})[WMNLP]/.exec(text);
  if (space) {
    const number = Number(space[1]);
    return number < 200 || telescope.includes("JWST") ? 10 * number : number;
  }
  const words = text.split(/[^A-Za-z]+/);
  const word = words.find((one) => WAVELENGTHS[one] !== undefined) ?? "";
  return WAVELENGTHS[word] ?? null;
}

/** The wavelength that the cards of an image tell. */
export function wavelengthIn(cards: readonly Card[]): number | null {
  const valueOf = (wanted: string): string => cards.find(([keyword]) => keyword === wanted)?.[1] ?? "";
  const telescope = valueOf("TELESCOP");
  const found = FILTER_CARDS.map((keyword) => wavelengthOf(valueOf(keyword), telescope));
  return found.find((wavelength) => wavelength !== null) ?? null;
}

/**
 * Which of the bands are red, green and blue at first: the longest wavelength, the middle one and
 * the shortest, by what headers say (null where they say nothing), or else by the names; in their
 * order where neither tells three apart.
 */
export function presetOf(bands: readonly Band[], headers: readonly (number | null)[]): [red: number, green: number, blue: number] {
  const names = bands.map(({ title }) => wavelengthOf(title.replace(/\.\w+( ·|$)/, "$1")));
  for (const wavelengths of [headers, names]) {
    const known = bands.map((_, at) => at).filter((at) => wavelengths[at] != null);
    const apart = known.filter((at) => known.find((other) => wavelengths[other] === wavelengths[at]) === at);
    if (apart.length < 3) continue;
    apart.sort((a, b) => (wavelengths[b] as number) - (wavelengths[a] as number));
    return [apart[0] as number, apart[Math.floor((apart.length - 1) / 2)] as number, apart.at(-1) as number];
  }
  const last = bands.length - 1;
  return [0, Math.min(1, last), Math.min(2, last)];
}
