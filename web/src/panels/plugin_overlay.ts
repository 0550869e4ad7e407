/** What a plugin draws over the picture, and what is touched there. Places are FITS pixels: from 1, centres at integers, y up. */

import type { ImageInfo } from "../types";
import type { Point, Size, Transform } from "../viewer/geometry";
import { displayFromFits, fitsFromDisplay, toDisplay, toScreen } from "../viewer/geometry";
import type { Markup, MarkupFrame, Press } from "../viewer/markup";
import { markups } from "../viewer/markup";

const SVG = "http://www.w3.org/2000/svg";

/** How the picture stands on the screen. */
export interface OverlayFrame {
  image: ImageInfo;
  /** Screen pixels for one pixel of the image. */
  scale: number;
  /** Of the picture's part of the screen. */
  size: Size;
  toScreen: (place: Point) => Point;
  toPicture: (at: Point) => Point;
}

export interface OverlayPress {
  /** On the picture. */
  place: Point;
  /** On the screen. */
  at: Point;
  event: PointerEvent;
  frame: OverlayFrame;
}

export interface Overlay {
  /** Draw at once into this element; null where there is no picture. */
  draw: (svg: SVGSVGElement, frame: OverlayFrame | null) => void;
  /** A button or finger goes down. Whether the overlay takes all that follows until it is lifted. */
  down?: (press: OverlayPress) => boolean;
  /** It moves: taken, or just passing over the picture (then with no button). */
  move?: (press: OverlayPress) => void;
  /** It is lifted; of one that was not taken only if it has not moved: a click. */
  up?: (press: OverlayPress) => void;
  /** A double click. Whether the overlay makes something of it, and the picture nothing. */
  twice?: (place: Point) => boolean;
  /** What was taken is given up by Escape, or by a second finger; whether there was anything. */
  giveUp?: () => boolean;
  /** For the style of the cursor; empty for the picture's own. */
  cursor?: () => string;
}

function frameOf({ image, transform, screen }: MarkupFrame): OverlayFrame {
  return {
    image,
    scale: transform.scale,
    size: screen,
    toScreen: (place) => toScreen(transform, displayFromFits(place, image.height)),
    toPicture: (at) => fitsFromDisplay(toDisplay(transform, at), image.height),
  };
}

const same = (one: Transform, other: Transform): boolean =>
  one.x === other.x && one.y === other.y && one.a === other.a && one.b === other.b && one.c === other.c && one.d === other.d;

/** An overlay of a plugin in the viewer. */
export class PluginOverlay implements Markup {
  readonly element = document.createElementNS(SVG, "svg");
  private frame: MarkupFrame | null = null;
  private shown: OverlayFrame | null = null;
  private stale = true;

  constructor(
    private readonly overlay: Overlay,
    private readonly failed: (error: unknown) => void,
  ) {
    this.element.classList.add("plugin");
    this.element.setAttribute("aria-hidden", "true");
  }

  /** Draw again although the picture stays. */
  refresh(): void {
    this.stale = true;
    markups.refresh();
  }

  draw(frame: MarkupFrame | null): void {
    const before = this.frame;
    this.frame = frame;
    const moved = frame?.image !== before?.image || !frame || !before || !same(frame.transform, before.transform);
    if (!moved && !this.stale) return;
    this.stale = false;
    this.shown = frame && frameOf(frame);
    this.guarded(() => this.overlay.draw(this.element, this.shown), undefined);
  }

  down(press: Press): boolean {
    return this.offered(press, (own) => this.overlay.down?.(own) ?? false, false);
  }

  move(press: Press): void {
    this.offered(press, (own) => this.overlay.move?.(own), undefined);
  }

  up(press: Press): void {
    this.offered(press, (own) => this.overlay.up?.(own), undefined);
  }

  twice(at: Point): boolean {
    const { shown } = this;
    return shown !== null && this.guarded(() => this.overlay.twice?.(shown.toPicture(at)) ?? false, false);
  }

  giveUp(): boolean {
    return this.guarded(() => this.overlay.giveUp?.() ?? false, false);
  }

  get cursor(): string {
    return this.guarded(() => this.overlay.cursor?.() ?? "", "");
  }

  private offered<T>({ at, event }: Press, take: (press: OverlayPress) => T, otherwise: T): T {
    const { shown } = this;
    return shown ? this.guarded(() => take({ place: shown.toPicture(at), at, event, frame: shown }), otherwise) : otherwise;
  }

  /** What a plugin throws must not end the frame of all others. */
  private guarded<T>(run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (error) {
      this.failed(error);
      return otherwise;
    }
  }
}
