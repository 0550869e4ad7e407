import { beforeEach, describe, expect, it, vi } from "vitest";
import { files } from "../api";
import { ToyzError } from "../errors";
import { store } from "../store";
import type { FileEntry, Update } from "../types";
import { FileChanges } from "./file_changes";

const entry = (path: string, kind: FileEntry["kind"] = "file"): FileEntry => ({ name: path.split("/").at(-1)!, path, kind, size: 1, modified: 1, reader: "" });

function folder(patch: Partial<{ path: string; writable: boolean; entry: FileEntry | null }> = {}) {
  return { path: "lab/night", writable: true, entry: entry("lab/night/a.fits"), refresh: vi.fn(), requestUpdate: vi.fn(), intake: { pick: vi.fn() }, ...patch };
}

/** What is asked, which must be of this kind. */
function asked(changes: FileChanges, kind: "name" | "replace"): { done: (name: string) => Promise<void> } {
  const { question } = changes;
  expect(question?.kind).toBe(kind);
  return question as { done: (name: string) => Promise<void> };
}

describe("changing files", () => {
  beforeEach(() => {
    vi.restoreAllMocks();
    store.set({ log: [] });
  });

  it("is offered where it is allowed", () => {
    const can = (patch: Parameters<typeof folder>[0], action: Parameters<FileChanges["can"]>[0]): boolean => new FileChanges(folder(patch)).can(action);
    expect(can({}, "rename")).toBe(true);
    expect(can({ writable: false }, "rename")).toBe(false);
    expect(can({ writable: false }, "download")).toBe(true);
    expect(can({ entry: null }, "delete")).toBe(false);
    expect(can({ entry: entry("lab/pipe", "other") }, "delete")).toBe(false);
    expect(can({ path: "" }, "new_folder")).toBe(false);
  });

  it("says why it cannot be done", () => {
    const changes = new FileChanges(folder({ writable: false }));
    changes.do("delete");
    expect(changes.problem).toContain("viewing only");
  });

  it("asks before it replaces, and replaces then", async () => {
    const at = folder();
    const changes = new FileChanges(at);
    const rename = vi.spyOn(files, "rename").mockRejectedValueOnce(new ToyzError({ code: "already_exists", message: "it is there" })).mockResolvedValueOnce("lab/night/b.fits");
    changes.do("rename");
    await asked(changes, "name").done("b.fits");
    await asked(changes, "replace").done("");
    expect(rename.mock.calls).toEqual([["lab/night/a.fits", "b.fits", false], ["lab/night/a.fits", "b.fits", true]]);
    expect(at.refresh).toHaveBeenCalledWith("lab/night/b.fits");
  });

  it("gives what was replaced its name back when that is undone", async () => {
    const changes = new FileChanges(folder());
    vi.spyOn(files, "rename").mockRejectedValueOnce(new ToyzError({ code: "already_exists", message: "it is there" })).mockResolvedValueOnce("lab/night/b.fits");
    const move = vi.spyOn(files, "move").mockResolvedValue("lab/night/a.fits");
    const other = { share: "lab", name: "b.fits", kind: "file", size: 1, deleted: 1 } as const;
    vi.spyOn(files, "trash").mockResolvedValue([{ ...other, id: "9", path: "lab/c.fits" }, { ...other, id: "2", path: "lab/night/b.fits" }, { ...other, id: "1", path: "lab/night/b.fits" }]);
    const restore = vi.spyOn(files, "restore").mockResolvedValue("lab/night/b.fits");
    changes.do("rename");
    await asked(changes, "name").done("b.fits");
    await asked(changes, "replace").done("");
    store.get("log").at(-1)!.action!.run();
    await vi.waitFor(() => expect(restore).toHaveBeenCalledWith("lab", "2"));
    expect(move).toHaveBeenCalledWith("lab/night/b.fits", "lab/night/a.fits");
  });

  it("asks the server for no name with a slash", async () => {
    const changes = new FileChanges(folder());
    const made = vi.spyOn(files, "createFolder").mockResolvedValue(null);
    changes.do("new_folder");
    await asked(changes, "name").done("réduit/1");
    expect(made).not.toHaveBeenCalled();
    expect(changes.problem).toBe("A name has no /.");
    await asked(changes, "name").done("réduit");
    expect(made).toHaveBeenCalledWith("lab/night/réduit");
  });

  it("offers to undo a deletion", async () => {
    vi.spyOn(files, "delete").mockResolvedValue("1-1");
    const restore = vi.spyOn(files, "restore").mockResolvedValue("lab/night/a.fits");
    new FileChanges(folder()).do("delete");
    await vi.waitFor(() => expect(store.get("log")).toHaveLength(1));
    store.get("log")[0]!.action!.run();
    expect(restore).toHaveBeenCalledWith("lab", "1-1");
  });

  it("shows how far a copy to another disk is, and takes it back", async () => {
    const at = folder();
    const changes = new FileChanges(at);
    let signal: AbortSignal | undefined;
    vi.spyOn(files, "move").mockImplementation((_path, _to, _overwrite, options) => {
      signal = options?.signal;
      options?.onProgress?.({ id: "1", phase: "EXECUTING", progress: 0.4 } as Update);
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new ToyzError({ code: "cancelled", message: "" }))));
    });
    changes.do("move");
    at.path = "other";
    const moving = changes.moveHere();
    expect([changes.copied, changes.canMoveHere]).toEqual([{ name: "a.fits", fraction: 0.4 }, false]);
    changes.dismiss();
    await moving;
    expect([signal?.aborted, changes.copied, changes.problem, changes.question]).toEqual([true, null, "", null]);
  });

  it("moves to any folder that may be written, and not into what is moved", () => {
    const at = folder({ entry: entry("lab/night", "folder"), path: "lab" });
    const changes = new FileChanges(at);
    changes.do("move");
    for (const [path, allowed] of [["lab", false], ["lab/day", true], ["lab/night/inner", false], ["other", true]] as const) {
      at.path = path;
      expect([path, changes.canMoveHere]).toEqual([path, allowed]);
    }
  });
});
