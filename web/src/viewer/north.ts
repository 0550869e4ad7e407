/** Where north and east lie: asked where the view has come to rest, for near a pole they lie elsewhere at every place. */

import { images } from "../api";
import { store } from "../store";
import type { Directions, ImageInfo } from "../types";

/** A movement has ended when nothing has moved for so long. */
const STILL_MS = 200;

export class North {
  private stillness: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly learned: (directions: Directions) => void) {}

  /** Ask once nothing moves any more; `shown` gives the image that is seen then. */
  ask(shown: () => ImageInfo | null): void {
    this.stop();
    this.stillness = setTimeout(() => void this.learn(shown), STILL_MS);
  }

  stop(): void {
    clearTimeout(this.stillness);
  }

  private async learn(shown: () => ImageInfo | null): Promise<void> {
    const info = shown();
    const view = store.get("view");
    if (!info?.wcs || !view) return;
    // Where the sky ends, or while the connection is gone, the compass keeps what it showed.
    const directions = await images.directions(info.image, view.x, view.y).catch(() => null);
    if (directions && shown()?.image === info.image) this.learned(directions);
  }
}
