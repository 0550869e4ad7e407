/** What lies under the cursor, asked of the server: one question on its way, and only the newest waits. */

import type { PixelReadout } from "../types";
import type { Point } from "./geometry";

export type AskPixel = (image: string, x: number, y: number) => Promise<PixelReadout>;

export class Readout {
  private busy = false;
  private over = false;
  private next: { image: string; point: Point } | null = null;

  constructor(
    private readonly ask: AskPixel,
    private readonly show: (readout: PixelReadout | null) => void,
  ) {}

  /** The cursor is over this place (FITS pixels) of an image. */
  move(image: string, point: Point): void {
    this.over = true;
    this.next = { image, point };
    if (!this.busy) void this.run();
  }

  /** The cursor is over nothing. */
  leave(): void {
    this.over = false;
    this.next = null;
    this.show(null);
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.next) {
      const { image, point } = this.next;
      this.next = null;
      // A place without an answer shows nothing; the status line says when the connection is gone.
      const answer = await this.ask(image, point.x, point.y).catch(() => null);
      if (this.over) this.show(answer);
    }
    this.busy = false;
  }
}
