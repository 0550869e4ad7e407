/** What stands in a form while it is filled in, and the value it makes. */
import type { Json } from "../types";
import type { Field } from "./schema";

/** Text as typed, a tick, one draft for each item, or one for each field of a group. */
export type Draft = string | boolean | Draft[] | DraftGroup;

export interface DraftGroup {
  /** Whether an optional group takes part. */
  on: boolean;
  fields: Record<string, Draft>;
}

export interface Fault {
  path: string;
  message: string;
}

export const isGroup = (draft: Draft | undefined): draft is DraftGroup =>
  typeof draft === "object" && !Array.isArray(draft);

const absent = (value: Json | undefined): value is null | undefined => value === undefined || value === null;

const object = (value: Json | undefined): Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

function draftOfGroup(field: Field & { kind: "group" | "tuple" }, value: Json | undefined): DraftGroup {
  const given = Array.isArray(value) ? Object.fromEntries(value.entries()) : object(value);
  const fields = Object.fromEntries(field.fields.map((part) => [part.name, draftOf(part, given[part.name])]));
  return { on: !absent(value) || (field.required && !field.nullable), fields };
}

function listDraft(field: Field & { kind: "list" }, value: Json | undefined): Draft[] {
  const given = Array.isArray(value) ? value : [];
  const length = Math.max(given.length, field.schema.minItems ?? 0);
  return Array.from({ length }, (_, i) => draftOf(field.item(i), given[i]));
}

/** How a field starts: with `value`, or else with its default. */
export function draftOf(field: Field, given?: Json): Draft {
  const value = given === undefined ? field.default : given;
  switch (field.kind) {
    case "group":
    case "tuple":
      return draftOfGroup(field, value);
    case "list":
      return listDraft(field, value);
    case "boolean":
      return field.nullable ? (absent(value) ? "" : String(value)) : value === true;
    case "choice":
      return absent(value) ? "" : String(field.choices.findIndex((choice) => choice === value));
    case "choices":
      return field.choices.map((choice) => Array.isArray(value) && value.includes(choice));
    case "json":
      return absent(value) ? "" : JSON.stringify(value);
    default:
      return absent(value) ? "" : String(value);
  }
}

const MISSING = Symbol("missing");
type Value = Json | typeof MISSING;

class Reading {
  readonly faults: Fault[] = [];

  fault(field: Field, message: string): Value {
    this.faults.push({ path: field.path, message });
    return MISSING;
  }
}

/** A blank field: null where null is meant, left out where the server has a default, else a fault. */
function blank(field: Field, reading: Reading): Value {
  if (field.nullable) return null;
  if (!field.required || field.default !== undefined) return MISSING;
  return reading.fault(field, "Needs a value.");
}

function outOfBounds(field: Field, value: number): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field.schema;
  if (minimum !== undefined && value < minimum) return `At least ${minimum}.`;
  if (maximum !== undefined && value > maximum) return `At most ${maximum}.`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `More than ${exclusiveMinimum}.`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `Less than ${exclusiveMaximum}.`;
  return "";
}

function readNumber(field: Field & { kind: "number" }, text: string, reading: Reading): Value {
  const value = Number(text.trim().replace("−", "-"));
  if (!Number.isFinite(value)) return reading.fault(field, "Not a number.");
  if (field.whole && !Number.isInteger(value)) return reading.fault(field, "A whole number.");
  const problem = outOfBounds(field, value);
  return problem ? reading.fault(field, problem) : value;
}

function readText(field: Field, text: string, reading: Reading): Value {
  const { minLength = 0, maxLength = Infinity } = field.schema;
  const length = [...text].length;
  if (length < minLength) return reading.fault(field, `At least ${minLength} characters.`);
  if (length > maxLength) return reading.fault(field, `At most ${maxLength} characters.`);
  return text;
}

function readList(field: Field & { kind: "list" }, drafts: Draft[], reading: Reading): Value {
  const { minItems = 0, maxItems = Infinity } = field.schema;
  if (drafts.length < minItems) return reading.fault(field, `At least ${minItems}.`);
  if (drafts.length > maxItems) return reading.fault(field, `At most ${maxItems}.`);
  const values = drafts.map((draft, i) => read(field.item(i), draft, reading));
  return values.filter((value): value is Json => value !== MISSING);
}

function readGroup(field: Field & { kind: "group" | "tuple" }, draft: DraftGroup, reading: Reading): Value {
  if (!draft.on) return blank(field, reading);
  const pairs = field.fields.map((part) => [part.name, read(part, draft.fields[part.name] ?? "", reading)] as const);
  const present = pairs.filter((pair): pair is readonly [string, Json] => pair[1] !== MISSING);
  return field.kind === "tuple" ? present.map((pair) => pair[1]) : Object.fromEntries(present);
}

function readJson(field: Field, text: string, reading: Reading): Value {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return reading.fault(field, "Not valid JSON.");
  }
}

function readTyped(field: Field, text: string, reading: Reading): Value {
  // An empty text is a value of its own where the server gives no other meaning to it.
  const emptyIsValue = field.kind === "text" && !field.nullable && (field.schema.minLength ?? 0) === 0;
  if (text.trim() === "" && !emptyIsValue) return blank(field, reading);
  switch (field.kind) {
    case "number":
      return readNumber(field, text, reading);
    case "choice":
      return field.choices[Number(text)] ?? reading.fault(field, "Choose one.");
    case "boolean":
      return text === "true";
    case "json":
      return readJson(field, text, reading);
    default:
      return readText(field, text, reading);
  }
}

function read(field: Field, draft: Draft, reading: Reading): Value {
  if (typeof draft === "boolean") return draft;
  if (typeof draft === "string") return readTyped(field, draft, reading);
  if (Array.isArray(draft)) {
    if (field.kind === "choices") return field.choices.filter((_, i) => draft[i] === true);
    return field.kind === "list" ? readList(field, draft, reading) : MISSING;
  }
  return field.kind === "group" || field.kind === "tuple" ? readGroup(field, draft, reading) : MISSING;
}

/** The parameters that a filled-in form makes, and what is wrong with it. */
export function parametersOf(fields: Field[], drafts: Record<string, Draft>): { value: Record<string, Json>; faults: Fault[] } {
  const reading = new Reading();
  const value: Record<string, Json> = {};
  for (const field of fields) {
    const found = read(field, drafts[field.name] ?? "", reading);
    if (found !== MISSING) value[field.name] = found;
  }
  return { value, faults: reading.faults };
}
