import { describe, expect, it } from "vitest";
import { draftOf, isGroup, parametersOf } from "./draft";
import type { Draft } from "./draft";
import { errorPath, fieldsOf, titleOf } from "./schema";
import type { Json } from "../types";
import type { Field, Schema } from "./schema";

/** As msgspec writes it for a struct with one field of each sort. */
const SCHEMA: Schema = {
  $ref: "#/$defs/P",
  $defs: {
    P: {
      title: "P",
      type: "object",
      required: ["n", "pos", "nums"],
      properties: {
        name: { title: "Name", description: "Who", type: "string", maxLength: 9, minLength: 1, default: "world" },
        n: { type: "integer", minimum: 1, maximum: 10 },
        f: { anyOf: [{ type: "number" }, { type: "null" }], default: null },
        b: { type: "boolean", default: true },
        band: { $ref: "#/$defs/Band", default: "g" },
        mode: { anyOf: [{ enum: ["a", "b"] }, { type: "null" }], default: "a" },
        pos: { $ref: "#/$defs/Pos" },
        opt: { anyOf: [{ $ref: "#/$defs/Pos" }, { type: "null" }], default: null },
        many: { type: "array", items: { $ref: "#/$defs/Pos" }, default: [] },
        nums: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 4 },
        tup: { type: "array", prefixItems: [{ type: "number" }, { type: "string" }], items: false, minItems: 2, maxItems: 2, default: [0, "z"] },
        tags: { type: "array", items: { enum: ["x", "y", "z"] }, uniqueItems: true, default: ["y"] },
        tree: { $ref: "#/$defs/Tree" },
        any: { default: null },
      },
    },
    Band: { title: "Band", enum: ["g", "r"] },
    Pos: {
      title: "Pos",
      type: "object",
      required: ["ra", "dec"],
      properties: { ra: { type: "number", minimum: 0, exclusiveMaximum: 360, description: "Degrees" }, dec: { type: "number" } },
    },
    Tree: { type: "object", properties: { left: { $ref: "#/$defs/Tree" } } },
  },
};

const fields = fieldsOf(SCHEMA);
const named = (name: string): Field => fields.find((field) => field.name === name)!;
const drafts = (over: Record<string, Draft> = {}): Record<string, Draft> => ({
  ...Object.fromEntries(fields.map((field) => [field.name, draftOf(field)])),
  n: "3",
  pos: { on: true, fields: { ra: "10.5", dec: "−41" } },
  nums: ["1", "2.5"],
  ...over,
});
const valueFrom = (over: Record<string, Draft> = {}): Record<string, Json> => parametersOf(fields, drafts(over)).value;
const faultsFrom = (over: Record<string, Draft>): Record<string, string> =>
  Object.fromEntries(parametersOf(fields, drafts(over)).faults.map((fault) => [fault.path, fault.message]));

describe("fields from a schema", () => {
  it("take their kind from the type, through references", () => {
    expect(fields.map((field) => field.kind)).toEqual([
      "text", "number", "number", "boolean", "choice", "choice", "group", "group", "list", "list", "tuple", "choices", "group", "json",
    ]);
  });
  it("know what is required, what may be null, and what it starts with", () => {
    expect(named("n")).toMatchObject({ required: true, nullable: false, default: undefined });
    expect(named("f")).toMatchObject({ required: false, nullable: true, default: null });
    expect(named("mode")).toMatchObject({ nullable: true, default: "a", choices: ["a", "b"] });
  });
  it("are named for people, not after the type", () => {
    expect(named("name").title).toBe("Name");
    expect(named("pos").title).toBe("Pos");
    expect(named("band").title).toBe("Band");
    expect(titleOf("max_radius_arcsec")).toBe("Max radius arcsec");
  });
  it("keep dotted paths below", () => {
    const many = named("many");
    const second = many.kind === "list" ? many.item(1) : undefined;
    expect(second?.kind === "group" && second.fields.map((field) => field.path)).toEqual(["many.1.ra", "many.1.dec"]);
  });
  it("stop at types that hold themselves", () => {
    let field: Field = named("tree");
    let depth = 0;
    while (field.kind === "group") {
      field = field.fields[0]!;
      depth += 1;
    }
    expect(field.kind).toBe("json");
    expect(depth).toBeLessThan(12);
  });
});

describe("drafts", () => {
  it("start with defaults, and as many items as must be there", () => {
    expect(draftOf(named("name"))).toBe("world");
    expect(draftOf(named("band"))).toBe("0");
    expect(draftOf(named("nums"))).toEqual(["", ""]);
    expect(draftOf(named("tags"))).toEqual([false, true, false]);
    expect(draftOf(named("tup"))).toEqual({ on: true, fields: { 0: "0", 1: "z" } });
    const optional = draftOf(named("opt"));
    expect(isGroup(optional) && optional.on).toBe(false);
  });
  it("make the parameters", () => {
    expect(valueFrom()).toEqual({
      name: "world", n: 3, f: null, b: true, band: "g", mode: "a", pos: { ra: 10.5, dec: -41 }, opt: null, many: [], nums: [1, 2.5], tup: [0, "z"], tags: ["y"],
    });
  });
  it("turn a blank into null, or leave it to the server's default", () => {
    const value = valueFrom({ mode: "", name: " " });
    expect(value.mode).toBeNull();
    expect("name" in value).toBe(false);
  });
  it("take typed JSON where nothing better is known", () => {
    expect(valueFrom({ any: '{"a": [1]}' }).any).toEqual({ a: [1] });
    expect(faultsFrom({ any: "{a" })).toEqual({ any: "Not valid JSON." });
  });
  it("say what is wrong where it is wrong", () => {
    expect(faultsFrom({ n: "" })).toEqual({ n: "Needs a value." });
    expect(faultsFrom({ n: "2.5" })).toEqual({ n: "A whole number." });
    expect(faultsFrom({ n: "11" })).toEqual({ n: "At most 10." });
    expect(faultsFrom({ n: "abc" })).toEqual({ n: "Not a number." });
    expect(faultsFrom({ name: "much too long" })).toEqual({ name: "At most 9 characters." });
    expect(faultsFrom({ pos: { on: true, fields: { ra: "360", dec: "x" } } })).toEqual({ "pos.ra": "Less than 360.", "pos.dec": "Not a number." });
    expect(faultsFrom({ nums: ["1", "y"] })).toEqual({ "nums.1": "Not a number." });
    expect(faultsFrom({ nums: ["1"] })).toEqual({ nums: "At least 2." });
  });
});

describe("the field that a server's error names", () => {
  it.each([
    ["parameters.pos.ra", "pos.ra"], ["$.pos.ra", "pos.ra"], ["nums[2]", "nums.2"], ["$.many[...].ra", "many"], ["parameters", ""], [null, ""], ["radius", "radius"],
  ])("%s is %s", (field, path) => expect(errorPath(field)).toBe(path));
});
