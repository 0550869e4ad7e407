/** Puts tiles on a canvas, on whole device pixels, so that neighbours meet without a seam. */

import type { Transform } from "./geometry";
import type { Drawn } from "./layer";

/** Draw tiles; `transform` leads to CSS pixels, `density` from there to device pixels. */
export function paintTiles(
  context: CanvasRenderingContext2D,
  drawn: Drawn<ImageBitmap>[],
  transform: Transform,
  density: number,
): void {
  const scale = transform.scale * density;
  const edgeX = (x: number): number => Math.round(transform.x * density + x * scale);
  const edgeY = (y: number): number => Math.round(transform.y * density + y * scale);
  context.imageSmoothingQuality = "medium";
  for (const { bitmap, level, box } of drawn) {
    const left = edgeX(box.x0);
    const top = edgeY(box.y0);
    // Pixels are shown as squares once they are larger than the screen's.
    context.imageSmoothingEnabled = level > 0 || scale <= 1;
    context.drawImage(bitmap, left, top, edgeX(box.x1) - left, edgeY(box.y1) - top);
  }
}
