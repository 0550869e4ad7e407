import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DockHandle } from "./dock/handle";
import { setDock } from "./dock/handle";
import { saveLayout, syncLayout } from "./layout";
import { socket } from "./socket";
import type { Json } from "./types";
import { sync } from "./workspaces/current";
import type { Entries } from "./workspaces/parts";
import { parts } from "./workspaces/parts";
import type { Workspace } from "./workspaces/types";

/** A dock that is its list of panels. */
let panels: unknown;
const dock = {
  get stored() {
    return panels;
  },
  restore: (value: unknown) => (panels = value),
} as unknown as DockHandle;
const kept: Record<string, unknown> = {};

/** Go into a workspace. */
async function enter(id: string, name: string, entries: Entries = {}): Promise<void> {
  const workspace: Workspace = { id, name, owner: "ada", level: "own", created: 1, changed: 1, opened: 1, revision: 1, links: 0, deleted: 0 };
  await sync.enter(() => Promise.resolve({ workspace, state: { revision: 1, entries, whole: true }, people: [], me: 1 }));
}

function arrange(...ids: string[]): void {
  panels = ids;
  saveLayout();
}

const layoutOf = (...ids: string[]): Entries => ({ layout: { dock: ids, inspector: true } as unknown as Json });
const entryPanels = (): unknown => (parts.get("layout") as { dock?: unknown } | null)?.dock;

vi.useFakeTimers();
vi.spyOn(socket, "call").mockImplementation((_module, task, parameters) => {
  const { key, value } = parameters as { key: string; value?: unknown };
  if (task === "set") kept[key] = value;
  return Promise.resolve(task === "get" && key === "layout" ? { dock: ["notes"] } : null);
});
setDock(dock);
// Opened before the settings are here, as when they are slow.
await enter("first", "Lesson", layoutOf("images"));
await syncLayout();
const atFirst = panels;

beforeEach(() => {
  vi.runAllTimers();
  sync.forget();
  arrange("notes");
  vi.runAllTimers();
});

describe("whose arrangement is shown and kept", () => {
  it("is the workspace's if that has a name, whichever comes first", async () => {
    expect(atFirst).toEqual(["images"]);
    await enter("a", "Lesson", layoutOf("log", "server"));
    expect(panels).toEqual(["log", "server"]);
    saveLayout(); // as the dock does when it has put the panels there
    expect(entryPanels()).toEqual(["log", "server"]);
  });
  it("is the user's again in a workspace without a name, and nowhere", async () => {
    await enter("a", "Lesson", layoutOf("log"));
    arrange("log", "jobs");
    await enter("b", "", layoutOf("log"));
    expect(panels).toEqual(["notes"]);
    await enter("a", "Lesson", layoutOf("log", "jobs"));
    sync.forget();
    expect(panels).toEqual(["notes"]);
    vi.runAllTimers();
    expect((kept["layout"] as { dock: unknown }).dock).toEqual(["notes"]);
  });
  it("stays as it is while a workspace begins and is given a name, and is its own from then on", async () => {
    arrange("notes", "regions");
    await enter("a", "", parts.entries());
    expect(panels).toEqual(["notes", "regions"]);
    sync.renamed("Lesson");
    expect(panels).toEqual(["notes", "regions"]);
    arrange("plugins");
    vi.runAllTimers();
    expect(entryPanels()).toEqual(["plugins"]);
    expect((kept["layout"] as { dock: unknown }).dock).toEqual(["notes", "regions"]);
  });
  it("is kept for the workspace in which it was changed, however soon one leaves it", async () => {
    arrange("server");
    await enter("a", "Lesson", layoutOf("log"));
    vi.runAllTimers();
    expect(entryPanels()).toEqual(["log"]);
    expect((kept["layout"] as { dock: unknown }).dock).toEqual(["server"]);
  });
});
