/**
 * One image as tiles on the screen.
 *
 * `look` is called before each frame with where the viewer is and where it is going; it asks
 * for what is missing, and returns what to draw now: the tiles of the right level where they
 * are there, finer or coarser ones in their place where not. So nothing is ever blank that was
 * seen before, and a picture sharpens in place.
 *
 * A change of style fills a second rendition beside the one that is shown, and is swapped in
 * whole, so that the screen never holds a patchwork of two styles. If another change comes
 * meanwhile, only the newest waits.
 */

import type { Box, Point, Pyramid, Sight, Size, TileIndex, Transform } from "./geometry";
import {
  childrenOf,
  distance2,
  keyOf,
  levelFor,
  parentOf,
  sightOf,
  tileBox,
  tilesSeen,
  toDisplay,
  widen,
} from "./geometry";
import type { Bitmap } from "./rendition";
import { Rendition } from "./rendition";
import type { Wanted } from "./scheduler";
import { TileScheduler } from "./scheduler";

export interface LayerOptions<B extends Bitmap, S> {
  pyramid: Pyramid;
  style: S;
  /** The same for styles that look the same. */
  styleKey: (style: S) => string;
  fetch: (tile: TileIndex, style: S, priority: number, signal: AbortSignal) => Promise<B>;
  /** There is something new to draw. */
  changed: () => void;
  failed?: (error: unknown) => void;
  limit?: number;
  now?: () => number;
}

/** Where the viewer is. */
export interface Look {
  /** Of this frame. */
  transform: Transform;
  /** Where the movement ends; tiles are asked for there. */
  target: Transform;
  screen: Size;
  /** Device pixels for one CSS pixel. */
  density: number;
  /** Where the user looks, on the screen: the cursor, or the centre. */
  focus: Point;
  /** It is seen for a moment only: nothing is asked for that is not in sight. */
  passing?: boolean;
}

export interface Drawn<B> {
  bitmap: B;
  level: number;
  /** Display pixels. */
  box: Box;
}

/** The pyramid of an image. */
export function pyramidOf(info: { width: number; height: number; levels: number; tile_size: number }): Pyramid {
  return { width: info.width, height: info.height, levels: info.levels, tileSize: info.tile_size };
}

interface Request<B extends Bitmap, S> {
  rendition: Rendition<B, S>;
  tile: TileIndex;
}

/** Milliseconds after which a new style is shown tile by tile instead of waiting for the last. */
const PATIENCE_MS = 800;
const KEPT_TILES = 640;
/** Tiles around the view have priorities behind all that are in sight, whenever those are asked for. */
const AROUND = 1000;

export class TileLayer<B extends Bitmap, S> {
  private shown: Rendition<B, S>;
  private pending: Rendition<B, S> | null = null;
  private next: S | null = null;
  private pendingSince = 0;
  private generation = 0;
  private rough = false;
  private resting = false;
  private readonly scheduler: TileScheduler<Request<B, S>, B>;
  private readonly now: () => number;

  constructor(private readonly options: LayerOptions<B, S>) {
    this.now = options.now ?? (() => performance.now());
    this.shown = this.rendition(options.style);
    this.scheduler = new TileScheduler<Request<B, S>, B>({
      fetch: ({ rendition, tile }, priority, signal) =>
        options.fetch(tile, rendition.style, priority, signal),
      done: (_key, { rendition, tile }, bitmap) => this.receive(rendition, tile, bitmap),
      failed: (_key, { rendition, tile }, error) => {
        this.receive(rendition, tile, null);
        options.failed?.(error);
      },
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    });
  }

  /** Whether it was made for an image of this size; one that is still unpacked may grow. */
  fits({ width, height, levels }: { width: number; height: number; levels: number }): boolean {
    const { pyramid } = this.options;
    return pyramid.width === width && pyramid.height === height && pyramid.levels === levels;
  }

  /** Tiles that are wanted and not yet here. */
  get loading(): number {
    return this.scheduler.outstanding;
  }

  /** Of the memory that all tiles take. */
  get bytes(): number {
    return this.shown.bytes + (this.pending?.bytes ?? 0);
  }

  /** The style on the screen; behind the one asked for while its tiles come. */
  get style(): S {
    return this.shown.style;
  }

  /**
   * Show the image in another style as soon as its tiles are there. `rough` asks for tiles one
   * level coarser while a gesture changes the style continuously.
   */
  setStyle(style: S, rough = false): void {
    this.rough = rough;
    if (this.same(style, (this.pending ?? this.shown).style)) {
      this.next = null;
    } else if (this.pending && rough) {
      this.next = style;
    } else {
      this.begin(style);
    }
    this.options.changed();
  }

  /** The pixels of levels ≥ `level` are others now: ask for them again. */
  refresh(level: number): void {
    this.generation += 1;
    this.shown.expire(level);
    this.pending?.expire(level);
    this.forgive();
  }

  /** Ask again for tiles that could not be had. */
  forgive(): void {
    this.scheduler.forgive();
    this.shown.forgive();
    this.pending?.forgive();
    this.options.changed();
  }

  /** The coarsest tile, which holds the whole image, for the minimap. */
  get overview(): B | null {
    return this.shown.bitmap(this.top);
  }

  private get top(): TileIndex {
    return { level: this.options.pyramid.levels - 1, x: 0, y: 0 };
  }

  /** A tile of the style on the screen, if it is here. */
  held(tile: TileIndex): B | null {
    return this.shown.bitmap(tile);
  }

  /** Stop asking, keep what is here: the image leaves the screen. */
  rest(): void {
    this.resting = true;
    this.scheduler.stop();
  }

  /** The image is on the screen again. */
  wake(): void {
    this.resting = false;
  }

  close(): void {
    this.scheduler.stop();
    this.shown.clear();
    this.pending?.clear();
  }

  /** Have at hand what would be drawn, and no more; true once it is. See `ImageLayer.foresee`. */
  foresee(look: Look, urgency: number | null): boolean {
    const { level, sight, focus } = this.aim(look);
    if (this.pending) this.swapIfComplete(this.pending, tilesSeen(this.options.pyramid, level, sight));
    const rendition = this.pending ?? this.shown;
    const missing = this.missing(rendition, tilesSeen(this.options.pyramid, level, sight), focus);
    if (urgency !== null) this.scheduler.want(this.requests(rendition, missing), urgency);
    return missing.length === 0;
  }

  /** Ask for what is missing and return what to draw, coarse tiles first. */
  look(look: Look): Drawn<B>[] {
    if (!this.resting) this.ask(look);
    const { pyramid } = this.options;
    const sight = sightOf(look.transform, look.screen);
    const level = levelFor(look.transform.scale * look.density, pyramid.levels);
    const drawn = this.cover(this.shown, level, sight);
    if (this.pending && this.now() - this.pendingSince > PATIENCE_MS) {
      drawn.push(...this.cover(this.pending, level, sight));
    }
    const limit = Math.max(KEPT_TILES, 4 * drawn.length);
    this.shown.trim(limit);
    return drawn;
  }

  private same(a: S, b: S): boolean {
    return this.options.styleKey(a) === this.options.styleKey(b);
  }

  private rendition(style: S): Rendition<B, S> {
    return new Rendition<B, S>(style, this.options.pyramid.levels - 2);
  }

  private begin(style: S): void {
    this.pending?.clear();
    this.next = null;
    if (this.same(style, this.shown.style)) {
      this.pending = null;
      return;
    }
    this.pending = this.rendition(style);
    this.pendingSince = this.now();
  }

  private receive(rendition: Rendition<B, S>, tile: TileIndex, bitmap: B | null): void {
    if (rendition === this.shown || rendition === this.pending) rendition.put(tile, bitmap);
    else bitmap?.close();
    this.options.changed();
  }

  private ask(look: Look): void {
    if (look.passing) {
      this.foresee(look, 0);
      return;
    }
    const { level, sight, focus } = this.aim(look);
    const pendingLevel = this.roughLevel(level);
    if (this.pending) this.swapIfComplete(this.pending, [...tilesSeen(this.options.pyramid, pendingLevel, sight), this.top]);
    if (this.pending) {
      this.scheduler.want(this.wantedOf(this.pending, pendingLevel, sight, focus));
      return;
    }
    const wanted = this.wantedOf(this.shown, level, sight, focus);
    // What lies around is for idle moments: whatever is in sight is never behind it.
    if (wanted.length > 0) this.scheduler.want(wanted);
    else this.scheduler.want(this.margin(level, sight, focus), AROUND);
  }

  /** What is to be seen, where the movement ends. */
  private aim(look: Look): { level: number; sight: Sight; focus: Point } {
    return {
      sight: sightOf(look.target, look.screen),
      level: levelFor(look.target.scale * look.density, this.options.pyramid.levels),
      focus: toDisplay(look.target, look.focus),
    };
  }

  private roughLevel(level: number): number {
    return this.rough ? Math.min(level + 1, this.options.pyramid.levels - 1) : level;
  }

  private swapIfComplete(pending: Rendition<B, S>, tiles: TileIndex[]): void {
    if (!tiles.every((tile) => pending.settled(tile))) return;
    this.shown.clear();
    this.shown = pending;
    this.pending = null;
    if (this.next) this.begin(this.next);
  }

  /** What the view misses: the overview, a coarse picture if there is none, then the tiles by distance. */
  private wantedOf(rendition: Rendition<B, S>, level: number, sight: Sight, focus: Point): Wanted<Request<B, S>>[] {
    const { pyramid } = this.options;
    const { top } = this;
    const visible = this.missing(rendition, tilesSeen(pyramid, level, sight), focus);
    const bare = visible.some((tile) => !this.hasStandIn(rendition, tile, level + 3));
    const coarse = Math.min(level + 2, top.level);
    const first = bare && rendition === this.shown ? this.missing(rendition, tilesSeen(pyramid, coarse, sight), focus) : [];
    const overview = rendition.settled(top) ? [] : [top];
    const ordered = rendition === this.shown ? [...overview, ...first, ...visible] : [...visible, ...overview];
    return this.requests(rendition, ordered);
  }

  /** A border around the view and the coarser level around that, so that a pan finds tiles there. */
  private margin(level: number, sight: Sight, focus: Point): Wanted<Request<B, S>>[] {
    const { pyramid } = this.options;
    const { screen, transform } = sight;
    const span = pyramid.tileSize * 2 ** level * transform.scale;
    const around = this.missing(this.shown, tilesSeen(pyramid, level, widen(sight, span)), focus);
    const coarser = Math.min(level + 1, pyramid.levels - 1);
    const wide = widen(sight, Math.max(screen.x1, screen.y1) / 2);
    const outside = this.missing(this.shown, tilesSeen(pyramid, coarser, wide), focus);
    return this.requests(this.shown, [...around, ...outside]);
  }

  private missing(rendition: Rendition<B, S>, tiles: TileIndex[], focus: Point): TileIndex[] {
    const { pyramid } = this.options;
    return tiles
      .filter((tile) => !rendition.settled(tile))
      .map((tile) => ({ tile, distance: distance2(pyramid, tile, focus) }))
      .sort((a, b) => a.distance - b.distance)
      .map(({ tile }) => tile);
  }

  private requests(rendition: Rendition<B, S>, tiles: TileIndex[]): Wanted<Request<B, S>>[] {
    const seen = new Map<string, Wanted<Request<B, S>>>();
    const common = `${this.options.styleKey(rendition.style)} ${this.generation}`;
    for (const tile of tiles) {
      const key = `${common} ${keyOf(tile)}`;
      if (!seen.has(key)) seen.set(key, { key, tile: { rendition, tile } });
    }
    return [...seen.values()];
  }

  private hasStandIn(rendition: Rendition<B, S>, tile: TileIndex, coarsest: number): boolean {
    for (let at = parentOf(tile, this.options.pyramid.levels); at && at.level <= coarsest; ) {
      if (rendition.bitmap(at)) return true;
      at = parentOf(at, this.options.pyramid.levels);
    }
    return false;
  }

  /** What is there of a rendition to cover the screen, coarse tiles first. */
  private cover(rendition: Rendition<B, S>, level: number, sight: Sight): Drawn<B>[] {
    const found = new Map<string, Drawn<B>>();
    for (const tile of tilesSeen(this.options.pyramid, level, sight)) {
      if (this.add(found, rendition, tile)) continue;
      this.addAncestor(found, rendition, tile);
      this.addChildren(found, rendition, tile, 2);
    }
    return [...found.values()].sort((a, b) => b.level - a.level);
  }

  private add(found: Map<string, Drawn<B>>, rendition: Rendition<B, S>, tile: TileIndex): boolean {
    const key = keyOf(tile);
    if (found.has(key)) return true;
    const bitmap = rendition.bitmap(tile);
    if (!bitmap) return false;
    found.set(key, { bitmap, level: tile.level, box: tileBox(this.options.pyramid, tile) });
    return true;
  }

  private addAncestor(found: Map<string, Drawn<B>>, rendition: Rendition<B, S>, tile: TileIndex): void {
    const { levels } = this.options.pyramid;
    for (let at = parentOf(tile, levels); at; at = parentOf(at, levels)) {
      if (this.add(found, rendition, at)) return;
    }
  }

  private addChildren(found: Map<string, Drawn<B>>, rendition: Rendition<B, S>, tile: TileIndex, depth: number): void {
    for (const child of childrenOf(this.options.pyramid, tile)) {
      if (!this.add(found, rendition, child) && depth > 1) this.addChildren(found, rendition, child, depth - 1);
    }
  }
}
