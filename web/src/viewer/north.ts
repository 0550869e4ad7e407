/** Where north and east lie: asked where the view has come to rest, for near a pole they lie elsewhere at every place. */

import { images } from "../api";
import { store } from "../store";
import type { Directions, ImageInfo } from "../types";

/** A movement has ended when nothing has moved for so long. */
const STILL_MS = 200;

export class North {
  private stillness: ReturnType<typeof setTimeout> | undefined;

  /** `shown` gives the image that is seen, `learned` takes what was found for it. */
  constructor(
    private readonly shown: () => ImageInfo | null,
    private readonly learned: (directions: Directions) => void,
  ) {}

  /** Ask once nothing moves any more. */
  ask(): void {
    this.stop();
    this.stillness = setTimeout(() => void this.learn(), STILL_MS);
  }

  stop(): void {
    clearTimeout(this.stillness);
  }

  private async learn(): Promise<void> {
    const info = this.shown();
    const view = store.get("view");
    if (!info?.wcs || !view) return;
    // Where the sky ends, or while the connection is gone, the compass keeps what it showed.
    const directions = await images.directions(info.image, view.x, view.y).catch(() => null);
    if (directions && this.shown()?.image === info.image) this.learned(directions);
  }
}
