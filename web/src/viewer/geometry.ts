/**
 * Where things are. Display pixels of an image count from its top left corner, as the tiles do;
 * FITS pixels count from 1, centres at integers, y up. The screen is measured in CSS pixels.
 */

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A rectangle by its edges: x0 ≤ x < x1, y0 ≤ y < y1. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** From display pixels to the screen: `screen = origin + scale · display`. */
export interface Transform {
  scale: number;
  x: number;
  y: number;
}

/** A tile of a pyramid; level 0 is the full resolution. */
export interface TileIndex {
  level: number;
  x: number;
  y: number;
}

/** An image as the pyramid sees it. */
export interface Pyramid extends Size {
  levels: number;
  tileSize: number;
}

/** A pixel of a level is drawn on at most this many device pixels before the finer level is taken. */
export const MAX_LEVEL_SCALE = Math.SQRT2;

export function toScreen(transform: Transform, point: Point): Point {
  return { x: transform.x + transform.scale * point.x, y: transform.y + transform.scale * point.y };
}

export function toDisplay(transform: Transform, point: Point): Point {
  return { x: (point.x - transform.x) / transform.scale, y: (point.y - transform.y) / transform.scale };
}

/** FITS pixels of a display position (whose pixels have their centres at halves). */
export function fitsFromDisplay(point: Point, height: number): Point {
  return { x: point.x + 0.5, y: height - point.y + 0.5 };
}

export function displayFromFits(point: Point, height: number): Point {
  return { x: point.x - 0.5, y: height - point.y + 0.5 };
}

/** The part of the image that a screen of this size shows; may reach beyond the image. */
export function visibleBox(transform: Transform, screen: Size): Box {
  const a = toDisplay(transform, { x: 0, y: 0 });
  const b = toDisplay(transform, { x: screen.width, y: screen.height });
  return { x0: a.x, y0: a.y, x1: b.x, y1: b.y };
}

/** The box with `margin` added on each side, in display pixels. */
export function grow(box: Box, margin: number): Box {
  return { x0: box.x0 - margin, y0: box.y0 - margin, x1: box.x1 + margin, y1: box.y1 + margin };
}

/** The level to draw at `scale` device pixels for one image pixel. */
export function levelFor(scale: number, levels: number): number {
  const level = Math.ceil(Math.log2(1 / scale) - 0.5 - 1e-9);
  return Math.min(Math.max(level, 0), levels - 1);
}

/** Columns and rows of tiles at a level. */
export function gridSize(pyramid: Pyramid, level: number): Size {
  const reduced = (length: number): number => Math.ceil(length / 2 ** level);
  return {
    width: Math.ceil(reduced(pyramid.width) / pyramid.tileSize),
    height: Math.ceil(reduced(pyramid.height) / pyramid.tileSize),
  };
}

/** The tiles of a level that a box touches, row by row. */
export function tilesIn(pyramid: Pyramid, level: number, box: Box): TileIndex[] {
  const span = pyramid.tileSize * 2 ** level;
  const grid = gridSize(pyramid, level);
  const tiles: TileIndex[] = [];
  if (box.x0 >= pyramid.width || box.y0 >= pyramid.height) return tiles;
  const first = (edge: number): number => Math.max(0, Math.floor(edge / span));
  const last = (edge: number, count: number): number => Math.min(count - 1, Math.ceil(edge / span) - 1);
  for (let y = first(box.y0); y <= last(box.y1, grid.height); y++) {
    for (let x = first(box.x0); x <= last(box.x1, grid.width); x++) tiles.push({ level, x, y });
  }
  return tiles;
}

/** The part of the image that a tile covers, in display pixels of the full resolution. */
export function tileBox(pyramid: Pyramid, tile: TileIndex): Box {
  const span = pyramid.tileSize * 2 ** tile.level;
  return {
    x0: tile.x * span,
    y0: tile.y * span,
    x1: Math.min((tile.x + 1) * span, pyramid.width),
    y1: Math.min((tile.y + 1) * span, pyramid.height),
  };
}

/** The tile one level coarser that covers this one; null for the coarsest. */
export function parentOf(tile: TileIndex, levels: number): TileIndex | null {
  if (tile.level + 1 >= levels) return null;
  return { level: tile.level + 1, x: tile.x >> 1, y: tile.y >> 1 };
}

/** The tiles one level finer that make up this one. */
export function childrenOf(pyramid: Pyramid, tile: TileIndex): TileIndex[] {
  if (tile.level === 0) return [];
  const level = tile.level - 1;
  const grid = gridSize(pyramid, level);
  const children: TileIndex[] = [];
  for (const y of [2 * tile.y, 2 * tile.y + 1]) {
    for (const x of [2 * tile.x, 2 * tile.x + 1]) {
      if (x < grid.width && y < grid.height) children.push({ level, x, y });
    }
  }
  return children;
}

/** Square of the distance from a point to the middle of a tile, in tiles. */
export function distance2(pyramid: Pyramid, tile: TileIndex, point: Point): number {
  const span = pyramid.tileSize * 2 ** tile.level;
  return (tile.x + 0.5 - point.x / span) ** 2 + (tile.y + 0.5 - point.y / span) ** 2;
}

export function keyOf(tile: TileIndex): string {
  return `${tile.level}/${tile.x}/${tile.y}`;
}

/** `1:4` for a reduced picture, `8:1` for an enlarged one, of screen to image pixels. */
export function zoomLabel(zoom: number): string {
  const digits = (value: number): string =>
    value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
  return zoom >= 1 ? `${digits(zoom)}:1` : `1:${digits(1 / zoom)}`;
}

const SCALE_STEPS = [1, 2, 5];
const SCALE_STEPS_60 = [1, 2, 5, 10, 15, 30];

export interface ScaleBar {
  /** Screen pixels. */
  length: number;
  label: string;
}

function roundedSteps(limit: number, steps: number[], base: number): number {
  let best = 0;
  for (let power = 0.001; power <= limit; power *= base) {
    for (const step of steps) if (step * power <= limit) best = step * power;
  }
  return best;
}

/** The longest round length that fits: arcseconds, minutes or degrees, or pixels without a scale. */
export function scaleBar(zoom: number, arcsecPerPixel: number | null, longest: number): ScaleBar {
  const limit = (longest / zoom) * (arcsecPerPixel ?? 1);
  if (arcsecPerPixel === null) {
    const pixels = roundedSteps(limit, SCALE_STEPS, 10);
    return { length: pixels * zoom, label: `${trim(pixels)} px` };
  }
  const toLength = (arcsec: number): number => (arcsec / arcsecPerPixel) * zoom;
  if (limit >= 3600) {
    const degrees = roundedSteps(limit / 3600, SCALE_STEPS, 10);
    return { length: toLength(degrees * 3600), label: `${trim(degrees)}°` };
  }
  if (limit >= 60) {
    const minutes = Math.max(...SCALE_STEPS_60.filter((step) => step * 60 <= limit));
    return { length: toLength(minutes * 60), label: `${minutes}′` };
  }
  const arcsec = limit >= 1 ? Math.max(...SCALE_STEPS_60.filter((step) => step <= limit)) : roundedSteps(limit, SCALE_STEPS, 10);
  return { length: toLength(arcsec), label: `${trim(arcsec)}″` };
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
