/** The readout under the cursor as text. */
import type { CoordinateFrame, OpenImage } from "../store";
import type { PixelReadout } from "../types";
import { formatDegrees, formatNumber, NOTHING } from "./format";

export const FRAMES: CoordinateFrame[] = ["sexagesimal", "degrees", "galactic"];
export const FRAME_NAMES: Record<CoordinateFrame, string> = { sexagesimal: "ICRS", degrees: "ICRS °", galactic: "Gal. °" };

export function nextFrame(frame: CoordinateFrame): CoordinateFrame {
  return FRAMES[(FRAMES.indexOf(frame) + 1) % FRAMES.length] ?? "sexagesimal";
}

/** FITS pixels with one decimal. */
export function pixelText(readout: PixelReadout | null): [x: string, y: string] {
  return readout ? [readout.x.toFixed(1), readout.y.toFixed(1)] : [NOTHING, NOTHING];
}

/** The value with its unit; the three channels of a colour picture. */
export function valueText(readout: PixelReadout | null, unit: string): string {
  if (!readout) return NOTHING;
  if (readout.colour) return readout.colour.join(" ");
  if (readout.values) {
    const values = readout.values.map((value) => (value === null ? NOTHING : formatNumber(value, 4))).join(" ");
    return readout.approximate ? `≈ ${values}` : values;
  }
  if (readout.value === null) return "no value";
  // Where CCDs are matched, the picture shows another value than the file has.
  const raw = readout.shown === undefined ? "" : " raw";
  const [about, digits] = readout.approximate ? ["≈ ", 5] : ["", 7];
  return `${about}${formatNumber(readout.value, digits)}${unit ? ` ${unit}` : ""}${raw}`;
}

/** What the value is, for a tooltip. */
export function valueHint(readout: PixelReadout | null, unit: string): string {
  if (readout?.shown === undefined) return `Value of the pixel${readout ? `: ${valueText(readout, unit)}` : ""}`;
  const shown = readout.shown === null ? "none" : `${formatNumber(readout.shown, 7)}${unit ? ` ${unit}` : ""}`;
  return `Value of the pixel in the file; the picture, whose CCDs are matched, shows ${shown}`;
}

/** The position in the chosen frame; null where the image has none there. */
export function positionText(readout: PixelReadout | null, frame: CoordinateFrame): string | null {
  if (!readout) return null;
  const { ra, dec, l, b, sexagesimal } = readout;
  if (frame === "galactic") return l === null || b === null ? null : `${formatDegrees(l)} ${formatDegrees(b, 6, true)}`;
  if (ra === null || dec === null) return null;
  if (frame === "sexagesimal" && sexagesimal) return sexagesimal.join(" ").replace(/-/g, "−");
  return `${formatDegrees(ra)} ${formatDegrees(dec, 6, true)}`;
}

/** As copied: plain minus signs, so that other programs read it. */
export function copyable(text: string): string {
  return text.replace(/−/g, "-");
}

/** Stretch and cuts: `asinh 99.5 %`. */
export function styleText({ style, cuts }: Pick<OpenImage, "style" | "cuts">): string {
  const names: Record<string, string> = { zscale: "zscale", minmax: "min–max", manual: "manual" };
  const text = cuts.method === "percentile" ? `${formatNumber(cuts.percent ?? 99.5)} %` : (names[cuts.method] ?? cuts.method);
  return `${style.stretch} ${text}`;
}

/** The readout as a sentence, for those who listen. */
export function spoken(readout: PixelReadout | null, unit: string, frame: CoordinateFrame): string {
  if (!readout) return "The cursor is outside the picture.";
  const [x, y] = pixelText(readout);
  const position = positionText(readout, frame);
  const where = position === null ? "no sky position" : `${FRAME_NAMES[frame].replace("°", "degrees")} ${position}`;
  const ccd = readout.ccd ? `, CCD ${readout.ccd.name}` : "";
  return `x ${x}, y ${y}, ${valueText(readout, unit)}, ${where}${ccd}.`;
}
