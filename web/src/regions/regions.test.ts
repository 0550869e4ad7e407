import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../types";
import { history } from "../workspaces/history";
import { parts } from "../workspaces/parts";
import { inMessages } from "./api";
import { readRegion } from "./checked";
import { exported } from "./files_dialog";
import { fieldText, parseField, pixelFields, skyFields } from "./fields";
import { newId, Regions } from "./regions";
import { formatAngle } from "./ruler";
import type { Region, Shape } from "./shape";
import { statisticsRows } from "./statistics";

const IMAGE = { path: "sky/a.fits", hdu: 1, layout: "single" } as const;
const CIRCLE: Shape = { type: "circle", x: 10, y: 20, radius: 5 };
let regions: Regions;
let remove = (): void => undefined;

beforeEach(() => {
  remove();
  parts.replace({});
  history.clear();
  regions = new Regions();
  remove = parts.add(regions);
});

describe("regions in a workspace", () => {
  it("are drawn, changed, deleted, and come back by undo", () => {
    const id = regions.draw(IMAGE, CIRCLE);
    regions.edit("Rename region", [id], (region) => ({ ...region, label: "M 13" }));
    regions.nudge([id], 1, 0);
    regions.nudge([id], 1, 0);
    regions.remove([id]);
    expect(parts.entries()).toEqual({});
    const steps: (string | null)[] = [];
    const seen: Json[] = [];
    while (history.undoLabel) {
      steps.push(history.undo());
      seen.push(parts.get(`region/${id}`));
    }
    expect(steps).toEqual(["Delete region", "Nudge region", "Rename region", "Draw circle"]);
    expect(seen.map((one) => (one as { shape: { x: number } } | null)?.shape.x ?? null)).toEqual([12, 10, 10, null]);
    history.redo();
    expect(regions.of(IMAGE)).toMatchObject([{ id, shape: CIRCLE, label: "" }]);
  });

  it("are those of their image, in the order of their making", () => {
    const ids = [1, 2, 3].map((x) => regions.draw(IMAGE, { ...CIRCLE, x }));
    regions.draw({ ...IMAGE, hdu: 2 }, CIRCLE);
    expect(regions.of(IMAGE).map(({ id }) => id)).toEqual(ids);
    expect(regions.of({ ...IMAGE, layout: "wcs" })).toEqual([]);
    const many = [...Array(100)].map(newId);
    expect(many.toSorted()).toEqual(many);
  });

  it("show a drag before it is kept as one step", () => {
    const id = regions.draw(IMAGE, CIRCLE);
    const placed = regions.get(id)!;
    for (const x of [11, 12, 13]) regions.draft(new Map([[id, { ...CIRCLE, x }]]));
    expect(regions.shapeOf(placed)).toMatchObject({ x: 13 });
    expect(regions.get(id)?.shape).toEqual(CIRCLE);
    regions.keepDrafts("Move region");
    expect(history.undo()).toBe("Move region");
    expect(regions.get(id)?.shape).toEqual(CIRCLE);
  });

  it("that are locked are neither nudged nor deleted", () => {
    const id = regions.draw(IMAGE, CIRCLE);
    regions.edit("Lock", [id], (region) => ({ ...region, locked: true }));
    regions.nudge([id], 5, 5);
    regions.remove([id]);
    expect(regions.get(id)?.shape).toEqual(CIRCLE);
  });

  it("come from others, who may have taken a selected one away", () => {
    const id = regions.draw(IMAGE, CIRCLE);
    parts.apply({ "region/other": { image: IMAGE, shape: CIRCLE } as unknown as Json, [`region/${id}`]: null });
    expect(regions.selected.size).toBe(0);
    expect(regions.of(IMAGE)).toMatchObject([{ id: "other", label: "", locked: false }]);
    parts.apply({ "region/other": { image: IMAGE, shape: { type: "blob" } } as unknown as Json });
    expect(regions.of(IMAGE)).toEqual([]);
  });

  it("are duplicated beside themselves and selected", () => {
    regions.duplicate([regions.draw(IMAGE, CIRCLE)]);
    const [, copy] = regions.of(IMAGE);
    expect([...regions.selected]).toEqual([copy?.id]);
    expect(copy?.shape).toMatchObject({ x: 20, y: 10 });
  });
});

describe("what is no region", () => {
  const whole: Region = { image: IMAGE, shape: CIRCLE, label: "", colour: "#f0e442", locked: false };
  const json = (changes: object): Json => ({ ...whole, ...changes }) as unknown as Json;

  it.each([
    [null],
    ["region"],
    [[]],
    [json({ shape: null })],
    [json({ shape: { type: "circle", x: 1, y: 2 } })],
    [json({ shape: { type: "circle", x: 1, y: "2", radius: 3 } })],
    [json({ shape: { type: "circle", x: 1, y: 2, radius: -3 } })],
    [json({ shape: { type: "constructor", x: 1, y: 2 } })],
    [json({ shape: { type: "polygon", vertices: [[1, 2], [3, 4]] } })],
    [json({ shape: { type: "line", vertices: [[1, 2], [3]] } })],
    [json({ colour: "red; background: url(x)" })],
    [json({ label: { toString: 1 } })],
    [json({ image: "sky/a.fits" })],
  ])("is left out (%#)", (value) => {
    expect(readRegion(value as Json)).toBeNull();
  });

  it("and what is one stays the same object", () => {
    const value = json({});
    expect(readRegion(value)).toBe(value);
  });
});

describe("numbers of a region", () => {
  const sky = { ra: 1, dec: 2, sexagesimal: null, scale: 0.5, north: 100, mirrored: false, vertices: [], length: null, position_angle: null };
  const box: Shape = { type: "box", x: 9, y: 19, width: 4, height: 6, angle: 130 };

  it("are FITS pixels, and go back the same way", () => {
    expect(pixelFields(box).map(({ name, value }) => [name, value])).toEqual([["x", 10], ["y", 20], ["width", 4], ["height", 6], ["angle", 130]]);
    for (const field of [...pixelFields(box), ...skyFields(box, sky)]) expect(field.put(field.value)).toEqual(box);
    const line: Shape = { type: "line", vertices: [[0, 1], [2, 3]] };
    expect(pixelFields(line)[2]?.put(7)).toEqual({ type: "line", vertices: [[0, 1], [6, 3]] });
  });

  it("are arcseconds and position angles on the sky, also where it is mirrored", () => {
    expect(skyFields(box, sky).map(({ value }) => value)).toEqual([2, 3, 30]);
    const mirrored = skyFields(box, { ...sky, mirrored: true });
    expect(mirrored.at(-1)?.value).toBe(150);
    expect(mirrored.at(-1)?.put(90)).toMatchObject({ angle: 10 });
    expect(skyFields(box, sky)[0]?.put(1)).toMatchObject({ width: 2 });
  });

  it("are read as people type them", () => {
    expect(parseField(" −3,5 ", {})).toBe(-3.5);
    expect([parseField("0", { positive: true }), parseField("x", {}), parseField("", {}), parseField("1e9", {})]).toEqual([null, null, null, null]);
    expect([fieldText(1234.56789), fieldText(0.0001234567), fieldText(0)]).toEqual(["1234.5679", "0.000123", "0"]);
    expect([formatAngle(3.14159), formatAngle(90), formatAngle(7200)]).toEqual(["3.1416″", "1.5′", "2°"]);
  });
});

describe("exchange", () => {
  it("goes in messages that are not too long", () => {
    const many = [...Array(2500)].map((_, x) => ({ shape: { ...CIRCLE, x }, label: "é", colour: "#ffffff" }));
    const messages = inMessages(many, 10_000);
    expect(messages.flat()).toEqual(many);
    for (const message of messages) expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(10_100);
  });

  it("copies statistics exactly, and shows what people read", () => {
    const one = { count: 1234, bad: 2, sum: 1e9 / 3, mean: 1 / 3, median: null, std: 0, minimum: -1, maximum: 2 };
    const rows = Object.fromEntries(statisticsRows({ area: 10, values: [one] }, 2, "adu"));
    expect(rows).toMatchObject({ Pixels: ["1\u202f234"], "Without a value": ["2"], "Area (arcsec²)": ["40"], "Mean (adu)": ["0.3333333"], "Median (adu)": ["–"] });
    const exact = Object.fromEntries(statisticsRows({ area: 10, values: [one] }, null, "", true));
    expect(exact).toMatchObject({ Mean: [String(1 / 3)], Median: ["nan"], Pixels: ["1234"] });
  });
});

describe("an export", () => {
  it.each([
    [0, 0, "Export as a DS9 file"],
    [0, 1, "Export the only region as a DS9 file"],
    [0, 9, "Export all 9 regions as a DS9 file"],
    [1, 9, "Export the selected region as a DS9 file"],
    [3, 9, "Export the 3 selected regions as a DS9 file"],
  ])("says what of it is exported: %i of %i", (selected, all, heading) => {
    expect(exported(selected, all)).toBe(heading);
  });
});
