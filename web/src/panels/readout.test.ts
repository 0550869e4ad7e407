import { describe, expect, it } from "vitest";
import type { PixelReadout } from "../types";
import { copyable, nextFrame, pixelText, positionText, spoken, styleText, valueHint, valueText } from "./readout";

const READOUT: PixelReadout = {
  x: 12045, y: 8123.46, value: 1024.3, ra: 59.09, dec: -52.811111, l: 264.5, b: -46.25,
  sexagesimal: ["03:56:21.600", "-52:48:40.00"], ccd: { name: "N4", hdu: 4, x: 10, y: 20 },
};

describe("the readout", () => {
  it("gives FITS pixels, value and unit", () => {
    expect(pixelText(READOUT)).toEqual(["12045.0", "8123.5"]);
    expect(valueText(READOUT, "DN")).toBe("1024.3 DN");
    expect(valueText({ ...READOUT, value: null }, "DN")).toBe("no value");
    expect(valueText({ ...READOUT, colour: [1, 2, 3] }, "")).toBe("1 2 3");
    expect(valueText({ ...READOUT, values: [1.5, null, 1e-9], approximate: true }, "")).toBe("≈ 1.5 – 1e−9");
  });
  it("says that the value is the file's where the picture shows another", () => {
    const matched = { ...READOUT, shown: 1031.5 };
    expect(valueText(matched, "DN")).toBe("1024.3 DN raw");
    expect(valueHint(matched, "DN")).toContain("shows 1031.5 DN");
    expect(valueHint({ ...READOUT, shown: null }, "")).toContain("shows none");
    expect(valueHint(READOUT, "DN")).toBe("Value of the pixel: 1024.3 DN");
  });
  it("gives the position in each frame", () => {
    expect(positionText(READOUT, "sexagesimal")).toBe("03:56:21.600 −52:48:40.00");
    expect(positionText(READOUT, "degrees")).toBe("59.090000 −52.811111");
    expect(positionText(READOUT, "galactic")).toBe("264.500000 −46.250000");
  });
  it("keeps the pixels where the sky is not known", () => {
    const bare = { ...READOUT, ra: null, dec: null, l: null, b: null, sexagesimal: null };
    expect(positionText(bare, "sexagesimal")).toBeNull();
    expect(positionText(bare, "galactic")).toBeNull();
    expect(spoken(bare, "", "degrees")).toContain("no sky position");
  });
  it("cycles through the frames and back", () => {
    expect(nextFrame(nextFrame(nextFrame("sexagesimal")))).toBe("sexagesimal");
  });
  it("is copied so that other programs read it", () => {
    expect(copyable("59.090000 −52.811111")).toBe("59.090000 -52.811111");
  });
  it("names stretch and cuts", () => {
    const style = { low: 0, high: 1, stretch: "asinh", colormap: "gray", invert: false, contrast: 1, bias: 0.5, bad: "#000000", quality: 90 } as const;
    expect(styleText({ style, cuts: { method: "percentile", percent: 98.5 } })).toBe("asinh 98.5 %");
    expect(styleText({ style, cuts: { method: "manual" } })).toBe("asinh manual");
  });
  it("can be said", () => {
    expect(spoken(READOUT, "DN", "degrees")).toBe("x 12045.0, y 8123.5, 1024.3 DN, ICRS degrees 59.090000 −52.811111, CCD N4.");
    expect(spoken(null, "", "degrees")).toContain("outside");
  });
});
