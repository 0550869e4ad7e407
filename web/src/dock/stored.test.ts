import { describe, expect, it } from "vitest";
import type { StoredDock } from "./stored";
import { firstDock, readStored } from "./stored";

const TITLES: Record<string, string> = { display: "Display", header: "Header", images: "Images" };
const titleOf = (id: string): string | undefined => TITLES[id];

const stored = (): StoredDock =>
  JSON.parse(JSON.stringify({ version: 1, view: firstDock(["display", "header"], titleOf, 1400, 800), berths: {} }));

type Leaf = { data: { id: string; views: string[]; activeView: string } };
const leaves = (dock: StoredDock | null): Leaf[] => (dock?.view.grid.root.data ?? []) as unknown as Leaf[];

describe("a stored arrangement", () => {
  it("comes back as it was", () => {
    expect(readStored(stored(), titleOf)?.view.grid).toEqual(stored().view.grid);
  });

  it("loses the panels that are gone, and the groups they leave empty", () => {
    const old = stored();
    leaves(old)[1]!.data.views.push("plugin:gone:panel");
    leaves(old)[1]!.data.activeView = "plugin:gone:panel";
    leaves(old).push({ type: "leaf", size: 300, data: { id: "3", views: ["plugin:gone:other"], activeView: "plugin:gone:other" } } as Leaf);
    const read = readStored(old, titleOf);
    expect(leaves(read).map((leaf) => leaf.data.views)).toEqual([["picture"], ["display", "header"]]);
    expect(leaves(read)[1]!.data.activeView).toBe("display");
    expect(Object.keys(read!.view.panels).sort()).toEqual(["display", "header", "picture"]);
  });

  it("keeps what floats where it floats", () => {
    const old = stored();
    old.view.floatingGroups = [{ data: { id: "9", views: ["images"], activeView: "images" }, position: { left: 40, top: 30, width: 320, height: 400 } }];
    old.berths = { images: { mates: [], side: "left", size: 300 }, "plugin:gone:panel": { mates: [], side: "left", size: 300 } };
    const read = readStored(old, titleOf);
    expect(read!.view.floatingGroups).toEqual(old.view.floatingGroups);
    expect(Object.keys(read!.berths)).toEqual(["images"]);
  });

  it("is none without a picture, with two of them, or with one among tabs", () => {
    const without = stored();
    leaves(without).shift();
    const twice = stored();
    leaves(twice)[1]!.data.views = ["picture"];
    const tabbed = stored();
    leaves(tabbed)[0]!.data.views.push("images");
    expect(readStored(without, titleOf)).toBeNull();
    expect(leaves(readStored(twice, titleOf)).length).toBe(1);
    expect(readStored(tabbed, titleOf)).toBeNull();
  });

  it.each([
    null, undefined, 7, "layout", [], {}, { version: 2 }, { version: 1 }, { version: 1, view: {} },
    { version: 1, view: { grid: { root: 3, width: 1, height: 1, orientation: "HORIZONTAL" } } },
    { version: 1, view: { grid: { root: { type: "branch", data: [{}], size: 3 }, width: 1, height: 1, orientation: "HORIZONTAL" } } },
  ])("is none if nobody wrote it: %j", (value) => {
    expect(readStored(value, titleOf)).toBeNull();
  });

  it("has sizes that are numbers", () => {
    const broken = stored();
    broken.view.grid.width = Number.NaN;
    expect(readStored(broken, titleOf)).toBeNull();
  });
});
