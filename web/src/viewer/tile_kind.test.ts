import { describe, expect, it } from "vitest";
import { chooseKind, LineSpeed } from "./tile_kind";

/** Answers of 40 kB, each so many milliseconds after the last. */
function speedOf(pauses: number[]): number | null {
  const clock = { now: 0 };
  const speed = new LineSpeed(() => clock.now);
  for (const pause of pauses) {
    clock.now += pause;
    speed.came(40_000);
  }
  return speed.judge();
}

const every = (pause: number, count: number): number[] => Array.from({ length: count }, () => pause);

describe("the speed of the line", () => {
  it("is not told from little", () => expect(speedOf(every(10, 10))).toBeNull());
  it("is that of answers that come one after the other", () => expect(speedOf(every(200, 40))).toBeCloseTo(200_000, -3));
  it("is not that of a server which is slow to begin", () =>
    expect(speedOf([3000, ...every(2, 12), 4000, ...every(2, 12)])).toBeGreaterThan(5e6));
});

describe("the kind of tiles", () => {
  it("is what the user wants, where the browser can draw it", () => {
    expect(chooseKind("jpeg", "data", 1e9, true)).toBe("jpeg");
    expect(chooseKind("data", "jpeg", 1, true)).toBe("data");
    expect(chooseKind("data", "data", 1e9, false)).toBe("jpeg");
  });
  it("goes by the line, and does not waver", () => {
    expect(chooseKind("auto", "data", null, true)).toBe("data");
    expect(chooseKind("auto", "data", 100_000, true)).toBe("jpeg");
    expect(chooseKind("auto", "jpeg", 500_000, true)).toBe("jpeg");
    expect(chooseKind("auto", "jpeg", 5_000_000, true)).toBe("data");
  });
});
