/**
 * Puts tiles on a canvas. An upright picture has them on whole device pixels, so that neighbours
 * meet without a seam. The edges of a turned tile would be blended with what lies behind, so a
 * turned picture is put together upright, pixel by pixel of its level, and turned as one.
 */

import type { Box, Transform } from "./geometry";
import { boxAround, isUpright, levelFor, outlineOf, sightOf, transformAt, UPRIGHT } from "./geometry";
import type { Drawn } from "./layer";

/** More levels than any pyramid has. */
const ALL_LEVELS = 32;
const SHEET_STEP = 256;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
type Tiles = readonly Drawn<ImageBitmap>[];

export class Painter {
  private sheet: OffscreenCanvas | null = null;

  /** Draw tiles; `transform` leads to CSS pixels, `density` from there to device pixels. */
  paint(context: CanvasRenderingContext2D, drawn: Tiles, transform: Transform, density: number): void {
    const device = dense(transform, density);
    if (isUpright(device)) {
      this.sheet = null;
      paintUpright(context, drawn, device);
    } else if (drawn.length > 0) this.paintTurned(context, drawn, device);
  }

  private paintTurned(context: CanvasRenderingContext2D, drawn: Tiles, device: Transform): void {
    const finest = Math.min(...drawn.map(({ level }) => level));
    const step = 2 ** Math.max(finest, levelFor(device.scale, ALL_LEVELS));
    const part = seenPart(drawn, boxAround(outlineOf(sightOf(device, context.canvas))), step);
    const [columns, rows] = [(part.x1 - part.x0) / step, (part.y1 - part.y0) / step];
    if (columns <= 0 || rows <= 0) return;
    const sheet = this.sheetOf(columns, rows);
    paintUpright(sheet, drawn, transformAt(1 / step, UPRIGHT, { x: part.x0, y: part.y0 }, { x: 0, y: 0 }));
    const { a, b, c, d, x, y } = device;
    context.setTransform(a, b, c, d, x, y);
    context.imageSmoothingEnabled = step > 1 || device.scale < 1;
    context.imageSmoothingQuality = "low";
    context.drawImage(sheet.canvas, 0, 0, columns, rows, part.x0, part.y0, columns * step, rows * step);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** A clean sheet of at least this size. */
  private sheetOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
    // It grows in steps: a movement does not make one anew with each frame.
    const stepped = (side: number): number => Math.ceil(side / SHEET_STEP) * SHEET_STEP;
    const [w, h] = [stepped(width), stepped(height)];
    if (!this.sheet || this.sheet.width < w || this.sheet.height < h) this.sheet = new OffscreenCanvas(w, h);
    const context = this.sheet.getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.clearRect(0, 0, this.sheet.width, this.sheet.height);
    return context;
  }
}

function paintUpright(context: Context, drawn: Tiles, { x, y, scale }: Transform): void {
  const edgeX = (at: number): number => Math.round(x + at * scale);
  const edgeY = (at: number): number => Math.round(y + at * scale);
  context.imageSmoothingQuality = "low"; // a level is near enough to the size on the screen
  for (const { bitmap, level, box } of drawn) {
    const left = edgeX(box.x0);
    const top = edgeY(box.y0);
    // Pixels are shown as squares once they are as large as the screen's.
    context.imageSmoothingEnabled = level > 0 || scale < 1;
    context.drawImage(bitmap, left, top, edgeX(box.x1) - left, edgeY(box.y1) - top);
  }
}

/** What is seen of the tiles, in display pixels, out to whole pixels of the sheet. */
function seenPart(drawn: Tiles, seen: Box, step: number): Box {
  const there = boxAround(drawn.flatMap(({ box }) => [{ x: box.x0, y: box.y0 }, { x: box.x1, y: box.y1 }]));
  const down = (a: number, b: number): number => Math.floor(Math.max(a, b) / step) * step;
  const up = (a: number, b: number): number => Math.ceil(Math.min(a, b) / step) * step;
  return {
    x0: down(there.x0, seen.x0),
    y0: down(there.y0, seen.y0),
    x1: up(there.x1, seen.x1),
    y1: up(there.y1, seen.y1),
  };
}

function dense({ scale, x, y, a, b, c, d }: Transform, density: number): Transform {
  return {
    scale: scale * density,
    x: x * density,
    y: y * density,
    a: a * density,
    b: b * density,
    c: c * density,
    d: d * density,
  };
}
