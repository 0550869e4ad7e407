/**
 * Which kind of tiles is shown. Data tiles hold about twice the bytes of JPEG tiles, once, and then
 * every change of cuts and colours is free; a slow line is better served by pictures.
 */

import type { TileKind, TilePreference } from "../store";
import { store } from "../store";

/** Bytes per second below which data tiles keep the user waiting, and above which they do no more. */
const SLOW = 300_000;
const QUICK = 900_000;
/** Bytes of a run of answers whose speed is taken, and of all answers after which the line is judged. */
const RUN = 200_000;
const ENOUGH = 800_000;

interface Arrival {
  time: number;
  bytes: number;
}

/**
 * Measures a line by its best run of answers: a server that is slow to begin, or reads a cold disk,
 * is not a slow line.
 */
export class LineSpeed {
  private run: Arrival[] = [];
  private total = 0;
  private best = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** An answer of so many bytes has come. */
  came(bytes: number): void {
    this.total += bytes;
    this.run.push({ time: this.now(), bytes });
    // The first answer of a run only says when the rest began to come.
    let sum = this.run.slice(1).reduce((all, each) => all + each.bytes, 0);
    while (sum - (this.run[1]?.bytes ?? 0) >= RUN) {
      this.run.shift();
      sum -= (this.run[0] as Arrival).bytes;
    }
    if (sum < RUN) return;
    const [first, last] = [this.run[0] as Arrival, this.run.at(-1) as Arrival];
    this.best = Math.max(this.best, (1000 * sum) / Math.max(last.time - first.time, 1));
  }

  /** Bytes per second, as far as can be said since this was asked last; null while that is too little. */
  judge(): number | null {
    if (this.total < ENOUGH || this.best === 0) return null;
    const { best } = this;
    this.total = this.best = 0;
    return best;
  }
}

/** What tiles are to hold. */
export function chooseKind(preference: TilePreference, shown: TileKind, speed: number | null, canDraw: boolean): TileKind {
  if (!canDraw) return "jpeg";
  if (preference !== "auto") return preference;
  if (speed === null) return shown;
  if (speed < SLOW) return "jpeg";
  return speed > QUICK ? "data" : shown;
}

/** Whether this browser draws data tiles. */
function canDraw(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return gl !== null;
}

/** Judge the line of this page. */
export const lineSpeed = new LineSpeed();

/** Keep the kind of tiles right from now on. */
export function followTileKind(): void {
  const able = canDraw();
  const choose = (speed: number | null): void =>
    store.set({ tileKind: chooseKind(store.get("tiles"), store.get("tileKind"), speed, able) });
  store.subscribe(["tiles"], () => {
    if (store.get("tiles") === "auto") store.set({ tileKind: "data" });
    choose(null);
  });
  store.subscribe(["loading"], () => choose(lineSpeed.judge()));
  choose(startingSpeed());
}

/** Whoever asks browsers to be sparing gets pictures; what they guess of a line is worth little. */
function startingSpeed(): number | null {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData ? 0 : null;
}
