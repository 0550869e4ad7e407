import { describe, expect, it } from "vitest";
import {
  folderOf, formatBytes, formatCount, formatDate, formatDegrees, formatDuration, formatNumber, formatPixels, formatShape, formatZoom, nameOf, NOTHING,
} from "./format";

describe("sizes", () => {
  it.each([
    [0, "0 B"], [999, "999 B"], [1000, "1.00 kB"], [12_345, "12.3 kB"], [999_600, "1.00 MB"], [2_050_000_000, "2.05 GB"], [1e18, "1000 PB"],
  ])("%d is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  it("says nothing of what is not known", () => {
    for (const value of [null, undefined, Number.NaN, -1]) expect(formatBytes(value)).toBe(NOTHING);
  });
});

describe("numbers", () => {
  it.each([
    [0, "0"], [1024.3, "1024.3"], [-5, "−5"], [123456.789, "123457"], [1e9, "1e9"], [2.5e-7, "2.5e−7"], [Number.POSITIVE_INFINITY, "∞"], [1.23456789e12, "1.23457e12"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));
  it("writes a pixel without a value as nothing", () => {
    expect(formatNumber(Number.NaN)).toBe(NOTHING);
    expect(formatNumber(null)).toBe(NOTHING);
  });
  it.each([[25, "25 px"], [4800, "4\u202f800 px"], [277_700, "0.28 Mpx"], [4_194_304, "4.19 Mpx"], [5e8, "500 Mpx"]])(
    "%d pixels are %s", (pixels, text) => expect(formatPixels(pixels)).toBe(text));
  it("groups thousands", () => expect(formatCount(1234567)).toBe("1\u202f234\u202f567"));
});

describe("times", () => {
  it("writes dates so that text order is time order", () => {
    expect(formatDate(new Date(2026, 2, 1, 14, 5).getTime() / 1000)).toBe("2026-03-01 14:05");
    expect(formatDate(0)).toBe(NOTHING);
  });
  it.each([[8.4, "8 s"], [125, "2 min 05 s"], [4320, "1 h 12 min"], [Number.NaN, NOTHING]])("%d s is %s", (seconds, text) =>
    expect(formatDuration(seconds)).toBe(text));
});

describe("zoom, shape, paths, angles", () => {
  it.each([[1, "1:1"], [0.5, "1:2"], [4, "4:1"], [1 / 2.37, "1:2.37"], [1 / 64, "1:64"], [0.999, "1:1"], [0, NOTHING]])(
    "a scale of %d is %s", (scale, text) => expect(formatZoom(scale)).toBe(text));
  it("shapes have the fastest axis first", () => {
    expect(formatShape([3, 4094, 2046])).toBe("2046 × 4094 × 3");
    expect(formatShape([])).toBe(NOTHING);
  });
  it("paths split", () => {
    expect(nameOf("decam/night/a.fits")).toBe("a.fits");
    expect(nameOf("a\nb/line\nbreak\u202e.fits")).toBe("line\ufffdbreak\ufffd.fits");
    expect(nameOf(`a/${"b".repeat(3000)}.fits`)).toMatch(/^b{79}…b{15}\.fits$/);
    expect(nameOf(`caf\u{10fee9}é.fits`)).toBe("caf\ufffdé.fits");
    expect(folderOf("decam/night/a.fits")).toBe("decam/night");
    expect(folderOf("decam")).toBe("");
  });
  it("angles keep their sign", () => {
    expect(formatDegrees(-0.25, 3)).toBe("−0.250");
    expect(formatDegrees(52.8, 2, true)).toBe("+52.80");
  });
});
