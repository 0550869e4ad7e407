import { describe, expect, it } from "vitest";
import type { Json } from "../types";
import { history } from "../workspaces/history";
import { parts } from "../workspaces/parts";
import { MAX_NOTE, Notes, readNote, searched } from "./notes";

describe("notes", () => {
  it("are written, edited, deleted and undone, the latest first", () => {
    let time = 100;
    const notes = new Notes(() => (time += 1));
    const stop = parts.add(notes);
    const first = notes.write({ type: "workspace" }, "clear sky", "ada");
    const second = notes.write({ type: "region", region: "r1" }, "a star", "bob");
    notes.rewrite(first, "clear sky, no moon");
    notes.rewrite(first, "clear sky, no moon");
    expect(notes.all.map(({ id }) => id)).toEqual([first, second]);
    expect(notes.all[0]).toMatchObject({ author: "ada", created: 101, modified: 103 });
    notes.remove(second);
    expect([history.undo(), history.undo()]).toEqual(["Delete note", "Edit note"]);
    expect(notes.all.map(({ text }) => text)).toEqual(["a star", "clear sky"]);
    expect(searched(notes.all, "SKY ada")).toHaveLength(1);
    expect(searched(notes.all, "sky bob")).toHaveLength(0);
    expect(notes.all.length).toBe(searched(notes.all, " ").length);
    notes.rewrite(first, "x".repeat(MAX_NOTE + 5));
    expect(notes.all[0]?.text).toHaveLength(MAX_NOTE);
    stop();
  });

  it.each([
    null,
    [],
    { text: "a", author: "b", created: 1, modified: 1 },
    { about: { type: "planet" }, text: "a", author: "b", created: 1, modified: 1 },
    { about: { type: "image", image: "sky/a.fits" }, text: "a", author: "b", created: 1, modified: 1 },
    { about: { type: "workspace" }, text: 1, author: "b", created: 1, modified: 1 },
    { about: { type: "workspace" }, text: "a", author: "b", created: "1", modified: 1 },
  ] as Json[])("that others have put wrongly are none (%#)", (value) => {
    expect(readNote(value)).toBeNull();
  });
});
