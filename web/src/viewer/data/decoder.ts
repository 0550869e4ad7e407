/** Hands data tiles to a few workers in turn. */

import type { Samples } from "./codec";
import { decodeTile } from "./codec";
import type { Order } from "./decode_worker";

const WORKERS = 2;

interface Answer {
  number: number;
  decoded?: Samples;
  problem?: string;
}

interface Waiting {
  resolve: (decoded: Samples) => void;
  reject: (error: Error) => void;
}

export class Decoder {
  private readonly workers: Worker[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private counter = 0;

  /** Decode a tile; its bytes are gone from here afterwards. Where there are no workers, it is done here. */
  decode(tile: Uint8Array<ArrayBuffer>): Promise<Samples> {
    if (typeof Worker === "undefined") return decodeTile(tile);
    const number = this.counter++;
    // A payload is a part of its frame: what is handed over is a copy of that part alone.
    const order: Order = { number, tile: tile.slice() };
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker(number % WORKERS).postMessage(order, [order.tile.buffer]);
    });
  }

  private worker(index: number): Worker {
    const before = this.workers[index];
    if (before) return before;
    const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.settle(data);
    // A worker that cannot be loaded answers nothing: whoever waits is told.
    worker.onerror = () => this.giveUp();
    this.workers[index] = worker;
    return worker;
  }

  private settle({ number, decoded, problem }: Answer): void {
    const waiting = this.waiting.get(number);
    this.waiting.delete(number);
    if (decoded) waiting?.resolve(decoded);
    else waiting?.reject(new Error(problem ?? "a tile could not be decoded"));
  }

  private giveUp(): void {
    for (const { reject } of this.waiting.values()) reject(new Error("the browser cannot decode data tiles"));
    this.waiting.clear();
  }
}

/** The decoder of this page. */
export const decoder = new Decoder();
