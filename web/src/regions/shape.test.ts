import { describe, expect, it } from "vitest";
import type { Orientation, Point, Transform } from "../viewer/geometry";
import { displayFromFits, toDisplay, toScreen, transformAt } from "../viewer/geometry";
import { dragged, handleAt, handlesOf, withNewVertex, withoutVertex } from "./handles";
import { meeting, pathOf, screenBounds } from "./outline";
import { between } from "./painter";
import type { PathShape, Shape } from "./shape";
import { boundsOf, centreOf, drawn, moved, pixelTransform, turned } from "./shape";

const HEIGHT = 500;
const SHAPES: Shape[] = [
  { type: "point", x: 10, y: 20 },
  { type: "text", x: 10, y: 20 },
  { type: "circle", x: 120, y: 200, radius: 30 },
  { type: "ellipse", x: 120, y: 200, rx: 40, ry: 15, angle: 30 },
  { type: "box", x: 120, y: 200, width: 60, height: 20, angle: -50 },
  { type: "polygon", vertices: [[10, 10], [90, 20], [60, 80], [30, 40]] },
  { type: "line", vertices: [[10, 10], [90, 70]] },
];
const SIZED = SHAPES.filter(({ type }) => type !== "point" && type !== "text");
const ORIENTATIONS: Orientation[] = [
  { turn: 0, mirrored: false },
  { turn: 0, mirrored: true },
  { turn: 90, mirrored: false },
  { turn: 33, mirrored: false },
  { turn: -127, mirrored: true },
];
const SCALES = [0.03, 1, 30];

function transforms() {
  return ORIENTATIONS.flatMap((orientation) =>
    SCALES.map((scale) => pixelTransform(transformAt(scale, orientation, { x: 300, y: 200 }, { x: 640, y: 400 }), HEIGHT)),
  );
}

/** The numbers of a path's positions. */
function pointsOf(path: string): Point[] {
  return [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)(?=[LZMA]|$)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}

describe("pixels of regions", () => {
  it("are one less than FITS pixels, whichever way the picture stands", () => {
    for (const orientation of ORIENTATIONS) {
      const display = transformAt(30, orientation, { x: 10, y: 20 }, { x: 100, y: 100 });
      const transform = pixelTransform(display, HEIGHT);
      for (const [x, y] of [[0, 0], [7, 3], [12.5, 499]] as const) {
        const expected = toScreen(display, displayFromFits({ x: x + 1, y: y + 1 }, HEIGHT));
        const found = toScreen(transform, { x, y });
        expect([found.x, found.y]).toEqual([expect.closeTo(expected.x, 8), expect.closeTo(expected.y, 8)]);
      }
    }
  });
});

describe.each(SHAPES)("a $type", (shape) => {
  it("lies within its bounds, and moves with them", () => {
    const { x0, y0, x1, y1 } = boundsOf(shape);
    const after = boundsOf(moved(shape, 5, -7));
    expect([after.x0 - x0, after.y0 - y0, after.x1 - x1, after.y1 - y1]).toEqual([5, -7, 5, -7].map((shift) => expect.closeTo(shift, 9)));
    for (const transform of transforms()) {
      const box = screenBounds(shape, transform);
      for (const { x, y } of shape.type === "point" ? [] : pointsOf(pathOf(shape, transform))) {
        expect(x).toBeGreaterThan(box.x0 - 5);
        expect(x).toBeLessThan(box.x1 + 5);
        expect(y).toBeGreaterThan(box.y0 - 5);
        expect(y).toBeLessThan(box.y1 + 5);
      }
    }
  });

  it("is turned about its middle, and back again", () => {
    const there = turned(shape, 40);
    if (!("vertices" in shape)) expect(centreOf(there)).toEqual(centreOf(shape));
    const box = boundsOf(turned(turned(shape, 90), 270));
    if (!("vertices" in shape)) expect(box.x0).toBeCloseTo(boundsOf(shape).x0, 9);
  });
});

describe.each(SIZED)("the handles of a $type", (shape) => {
  it("lie on its line, and leave it as it is when they are dragged to where they are", () => {
    for (const transform of transforms()) {
      for (const handle of handlesOf(shape, transform)) {
        if (handle.kind === "turn") continue;
        expect(meeting(shape, transform, handle.at, 1)).toBe("edge");
        const place = toDisplay(transform, handle.at);
        const same = boundsOf(dragged(shape, handle, place, place));
        const before = boundsOf(shape);
        for (const edge of ["x0", "x1", "y0", "y1"] as const) expect(same[edge]).toBeCloseTo(before[edge], 6);
      }
    }
  });

  it("follow the pointer", () => {
    for (const transform of transforms()) {
      for (const handle of handlesOf(shape, transform)) {
        if (handle.kind === "turn") continue;
        const from = toDisplay(transform, handle.at);
        const middle = centreOf(shape);
        const to = { x: middle.x + (from.x - middle.x) * 1.5, y: middle.y + (from.y - middle.y) * 1.5 };
        const grown = dragged(shape, handle, from, to);
        const at = toScreen(transform, to);
        const nearest = Math.min(...handlesOf(grown, transform).map((one) => Math.hypot(one.at.x - at.x, one.at.y - at.y)));
        expect(nearest).toBeLessThan(1e-6 * Math.max(1, transform.scale) + 1e-6);
      }
    }
  });
});

describe("a picture that moves", () => {
  it("takes along what was made for where it stood", () => {
    const all = transforms();
    expect(between(all[0]!, all[0]!)).toBe("none");
    for (const from of all) {
      for (const to of all.filter((other) => other !== from)) {
        const motion = between(from, to) as Transform;
        const place = { x: 123.4, y: 56.7 };
        const [moved, there] = [toScreen(motion, toScreen(from, place)), toScreen(to, place)];
        expect([moved.x, moved.y]).toEqual([expect.closeTo(there.x, 6), expect.closeTo(there.y, 6)]);
      }
    }
  });
});

describe("dragging", () => {
  const [transform] = transforms();
  const box: Shape = { type: "box", x: 100, y: 100, width: 40, height: 20, angle: 90 };

  it("a side of a box leaves the other one, unless its middle is to stay", () => {
    const side = handlesOf(box, transform!).find((handle) => handle.kind === "size" && handle.along === 1 && handle.across === 0)!;
    // At 90° the width goes up: its end is at y = 120.
    const from = { x: 100, y: 120 };
    expect(dragged(box, side, from, { x: 100, y: 140 })).toMatchObject({ x: 100, y: 110, width: 60, height: 20 });
    expect(dragged(box, side, from, { x: 100, y: 140 }, { centred: true })).toMatchObject({ x: 100, y: 100, width: 80 });
    expect(dragged(box, side, from, { x: 100, y: 70 })).toMatchObject({ y: 75, width: 10 });
  });

  it("the knob turns it, by steps if wanted", () => {
    const knob = handlesOf(box, transform!).find(({ kind }) => kind === "turn")!;
    const [from, to] = [{ x: 200, y: 100 }, { x: 100 + 100 * Math.cos(0.7), y: 100 + 100 * Math.sin(0.7) }];
    expect((dragged(box, knob, from, to) as { angle: number }).angle).toBeCloseTo(90 + (0.7 * 180) / Math.PI, 9);
    expect((dragged(box, knob, from, to, { stepped: true }) as { angle: number }).angle).toBe(135);
  });

  it("draws a shape from one place to another", () => {
    const [start, end] = [{ x: 10, y: 20 }, { x: 40, y: 60 }];
    expect(drawn("circle", start, end)).toEqual({ type: "circle", x: 10, y: 20, radius: 50 });
    expect(drawn("box", start, end)).toEqual({ type: "box", x: 25, y: 40, width: 30, height: 40, angle: 0 });
    expect(drawn("ellipse", end, start)).toEqual({ type: "ellipse", x: 25, y: 40, rx: 15, ry: 20, angle: 0 });
    expect(drawn("line", start, end)).toEqual({ type: "line", vertices: [[10, 20], [40, 60]] });
    expect(drawn("box", start, start)).toBeNull();
  });
});

describe("vertices", () => {
  const square: PathShape = { type: "polygon", vertices: [[0, 0], [10, 0], [10, 10], [0, 10]] };

  it("come on the nearest side and go again, down to three", () => {
    expect(withNewVertex(square, { x: -1, y: 5 }).vertices[0]).toEqual([-1, 5]);
    expect(withNewVertex(square, { x: 5, y: -1 }).vertices[1]).toEqual([5, -1]);
    expect(withoutVertex(square, 1).vertices).toEqual([[0, 0], [10, 10], [0, 10]]);
    expect(withoutVertex(withoutVertex(square, 1), 0).vertices).toHaveLength(3);
  });
});

describe("the pointer", () => {
  const ring: Shape = { type: "ellipse", x: 50, y: 50, rx: 30, ry: 10, angle: 45 };
  const transform = pixelTransform(transformAt(4, { turn: 20, mirrored: true }, { x: 50, y: 450 }, { x: 400, y: 300 }), HEIGHT);
  const at = (x: number, y: number) => toScreen(transform, { x, y });

  it("meets a line, what is within, or nothing", () => {
    const end = 30 * Math.SQRT1_2;
    expect(meeting(ring, transform, at(50 + end, 50 + end), 3)).toBe("edge");
    expect(meeting(ring, transform, at(50, 50), 3)).toBe("inside");
    expect(meeting(ring, transform, at(50 + end, 50 - end), 3)).toBeNull();
    const bow: Shape = { type: "polygon", vertices: [[0, 0], [40, 40], [40, 0], [0, 40]] };
    expect(meeting(bow, transform, at(35, 20), 3)).toBe("inside");
    expect(meeting(bow, transform, at(20, 35), 3)).toBeNull();
    const line: Shape = { type: "line", vertices: [[0, 0], [40, 0]] };
    expect(meeting(line, transform, at(20, 0.5), 3)).toBe("edge");
    expect(meeting(line, transform, at(-2, 0), 3)).toBeNull();
  });

  it("takes the nearest of several handles", () => {
    const handles = handlesOf(ring, transform);
    const last = handles.at(1)!;
    expect(handleAt(handles, { x: last.at.x + 2, y: last.at.y }, 8)).toBe(last);
    expect(handleAt(handles, { x: last.at.x + 500, y: last.at.y }, 8)).toBeNull();
  });
});
