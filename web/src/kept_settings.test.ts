import { beforeEach, describe, expect, it, vi } from "vitest";
import { ToyzError } from "./errors";
import { keepSetting } from "./kept_settings";
import { socket } from "./socket";
import { store } from "./store";

const full = new ToyzError({ code: "quota", message: "There are 1000 settings already." });
const told = (): string[] => store.get("log").map((entry) => entry.message);

beforeEach(() => store.set({ log: [] }));

describe("a setting that is not kept", () => {
  it("is told once, until it is kept again", async () => {
    const call = vi.spyOn(socket, "call").mockRejectedValue(full);
    await keepSetting("layout", 1);
    await keepSetting("layout", 2);
    await keepSetting("recent_files", []);
    expect(told()).toEqual([full.message]);
    call.mockResolvedValueOnce(null);
    await keepSetting("bookmarks", []);
    await keepSetting("layout", 3);
    expect(told(), "another setting may still be kept").toEqual([full.message]);
    call.mockResolvedValue(null);
    await Promise.all([keepSetting("layout", 4), keepSetting("recent_files", [])]);
    call.mockRejectedValue(full);
    await keepSetting("layout", 5);
    expect(told()).toEqual([full.message, full.message]);
    call.mockRestore();
  });
  it("is told for each reason", async () => {
    const call = vi.spyOn(socket, "call").mockRejectedValue(new ToyzError({ code: "internal", message: "The server is away." }));
    await keepSetting("theme", "dark");
    expect(told()).toEqual(["The server is away."]);
    call.mockRestore();
  });
});
