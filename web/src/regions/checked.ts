/** Regions as others have put them into a workspace: from another version, or from a file. */

import type { Json } from "../types";
import type { Region } from "./shape";
import { DEFAULT_COLOUR, MAX_VERTICES } from "./shape";

type Fields = { [key: string]: Json };

const isNumber = (value: Json | undefined): value is number => typeof value === "number" && Number.isFinite(value);
const isLength = (value: Json | undefined): boolean => isNumber(value) && value > 0;

const SIZES: Record<string, readonly string[]> = {
  point: [],
  text: [],
  circle: ["radius"],
  ellipse: ["rx", "ry"],
  box: ["width", "height"],
};

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isVertex(value: Json): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber);
}

function isShape(value: Json | undefined): boolean {
  if (!isFields(value)) return false;
  const { type, vertices } = value;
  if (type === "polygon" || type === "line") {
    if (!Array.isArray(vertices) || !vertices.every(isVertex)) return false;
    return type === "line" ? vertices.length === 2 : vertices.length >= 3 && vertices.length <= MAX_VERTICES;
  }
  const sizes = typeof type === "string" && Object.hasOwn(SIZES, type) ? SIZES[type] : undefined;
  const turned = type !== "ellipse" && type !== "box" ? true : isNumber(value["angle"]);
  return sizes !== undefined && turned && isNumber(value["x"]) && isNumber(value["y"]) && sizes.every((name) => isLength(value[name]));
}

function isImage(value: Json | undefined): boolean {
  if (!isFields(value)) return false;
  const { path, hdu, layout } = value;
  return typeof path === "string" && (isNumber(hdu) || hdu === "mosaic") && typeof layout === "string";
}

/** The region that a value is; null if it is none. */
export function readRegion(value: Json): Region | null {
  if (!isFields(value)) return null;
  const { image, shape, label = "", colour = DEFAULT_COLOUR, locked = false } = value;
  if (typeof label !== "string" || typeof colour !== "string" || typeof locked !== "boolean") return null;
  if (!/^#[0-9a-f]{6}$/.test(colour) || !isImage(image) || !isShape(shape)) return null;
  // What comes whole stays the object it is, which then counts as unchanged.
  const whole = "label" in value && "colour" in value && "locked" in value;
  return (whole ? value : { image, shape, label, colour, locked }) as unknown as Region;
}
