import { describe, expect, it } from "vitest";
import { Commands, keyLabel, keyName } from "./commands";
import { neighbour } from "./keymap";
import type { HduInfo, ImageInfo } from "./types";

const press = (key: string, patch: Partial<KeyboardEventInit> = {}, target: EventTarget = document.body): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true, ...patch });
  target.dispatchEvent(event);
  return event;
};

function setUp() {
  const done: string[] = [];
  const commands = new Commands();
  let possible = true;
  commands.add(
    { id: "view.fit", title: "Fit", group: "View", keys: ["0"], run: () => done.push("fit") },
    { id: "view.in", title: "Zoom in", group: "View", keys: ["+", "="], repeat: true, run: () => done.push("in") },
    { id: "image.next", title: "Next", group: "Image", keys: ["."], when: () => possible, run: () => done.push("next") },
    { id: "help.close", title: "Close", group: "Help", keys: ["Escape"], run: () => done.push("close") },
  );
  document.body.replaceChildren();
  document.body.onkeydown = (event) => void commands.handle(event);
  return { commands, done, forbid: () => (possible = false) };
}

describe("commands", () => {
  it("answer to their keys", () => {
    const { done } = setUp();
    for (const key of ["0", "+", "=", "x"]) press(key);
    expect(done).toEqual(["fit", "in", "in"]);
  });

  it("leave keys with Ctrl, Alt or Meta to the browser", () => {
    const { done } = setUp();
    for (const modifier of ["ctrlKey", "altKey", "metaKey"]) press("0", { [modifier]: true });
    expect(done).toEqual([]);
  });

  it("have keys with Ctrl where they are called so, on a Mac with Command", () => {
    const { commands, done } = setUp();
    commands.add(
      { id: "edit.undo", title: "Undo", group: "Edit", keys: ["Ctrl+z"], run: () => done.push("undo") },
      { id: "edit.redo", title: "Redo", group: "Edit", keys: ["Ctrl+Shift+z"], run: () => done.push("redo") },
    );
    press("z");
    press("z", { ctrlKey: true });
    press("Z", { ctrlKey: true, shiftKey: true });
    press("z", { metaKey: true });
    expect(done).toEqual(["undo", "redo", "undo"]);
    expect(keyLabel("Ctrl+Shift+z")).toBe("Ctrl Shift Z");
  });

  it("leave keys to a text field, except Escape", () => {
    const { done } = setUp();
    const field = document.body.appendChild(document.createElement("input"));
    press("0", {}, field);
    press("Escape", {}, field);
    expect(done).toEqual(["close"]);
  });

  it("repeat while a key is held only if they are meant to", () => {
    const { done } = setUp();
    press("0", { repeat: true });
    press("+", { repeat: true });
    expect(done).toEqual(["in"]);
  });

  it("do nothing when they cannot be done now", () => {
    const { commands, done, forbid } = setUp();
    forbid();
    expect(press(".").defaultPrevented).toBe(false);
    expect(commands.run("image.next")).toBe(false);
    expect(done).toEqual([]);
  });

  it("have one name each", () => {
    const { commands } = setUp();
    expect(() => commands.add({ id: "view.fit", title: "Fit", group: "View", run: () => undefined })).toThrow("view.fit");
  });
});

describe("keys", () => {
  it("are named by what they write, and by Shift only where they write nothing", () => {
    expect(keyName(new KeyboardEvent("keydown", { key: "?", shiftKey: true }))).toBe("?");
    expect(keyName(new KeyboardEvent("keydown", { key: "ArrowLeft", shiftKey: true }))).toBe("Shift+ArrowLeft");
    expect([keyLabel("Shift+ArrowLeft"), keyLabel("+"), keyLabel("-")]).toEqual(["Shift ←", "+", "−"]);
  });

  it("of capitals are read with Shift, unlike those of small letters", () => {
    expect([keyLabel("C"), keyLabel("c"), keyLabel("?"), keyLabel("Ctrl+z")]).toEqual(["Shift C", "c", "?", "Ctrl Z"]);
  });

  it("press the button that has the focus, and then do nothing else", () => {
    const { commands, done } = setUp();
    commands.add({ id: "regions.place", title: "Draw it", group: "Regions", keys: ["Enter"], run: () => done.push("place") });
    press("Enter", {}, document.body.appendChild(document.createElement("button")));
    expect(done).toEqual([]);
    press("Enter");
    expect(done).toEqual(["place"]);
  });
});

describe("the HDU or plane beside the one that is shown", () => {
  const hdus: HduInfo[] = [
    { index: 0, kind: "empty" },
    { index: 1, kind: "image" },
    { index: 2, kind: "image", problem: "it is damaged" },
    { index: 3, kind: "table" },
    { index: 4, kind: "image" },
  ];
  const info = (patch: Partial<ImageInfo>): ImageInfo => ({ hdu: 1, plane: 0, planes: 1, hdus, ...patch }) as ImageInfo;

  it.each([
    [info({ hdu: "mosaic" }), 1, { hdu: 1, plane: 0 }],
    [info({ hdu: "mosaic" }), -1, { hdu: 4, plane: 0 }],
    [info({ hdu: 1 }), 1, { hdu: 4, plane: 0 }],
    [info({ hdu: 1 }), -1, null],
    [info({ hdu: 4 }), 1, null],
    [info({ hdu: 1, planes: 5, plane: 3 }), 1, { hdu: 1, plane: 4 }],
    [info({ hdu: 1, planes: 5, plane: 4 }), 1, { hdu: 4, plane: 0 }],
  ])("is found (%#)", (shown, by, expected) => {
    expect(neighbour(shown, by)).toEqual(expected);
  });
});
