import { describe, expect, it } from "vitest";
import type { Json } from "../types";
import { History } from "./history";
import type { OwnChange, Part } from "./parts";
import { Parts } from "./parts";
import { sameJson } from "./same_json";

/** A part that keeps values under keys, and tells of each change. */
class Shelf implements Part {
  values: Record<string, Json> = {};
  applied: [string, Json | null][] = [];
  private changed: (label?: string) => void = () => undefined;

  constructor(
    readonly prefix: string,
    readonly personal = false,
  ) {}

  entries = () => ({ ...this.values });

  apply = (key: string, value: Json | null) => {
    this.applied.push([key, value]);
    if (value === null) delete this.values[key];
    else this.values[key] = value;
    this.changed("Told of what was applied");
  };

  onChange = (changed: (label?: string) => void) => {
    this.changed = changed;
    return () => (this.changed = () => undefined);
  };

  put(key: string, value: Json | null, label?: string) {
    if (value === null) delete this.values[key];
    else this.values[key] = value;
    this.changed(label);
  }
}

function setUp(...prefixes: string[]) {
  const parts = new Parts();
  const shelves = prefixes.map((prefix) => new Shelf(prefix, prefix === "view"));
  shelves.forEach((shelf) => parts.add(shelf));
  const told: OwnChange[] = [];
  parts.onChange((change) => told.push(change));
  let time = 0;
  const history = new History(parts, () => time);
  return { parts, shelf: shelves[0] as Shelf, shelves, told, history, wait: (ms: number) => (time += ms) };
}

describe("parts of the page", () => {
  it("are asked what has changed, and only that is told", () => {
    const { shelf, told } = setUp("region");
    shelf.put("region/a", { x: 1 }, "Draw");
    shelf.put("region/b", { x: 2 });
    shelf.put("region/b", { x: 2 }, "Nothing");
    expect(told).toEqual([
      { before: { "region/a": null }, after: { "region/a": { x: 1 } }, label: "Draw" },
      { before: { "region/b": null }, after: { "region/b": { x: 2 } } },
    ]);
  });

  it("take over what others say without saying it again", () => {
    const { parts, shelf, told } = setUp("region");
    parts.apply({ "region/a": { x: 1 }, "region/b": { x: 2 } });
    parts.apply({ "region/a": null });
    expect(shelf.values).toEqual({ "region/b": { x: 2 } });
    expect(parts.entries()).toEqual(shelf.values);
    expect(told).toEqual([]);
  });

  it("own their prefix and no longer word", () => {
    const { parts, shelves } = setUp("note", "notebook");
    parts.apply({ "notebook/a": 1, note: 2 });
    expect(shelves.map((shelf) => shelf.values)).toEqual([{ note: 2 }, { "notebook/a": 1 }]);
  });

  it("keep what is personal while others change theirs, and take it over from a workspace that opens", () => {
    const { parts, shelf } = setUp("view");
    shelf.put("view/a", 1);
    parts.apply({ "view/a": 2 });
    expect(shelf.values).toEqual({ "view/a": 1 });
    parts.replace({ "view/a": 3 });
    expect(shelf.values).toEqual({ "view/a": 3 });
  });

  it("are given what waited for them, and nothing is lost of parts that never come", () => {
    const { parts } = setUp();
    parts.replace({ "plugin/x": [1], "region/a": 1 });
    const late = new Shelf("region");
    parts.add(late);
    expect(late.values).toEqual({ "region/a": 1 });
    expect(parts.entries()).toEqual({ "plugin/x": [1], "region/a": 1 });
  });

  it("of a workspace that opens take the place of what was there", () => {
    const { parts, shelf, told } = setUp("region");
    shelf.put("region/a", 1);
    parts.replace({ "region/b": 2 });
    expect(shelf.values).toEqual({ "region/b": 2 });
    expect(told).toHaveLength(1);
  });
});

describe("the history", () => {
  it("undoes and redoes, and tells the others as of any change", () => {
    const { shelf, history, told } = setUp("region");
    shelf.put("region/a", 1, "Draw");
    shelf.put("region/a", 2, "Move");
    expect([history.undoLabel, history.redoLabel]).toEqual(["Move", null]);
    expect(history.undo()).toBe("Move");
    expect(shelf.values).toEqual({ "region/a": 1 });
    expect(history.undo()).toBe("Draw");
    expect(shelf.values).toEqual({});
    expect(history.undo()).toBeNull();
    expect([history.redo(), history.redo(), history.redo()]).toEqual(["Draw", "Move", null]);
    expect(shelf.values).toEqual({ "region/a": 2 });
    expect(told.at(-1)).toEqual({ before: { "region/a": 1 }, after: { "region/a": 2 } });
  });

  it("makes one step of a drag, and another after a pause, a seal or with another key", () => {
    const { shelf, history, wait } = setUp("region");
    for (const value of [1, 2, 3]) shelf.put("region/a", value, "Move");
    wait(1500);
    shelf.put("region/a", 4, "Move");
    history.seal();
    shelf.put("region/a", 5, "Move");
    shelf.put("region/b", 1, "Move");
    const seen: Json[] = [];
    while (history.undo()) seen.push({ ...shelf.values });
    expect(seen).toEqual([{ "region/a": 5 }, { "region/a": 4 }, { "region/a": 3 }, {}]);
  });

  it("makes one step of a group", () => {
    const { shelf, history } = setUp("region");
    history.group("Paste 2 regions", () => {
      shelf.put("region/a", 1, "Draw");
      shelf.put("region/b", 2);
    });
    expect(history.undo()).toBe("Paste 2 regions");
    expect(shelf.values).toEqual({});
  });

  it("forgets what was undone once something else is done", () => {
    const { shelf, history } = setUp("region");
    shelf.put("region/a", 1, "Draw");
    history.undo();
    shelf.put("region/b", 1, "Draw");
    expect(history.redoLabel).toBeNull();
  });

  it("leaves what others have changed since", () => {
    const { parts, shelf, history } = setUp("region");
    history.group("Draw two", () => ["region/a", "region/b"].forEach((key) => shelf.put(key, 1)));
    parts.apply({ "region/a": 9 });
    expect(history.undo()).toBe("Draw two");
    expect(shelf.values).toEqual({ "region/a": 9 });
    history.redo();
    expect(shelf.values).toEqual({ "region/a": 9, "region/b": 1 });
  });

  it("leaves a view that has moved out of what is named", () => {
    const { shelves, history } = setUp("style", "view");
    const [style, view] = shelves as [Shelf, Shelf];
    history.name("Change the stretch", () => {
      style.put("style/a", 1);
      view.put("view/a", 2);
    });
    expect(history.undo()).toBe("Change the stretch");
    expect([style.values, view.values, history.undoLabel]).toEqual([{}, { "view/a": 2 }, null]);
  });

  it("counts what was changed without a name to the step before", () => {
    const { shelf, history } = setUp("style");
    shelf.put("style/a", 1, "Change the stretch");
    shelf.put("style/a", 2);
    expect(history.undo()).toBe("Change the stretch");
    expect(shelf.values).toEqual({});
    history.redo();
    expect(shelf.values).toEqual({ "style/a": 2 });
  });
});

describe("JSON values", () => {
  it.each([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: undefined as unknown as Json, b: 1 }, { b: 1 }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    ["1", 1, false],
  ])("are compared whatever the order of their fields (%#)", (one, other, same) => {
    expect(sameJson(one as Json, other as Json)).toBe(same);
  });
});
