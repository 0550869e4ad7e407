import { expect, test } from "vitest";
import { warningOf } from "./layers";

const layer = (name: string, in_force: boolean) => ({ name, there: in_force, in_force, found: "", without: "", advice: "" });

test("nothing is said where all layers that a server asks for are in force", () => {
  const layers = [layer("Landlock: files", true), layer("seccomp", true), layer("Namespaces", false), layer("Accounts", false)];
  expect(warningOf({ on: true, spawner: "fork", layers })).toBe("");
});

test("a missing layer is named", () => {
  const layers = [layer("Landlock: files", true), layer("Landlock: signals", false), layer("seccomp", false)];
  expect(warningOf({ on: true, spawner: "fork", layers })).toBe("The sandbox has not all of its layers: Landlock: signals, seccomp.");
});

test("a sandbox that is off is said to be", () => {
  expect(warningOf({ on: false, spawner: "fork", layers: [] })).toContain("The sandbox is off");
});
