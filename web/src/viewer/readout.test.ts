import { describe, expect, it } from "vitest";
import type { PixelReadout } from "../types";
import { Readout } from "./readout";

const answer = (x: number): PixelReadout => ({
  x,
  y: 1,
  value: x,
  ra: null,
  dec: null,
  l: null,
  b: null,
  sexagesimal: null,
  ccd: null,
});

function setUp() {
  const asked: { x: number; resolve: (readout: PixelReadout) => void; reject: (error: Error) => void }[] = [];
  const shown: (number | null)[] = [];
  const whole: (PixelReadout | null)[] = [];
  const readout = new Readout(
    (_image, x) => new Promise((resolve, reject) => asked.push({ x, resolve, reject })),
    (value) => {
      shown.push(value?.x ?? null);
      whole.push(value);
    },
  );
  return { asked, shown, whole, readout };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("the readout", () => {
  it("keeps one question on its way and skips to the newest", async () => {
    const { asked, shown, readout } = setUp();
    for (const x of [1, 2, 3]) readout.move("i", { x, y: 1 });
    expect(asked.map(({ x }) => x)).toEqual([1]);
    asked[0]!.resolve(answer(1));
    await turn();
    expect(asked.map(({ x }) => x)).toEqual([1, 3]);
    expect(shown).toEqual([1]);
  });

  it("shows nothing that arrives after the cursor has left", async () => {
    const { asked, shown, readout } = setUp();
    readout.move("i", { x: 1, y: 1 });
    readout.leave();
    asked[0]!.resolve(answer(1));
    await turn();
    expect(shown).toEqual([null]);
  });

  it("tells at once what the tiles say, of one band or of three", async () => {
    const { asked, whole, readout } = setUp();
    readout.move("i", { x: 1, y: 1 }, { values: [1, NaN, 3], approximate: true });
    expect(whole[0]).toMatchObject({ value: null, values: [1, null, 3], approximate: true });
    asked[0]!.resolve({ ...answer(1), value: null, values: [1, 2, 3] });
    await turn();
    readout.move("j", { x: 2, y: 1 }, { values: [5], approximate: false });
    expect(whole[2]).toMatchObject({ value: 5, approximate: false });
    expect(whole[2], "not those of the image before").not.toHaveProperty("values");
  });

  it("goes on after a question that failed", async () => {
    const { asked, shown, readout } = setUp();
    readout.move("i", { x: 1, y: 1 });
    asked[0]!.reject(new Error("lost"));
    await turn();
    readout.move("i", { x: 2, y: 1 });
    asked[1]!.resolve(answer(2));
    await turn();
    expect(shown).toEqual([null, 2]);
  });
});
