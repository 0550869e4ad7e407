import { describe, expect, it } from "vitest";
import { wheelFactor } from "./gestures";

const wheel = (deltaY: number, patch: Partial<WheelEventInit> = {}) => wheelFactor({ deltaMode: 0, ctrlKey: false, ...patch, deltaY });

describe("the wheel", () => {
  it("zooms in when it turns up, and out again by as much", () => {
    expect(wheel(-100)).toBeCloseTo(1.3);
    expect(wheel(-100) * wheel(100)).toBeCloseTo(1);
  });

  it("zooms in proportion to its turn, so that a trackpad glides", () => {
    expect(wheel(-10) ** 10).toBeCloseTo(wheel(-100));
  });

  it("means the same in lines as in pixels", () => {
    expect(wheel(-3, { deltaMode: 1 })).toBeCloseTo(wheel(-99));
  });

  it("follows a pinch more closely, and no turn too far", () => {
    expect(wheel(-10, { ctrlKey: true })).toBeCloseTo(wheel(-40));
    expect(wheel(-100_000)).toBeCloseTo(1.3 ** 3);
  });
});
