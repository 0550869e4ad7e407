import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../commands";
import { store } from "../store";
import type { ImageInfo, Json } from "../types";
import { transformAt, UPRIGHT } from "../viewer/geometry";
import { markups } from "../viewer/markup";
import { history } from "../workspaces/history";
import { parts } from "../workspaces/parts";
import type { Toyz } from "./plugin_api";
import { RunningPanel } from "./plugin_api";
import type { OverlayFrame, OverlayPress } from "./plugin_overlay";

const panel = { name: "p", title: "Panel", url: "plugins/lens/p.js", icon: "star" };
const module = { name: "lens", title: "Lens", description: "", tasks: [], panels: [panel], readers: [] };
const image = { image: "i", name: "a.fits", width: 200, height: 100 } as ImageInfo;
const frameAt = (scale: number) => ({ image, transform: transformAt(scale, UPRIGHT, { x: 0, y: 0 }, { x: 0, y: 0 }), screen: { width: 400, height: 300 } });

let running: RunningPanel;
let toyz: Toyz;

beforeEach(async () => {
  running = new RunningPanel(module, document.createElement("div"));
  await running.start(panel, async () => ({ activate: (given: Toyz) => void (toyz = given) }));
});
afterEach(() => {
  running.end();
  markups.draw(null);
});

describe("a plugin's overlay", () => {
  it("is drawn with the picture, in FITS pixels, and again only when something is other", () => {
    const frames: (OverlayFrame | null)[] = [];
    const overlay = toyz.overlay({ draw: (_, frame) => frames.push(frame) });
    markups.draw(frameAt(2));
    markups.draw(frameAt(2));
    expect(frames.length).toBe(1);
    const { toScreen, toPicture, scale } = frames[0] as OverlayFrame;
    expect(scale).toBe(2);
    // The first pixel of the file is the lowest of 100 rows, half a pixel from the edges.
    expect(toScreen({ x: 1, y: 1 })).toEqual({ x: 1, y: 199 });
    expect(toPicture({ x: 1, y: 199 })).toEqual({ x: 1, y: 1 });
    markups.draw(frameAt(3));
    expect(frames.length).toBe(2);
    overlay.refresh();
    markups.draw(frameAt(3));
    expect(frames.length).toBe(3);
    running.end();
    markups.draw(frameAt(4));
    expect(frames.length).toBe(3);
  });

  it("is offered what a pointer does, and gives it up", () => {
    const seen: string[] = [];
    const note = (name: string) => (press: OverlayPress) => void seen.push(`${name} ${press.place.x},${press.place.y}`);
    toyz.overlay({
      draw: () => undefined,
      down: ({ place }) => place.x < 50,
      move: note("move"),
      up: note("up"),
      giveUp: () => seen.push("given up") > 0,
      cursor: () => "crosshair",
    });
    const event = new Event("pointerdown") as PointerEvent;
    expect(markups.down({ at: { x: 1, y: 199 }, event }), "there is no picture yet").toBeNull();
    markups.draw(frameAt(2));
    expect(markups.down({ at: { x: 300, y: 199 }, event })).toBeNull();
    const taken = markups.down({ at: { x: 1, y: 199 }, event });
    taken?.move?.({ at: { x: 3, y: 197 }, event });
    taken?.up?.({ at: { x: 5, y: 195 }, event });
    expect(seen).toEqual(["move 2,2", "up 3,3"]);
    expect(markups.giveUp()).toBe(true);
    expect(markups.cursor).toBe("crosshair");
  });

  it("that throws ends nobody else's frame, and is told of once", () => {
    let drawn = 0;
    toyz.overlay({
      draw: () => {
        throw new Error("no such thing");
      },
    });
    toyz.overlay({ draw: () => (drawn += 1) });
    store.set({ log: [] });
    for (const scale of [1, 2, 3]) markups.draw(frameAt(scale));
    expect(drawn).toBe(3);
    expect(store.get("log").map(({ message }) => message)).toEqual(["Lens: drawing over the picture failed (Error: no such thing)."]);
  });
});

describe("a plugin's table", () => {
  const read = (value: Json): { x: number } | null => (typeof (value as { x?: unknown }).x === "number" ? (value as { x: number }) : null);

  it("is kept in the workspace, undone by name, and left there when the panel is closed", () => {
    const table = toyz.table("marks", read);
    let told = 0;
    table.subscribe(() => (told += 1));
    table.set("Mark an image", "a", { x: 1 });
    expect(parts.entries()["plugin/lens.marks/a"]).toEqual({ x: 1 });
    table.draft("Move the mark", "a", { x: 2 });
    table.draft("Move the mark", "a", { x: 3 });
    history.seal();
    expect(history.undoLabel).toBe("Move the mark");
    history.undo();
    expect([table.get("a"), told]).toEqual([{ x: 1 }, 4]);
    running.end();
    expect(parts.entries()["plugin/lens.marks/a"]).toEqual({ x: 1 });
    parts.enact({ "plugin/lens.marks/a": null });
  });

  it("takes from others only what can be read", () => {
    const table = toyz.table("marks", read);
    parts.apply({ "plugin/lens.marks/b": { x: "here" }, "plugin/lens.marks/c": { x: 5 } });
    expect(table.ids).toEqual(["c"]);
    expect(() => table.set("Mark", "a/b", { x: 1 })).toThrow("is no id");
    expect(() => toyz.table("Marks", read)).toThrow("is no name of a table");
  });
});

describe("a plugin's command", () => {
  it("is offered while its panel is open, and takes no key from the page", () => {
    const stop = commands.add({ id: "view.fit", title: "Fit", group: "View", keys: ["f"], run: () => undefined });
    let done = 0;
    toyz.command({ name: "model", title: "Model the lens", keys: ["f", "Shift+M"], run: () => (done += 1) });
    expect(commands.get("plugin.lens.model")?.keys).toEqual(["Shift+M"]);
    commands.run("plugin.lens.model");
    running.end();
    expect([done, commands.get("plugin.lens.model")]).toEqual([1, undefined]);
    stop();
  });
});
