/** From the JSON Schema (2020-12) of a task's parameters to the fields of a form. */

import type { Json } from "../types";

/** The keywords this form understands; others are left to the server's own check. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  /** `path`: of a file in a share. */
  format?: string;
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema | boolean;
  prefixItems?: Schema[];
  uniqueItems?: boolean;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  examples?: Json[];
}

interface Common {
  name: string;
  /** Dotted, from the parameters down: `position.ra`, `radii.2`. */
  path: string;
  title: string;
  description: string;
  required: boolean;
  nullable: boolean;
  /** What the server takes when the field is left out; undefined where there is none. */
  default: Json | undefined;
  schema: Schema;
}

export type Field = Common &
  (
    | { kind: "text" }
    | { kind: "number"; whole: boolean }
    | { kind: "boolean" }
    | { kind: "choice"; choices: Json[] }
    | { kind: "choices"; choices: Json[] }
    | { kind: "list"; item: (index: number) => Field }
    | { kind: "tuple"; fields: Field[] }
    | { kind: "group"; fields: Field[] }
    /** Anything else is typed as JSON. */
    | { kind: "json" }
  );

const DEEPEST = 8;

/** Follow `$ref` into `$defs`; keywords beside the reference win. */
export function resolve(schema: Schema, root: Schema): Schema {
  let current = schema;
  for (let hops = 0; current.$ref && hops < DEEPEST; hops += 1) {
    const name = decodeURIComponent(current.$ref.replace(/^#\/\$defs\//, "")).replace(/~1/g, "/").replace(/~0/g, "~");
    const { $ref: _, ...beside } = current;
    current = { ...root.$defs?.[name], ...beside };
  }
  return current;
}

const isNull = (schema: Schema): boolean => schema.type === "null" || schema.const === null;

/** Take `null` out of a union: what remains, and whether it was there. */
function withoutNull(schema: Schema, root: Schema): { schema: Schema; nullable: boolean } {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    const others = options.filter((option) => !isNull(option));
    const nullable = others.length < options.length;
    const { anyOf: _any, oneOf: _one, ...beside } = schema;
    const only = others.length === 1 ? others[0] : undefined;
    return only ? { schema: { ...resolve(only, root), ...beside }, nullable } : { schema, nullable };
  }
  if (Array.isArray(schema.type) && schema.type.includes("null")) {
    const types = schema.type.filter((type) => type !== "null");
    return { schema: { ...schema, type: types.length === 1 ? types[0]! : types }, nullable: true };
  }
  if (schema.enum?.includes(null)) {
    return { schema: { ...schema, enum: schema.enum.filter((choice) => choice !== null) }, nullable: true };
  }
  return { schema, nullable: false };
}

/** `max_radius` as `Max radius`. */
export function titleOf(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface Place {
  root: Schema;
  name: string;
  path: string;
  required: boolean;
  depth: number;
}

const below = (place: Place, name: string, required: boolean): Place => ({
  root: place.root,
  name,
  path: place.path ? `${place.path}.${name}` : name,
  required,
  depth: place.depth + 1,
});

function build(given: Schema, place: Place): Field {
  const { schema, nullable } = withoutNull(resolve(given, place.root), place.root);
  const common: Common = {
    name: place.name,
    path: place.path,
    title: given.title ?? titleOf(place.name),
    description: schema.description ?? "",
    required: place.required,
    nullable,
    default: schema.default,
    schema,
  };
  return shaped(common, schema, place);
}

function shaped(common: Common, schema: Schema, place: Place): Field {
  if (place.depth > DEEPEST) return { ...common, kind: "json" };
  if (schema.enum) return { ...common, kind: "choice", choices: schema.enum };
  if (schema.const !== undefined) return { ...common, kind: "choice", choices: [schema.const] };
  switch (schema.type) {
    case "string":
      return { ...common, kind: "text" };
    case "number":
    case "integer":
      return { ...common, kind: "number", whole: schema.type === "integer" };
    case "boolean":
      return { ...common, kind: "boolean" };
    case "object":
      return object(common, schema, place);
    case "array":
      return array(common, schema, place);
    default:
      return { ...common, kind: "json" };
  }
}

function object(common: Common, schema: Schema, place: Place): Field {
  if (!schema.properties) return { ...common, kind: "json" };
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties).map(([name, property]) =>
    build(property, below(place, name, required.has(name))));
  return { ...common, kind: "group", fields };
}

function array(common: Common, schema: Schema, place: Place): Field {
  if (schema.prefixItems) {
    const fields = schema.prefixItems.map((part, i) => build({ title: String(i + 1), ...part }, below(place, String(i), true)));
    return { ...common, kind: "tuple", fields };
  }
  const items = schema.items;
  if (typeof items !== "object") return { ...common, kind: "json" };
  const item = (index: number): Field => build({ ...items, title: `${common.title} ${index + 1}` }, below(place, String(index), true));
  const first = item(0);
  if (schema.uniqueItems && first.kind === "choice") return { ...common, kind: "choices", choices: first.choices };
  return first.kind === "json" ? { ...common, kind: "json" } : { ...common, kind: "list", item };
}

/** The fields of a task's parameters. */
export function fieldsOf(schema: Schema): Field[] {
  const top = build(schema, { root: schema, name: "", path: "", required: true, depth: 0 });
  return top.kind === "group" ? top.fields : [];
}

/**
 * The path of the field that a server's error names, as the form spells it.
 *
 * `parameters.position.ra`, `$.position.ra` and `radii[2]` are understood; an index the server
 * leaves open (`radii[...]`) means the list itself.
 */
export function errorPath(field: string | null | undefined): string {
  if (!field) return "";
  return field
    .replace(/^(\$|parameters)(\.|(?=\[)|$)/, "")
    .replace(/\[\.\.\.\].*$/, "")
    .replace(/\[(\w+)\]/g, ".$1")
    .replace(/^\./, "");
}
