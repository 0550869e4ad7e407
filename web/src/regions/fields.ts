/** The numbers of a shape as they are typed: in FITS pixels, and on the sky. */

import type { RegionSky } from "./api";
import type { Shape, Vertex } from "./shape";
import { wrapped } from "./shape";

export interface Field {
  name: string;
  label: string;
  /** As it is shown: px, ″ or °. */
  unit: string;
  value: number;
  /** Of a length: it is above 0. */
  positive?: boolean;
  /** The shape with another value. */
  put: (value: number) => Shape;
}

type Sized = Exclude<Shape, { vertices: readonly Vertex[] }>;

/** The numbers in pixels. */
export function pixelFields(shape: Shape): Field[] {
  if ("vertices" in shape) return vertexFields(shape);
  const place: Field[] = [
    { name: "x", label: "x", unit: "px", value: shape.x + 1, put: (value) => ({ ...shape, x: value - 1 }) },
    { name: "y", label: "y", unit: "px", value: shape.y + 1, put: (value) => ({ ...shape, y: value - 1 }) },
  ];
  const sizes = lengths(shape).map(({ name, label, value, put }) => ({ name, label, unit: "px", value, positive: true, put }));
  return [...place, ...sizes, ...angles(shape)];
}

function vertexFields(shape: Extract<Shape, { vertices: readonly Vertex[] }>): Field[] {
  return shape.vertices.flatMap((vertex, index) =>
    (["x", "y"] as const).map((label, axis) => ({
      name: `${label}${index}`,
      label: `${label} ${index + 1}`,
      unit: "px",
      value: (vertex[axis] as number) + 1,
      put: (value: number): Shape => {
        const changed: Vertex = axis === 0 ? [value - 1, vertex[1]] : [vertex[0], value - 1];
        return { ...shape, vertices: shape.vertices.map((old, at) => (at === index ? changed : old)) };
      },
    })),
  );
}

interface Length {
  name: string;
  label: string;
  value: number;
  put: (value: number) => Shape;
}

function lengths(shape: Sized): Length[] {
  if (shape.type === "circle") return [{ name: "radius", label: "Radius", value: shape.radius, put: (radius) => ({ ...shape, radius }) }];
  if (shape.type === "ellipse") {
    return [
      { name: "rx", label: "Semi-axis 1", value: shape.rx, put: (rx) => ({ ...shape, rx }) },
      { name: "ry", label: "Semi-axis 2", value: shape.ry, put: (ry) => ({ ...shape, ry }) },
    ];
  }
  if (shape.type !== "box") return [];
  return [
    { name: "width", label: "Width", value: shape.width, put: (width) => ({ ...shape, width }) },
    { name: "height", label: "Height", value: shape.height, put: (height) => ({ ...shape, height }) },
  ];
}

function angles(shape: Sized): Field[] {
  if (!("angle" in shape)) return [];
  return [{ name: "angle", label: "Angle", unit: "°", value: shape.angle, put: (value) => ({ ...shape, angle: wrapped(value) }) }];
}

/** Sizes in arcseconds and the position angle, where the image has a sky. */
export function skyFields(shape: Shape, { scale, north, mirrored }: RegionSky): Field[] {
  if ("vertices" in shape || !scale) return [];
  const sizes = lengths(shape).map(({ name, label, value, put }) => ({
    name: `sky-${name}`,
    label,
    unit: "″",
    value: value * scale,
    positive: true,
    put: (arcsec: number) => put(arcsec / scale),
  }));
  if (!("angle" in shape) || north === null) return sizes;
  const side = mirrored ? -1 : 1;
  const angle: Field = {
    name: "sky-angle",
    label: "Position angle",
    unit: "°",
    // Of an axis, which has no direction.
    value: wrapped(side * (shape.angle - north)) % 180,
    put: (value) => ({ ...shape, angle: wrapped(north + side * value) }),
  };
  return [...sizes, angle];
}

/** What is typed into a field; null if it is no number that it may have. */
export function parseField(text: string, { positive }: Pick<Field, "positive">): number | null {
  const value = Number(text.trim().replace("−", "-").replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 1e7) return null;
  return positive && value <= 0 ? null : value;
}

/** With as many digits as tell a thousandth of a pixel, of an arcsecond or of a degree. */
export function fieldText(value: number): string {
  return String(Number(value.toFixed(value !== 0 && Math.abs(value) < 1 ? 6 : 4)));
}
