/** When the next frame is due, and how many a second there really are. */

/** Milliseconds over which the rate is taken. */
const WINDOW_MS = 2000;

export class Clock {
  private due = -Infinity;
  private shown: number[] = [];

  /** Frames per second. */
  constructor(public rate: number) {}

  /** Begin: the frame on the screen has been there since `now`. */
  start(now: number): void {
    this.due = now + this.period;
    this.shown = [now];
  }

  isDue(now: number): boolean {
    // A screen has so many frames a second of its own: the nearest one is taken.
    return now >= this.due - 4;
  }

  /** A frame has come to the screen. */
  tick(now: number): void {
    // What was late is not caught up by haste.
    this.due = Math.max(this.due + this.period, now + this.period / 2);
    this.shown.push(now);
    while ((this.shown[1] ?? now) < now - WINDOW_MS) this.shown.shift();
  }

  /** Frames per second of late; null while that cannot be said. */
  achieved(now: number): number | null {
    const first = this.shown[0];
    if (first === undefined || this.shown.length < 3) return null;
    // Of one that has long been due it is known that it took until now at least.
    const end = now > this.due + this.period ? now : (this.shown.at(-1) as number);
    return (1000 * (this.shown.length - 1)) / Math.max(end - first, 1);
  }

  private get period(): number {
    return 1000 / this.rate;
  }
}
