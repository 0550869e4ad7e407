import { describe, expect, it } from "vitest";
import { cancelled } from "../errors";
import type { Style } from "../types";
import type { TileIndex } from "./geometry";
import { keyOf, transformAt, UPRIGHT } from "./geometry";
import type { Look } from "./layer";
import { TileLayer } from "./layer";
import { styleKey } from "./picture_layer";
import type { Bitmap } from "./rendition";

const pyramid = { width: 8192, height: 8192, levels: 6, tileSize: 256 };
const plain: Style = {
  low: 0,
  high: 100,
  stretch: "linear",
  colormap: "gray",
  invert: false,
  contrast: 1,
  bias: 0.5,
  bad: "#000000",
  quality: 90,
};

class FakeBitmap implements Bitmap {
  readonly width = 256;
  readonly height = 256;
  closed = false;
  constructor(readonly name: string) {}
  close(): void {
    this.closed = true;
  }
}

type StyledTile = TileIndex & { style: Style };

interface Request {
  tile: StyledTile;
  priority: number;
  signal: AbortSignal;
  resolve: (bitmap: FakeBitmap) => void;
  reject: (error: Error) => void;
}

function setUp(limit = 1000) {
  const requests: Request[] = [];
  const clock = { now: 0 };
  const layer = new TileLayer<FakeBitmap, Style>({
    pyramid,
    style: plain,
    styleKey,
    limit,
    now: () => clock.now,
    changed: () => undefined,
    fetch: (tile, style, priority, signal) =>
      new Promise((resolve, reject) => {
        requests.push({ tile: { ...tile, style }, priority, signal, resolve, reject });
        signal.addEventListener("abort", () => reject(cancelled()));
      }),
  });
  return { layer, requests, clock };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
const nameOf = ({ style, ...tile }: StyledTile): string => `${style.colormap} ${keyOf(tile)}`;

/** Answer all requests that are open. */
async function answer(requests: Request[], which: (tile: StyledTile) => boolean = () => true): Promise<void> {
  const open = requests.filter(({ signal, tile }) => !signal.aborted && which(tile));
  for (const request of open) {
    requests.splice(requests.indexOf(request), 1);
    request.resolve(new FakeBitmap(nameOf(request.tile)));
  }
  await turn();
}

/** A screen of 512 × 512 at a scale, with its top left corner at a display pixel. */
function at(scale: number, x = 0, y = 0): Look {
  const transform = transformAt(scale, UPRIGHT, { x, y }, { x: 0, y: 0 });
  return { transform, target: transform, screen: { width: 512, height: 512 }, density: 1, focus: { x: 256, y: 256 } };
}

async function settle(layer: TileLayer<FakeBitmap, Style>, requests: Request[], look: Look): Promise<void> {
  for (let round = 0; round < 4; round++) {
    layer.look(look);
    await answer(requests);
  }
}

const drawn = (layer: TileLayer<FakeBitmap, Style>, look: Look): string[] => layer.look(look).map(({ bitmap }) => bitmap.name);

describe("a layer", () => {
  it("asks for the overview, a coarse picture, and then the tiles in view", () => {
    const { layer, requests } = setUp();
    layer.look(at(0.5, 2048, 2048));
    const levels = requests.map(({ tile }) => tile.level);
    expect(levels[0]).toBe(5);
    expect(levels[1]).toBe(3);
    const visible = requests.filter(({ tile }) => tile.level === 1).slice(0, 4);
    expect(visible.map(({ tile }) => `${tile.x},${tile.y}`).sort()).toEqual(["4,4", "4,5", "5,4", "5,5"]);
  });

  it("asks for the tiles nearest to the cursor first", () => {
    const { layer, requests } = setUp();
    layer.look({ ...at(1, 1024, 1024), focus: { x: 500, y: 500 } });
    const first = requests.find(({ tile }) => tile.level === 0)!;
    expect([first.tile.x, first.tile.y]).toEqual([5, 5]);
  });

  it("asks for what lies at the end of a movement", () => {
    const { layer, requests } = setUp();
    layer.look({ ...at(0.25), target: at(1, 4096, 4096).transform });
    const fine = requests.filter(({ tile }) => tile.level === 0).slice(0, 4);
    expect(fine.map(({ tile }) => `${tile.x},${tile.y}`).sort()).toEqual(["16,16", "16,17", "17,16", "17,17"]);
    expect(requests.some(({ tile }) => tile.level === 2 && tile.x === 0)).toBe(false);
  });

  it("draws coarser tiles until the right ones come, and then only those", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    layer.look(look);
    await answer(requests, ({ level }) => level === 5);
    expect(drawn(layer, look)).toEqual(["gray 5/0/0"]);
    await answer(requests, ({ level, x, y }) => level === 2 || (level === 0 && x === 4 && y === 4));
    expect(drawn(layer, look)).toEqual(["gray 2/1/1", "gray 0/4/4"]);
    await answer(requests);
    expect(drawn(layer, look).sort()).toEqual(["gray 0/4/4", "gray 0/4/5", "gray 0/5/4", "gray 0/5/5"]);
  });

  it("draws finer tiles in place of a coarse one when it zooms out", async () => {
    const { layer, requests } = setUp();
    layer.look(at(1, 1024, 1024));
    await answer(requests, ({ level }) => level === 0 || level === 5);
    const names = drawn(layer, at(0.25, 0, 0));
    expect(names[0]).toBe("gray 5/0/0");
    for (const tile of ["0/4/4", "0/5/4", "0/4/5", "0/5/5"]) expect(names).toContain(`gray ${tile}`);
  });

  it("cancels tiles that left the view", () => {
    const { layer, requests } = setUp();
    layer.look(at(1, 0, 0));
    layer.look(at(1, 6000, 6000));
    const far = requests.filter(({ tile }) => tile.level === 0 && tile.x < 8);
    expect(far.length).toBeGreaterThan(3);
    expect(far.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it("asks for nothing that it has", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, at(1, 1024, 1024));
    layer.look(at(1, 1024, 1024));
    expect(requests).toEqual([]);
    expect(layer.loading).toBe(0);
  });

  it("finds the tiles of the margin there when it pans", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, at(1, 1024, 1024));
    expect(drawn(layer, at(1, 1224, 1224)).every((name) => name.startsWith("gray 0/"))).toBe(true);
  });
});

describe("a layer that rests", () => {
  it("draws what it has and asks for nothing, until it is woken", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, at(1, 1024, 1024));
    layer.rest();
    expect(drawn(layer, at(1, 6000, 6000))).toEqual(["gray 5/0/0"]);
    expect(requests).toEqual([]);
    layer.wake();
    layer.look(at(1, 6000, 6000));
    expect(requests.length).toBeGreaterThan(4);
  });
});

describe("a new style", () => {
  const look = at(1, 1024, 1024);
  const magma = { ...plain, colormap: "magma" };
  const viridis = { ...plain, colormap: "viridis" };

  it("is shown in whole once all its tiles are there", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, look);
    layer.setStyle(magma);
    layer.look(look);
    await answer(requests, ({ level, x, y }) => level === 0 && !(x === 5 && y === 5));
    expect(drawn(layer, look).every((name) => name.startsWith("gray"))).toBe(true);
    await answer(requests);
    expect(drawn(layer, look).every((name) => name.startsWith("magma"))).toBe(true);
    expect(layer.style).toEqual(magma);
  });

  it("comes tile by tile if it takes long", async () => {
    const { layer, requests, clock } = setUp();
    await settle(layer, requests, look);
    layer.setStyle(magma);
    layer.look(look);
    await answer(requests, ({ level, x, y }) => level === 0 && x === 4 && y === 4);
    clock.now += 2000;
    const names = drawn(layer, look);
    expect(names.filter((name) => name.startsWith("gray"))).toHaveLength(4);
    expect(names.at(-1)).toBe("magma 0/4/4");
  });

  it("is overtaken by the next, without showing the one between while a gesture goes on", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, look);
    layer.setStyle(magma, true);
    layer.look(look);
    layer.setStyle({ ...plain, colormap: "hot" }, true);
    layer.setStyle(viridis, true);
    await settle(layer, requests, look);
    expect(layer.style).toEqual(viridis);
    expect(requests.some(({ tile }) => tile.style.colormap === "hot")).toBe(false);
  });

  it("is forgotten when the old one is wanted again", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, look);
    layer.setStyle(magma);
    layer.look(look);
    layer.setStyle(plain);
    layer.look(look);
    expect(requests.filter(({ signal }) => !signal.aborted)).toEqual([]);
    expect(drawn(layer, look).every((name) => name.startsWith("gray"))).toBe(true);
  });

  it("leaves no bitmap of the old one behind", async () => {
    const { layer, requests } = setUp();
    await settle(layer, requests, look);
    const old = layer.look(look).map(({ bitmap }) => bitmap);
    layer.setStyle(magma);
    await settle(layer, requests, look);
    expect(old.every((bitmap) => bitmap.closed)).toBe(true);
    expect(layer.look(look).every(({ bitmap }) => !bitmap.closed)).toBe(true);
  });
});

describe("pixels that change", () => {
  it("are drawn as they were until the new ones come, from the level on that changed", async () => {
    const { layer, requests } = setUp();
    const look = at(0.25, 0, 0);
    await settle(layer, requests, look);
    const before = layer.look(look).map(({ bitmap }) => bitmap);
    layer.refresh(2);
    expect(layer.look(look).map(({ bitmap }) => bitmap)).toEqual(before);
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.every(({ tile }) => tile.level >= 2)).toBe(true);
    await answer(requests);
    const after = layer.look(look).map(({ bitmap }) => bitmap);
    expect(after).toHaveLength(before.length);
    expect(after.some((bitmap) => before.includes(bitmap))).toBe(false);
  });

  it("are asked for again although the old ones were on their way", () => {
    const { layer, requests } = setUp();
    const look = at(0.25, 0, 0);
    layer.look(look);
    const first = [...requests];
    layer.refresh(0);
    layer.look(look);
    expect(first.every(({ signal }) => signal.aborted)).toBe(true);
    expect(requests.length).toBe(2 * first.length);
  });
});

describe("a tile that cannot be had", () => {
  it("holds up neither the others nor a new style", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    await settle(layer, requests, look);
    const magma = { ...plain, colormap: "magma" };
    layer.setStyle(magma);
    layer.look(look);
    requests.splice(0, 1)[0]!.reject(new Error("damaged"));
    await settle(layer, requests, look);
    expect(layer.style).toEqual(magma);
    expect(layer.loading).toBe(0);
  });

  it("is asked for again after the connection is back", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    for (let round = 0; round < 4; round++) {
      layer.look(look);
      for (const request of requests.splice(0)) request.reject(new Error("lost"));
      await turn();
    }
    layer.look(look);
    expect(requests).toEqual([]);
    layer.forgive();
    layer.look(look);
    expect(requests.length).toBeGreaterThan(4);
  });
});

describe("what is not in sight", () => {
  const inView = ({ level, x, y }: TileIndex): boolean => level === 0 && x >= 4 && x < 6 && y >= 4 && y < 6;

  it("is asked for only when all that is in sight has come, and behind whatever comes in sight then", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    layer.look(look);
    expect(requests.filter(({ tile }) => tile.level === 0).every(({ tile }) => inView(tile))).toBe(true);
    const highest = Math.max(...requests.map(({ priority }) => priority));
    await answer(requests);
    layer.look(look);
    expect(requests.length).toBeGreaterThan(4);
    expect(requests.some(({ tile }) => inView(tile))).toBe(false);
    expect(Math.min(...requests.map(({ priority }) => priority))).toBeGreaterThan(highest + 100);
  });

  it("is taken back as soon as something in sight is missing", async () => {
    const { layer, requests } = setUp();
    layer.look(at(1, 1024, 1024));
    await answer(requests);
    layer.look(at(1, 1024, 1024));
    const around = [...requests];
    layer.look(at(1, 4096, 4096));
    expect(around.filter(({ tile, signal }) => tile.level === 0 && !signal.aborted)).toEqual([]);
  });
});

describe("a layer that is foreseen", () => {
  it("asks for the tiles in sight and no others, and says when they are here", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    expect(layer.foresee(look, 300)).toBe(false);
    expect(requests.map(({ tile }) => keyOf(tile)).sort()).toEqual(["0/4/4", "0/4/5", "0/5/4", "0/5/5"].sort());
    expect(requests.map(({ priority }) => priority)).toEqual([300, 301, 302, 303]);
    await answer(requests);
    expect(layer.foresee(look, 300)).toBe(true);
    expect(requests).toEqual([]);
  });

  it("is only asked whether it is complete while it may not fetch", () => {
    const { layer, requests } = setUp();
    expect(layer.foresee(at(1, 1024, 1024), null)).toBe(false);
    expect(requests).toEqual([]);
  });

  it("is complete in a new style once that one's tiles are here", async () => {
    const { layer, requests } = setUp();
    const look = at(1, 1024, 1024);
    layer.foresee(look, 0);
    await answer(requests);
    layer.setStyle({ ...plain, colormap: "magma" });
    expect(layer.foresee(look, 0)).toBe(false);
    await answer(requests);
    expect(layer.foresee(look, 0)).toBe(true);
    expect(drawn(layer, { ...look, passing: true }).every((name) => name.startsWith("magma"))).toBe(true);
  });

  it("goes on asking for what is in sight only while it passes", async () => {
    const { layer, requests } = setUp();
    const look = { ...at(1, 1024, 1024), passing: true };
    layer.look(look);
    await answer(requests);
    layer.look(look);
    expect(requests).toEqual([]);
  });

  it("counts the memory of its tiles", async () => {
    const { layer, requests } = setUp();
    layer.foresee(at(1, 1024, 1024), 0);
    expect(layer.bytes).toBe(0);
    await answer(requests);
    expect(layer.bytes).toBe(4 * 4 * 256 * 256);
    layer.close();
    expect(layer.bytes).toBe(0);
  });
});
