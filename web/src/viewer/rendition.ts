/** The decoded tiles of one image in one style, bounded; the least recently drawn go first. */

import type { TileIndex } from "./geometry";
import { keyOf } from "./geometry";

/** A decoded tile. `ImageBitmap` in the browser. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Of memory, here and on the graphics card; of a picture, four for each pixel. */
  readonly bytes?: number;
  close(): void;
}

/** Of the memory that a tile takes. */
function bytesOf(bitmap: Bitmap | null | undefined): number {
  return bitmap ? (bitmap.bytes ?? 4 * bitmap.width * bitmap.height) : 0;
}

interface Held<B> {
  level: number;
  /** Null where the tile could not be had: nothing is drawn, and it is not waited for. */
  bitmap: B | null;
  /** The pixels behind it changed: drawn until the new one comes. */
  stale: boolean;
}

export class Rendition<B extends Bitmap, S> {
  private readonly tiles = new Map<string, Held<B>>();
  private used = 0;

  constructor(
    readonly style: S,
    /** Tiles from this level on are never dropped: they are few, and stand in for all others. */
    private readonly pinned: number,
  ) {}

  get size(): number {
    return this.tiles.size;
  }

  /** Of the memory that all tiles take. */
  get bytes(): number {
    return this.used;
  }

  /** Whether there is no need to ask for a tile. */
  settled(tile: TileIndex): boolean {
    const held = this.tiles.get(keyOf(tile));
    return held !== undefined && !held.stale;
  }

  /** The picture of a tile, if it is there; counts as a use. */
  bitmap(tile: TileIndex): B | null {
    const key = keyOf(tile);
    const held = this.tiles.get(key);
    if (!held) return null;
    this.tiles.delete(key);
    this.tiles.set(key, held);
    return held.bitmap;
  }

  put(tile: TileIndex, bitmap: B | null): void {
    const key = keyOf(tile);
    const before = this.tiles.get(key);
    if (bitmap === null && before?.bitmap) {
      before.stale = false; // an old picture is better than none
      return;
    }
    this.release(before);
    this.used += bytesOf(bitmap);
    this.tiles.delete(key);
    this.tiles.set(key, { level: tile.level, bitmap, stale: false });
  }

  /** The pixels of levels ≥ `level` changed. */
  expire(level: number): void {
    for (const held of this.tiles.values()) if (held.level >= level) held.stale = true;
  }

  /** Forget tiles that could not be had, so that they are asked for again. */
  forgive(): void {
    for (const [key, held] of this.tiles) if (held.bitmap === null) this.tiles.delete(key);
  }

  /** Drop the least recently used beyond `limit`. */
  trim(limit: number): void {
    for (const [key, held] of this.tiles) {
      if (this.tiles.size <= limit) return;
      if (held.level >= this.pinned) continue;
      this.release(held);
      this.tiles.delete(key);
    }
  }

  clear(): void {
    for (const held of this.tiles.values()) this.release(held);
    this.tiles.clear();
  }

  private release(held: Held<B> | undefined): void {
    this.used -= bytesOf(held?.bitmap);
    held?.bitmap?.close();
  }
}
