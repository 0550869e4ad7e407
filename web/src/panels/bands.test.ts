import { describe, expect, it } from "vitest";
import type { OpenImage } from "../store";
import type { ImageInfo } from "../types";
import { bandsFor, presetOf, wavelengthIn, wavelengthOf } from "./bands";

const info = (patch: Partial<ImageInfo>): ImageInfo =>
  ({ image: "x", path: "sky/x.fits", name: "x.fits", hdu: 0, plane: 0, planes: 1, width: 40, height: 30, channels: 1, hdus: [], ...patch }) as ImageInfo;
const open = (...infos: ImageInfo[]): OpenImage[] => infos.map((one) => ({ info: one }) as OpenImage);
const band = (title: string) => ({ title, component: { path: title, hdu: 0, plane: 0 }, image: "x" });

describe("bands", () => {
  it("are the open images of the size of the one that is shown", () => {
    const shown = info({ image: "a", path: "sky/a.fits", name: "a.fits" });
    const others = [info({ image: "b", path: "sky/b.fits", name: "b.fits" }), info({ width: 41 }), info({ channels: 3 })];
    expect(bandsFor(shown, open(shown, ...others)).map(({ title }) => title)).toEqual(["a.fits", "b.fits"]);
  });

  it("are HDUs and planes of its file, each once", () => {
    const hdus = [0, 1, 2].map((index) => ({ index, kind: index ? "image" : "empty", name: `CCD${index}`, shape: [30, 40] }) as const);
    const several = info({ hdu: 1, hdus: hdus.map((hdu) => ({ ...hdu, shape: [...hdu.shape] })) });
    expect(bandsFor(several, open(several)).map(({ component }) => component.hdu)).toEqual([1, 2]);
    expect(bandsFor(several, open(several))[0]!.title).toBe("x.fits · HDU 1 CCD1");
    const cube = info({ planes: 4, plane: 2 });
    expect(bandsFor(cube, open(cube)).map(({ component }) => component.plane).sort()).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ["g.MP9401", 477],
    ["r DECam SDSS c0002 6415.0 1480.0", 623],
    ["HSC-R", 658],
    ["F606W", 606],
    ["F160W", 1600],
    ["Ks", 2150],
    ["CLEAR", null],
    ["", null],
  ])("%s is of a wavelength", (text, wavelength) => {
    expect(wavelengthOf(text)).toBe(wavelength);
  });

  it("knows whose filters are counted in tens of nanometres", () => {
    expect(wavelengthIn([["TELESCOP", "JWST", ""], ["FILTER", "F277W", ""]])).toBe(2770);
    expect(wavelengthIn([["FILTER1", "CLEAR", ""], ["FILTER2", "i", ""]])).toBe(763);
    expect(wavelengthIn([["OBJECT", "M31", ""]])).toBeNull();
  });

  it("begin with the longest wavelength", () => {
    const bands = ["a", "b", "c", "d"].map(band);
    expect(presetOf(bands, [477, 763, null, 623])).toEqual([1, 3, 0]);
    expect(presetOf(bands, [null, null, null, null])).toEqual([0, 1, 2]);
    const named = ["sdss_g.fits", "sdss_i.fits", "sdss_r.fits"].map(band);
    expect(presetOf(named, [477, 477, 477]), "what all headers say alike says nothing").toEqual([1, 2, 0]);
    expect(presetOf([band("a")], [null])).toEqual([0, 0, 0]);
  });
});
