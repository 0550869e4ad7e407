import { describe, expect, it } from "vitest";
import { gapBetween, sideOf } from "./sides";

const PICTURE = { left: 300, top: 0, width: 800, height: 600 };

describe("the side of the picture", () => {
  it.each([
    ["left", { left: 0, top: 0, width: 300, height: 900 }],
    ["right", { left: 1100, top: 300, width: 320, height: 600 }],
    ["below", { left: 300, top: 600, width: 800, height: 300 }],
    ["above", { left: 300, top: -200, width: 800, height: 200 }],
  ] as const)("is %s", (side, box) => {
    expect(sideOf(box, PICTURE)).toBe(side);
    expect(gapBetween(box, PICTURE, side)).toBe(0);
  });

  it("counts a corner as beside the picture", () => {
    expect(sideOf({ left: 1100, top: 600, width: 320, height: 300 }, PICTURE)).toBe("right");
  });

  it("tells the nearer of two columns", () => {
    const near = gapBetween({ left: 150, top: 0, width: 150, height: 600 }, PICTURE, "left");
    const far = gapBetween({ left: 0, top: 0, width: 150, height: 600 }, PICTURE, "left");
    expect([near, far]).toEqual([0, 150]);
  });
});
