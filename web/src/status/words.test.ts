import { describe, expect, it } from "vitest";
import type { Load, ShownSession } from "../api";
import { byUser, metersOf, sizeOf, stateOf, titleOf, workOf } from "./words";

const SESSION: ShownSession = { user: "ada", window: "w1", connected: true, resting: false, idle: 3, memory: 12_300_000, images: 1, pid: 77 };
const LOAD: Load = {
  users: 1, windows: 2, sessions: 3, sessions_limit: 200, jobs_running: 1, jobs_queued: 4, builders_running: 1, builders_queued: 0,
  processors: 1.5, memory_used: 4e9, memory_total: 16e9,
};

describe("stateOf", () => {
  it("tells what a session does", () => {
    expect(stateOf(SESSION)).toBe("in use");
    expect(stateOf({ ...SESSION, idle: 120 })).toContain("unused for");
    expect(stateOf({ ...SESSION, resting: true, idle: 7200 })).toContain("rests");
    expect(stateOf({ ...SESSION, connected: false })).toContain("left");
    expect(stateOf({ ...SESSION, window: "", connected: false })).toBe("in use");
  });
});

describe("titleOf", () => {
  it("says it in words of those who look", () => {
    expect([SESSION, { ...SESSION, window: "w2" }, { ...SESSION, window: "" }].map((each, place) => titleOf(each, place, "w1"))).toEqual([
      "This window",
      "Window 2",
      "Scripts and other programs",
    ]);
  });
});

describe("sizeOf", () => {
  it("leaves memory out where there is no process", () => {
    expect(sizeOf(SESSION)).toBe("1 image, 12.3 MB");
    expect(sizeOf({ ...SESSION, memory: 0, images: 2 })).toBe("2 images");
  });
});

describe("metersOf", () => {
  it("is never over full, and has memory only where the system tells", () => {
    expect(metersOf(LOAD).map(({ name, part, text }) => [name, part, text])).toEqual([
      ["Load of the last minute", 1, "1.5 times the processors"],
      ["Memory", 0.25, "4.00 GB of 16.0 GB"],
      ["Sessions", 0.015, "3 of 200"],
    ]);
    expect(metersOf({ ...LOAD, memory_total: 0 })).toHaveLength(2);
    expect(metersOf({ ...LOAD, processors: 0.449 })[0]?.text).toBe("0.45 times the processors");
  });
});

describe("workOf", () => {
  it("counts people and work", () => {
    expect(workOf(LOAD)).toBe("1 user, 2 windows; 1 job running, 4 waiting; 1 file being prepared");
  });
});

describe("byUser", () => {
  it("puts one's own first", () => {
    const sessions = ["bob", "ada", "me"].map((user) => ({ ...SESSION, user }));
    expect(byUser(sessions, "me").map(([name]) => name)).toEqual(["me", "ada", "bob"]);
  });
});
