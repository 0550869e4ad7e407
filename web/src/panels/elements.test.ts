/** The elements in a page without a server: what they ask for, and what they do with the answers. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ToyzError } from "../errors";
import { socket } from "../socket";
import { store } from "../store";
import type { FileEntry, ImageInfo, PluginList, TaskInfo } from "../types";
import type { FileDialog } from "./file_dialog";
import "./index";
import { mannerOf, mannersFrom } from "./preferences";
import { merged, timeLeft } from "./job_list";
import { RunningPanel } from "./plugin_api";
import { looksLikePosition, positionItems } from "./palette_items";
import type { PluginsPanel } from "./plugins_panel";
import type { TaskForm } from "./task_form";

type Answer = (parameters: Record<string, unknown>) => unknown;

let answers: Record<string, Answer>;
let asked: { name: string; parameters: Record<string, unknown> }[];

const FILES: FileEntry[] = [
  { name: "night", path: "decam/night", kind: "folder", size: 0, modified: 1, reader: "" },
  { name: "a.fits", path: "decam/a.fits", kind: "file", size: 10, modified: 2, reader: "FITS" },
  { name: "b.fits", path: "decam/b.fits", kind: "file", size: 20, modified: 3, reader: "FITS" },
];
const listing = (path: string, entries: FileEntry[], parent: string | null) => ({
  path, parent, entries, total: entries.length, offset: 0, truncated: false, writable: false,
});

const wait = async (milliseconds = 0): Promise<void> => void (await new Promise((done) => setTimeout(done, milliseconds)));
const add = <T extends HTMLElement>(name: string, set: (element: T) => void = () => undefined): T => {
  const element = document.createElement(name) as T;
  set(element);
  document.body.append(element);
  return element;
};
const text = (element: Element): string => element.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "";
const key = (target: Element, name: string): void => void target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, composed: true, cancelable: true }));

beforeEach(() => {
  asked = [];
  answers = { "settings.get": () => null, "settings.set": () => null, "jobs.list": () => [] };
  vi.spyOn(socket, "call").mockImplementation((async (module: string, task: string, parameters: Record<string, unknown>) => {
    asked.push({ name: `${module}.${task}`, parameters });
    const answer = answers[`${module}.${task}`];
    if (!answer) throw new ToyzError({ code: "unknown_task", message: `no ${module}.${task}` });
    return answer(parameters);
  }) as typeof socket.call);
});

afterEach(() => {
  document.body.replaceChildren();
  store.set({ images: [], current: null, problem: null, opening: null, dialog: null, plugins: null });
  vi.restoreAllMocks();
});

describe("the file dialog", () => {
  const open = async (): Promise<{ dialog: FileDialog; list: HTMLElement }> => {
    answers["files.list"] = ({ path, filter }) =>
      path === "" ? listing("", [{ name: "decam", path: "decam", kind: "share", size: 0, modified: 1, reader: "" }], null)
      : path === "decam" ? listing("decam", FILES.filter((file) => file.name.includes(String(filter))), "")
      : listing(String(path), [], "decam");
    answers["files.describe"] = ({ path }) => ({ path, name: "a.fits", size: 1, modified: 1, reader: "FITS", warnings: [], hdus: [{ index: 0, kind: "empty" }, { index: 1, name: "N4", kind: "image", shape: [4, 3], dtype: "float32" }] });
    const dialog = add<FileDialog>("toyz-file-dialog", (element) => (element.inline = true));
    await wait(5);
    return { dialog, list: dialog.shadowRoot!.querySelector(".list") as HTMLElement };
  };
  const selected = (dialog: FileDialog): string | undefined => dialog.shadowRoot!.querySelector('[aria-selected="true"] .name')?.textContent?.trim();

  it("begins with the shares, and goes in and up by keys", async () => {
    const { dialog, list } = await open();
    key(list, "ArrowDown");
    await dialog.updateComplete;
    expect(selected(dialog)).toBe("decam");
    key(list, "Enter");
    await wait(5);
    expect(asked.filter((one) => one.name === "files.list").map((one) => one.parameters.path)).toEqual(["", "decam"]);
    expect(text(dialog)).toContain("a.fits");
    key(list, "Backspace");
    await wait(5);
    expect(selected(dialog)).toBe("decam");
  });

  it("opens the chosen file, or one HDU of it", async () => {
    const { dialog, list } = await open();
    key(list, "ArrowDown");
    key(list, "Enter");
    await wait(5);
    key(list, "End");
    await dialog.updateComplete;
    expect(selected(dialog)).toBe("b.fits");
    answers["images.open"] = () => {
      throw new ToyzError({ code: "corrupt_file", message: "The file ends before its data do." });
    };
    await wait(180);
    const detail = dialog.shadowRoot!.querySelector("toyz-file-detail")!;
    detail.shadowRoot!.querySelector<HTMLButtonElement>(".hdus button")!.click();
    await wait(5);
    expect(asked.at(-1)).toEqual({ name: "images.open", parameters: { path: "decam/b.fits", hdu: 1, plane: 0, layout: "auto", match: "none" } });
    expect(text(dialog)).toContain("b.fits: The file ends before its data do.");
  });

  it("filters as one types over the list, and asks once for a burst of letters", async () => {
    const { dialog, list } = await open();
    key(list, "ArrowDown");
    key(list, "Enter");
    await wait(5);
    for (const letter of "b.f") key(list, letter);
    await wait(160);
    const filters = asked.filter((one) => one.name === "files.list" && one.parameters.filter !== "");
    expect(filters.map((one) => one.parameters.filter)).toEqual(["b.f"]);
    expect(selected(dialog)).toBe("b.fits");
    expect(text(dialog)).not.toContain("a.fits");
  });

  it("says when a folder is empty, and when it cannot be read", async () => {
    const { dialog, list } = await open();
    key(list, "ArrowDown");
    key(list, "Enter");
    await wait(5);
    key(list, "Home");
    key(list, "Enter");
    await wait(5);
    expect(text(dialog)).toContain("This folder is empty.");
    answers["files.list"] = () => {
      throw new ToyzError({ code: "forbidden", message: "You may not look here." });
    };
    key(list, "Backspace");
    await wait(5);
    expect(dialog.shadowRoot!.querySelector('[role="alert"]')?.textContent).toContain("You may not look here.");
  });
});

describe("the header panel", () => {
  const show = async (cards: [string, string, string][]): Promise<HTMLElement> => {
    answers["images.header"] = () => ({ hdu: 0, cards });
    const info = { image: "i", name: "a.fits", path: "s/a.fits", hdus: [{ index: 0, kind: "image" }] } as unknown as ImageInfo;
    store.set({ images: [{ info, style: {} as never, cuts: { method: "zscale" }, view: null, layout: "auto" }], current: "i" });
    const panel = add("toyz-header-panel");
    await wait(5);
    return panel;
  };
  const search = async (panel: HTMLElement, words: string): Promise<void> => {
    const field = panel.shadowRoot!.querySelector<HTMLInputElement>("input[type=search]")!;
    field.value = words;
    field.dispatchEvent(new Event("input"));
    await wait();
  };

  it("shows what a header holds as text, never as markup", async () => {
    const panel = await show([["OBJECT", "<img src=x onerror=alert(1)>", "<b>bold</b>"]]);
    expect(panel.shadowRoot!.querySelector("img, b")).toBeNull();
    await search(panel, "img");
    expect(panel.shadowRoot!.querySelector("img, b")).toBeNull();
    expect(panel.shadowRoot!.querySelector("mark")?.textContent).toBe("img");
  });

  it("draws only the rows in sight of a header of 300,000 cards, and counts what a search finds", async () => {
    const panel = await show(Array.from({ length: 300_000 }, (_, i): [string, string, string] => [`K${i}`, String(i), ""]));
    expect(panel.shadowRoot!.querySelectorAll(".card").length).toBeLessThan(100);
    await search(panel, "k12345");
    expect(panel.shadowRoot!.querySelector('[role="status"]')?.textContent).toBe("11 of 300\u202f000 cards");
  });
});

describe("the form of a task", () => {
  const task = {
    name: "greet", title: "Greet", description: "", long: false,
    schema: { type: "object", required: ["n"], properties: { n: { type: "integer", minimum: 1 }, name: { type: "string", default: "world" }, path: { type: "string", format: "path" } } },
  } as TaskInfo;
  const show = async (): Promise<{ form: TaskForm; field: (name: string) => HTMLInputElement; run: () => Promise<void>; says: () => string }> => {
    const form = add<TaskForm>("toyz-task-form", (element) => {
      element.module = "hello";
      element.task = task;
    });
    await wait();
    const inner = form.shadowRoot!.querySelector("toyz-schema-form")!;
    return {
      form,
      field: (name) => inner.shadowRoot!.querySelector<HTMLInputElement>(`#field-${name}`)!,
      run: async () => {
        form.shadowRoot!.querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
        await wait(5);
      },
      says: () => `${text(inner)} ${text(form)}`,
    };
  };
  const type = (field: HTMLInputElement, value: string): void => {
    field.value = value;
    field.dispatchEvent(new Event("input"));
  };

  it("labels every field", async () => {
    const { field } = await show();
    for (const name of ["n", "name"]) {
      const label = (field(name).getRootNode() as ShadowRoot).querySelector(`label[for="field-${name}"]`);
      expect(label?.textContent?.trim()).not.toBe("");
    }
  });

  it("offers what is open where it asks for a file", async () => {
    store.set({ images: [{ info: { image: "1", path: "decam/a.fits" }, style: {} }] as never, current: "1" });
    const { field } = await show();
    const offered = [...(field("path").getRootNode() as ShadowRoot).querySelectorAll(`#${field("path").getAttribute("list")} option`)];
    expect(offered.map((option) => option.getAttribute("value"))).toContain("decam/a.fits");
    expect(field("name").hasAttribute("list")).toBe(false);
  });

  it("does not ask the server before it is whole", async () => {
    const { field, run, says } = await show();
    await run();
    expect(asked.filter((one) => one.name === "hello.greet")).toEqual([]);
    expect(says()).toContain("Needs a value.");
    expect(field("n").getAttribute("aria-invalid")).toBe("true");
  });

  it("runs the task and shows what came of it", async () => {
    answers["hello.greet"] = ({ n }) => ({ sum: Number(n) + 1 });
    const { field, run, says } = await show();
    type(field("n"), "4");
    await run();
    expect(asked.at(-1)).toEqual({ name: "hello.greet", parameters: { n: 4, name: "world", path: "" } });
    expect(says()).toContain('"sum": 5');
  });

  it("puts the server's complaint at the field it names", async () => {
    answers["hello.greet"] = () => {
      throw new ToyzError({ code: "invalid_parameter", message: "Not a good name.", field: "parameters.name" });
    };
    const { field, run } = await show();
    type(field("n"), "4");
    await run();
    await wait();
    const id = field("name").getAttribute("aria-describedby") ?? "";
    expect((field("name").getRootNode() as ShadowRoot).getElementById(id)?.textContent).toBe("Not a good name.");
    expect(field("n").getAttribute("aria-invalid")).toBe("false");
  });
});

describe("plugins", () => {
  const module = { name: "hello", title: "Hello", description: "", tasks: [], panels: [{ name: "p", title: "Panel", url: "plugins/hello/p.js", icon: "star" }], readers: [] };

  it("that could not be loaded are named with the reason", async () => {
    answers["server.plugins"] = (): PluginList => ({ modules: [], failures: [{ name: "toyz_broken", error: "No module named nowhere" }] });
    const panel = add<PluginsPanel>("toyz-plugins-panel");
    await wait(5);
    expect(panel.shadowRoot!.querySelector('[role="alert"]')?.textContent).toContain("toyz_broken could not be loaded: No module named nowhere");
  });

  it("are given an element, hear of images, and clean up when they are closed", async () => {
    const seen: (string | undefined)[] = [];
    let cleaned = 0;
    const element = document.createElement("div");
    const running = new RunningPanel(module, element);
    await running.start(module.panels[0]!, async (url) => {
      expect(url).toMatch(/\/plugins\/hello\/p\.js$/);
      return {
        activate: (toyz: RunningPanel["toyz"]) => {
          toyz.element.append("drawn");
          toyz.onImage((image) => seen.push(image?.name));
          return () => (cleaned += 1);
        },
      };
    });
    store.set({ images: [{ info: { image: "i", name: "a.fits" } as ImageInfo, style: {} as never, cuts: { method: "zscale" }, view: null, layout: "auto" }], current: "i" });
    expect(element.textContent).toBe("drawn");
    running.end();
    store.set({ current: null });
    expect([seen, cleaned, element.textContent]).toEqual([[undefined, "a.fits"], 1, ""]);
  });

  it("without activate are refused in a sentence", async () => {
    const running = new RunningPanel(module, document.createElement("div"));
    await expect(running.start(module.panels[0]!, async () => ({}))).rejects.toThrow("exports no function activate");
  });
});

describe("what messages do", () => {
  it("follows the user's choice, and what is not understood has its default", () => {
    const manners = mannersFrom({ error: "panel", warning: "shout", info: "silence" });
    expect(manners).toEqual({ error: "panel", warning: "notice", info: "silence" });
    expect(mannersFrom("nonsense")).toEqual({ error: "notice", warning: "notice", info: "notice" });
    expect(mannerOf({ level: "error", module: "images" }, manners)).toBe("panel");
  });
  it("keeps what tasks tell in passing to the log", () => {
    const manners = mannersFrom(null);
    expect(mannerOf({ level: "info", module: "hello" }, manners)).toBe("silence");
    expect(mannerOf({ level: "info", module: "page" }, manners)).toBe("notice");
    expect(mannerOf({ level: "debug", module: "page" }, manners)).toBe("silence");
  });
  it("does not tell by a notice what the page itself tells", () => {
    const entry = { level: "error", module: "images", onPage: true } as const;
    expect(mannerOf(entry, mannersFrom(null))).toBe("silence");
    expect(mannerOf(entry, mannersFrom({ error: "panel" }))).toBe("panel");
  });
});

describe("jobs", () => {
  const job = { id: "a", user: "u", module: "m", task: "t", phase: "EXECUTING" as const, progress: 0.25, created: 10, started: 100 };
  it("say how long they still take once there is something to go by", () => {
    expect(timeLeft(job, 110)).toBeCloseTo(30);
    expect(timeLeft({ ...job, progress: 0 }, 110)).toBeNull();
    expect(timeLeft({ ...job, phase: "COMPLETED" }, 110)).toBeNull();
  });
  it("stand newest first, and an update stays in its place", () => {
    const newer = { ...job, id: "b", created: 20 };
    expect(merged([job], newer).map((one) => one.id)).toEqual(["b", "a"]);
    expect(merged([newer, job], { ...job, progress: 0.5 })[1]?.progress).toBe(0.5);
  });
});

describe("what is typed into the palette", () => {
  it.each([
    ["03:56:21.6 -52:48:40", true], ["59.09 −52.811", true], ["03h56m21.6s -52d48m40s", true], ["264.5, -46.2 gal", true], ["1024,2048", true],
    ["zoom", false], ["1:1", false], ["03:56:21.6-52:48:40", true], ["2", false], ["99.5 percent", false],
  ])("%s is a position: %s", (typed, expected) => expect(looksLikePosition(typed)).toBe(expected));
});

describe("two bare numbers", () => {
  it.each([
    ["149.9, 2.1", true, ["149.9, 2.1 deg", "149.9, 2.1 px"]],
    ["12045 8123", true, ["12045 8123 px"]],
    ["149.9 2.1", false, ["149.9 2.1 px"]],
    ["03:56:21.6 -52:48:40", true, ["03:56:21.6 -52:48:40"]],
  ])("%s, with a sky: %s", (typed, hasSky, expected) => {
    const gone: string[] = [];
    positionItems(typed, hasSky, (text) => gone.push(text)).forEach((item) => item.run());
    expect(gone).toEqual(expected);
  });
});
