/** Numbers, sizes, dates and positions as people read them. */
import type { HduInfo } from "../types";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const LONGEST_NAME = 100;
export const NOTHING = "–";

/** A size in decimal units with three significant figures: `2.05 GB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return NOTHING;
  let power = 0;
  let amount = bytes;
  while (amount >= 999.5 && power < UNITS.length - 1) {
    amount /= 1000;
    power += 1;
  }
  const digits = power === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(digits)} ${UNITS[power]}`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Epoch seconds as local `2026-03-01 14:05`; sorts and aligns as text. */
export function formatDate(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !(seconds > 0)) return NOTHING;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return NOTHING;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Epoch seconds as local `14:05:09`. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A number with at most `figures` significant figures, without trailing zeros; exponents where they are shorter. */
export function formatNumber(value: number | null | undefined, figures = 6): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e7 || size < 1e-4
      ? value.toExponential(figures - 1).replace(/\.?0+e/, "e").replace("e+", "e")
      : String(Number(value.toPrecision(figures)));
  return text.replace(/-/g, "−");
}

/** A whole number with thin spaces between thousands: `1 234 567`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** So many pixels: `25 px`, `0.28 Mpx`. */
export function formatPixels(pixels: number): string {
  return pixels < 100_000 ? `${formatCount(pixels)} px` : `${formatNumber(pixels / 1e6, pixels < 1e6 ? 2 : 3)} Mpx`;
}

/** Seconds as `8 s`, `2 min 05 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return NOTHING;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Screen pixels for one image pixel as a ratio: `1:2`, `4:1`, `1:2.37`. */
export function formatZoom(scale: number): string {
  if (!(scale > 0) || !Number.isFinite(scale)) return NOTHING;
  const factor = scale >= 1 ? scale : 1 / scale;
  const text = String(Number(factor < 10 ? factor.toFixed(2) : factor.toFixed(1)));
  return scale >= 0.9975 ? `${text}:1` : `1:${text}`;
}

/** An angle in degrees with a real minus sign and fixed decimals. */
export function formatDegrees(degrees: number, decimals = 6, signed = false): string {
  const text = Math.abs(degrees).toFixed(decimals);
  return degrees < 0 ? `−${text}` : signed ? `+${text}` : text;
}

/** A shape in numpy order as people say it, fastest axis first: `2046 × 4094`. */
export function formatShape(shape: readonly number[] | undefined): string {
  return shape && shape.length > 0 ? [...shape].reverse().join(" × ") : NOTHING;
}

// What breaks lines, hides or turns other characters, and the characters that stand for bytes which are no text.
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{10fe80}-\u{10feff}]/gu;

/** A part of a path as people see it; the file is still asked for by the path itself. */
export function shownName(part: string): string {
  return part.replace(UNSHOWABLE, "\ufffd");
}

/** The last part of a path, as people see it; a very long one loses its middle. */
export function nameOf(path: string): string {
  const letters = [...shownName(path.slice(path.lastIndexOf("/") + 1))];
  return letters.length <= LONGEST_NAME ? letters.join("") : `${letters.slice(0, LONGEST_NAME - 21).join("")}…${letters.slice(-20).join("")}`;
}

/** What to call an HDU. */
export function hduName(hdu: Pick<HduInfo, "index" | "name" | "kind">): string {
  return hdu.name || (hdu.index === 0 ? "PRIMARY" : hdu.kind);
}

/** The folder that holds a path; empty for a share. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}
