import { describe, expect, it } from "vitest";
import type { ListOptions } from "../api";
import { ToyzError } from "../errors";
import type { FileEntry, FileListing } from "../types";
import { crumbs, Directory, nextOrder, PAGE, rowAfter, Trail } from "./directory";
import { toggled, withRecent } from "./places";

const entry = (i: number, path: string): FileEntry => ({ name: `f${i}.fits`, path: `${path}/f${i}.fits`, kind: "file", size: i, modified: i, reader: "FITS" });

interface Asked {
  path: string;
  options: ListOptions;
  signal: AbortSignal;
  answer: () => Promise<void>;
  refuse: (error: unknown) => Promise<void>;
}

/** A server whose answers come when the test says so. */
function server(total: number): { asked: Asked[]; directory: Directory; changes: () => number } {
  const asked: Asked[] = [];
  let changes = 0;
  const settle = async (): Promise<void> => void (await new Promise((done) => setTimeout(done, 0)));
  const fetch = (path: string, options: ListOptions, signal: AbortSignal): Promise<FileListing> =>
    new Promise((resolve, reject) => {
      const { offset = 0, limit = 0 } = options;
      const entries = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => entry(offset + i, path));
      asked.push({
        path, options, signal,
        answer: () => (resolve({ path, parent: "", entries, total, offset, truncated: false, writable: false }), settle()),
        refuse: (error) => (reject(error), settle()),
      });
    });
  return { asked, directory: new Directory(fetch, () => (changes += 1)), changes: () => changes };
}

describe("a folder of 100,000 entries", () => {
  it("is fetched only where it is looked at", async () => {
    const { asked, directory } = server(100_000);
    void directory.show({ path: "big" });
    expect(directory.state).toBe("loading");
    await asked[0]!.answer();
    expect(directory.total).toBe(100_000);
    directory.need(0, 40);
    expect(asked).toHaveLength(1);
    directory.need(77_770, 77_810);
    expect(asked[1]!.options.offset).toBe(Math.floor(77_770 / PAGE) * PAGE);
    expect(directory.at(77_777)).toBeUndefined();
    await asked[1]!.answer();
    expect(directory.at(77_777)?.name).toBe("f77777.fits");
    directory.need(77_770, 77_810);
    expect(asked).toHaveLength(2);
  });
  it("is asked for two pages where they meet", async () => {
    const { asked, directory } = server(100_000);
    void directory.show({ path: "big" });
    await asked[0]!.answer();
    directory.need(PAGE * 3 - 2, PAGE * 3 + 2);
    expect(asked.slice(1).map((one) => one.options.offset)).toEqual([PAGE * 2, PAGE * 3]);
  });
});

describe("a question that is overtaken", () => {
  it("is taken back, and its answer thrown away", async () => {
    const { asked, directory } = server(5);
    void directory.show({ path: "a" });
    void directory.show({ path: "b", filter: "x" });
    expect(asked[0]!.signal.aborted).toBe(true);
    await asked[1]!.answer();
    await asked[0]!.answer();
    expect(directory.shown).toBe("b");
    expect(directory.at(0)?.path).toBe("b/f0.fits");
  });
  it("leaves the old entries in sight until the new ones come", async () => {
    const { asked, directory } = server(5);
    void directory.show({ path: "a" });
    await asked[0]!.answer();
    void directory.show({ filter: "f1" });
    expect(directory.at(3)?.name).toBe("f3.fits");
  });
});

describe("a folder that cannot be read", () => {
  it("says why, and knows the way up", async () => {
    const { asked, directory, changes } = server(0);
    void directory.show({ path: "decam/private" });
    await asked[0]!.refuse(new ToyzError({ code: "forbidden", message: "You may not look into this folder." }));
    expect([directory.state, directory.problem, directory.parent]).toEqual(["error", "You may not look into this folder.", "decam"]);
    expect(changes()).toBeGreaterThan(1);
  });
  it("can be asked for a page again after that page failed", async () => {
    const { asked, directory } = server(5000);
    void directory.show({ path: "a" });
    await asked[0]!.answer();
    directory.need(1000, 1010);
    await asked[1]!.refuse(new ToyzError({ code: "busy", message: "Busy." }));
    expect(directory.state).toBe("ready");
    directory.need(1000, 1010);
    expect(asked).toHaveLength(3);
  });
});

describe("moving about", () => {
  it("goes back and forward, and forgets the branch that was left", () => {
    const trail = new Trail();
    ["", "a", "a/b"].forEach((path) => trail.visit(path));
    expect(trail.back()).toBe("a");
    expect(trail.forward()).toBe("a/b");
    trail.back();
    trail.visit("c");
    expect([trail.canGoForward, trail.back(), trail.back(), trail.canGoBack]).toEqual([false, "a", "", false]);
  });
  it.each([
    ["ArrowDown", -1, 0], ["ArrowUp", -1, 9], ["ArrowDown", 9, 9], ["PageDown", 2, 7], ["PageUp", 2, 0], ["Home", 5, 0], ["End", 5, 9], ["a", 5, null],
  ] as const)("%s from row %d goes to %s", (key, row, expected) => expect(rowAfter(key, row, 10, 5)).toBe(expected));
  it("stays put in an empty folder", () => expect(rowAfter("ArrowDown", -1, 0, 5)).toBe(-1));
  it("names every step of a path", () => {
    expect(crumbs("decam/night/a")).toEqual([
      { name: "Shares", path: "" }, { name: "decam", path: "decam" }, { name: "night", path: "decam/night" }, { name: "a", path: "decam/night/a" },
    ]);
  });
  it("sorts dates newest first, and turns round on the second click", () => {
    expect(nextOrder("modified", { sort: "name", descending: false })).toEqual({ sort: "modified", descending: true });
    expect(nextOrder("modified", { sort: "modified", descending: true })).toEqual({ sort: "modified", descending: false });
    expect(nextOrder("name", { sort: "size", descending: true })).toEqual({ sort: "name", descending: false });
  });
});

describe("places", () => {
  it("keep the newest first, each once, and not too many", () => {
    let recent = withRecent([], "a", 1);
    recent = withRecent(withRecent(recent, "b", 2), "a", 3);
    expect(recent).toEqual([{ path: "a", opened: 3 }, { path: "b", opened: 2 }]);
    for (let i = 0; i < 100; i += 1) recent = withRecent(recent, `f${i}`, i);
    expect(recent).toHaveLength(30);
  });
  it("toggle bookmarks", () => {
    expect(toggled(["x/b"], "y/a")).toEqual(["y/a", "x/b"]);
    expect(toggled(["y/a", "x/b"], "x/b")).toEqual(["y/a"]);
  });
});
