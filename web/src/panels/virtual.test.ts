import { describe, expect, it } from "vitest";
import { rowsInSight, scrollFor, TALLEST } from "./virtual";

const short = { total: 1000, rowHeight: 20, viewHeight: 200 };
const long = { total: 3_000_000, rowHeight: 26, viewHeight: 520 };

describe("rows in sight", () => {
  it("draws only what is seen and a little more", () => {
    expect(rowsInSight(0, short, 2)).toEqual({ first: 0, last: 12, top: 0, height: 20_000 });
    const middle = rowsInSight(5000, short, 2);
    expect([middle.first, middle.last, middle.top]).toEqual([248, 262, 4960]);
  });
  it("reaches the last row at the bottom", () => {
    const end = rowsInSight(1e9, short, 2);
    expect(end.last).toBe(1000);
    expect(end.top + (end.last - end.first) * 20).toBe(end.height);
  });
  it("draws nothing of an empty list", () => {
    expect(rowsInSight(0, { ...short, total: 0 })).toMatchObject({ first: 0, last: 0, height: 0 });
  });
  it("compresses a list that browsers would cut off, and still reaches both ends", () => {
    expect(rowsInSight(0, long).first).toBe(0);
    const end = rowsInSight(TALLEST - long.viewHeight, long);
    expect(end.height).toBe(TALLEST);
    expect(end.last).toBe(long.total);
    expect(end.top + (end.last - end.first) * long.rowHeight).toBeCloseTo(TALLEST, 3);
    expect(end.last - end.first).toBeLessThan(60);
  });
});

describe("revealing a row", () => {
  it("does not move for a row in sight", () => expect(scrollFor(5, 0, short)).toBe(0));
  it("moves as little as needed", () => {
    expect(scrollFor(10, 0, short)).toBe(20);
    expect(scrollFor(3, 500, short)).toBe(60);
  });
  it("brings any row of a compressed list into sight", () => {
    for (const row of [0, 17, 1_234_567, long.total - 1]) {
      const scroll = scrollFor(row, TALLEST / 3, long);
      const sight = rowsInSight(scroll, long, 0);
      expect(sight.first).toBeLessThanOrEqual(row);
      expect(sight.last).toBeGreaterThan(row);
    }
  });
});
