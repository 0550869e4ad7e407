/** The regions of the page: those of all images, which of them are selected, and what is drawn next. */

import type { ImageInfo, Json } from "../types";
import { Table } from "../workspaces/table";
import { readRegion } from "./checked";
import type { Region, RegionImage, Shape, ShapeType } from "./shape";
import { DEFAULT_COLOUR, moved, SHAPE_NAMES } from "./shape";

export interface Placed extends Region {
  readonly id: string;
}

/** A tool draws one region, or more until it is put away. */
export interface Tool {
  type: ShapeType;
  stays: boolean;
}

const COPY_SHIFT = 10;

/** The pixels that a region of an image lies on. */
export function regionImage({ path, hdu, layout }: Pick<ImageInfo, "path" | "hdu" | "layout">): RegionImage {
  return { path, hdu, layout };
}

const imageKey = ({ path, hdu, layout }: RegionImage): string => `${hdu} ${layout} ${path}`;

let made = 0;

/** An id that sorts after those made before it. */
export function newId(): string {
  made = (made + 1) % 46656;
  const random = Math.floor(Math.random() * 36 ** 4);
  return `${Date.now().toString(36)}${made.toString(36).padStart(3, "0")}${random.toString(36).padStart(4, "0")}`;
}

export class Regions extends Table<Region> {
  private byImage: Map<string, Placed[]> | null = null;
  private chosen: ReadonlySet<string> = new Set();
  private inHand: Tool | null = null;
  private drafts: ReadonlyMap<string, Shape> = new Map();
  /** The colour of what is drawn next. */
  private colourNext = DEFAULT_COLOUR;

  constructor() {
    super("region");
  }

  protected override read(value: Json): Region | null {
    return readRegion(value);
  }

  protected override altered(): void {
    this.byImage = null;
    if ([...this.chosen].some((id) => !this.table.has(id))) this.chosen = new Set([...this.chosen].filter((id) => this.table.has(id)));
  }

  // ---- what is there ------------------------------------------------------------------------

  get(id: string): Placed | undefined {
    const region = this.table.get(id);
    return region && { ...region, id };
  }

  /** Those of an image, in the order in which they were made. */
  of(image: RegionImage | null | undefined): readonly Placed[] {
    if (!image) return [];
    if (!this.byImage) {
      this.byImage = new Map();
      for (const id of [...this.table.keys()].sort()) {
        const region = this.table.get(id) as Region;
        const key = imageKey(region.image);
        const others = this.byImage.get(key);
        if (others) others.push({ ...region, id });
        else this.byImage.set(key, [{ ...region, id }]);
      }
    }
    return this.byImage.get(imageKey(image)) ?? [];
  }

  /** The shape as it is seen now, also while it is dragged. */
  shapeOf(region: Placed): Shape {
    return this.drafts.get(region.id) ?? region.shape;
  }

  // ---- selection and tools --------------------------------------------------------------------

  get selected(): ReadonlySet<string> {
    return this.chosen;
  }

  select(ids: Iterable<string>): void {
    this.chosen = new Set(ids);
    this.tell();
  }

  toggle(id: string): void {
    const others = [...this.chosen].filter((other) => other !== id);
    this.select(this.chosen.has(id) ? others : [...others, id]);
  }

  get tool(): Tool | null {
    return this.inHand;
  }

  /** Take a tool; once more, and it stays in the hand. */
  take(type: ShapeType | null): void {
    this.inHand = type && { type, stays: this.inHand?.type === type && !this.inHand.stays };
    if (type) this.chosen = new Set();
    this.tell();
  }

  get nextColour(): string {
    return this.colourNext;
  }

  set nextColour(colour: string) {
    this.colourNext = colour;
    this.tell();
  }

  // ---- changes ------------------------------------------------------------------------------

  /** Show shapes in the place of those that are kept, while something is dragged. */
  draft(shapes: ReadonlyMap<string, Shape>): void {
    this.drafts = shapes;
    this.tell();
  }

  /** Keep what is shown in the place of it. */
  keepDrafts(label: string): void {
    const { drafts } = this;
    this.drafts = new Map();
    this.edit(label, drafts.keys(), (region, id) => ({ ...region, shape: drafts.get(id) ?? region.shape }));
  }

  /** Add regions as one step. Returns their ids. */
  add(label: string, regions: readonly Omit<Region, "locked">[]): string[] {
    const ids = regions.map((region) => {
      const id = newId();
      this.table.set(id, { ...region, locked: false });
      return id;
    });
    this.changed(label);
    return ids;
  }

  /** Draw one, and select it. */
  draw(image: RegionImage, shape: Shape, label = ""): string {
    const [id] = this.add(`Draw ${SHAPE_NAMES[shape.type].toLowerCase()}`, [{ image, shape, label, colour: this.nextColour }]);
    if (!this.inHand?.stays) this.inHand = null;
    this.select([id as string]);
    return id as string;
  }

  /** Change some as one step; those that are locked too, since who locks says what is dragged, not what is typed. */
  edit(label: string, ids: Iterable<string>, change: (region: Region, id: string) => Region): void {
    for (const id of [...ids]) {
      const region = this.table.get(id);
      if (region) this.table.set(id, change(region, id));
    }
    this.changed(label);
  }

  remove(ids: Iterable<string>): void {
    const gone = [...ids].filter((id) => this.table.has(id) && !this.table.get(id)?.locked);
    for (const id of gone) this.table.delete(id);
    if (gone.length) this.changed(gone.length === 1 ? "Delete region" : `Delete ${gone.length} regions`);
  }

  /** Draw the same again a little to the side, and select that. */
  duplicate(ids: Iterable<string>): void {
    const copies = [...ids].map((id) => this.table.get(id)).filter((region) => region !== undefined);
    if (copies.length === 0) return;
    const label = copies.length === 1 ? "Duplicate region" : `Duplicate ${copies.length} regions`;
    this.select(this.add(label, copies.map((region) => ({ ...region, shape: moved(region.shape, COPY_SHIFT, -COPY_SHIFT) }))));
  }

  /** Move those that are not locked, by pixels. */
  nudge(ids: Iterable<string>, dx: number, dy: number): void {
    const free = [...ids].filter((id) => this.table.get(id)?.locked === false);
    if (free.length === 0) return;
    for (const id of free) {
      const region = this.table.get(id) as Region;
      this.table.set(id, { ...region, shape: moved(region.shape, dx, dy) });
    }
    // One after the other they are one step.
    this.continued("Nudge region");
  }
}

/** The regions of this page. */
export const regions = new Regions();
