/** Whether two JSON values are the same, whatever the order of their fields. */

import type { Json } from "../types";

export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = fields(one);
  if (keys.length !== fields(other).length) return false;
  return keys.every((key) => key in other && sameJson((one as Record<string, Json>)[key], (other as Record<string, Json>)[key]));
}

/** A field that is undefined is none, as in JSON. */
function fields(value: object): string[] {
  return Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
}
