/** Showing the open images one after the other, to see what changed between them. */

import { selectImage } from "./actions";
import { store } from "./store";

const PERIOD_MS = 600;
let timer: ReturnType<typeof setInterval> | undefined;

export function toggleBlink(): void {
  if (!stopBlink()) timer = setInterval(step, PERIOD_MS);
}

/** False if nothing was blinking. */
export function stopBlink(): boolean {
  if (timer === undefined) return false;
  clearInterval(timer);
  timer = undefined;
  return true;
}

function step(): void {
  const images = store.get("images");
  if (images.length < 2) {
    stopBlink();
    return;
  }
  const at = images.findIndex((image) => image.info.image === store.get("current"));
  const next = images[(at + 1) % images.length];
  if (next) selectImage(next.info.image);
}
