import { describe, expect, it } from "vitest";
import {
  boxAround,
  childrenOf,
  cornersOf,
  directionOnScreen,
  displayFromFits,
  fitsFromDisplay,
  gridSize,
  isUpright,
  levelFor,
  northUp,
  outlineOf,
  parentOf,
  scaleBar,
  sightOf,
  tileBox,
  tilesIn,
  toDisplay,
  toScreen,
  tilesSeen,
  transformAt,
  UPRIGHT,
  zoomLabel,
} from "./geometry";

const decam = { width: 29400, height: 26100, levels: 8, tileSize: 256 };

describe("pixels", () => {
  it("gives the first FITS pixel to the centre of the bottom left one", () => {
    expect(fitsFromDisplay({ x: 0.5, y: 9.5 }, 10)).toEqual({ x: 1, y: 1 });
    expect(fitsFromDisplay({ x: 0.5, y: 0.5 }, 10)).toEqual({ x: 1, y: 10 });
  });

  it("comes back from FITS pixels", () => {
    const point = { x: 123.25, y: 77.75 };
    expect(displayFromFits(fitsFromDisplay(point, 4096), 4096)).toEqual(point);
  });

  it("comes back from the screen", () => {
    for (const orientation of [UPRIGHT, { turn: 33, mirrored: false }, { turn: -120, mirrored: true }]) {
      const transform = transformAt(0.375, orientation, { x: 100, y: 200 }, { x: 800, y: 450 });
      const point = { x: 1000, y: 2000 };
      const back = toDisplay(transform, toScreen(transform, point));
      expect(back.x).toBeCloseTo(point.x, 9);
      expect(back.y).toBeCloseTo(point.y, 9);
      const fixed = toScreen(transform, { x: 100, y: 200 });
      expect(fixed.x).toBeCloseTo(800, 9);
      expect(fixed.y).toBeCloseTo(450, 9);
    }
  });
});

describe("a turned picture", () => {
  const middle = { x: 0, y: 0 };
  const place = (turn: number, mirrored: boolean, point: { x: number; y: number }) =>
    toScreen(transformAt(2, { turn, mirrored }, middle, middle), point);

  it("turns clockwise, and is mirrored left to right after that", () => {
    expect(place(90, false, { x: 1, y: 0 })).toEqual({ x: 0, y: 2 });
    expect(place(90, false, { x: 0, y: 1 })).toEqual({ x: -2, y: 0 });
    expect(place(90, true, { x: 0, y: 1 })).toEqual({ x: 2, y: 0 });
    expect(place(0, true, { x: 1, y: 1 })).toEqual({ x: -2, y: 2 });
  });

  it.each([
    [0, -90],
    [0, 90],
    [137, 47],
    [137, -133],
    [-20, -110],
    [180, -90],
    [-90, 0],
  ])("has north up and east left, from %d and %d", (north, east) => {
    const orientation = northUp({ north, east });
    expect(directionOnScreen(north, orientation)).toBeCloseTo(0, 9);
    expect(directionOnScreen(east, orientation)).toBeCloseTo(-90, 9);
    // As the arrows go, so goes the picture.
    const up = { x: Math.sin((north * Math.PI) / 180), y: -Math.cos((north * Math.PI) / 180) };
    const { x, y } = place(orientation.turn, orientation.mirrored, up);
    expect(x).toBeCloseTo(0, 9);
    expect(y).toBeCloseTo(-2, 9);
  });

  it("is upright only as the file has it", () => {
    const upright = (turn: number, mirrored = false) => isUpright(transformAt(0.3, { turn, mirrored }, middle, middle));
    expect([upright(0), upright(360), upright(180), upright(90), upright(1e-3), upright(0, true)]).toEqual([
      true, true, false, false, false, false,
    ]);
  });

  it("asks for the tiles that the screen meets, and few others", () => {
    const screen = { width: 1600, height: 900 };
    const centre = { x: 12000, y: 9000 };
    const count = (turn: number) =>
      tilesSeen(decam, 0, sightOf(transformAt(1, { turn, mirrored: false }, centre, { x: 800, y: 450 }), screen)).length;
    const seen = sightOf(transformAt(1, { turn: 45, mirrored: true }, centre, { x: 800, y: 450 }), screen);
    const tiles = new Set(tilesSeen(decam, 0, seen).map(({ x, y }) => `${x}/${y}`));
    for (let x = 0; x < 1600; x += 37) {
      for (let y = 0; y < 900; y += 37) {
        const at = toDisplay(seen.transform, { x, y });
        expect(tiles).toContain(`${Math.floor(at.x / 256)}/${Math.floor(at.y / 256)}`);
      }
    }
    expect(count(45)).toBeLessThan(1.5 * count(0));
  });
});

describe("levels", () => {
  it.each([
    [32, 0],
    [1, 0],
    [0.71, 0],
    [0.7, 1],
    [0.5, 1],
    [0.25, 2],
    [1 / 128, 7],
    [1 / 4096, 7],
  ])("at scale %d draws level %d", (scale, level) => {
    expect(levelFor(scale, 8)).toBe(level);
  });

  it("never draws a level's pixel on more than √2 device pixels below 1:1, nor on less than 1/√2", () => {
    for (let scale = 1 / 120; scale < 1; scale *= 1.013) {
      const drawn = scale * 2 ** levelFor(scale, 8);
      expect(drawn).toBeGreaterThanOrEqual(Math.SQRT1_2 - 1e-6);
      expect(drawn).toBeLessThanOrEqual(Math.SQRT2 + 1e-6);
    }
  });
});

describe("tiles", () => {
  it("count the last, partial ones", () => {
    expect(gridSize(decam, 0)).toEqual({ width: 115, height: 102 });
    expect(gridSize(decam, 7)).toEqual({ width: 1, height: 1 });
  });

  it("are those that the screen touches", () => {
    const transform = transformAt(0.5, UPRIGHT, { x: 512, y: 256 }, { x: 0, y: 0 });
    const sight = sightOf(transform, { width: 512, height: 256 });
    expect(boxAround(outlineOf(sight))).toEqual({ x0: 512, y0: 256, x1: 1536, y1: 768 });
    expect(outlineOf(sight)).toEqual(cornersOf({ x0: 512, y0: 256, x1: 1536, y1: 768 }));
    expect(tilesSeen(decam, 1, sight).map(({ x, y }) => [x, y])).toEqual([
      [1, 0],
      [2, 0],
      [1, 1],
      [2, 1],
    ]);
  });

  it("are none beside the image", () => {
    expect(tilesIn(decam, 0, { x0: -900, y0: 0, x1: -10, y1: 100 })).toEqual([]);
    expect(tilesIn(decam, 3, { x0: 30000, y0: 0, x1: 31000, y1: 100 })).toEqual([]);
  });

  it("end where the image ends", () => {
    expect(tileBox(decam, { level: 0, x: 114, y: 101 })).toEqual({ x0: 29184, y0: 25856, x1: 29400, y1: 26100 });
  });

  it("have one parent, whose children they are", () => {
    const tile = { level: 2, x: 7, y: 4 };
    const parent = parentOf(tile, decam.levels);
    expect(parent).toEqual({ level: 3, x: 3, y: 2 });
    expect(childrenOf(decam, parent!)).toContainEqual(tile);
    expect(parentOf({ level: 7, x: 0, y: 0 }, decam.levels)).toBeNull();
  });
});

describe("labels", () => {
  it.each([
    [1, "1:1"],
    [0.5, "1:2"],
    [1 / 28.4, "1:28"],
    [0.66, "1:1.5"],
    [32, "32:1"],
  ])("zoom %d reads %s", (zoom, label) => {
    expect(zoomLabel(zoom)).toBe(label);
  });

  it("chooses a round length that fits", () => {
    expect(scaleBar(1, 0.263, 120)).toMatchObject({ label: "30″" });
    expect(scaleBar(1 / 28, 0.263, 120).label).toBe("10′");
    expect(scaleBar(1 / 280, 0.263, 120).label).toBe("2°");
    expect(scaleBar(4, null, 120)).toEqual({ length: 80, label: "20 px" });
    expect(scaleBar(64, 0.263, 120).label).toBe("0.2″");
    for (let zoom = 0.002; zoom < 64; zoom *= 1.31) {
      const { length } = scaleBar(zoom, 0.263, 120);
      expect(length).toBeLessThanOrEqual(120);
      expect(length).toBeGreaterThan(24);
    }
  });
});
