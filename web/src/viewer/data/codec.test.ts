import { describe, expect, it } from "vitest";
import { decodeTile } from "./codec";
import { DataTile } from "./data_tile";
import { scaleOf } from "./scale";

/** Made by `toyz_tiles.data_tile.pack`: see the names. */
const TILES = {
  // [[1, 2, nan], [700, 5, 6]], whole numbers
  codes: "VFpUMQEBAQEDAAIAAAAAAAAAAAAAAPA/AAAAAAAA8D8otS/9IAxhAAAAAf+7BAUAAP8CAAA=",
  // [[0.5, 1.25], [-3.5, nan]] with exact=True
  floats: "VFpUMQIBAQECAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAotS/9IBCBAAAAAAAAAAAAAACgYMA/P8B/",
} as const;

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

async function read(text: string): Promise<DataTile> {
  return new DataTile(await decodeTile(bytes(text)));
}

describe("a data tile", () => {
  it("has values, and none", async () => {
    const tile = await read(TILES.codes);
    const row = (y: number): number[] => [0, 1, 2].map((x) => tile.value(x, y));
    expect([tile.width, tile.height, tile.step]).toEqual([3, 2, 0]);
    expect(row(0)).toEqual([1, 2, NaN]);
    expect(row(1)).toEqual([700, 5, 6]);
  });

  it("may be floats", async () => {
    const tile = await read(TILES.floats);
    expect([tile.value(0, 0), tile.value(1, 0), tile.value(0, 1), tile.value(1, 1)]).toEqual([0.5, 1.25, -3.5, NaN]);
  });

  it("is scaled from near the low cut", async () => {
    const tile = await read(TILES.codes);
    const { base, slope, offset } = scaleOf(tile, { low: 101.25, k: 3 });
    expect(base).toBe(100);
    for (const code of [0, 1, 699]) expect((code - base) * slope + offset).toBeCloseTo((code + 1 - 101.25) * 3 + 0.5, 9);
  });

  it("is refused if it is none", async () => {
    const whole = bytes(TILES.codes);
    for (const broken of [new Uint8Array(0), whole.slice(0, 20), whole.slice(0, 40), whole.slice().fill(0, 0, 4)]) {
      await expect(decodeTile(broken)).rejects.toThrow();
    }
  });
});
