/**
 * Which tiles to ask for, in which order, and which to take back.
 *
 * The layer states again and again what it wants, best first. The scheduler keeps a bounded
 * number of requests on their way, starts the best of the rest as places come free, and cancels
 * what is wanted no more: a tile that has left the view is neither rendered nor sent.
 */

import { isCancelled } from "../errors";

export interface Wanted<T> {
  key: string;
  tile: T;
}

/** Fetches a tile; a lower priority number is served first. */
export type Fetch<T, R> = (tile: T, priority: number, signal: AbortSignal) => Promise<R>;

export interface SchedulerOptions<T, R> {
  fetch: Fetch<T, R>;
  /** A tile has come. */
  done: (key: string, tile: T, result: R) => void;
  /** A tile did not come; it is not asked for again until `forgive`. */
  failed: (key: string, tile: T, error: unknown) => void;
  /** Requests on their way at once. */
  limit?: number;
}

export class TileScheduler<T, R> {
  private wanted: Wanted<T>[] = [];
  private urgency = 0;
  private readonly flying = new Map<string, AbortController>();
  private readonly refused = new Set<string>();
  private readonly limit: number;

  constructor(private readonly options: SchedulerOptions<T, R>) {
    this.limit = options.limit ?? 24;
  }

  /** How many requests are on their way. */
  get inFlight(): number {
    return this.flying.size;
  }

  /** How many are wanted, on their way or not. */
  get outstanding(): number {
    return this.wanted.length;
  }

  /** State what is wanted now, best first; everything else is taken back. Their priorities count from `urgency`. */
  want(wanted: Wanted<T>[], urgency = 0): void {
    this.urgency = urgency;
    this.wanted = wanted.filter(({ key }) => !this.refused.has(key));
    const keys = new Set(this.wanted.map(({ key }) => key));
    for (const [key, controller] of [...this.flying]) {
      if (keys.has(key)) continue;
      this.flying.delete(key);
      controller.abort();
    }
    this.fill();
  }

  /** Ask again for tiles that failed. */
  forgive(): void {
    this.refused.clear();
  }

  /** Take everything back. */
  stop(): void {
    this.want([]);
  }

  private fill(): void {
    for (let rank = 0; rank < this.wanted.length && this.flying.size < this.limit; rank++) {
      const entry = this.wanted[rank] as Wanted<T>;
      if (!this.flying.has(entry.key)) this.start(entry, rank);
    }
  }

  private start({ key, tile }: Wanted<T>, rank: number): void {
    const controller = new AbortController();
    this.flying.set(key, controller);
    this.options
      .fetch(tile, this.urgency + rank, controller.signal)
      .then((result) => this.finish(key, controller, () => this.options.done(key, tile, result)))
      .catch((error: unknown) => {
        if (isCancelled(error) && controller.signal.aborted) return;
        this.finish(key, controller, () => {
          this.refused.add(key);
          this.options.failed(key, tile, error);
        });
      });
  }

  /** Take a request off the list, tell what became of it, and start the next. */
  private finish(key: string, controller: AbortController, tell: () => void): void {
    if (this.flying.get(key) !== controller) return; // taken back meanwhile
    this.flying.delete(key);
    this.wanted = this.wanted.filter((entry) => entry.key !== key);
    tell();
    this.fill();
  }
}
