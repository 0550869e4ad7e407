import { beforeEach, describe, expect, it, vi } from "vitest";
import { ToyzError } from "../errors";
import type { Json } from "../types";
import type { Changes, Entries, Part } from "./parts";
import { Parts } from "./parts";
import { Sync } from "./sync";
import type { Level, Opened } from "./types";

/** A server that keeps one workspace, and can be unreachable. */
class Server {
  entries: Entries = {};
  revision = 1;
  level: Level = "own";
  calls: [string, unknown][] = [];
  fail: ToyzError | null = null;
  bad = "";
  /** Set to hold the next answers back. */
  hold: Promise<void> | null = null;

  opened = (): Opened => ({
    workspace: { id: "w", owner: "ada", name: "", created: 0, changed: 0, opened: 0, revision: this.revision, level: this.level, links: 0, deleted: 0 },
    state: { revision: this.revision, entries: { ...this.entries }, whole: true },
    people: [],
    me: 1,
  });

  create = async (_: string, entries: Changes) => {
    this.calls.push(["create", entries]);
    this.take(entries);
    await this.hold;
    return this.opened().workspace;
  };
  open = async (_: string, since?: number) => {
    this.calls.push(["open", since]);
    return this.opened();
  };
  openLink = async () => this.opened();
  close = async () => null;
  change = async (_: string, changes: Changes) => {
    this.calls.push(["change", changes]);
    await this.hold;
    this.take(changes);
    return ++this.revision;
  };

  private take(changes: Changes): void {
    if (this.fail) throw this.fail;
    if (this.bad in changes) throw new ToyzError({ code: "invalid_parameter", message: "bad" });
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) delete this.entries[key];
      else this.entries[key] = value;
    }
  }
}

function shelf(prefix: string, personal = false): Part & { put(key: string, value: Json | null): void; values: Entries } {
  let changed: () => void = () => undefined;
  const values: Entries = {};
  const put = (key: string, value: Json | null): void => {
    if (value === null) delete values[key];
    else values[key] = value;
  };
  return {
    prefix,
    personal,
    values,
    entries: () => ({ ...values }),
    apply: put,
    onChange: (tell) => {
      changed = () => tell();
      return () => undefined;
    },
    put: (key, value) => {
      put(key, value);
      changed();
    },
  };
}

function setUp() {
  const server = new Server();
  const parts = new Parts();
  const [region, view] = [shelf("region"), shelf("view", true)];
  parts.add(region);
  parts.add(view);
  const state = { connected: true, refused: [] as string[] };
  const sync = new Sync({ api: server, parts, connected: () => state.connected, changed: () => undefined, entered: () => undefined, refused: (message) => state.refused.push(message) });
  const settle = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(1000);
  };
  return { server, parts, region, view, state, sync, settle };
}

beforeEach(() => {
  vi.useFakeTimers();
});

describe("the workspace of a page", () => {
  it("begins with the first thing worth keeping, and not with a view", async () => {
    const { server, region, view, settle, sync } = setUp();
    view.put("view/a", 1);
    await settle();
    expect(server.calls).toEqual([]);
    region.put("region/a", 2);
    expect(sync.saving).toBe("saved");
    await settle();
    expect(server.calls).toEqual([["create", { "view/a": 1, "region/a": 2 }], ["open", undefined]]);
    expect(server.entries).toEqual({ "view/a": 1, "region/a": 2 });
    expect(sync.saving).toBe("saved");
  });

  it("is made with what is in it before any answer comes, since the page may be left", async () => {
    const { server, region, settle, sync } = setUp();
    let goOn = (): void => undefined;
    server.hold = new Promise((resolve) => (goOn = resolve));
    region.put("region/a", 1);
    void sync.flush();
    expect(server.entries).toEqual({ "region/a": 1 });
    region.put("region/a", 2);
    goOn();
    await settle();
    expect(server.entries).toEqual({ "region/a": 2 });
    expect(server.calls.map(([name]) => name)).toEqual(["create", "open", "change"]);
  });

  it("begins without what the server does not take", async () => {
    const { server, region, settle, state } = setUp();
    server.bad = "region/b";
    region.put("region/a", 1);
    region.put("region/b", 2);
    await settle();
    await settle();
    expect(server.entries).toEqual({ "region/a": 1 });
    expect(state.refused).toHaveLength(1);
  });

  it("sends what changes within a second, together", async () => {
    const { server, region, settle, sync } = setUp();
    await sync.enter(server.opened as never);
    region.put("region/a", 1);
    region.put("region/a", 2);
    region.put("region/b", 3);
    expect(sync.saving).toBe("saving");
    await settle();
    expect(server.calls).toEqual([["change", { "region/a": 2, "region/b": 3 }]]);
  });

  it("sends much in several messages", async () => {
    const { server, region, settle, sync } = setUp();
    await sync.enter(server.opened as never);
    for (let number = 0; number < 5; number++) region.put(`region/${number}`, "x".repeat(20_000));
    await settle();
    expect(server.calls.map(([, changes]) => Object.keys(changes as Changes).length)).toEqual([2, 2, 1]);
    expect(Object.keys(server.entries)).toHaveLength(5);
  });

  it("keeps what is changed offline, and sends it when it is in again", async () => {
    const { server, region, settle, sync, state } = setUp();
    await sync.enter(server.opened as never);
    state.connected = false;
    region.put("region/a", 1);
    await settle();
    expect([sync.saving, server.calls]).toEqual(["unsaved", []]);
    server.entries = { "region/a": 9, "region/b": 2 };
    server.revision = 7;
    state.connected = true;
    await sync.enterAgain();
    await settle();
    expect(region.values).toEqual({ "region/a": 1, "region/b": 2 });
    expect(server.entries).toEqual(region.values);
    expect(sync.saving).toBe("saved");
  });

  it("sends again what was on its way when the server was lost", async () => {
    const { server, region, settle, sync } = setUp();
    await sync.enter(server.opened as never);
    server.fail = new ToyzError({ code: "session_lost", message: "lost" });
    region.put("region/a", 1);
    await settle();
    expect(sync.saving).toBe("saving");
    server.fail = null;
    await sync.enterAgain();
    await settle();
    expect(server.entries).toEqual({ "region/a": 1 });
  });

  it("says what the server will not take, and does not try again", async () => {
    const { server, region, settle, sync, state } = setUp();
    await sync.enter(server.opened as never);
    server.fail = new ToyzError({ code: "too_large", message: "too much" });
    region.put("region/a", 1);
    await settle();
    await settle();
    expect([sync.saving, state.refused, server.calls.length]).toEqual(["unsaved", ["too much"], 1]);
    server.fail = null;
    region.put("region/b", 1);
    await settle();
    expect(sync.saving).toBe("unsaved");
    region.put("region/a", 2);
    await settle();
    expect(sync.saving).toBe("saved");
  });

  it("keeps what was sent together with something that the server will not take", async () => {
    const { server, region, settle, sync, state } = setUp();
    await sync.enter(server.opened as never);
    server.bad = "region/b";
    for (const key of ["region/a", "region/b", "region/c"]) region.put(key, 1);
    await settle();
    expect([Object.keys(server.entries), state.refused.length, sync.saving]).toEqual([["region/a", "region/c"], 1, "unsaved"]);
  });

  it("takes over what others change, but not of what it is changing itself", async () => {
    const { server, region, settle, sync } = setUp();
    await sync.enter(server.opened as never);
    region.put("region/a", 1);
    sync.remote("w", 2, { "region/a": 5, "region/b": 6 });
    expect(region.values).toEqual({ "region/a": 1, "region/b": 6 });
    server.revision = 2;
    await settle();
    expect(server.calls).toEqual([["change", { "region/a": 1 }]]);
    sync.remote("w", 4, { "region/a": 8 });
    sync.remote("another", 5, { "region/a": 9 });
    expect(region.values["region/a"]).toBe(8);
    await settle();
    expect(server.calls).toHaveLength(1);
  });

  it("keeps nothing of who may only look", async () => {
    const { server, region, settle, sync } = setUp();
    server.level = "view";
    await sync.enter(server.opened as never);
    region.put("region/a", 1);
    await settle();
    expect([sync.saving, server.calls]).toEqual(["local", []]);
  });

  it("leaves the owner's view to the owner", async () => {
    const { server, region, view, settle, sync } = setUp();
    server.level = "edit";
    server.entries = { "view/a": 1 };
    await sync.enter(server.opened as never);
    expect(view.values).toEqual({ "view/a": 1 });
    view.put("view/a", 2);
    region.put("region/a", 1);
    await settle();
    expect(server.entries).toEqual({ "view/a": 1, "region/a": 1 });
  });

  it("that is left is empty, and what is opened next makes another", async () => {
    const { server, region, settle, sync } = setUp();
    server.entries = { "region/a": 1 };
    await sync.enter(server.opened as never);
    await sync.leave();
    expect(region.values).toEqual({});
    expect(server.entries).toEqual({ "region/a": 1 });
    region.put("region/b", 1);
    await settle();
    expect(server.calls.map(([name]) => name)).toEqual(["create", "open"]);
  });
});
