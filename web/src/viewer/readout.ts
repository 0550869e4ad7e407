/**
 * What lies under the cursor: at once what the tiles that are here say of it, then the answer of
 * the server. One question is on its way, and only the newest waits.
 */

import type { PixelReadout } from "../types";
import type { Point } from "./geometry";
import type { Reading } from "./image_layer";

export type AskPixel = (image: string, x: number, y: number) => Promise<PixelReadout>;

/** What a tile says, as a readout tells it. */
export function valueOf({ values, approximate }: Reading): Pick<PixelReadout, "value" | "values" | "approximate"> {
  const known = values.map((value) => (Number.isNaN(value) ? null : value));
  return { ...(known.length === 1 ? { value: known[0] ?? null } : { value: null, values: known }), approximate };
}

export class Readout {
  private busy = false;
  private over = false;
  private next: { image: string; point: Point } | null = null;
  private last: PixelReadout | null = null;

  constructor(
    private readonly ask: AskPixel,
    private readonly show: (readout: PixelReadout | null) => void,
  ) {}

  /** The cursor is over this place (FITS pixels) of an image; `reading` is what is known of it here. */
  move(image: string, point: Point, reading: Reading | null = null): void {
    this.over = true;
    this.next = { image, point };
    if (reading) this.glance(point, reading);
    if (!this.busy) void this.run();
  }

  /** The cursor is over nothing. */
  leave(): void {
    this.over = false;
    this.next = null;
    this.last = null;
    this.show(null);
  }

  /** The value as far as it is known; the sky follows a moment later. */
  private glance({ x, y }: Point, reading: Reading): void {
    const nowhere = { ra: null, dec: null, l: null, b: null, sexagesimal: null, ccd: null };
    const { ra, dec, l, b, sexagesimal, ccd } = this.last ?? nowhere;
    this.show({ x, y, ra, dec, l, b, sexagesimal, ccd, ...valueOf(reading) });
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.next) {
      const { image, point } = this.next;
      this.next = null;
      // A place without an answer shows nothing; the status line says when the connection is gone.
      const answer = await this.ask(image, point.x, point.y).catch(() => null);
      this.last = answer;
      if (this.over) this.show(answer);
    }
    this.busy = false;
  }
}
