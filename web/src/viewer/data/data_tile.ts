/** A tile of pixel values. */

import type { Bitmap } from "../rendition";
import type { Samples } from "./codec";
import { BAD_CODE } from "./codec";

export class DataTile implements Bitmap {
  readonly width: number;
  readonly height: number;
  /** Called when nobody needs the tile any more. */
  released: (() => void) | null = null;

  constructor(readonly data: Samples) {
    this.width = data.width;
    this.height = data.height;
  }

  /** Of the samples here, and of the texture made of them. */
  get bytes(): number {
    const { samples, bands } = this.data;
    return 2 * (samples?.byteLength ?? 4 * bands * this.width * this.height);
  }

  /** The value at a column and row of a band; NaN where there is none. */
  value(column: number, row: number, band = 0): number {
    const { samples, zero, quantum } = this.data;
    const sample = samples?.[(band * this.height + row) * this.width + column];
    if (sample === undefined || (samples instanceof Uint16Array && sample === BAD_CODE)) return NaN;
    return zero + quantum * sample;
  }

  /** The rounding step of the values; 0 where they are not rounded. */
  get step(): number {
    return this.data.exact || !(this.data.samples instanceof Uint16Array) ? 0 : this.data.quantum;
  }

  close(): void {
    this.released?.();
    this.released = null;
  }
}
