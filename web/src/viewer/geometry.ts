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

/** How a picture stands on the screen: mirrored left to right after it was turned. */
export interface Orientation {
  /** Degrees clockwise. */
  turn: number;
  mirrored: boolean;
}

/** As the file has it. */
export const UPRIGHT: Orientation = { turn: 0, mirrored: false };

/** From display pixels to the screen: `screen.x = x + a · display.x + c · display.y`, `screen.y` with `b` and `d`. */
export interface Transform {
  /** Screen pixels for one image pixel. */
  scale: number;
  x: number;
  y: number;
  a: number;
  b: number;
  c: number;
  d: number;
}

/** The transform that puts a display position on a place of the screen. */
export function transformAt(scale: number, { turn, mirrored }: Orientation, display: Point, screen: Point): Transform {
  const angle = (turn * Math.PI) / 180;
  // Quarter turns are exact, so that pixels stay on the screen's grid.
  const exact = (value: number): number => (Math.abs(value) < 1e-12 ? 0 : value);
  const [cos, sin] = [exact(Math.cos(angle)) * scale, exact(Math.sin(angle)) * scale];
  const side = mirrored ? -1 : 1;
  const matrix = { a: side * cos, b: sin, c: -side * sin, d: cos };
  const { x, y } = toScreen({ scale, x: 0, y: 0, ...matrix }, display);
  return { scale, x: screen.x - x, y: screen.y - y, ...matrix };
}

/** A direction of the picture as it stands on the screen; degrees clockwise from up, from −180 to 180. */
export function directionOnScreen(direction: number, { turn, mirrored }: Orientation): number {
  return signed(mirrored ? -direction - turn : direction + turn);
}

/** How to put north up and east left, where the file's own picture has them in these directions. */
export function northUp({ north, east }: { north: number; east: number }): Orientation {
  return { turn: signed(-north), mirrored: signed(east - north) > 0 };
}

/** Degrees from −180 to 180, and 0 rather than −0. */
function signed(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360) + 0;
}

/** Whether the picture's rows run along the screen's, unmirrored. */
export function isUpright({ a, b, c, d }: Transform): boolean {
  return b === 0 && c === 0 && a > 0 && d > 0;
}

/** A part of the screen with the picture on it. */
export interface Sight {
  transform: Transform;
  screen: Box;
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
  const { a, b, c, d, x, y } = transform;
  return { x: x + a * point.x + c * point.y, y: y + b * point.x + d * point.y };
}

export function toDisplay(transform: Transform, point: Point): Point {
  const { a, b, c, d } = transform;
  const [x, y] = [point.x - transform.x, point.y - transform.y];
  const determinant = a * d - b * c;
  return { x: (d * x - c * y) / determinant, y: (a * y - b * x) / determinant };
}

/** FITS pixels of a display position (whose pixels have their centres at halves). */
export function fitsFromDisplay(point: Point, height: number): Point {
  return { x: point.x + 0.5, y: height - point.y + 0.5 };
}

export function displayFromFits(point: Point, height: number): Point {
  return { x: point.x - 0.5, y: height - point.y + 0.5 };
}

/** The corners of a box, one after the other around it. */
export function cornersOf({ x0, y0, x1, y1 }: Box): Point[] {
  return [{ x: x0, y: y0 }, { x: x1, y: y0 }, { x: x1, y: y1 }, { x: x0, y: y1 }];
}

/** The smallest box that holds some points. */
export function boxAround(points: Point[]): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

/** The whole screen. */
export function sightOf(transform: Transform, { width, height }: Size): Sight {
  return { transform, screen: { x0: 0, y0: 0, x1: width, y1: height } };
}

/** The display positions of the screen's corners; may lie beyond the image. */
export function outlineOf({ transform, screen }: Sight): Point[] {
  return cornersOf(screen).map((corner) => toDisplay(transform, corner));
}

/** With a margin in screen pixels around it. */
export function widen({ transform, screen }: Sight, margin: number): Sight {
  return { transform, screen: grow(screen, margin) };
}

/** Whether the screen meets the box that surrounds a box of display pixels on it. */
function meets({ transform, screen }: Sight, box: Box): boolean {
  const around = boxAround(cornersOf(box).map((corner) => toScreen(transform, corner)));
  return around.x0 < screen.x1 && around.x1 > screen.x0 && around.y0 < screen.y1 && around.y1 > screen.y0;
}

/** The box with `margin` added on each side. */
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

/** The tiles of a level that are seen, row by row; of a turned picture not those beside the screen's corners. */
export function tilesSeen(pyramid: Pyramid, level: number, sight: Sight): TileIndex[] {
  const tiles = tilesIn(pyramid, level, boxAround(outlineOf(sight)));
  return isUpright(sight.transform) ? tiles : tiles.filter((tile) => meets(sight, tileBox(pyramid, tile)));
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
