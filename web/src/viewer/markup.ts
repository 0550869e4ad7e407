/**
 * What lies over the picture as SVG and can be touched: regions, and the marks of plugins.
 *
 * A markup registers here; the viewer has it drawn with every frame, in the frame's own place, and
 * offers it what a pointer does before the picture itself takes it for a movement.
 */

import type { ImageInfo } from "../types";
import type { Point, Size, Transform } from "./geometry";

/** How the picture stands in a frame. */
export interface MarkupFrame {
  image: ImageInfo;
  transform: Transform;
  screen: Size;
}

export interface Press {
  /** On the screen. */
  at: Point;
  event: PointerEvent;
}

export interface Markup {
  /** Added to the viewer while the markup is known; none if it draws elsewhere. */
  readonly element?: Element;
  /** Draw at once; null where there is no picture. */
  draw(frame: MarkupFrame | null): void;
  /** A button or finger goes down. Whether the markup takes all that follows until it is lifted. */
  down?(press: Press): boolean;
  /** It moves: taken, or just passing over the picture (then with no button). */
  move?(press: Press): void;
  /** It is lifted; for one that was not taken, only if it has not moved: a click. */
  up?(press: Press): void;
  /** A double click. Whether the markup makes something of it, and the picture nothing. */
  twice?(at: Point): boolean;
  /** What was taken is given up, by Escape or by the browser; whether there was anything. */
  giveUp?(): boolean;
  /** For the style of the cursor; empty for the picture's own. */
  readonly cursor?: string;
}

const CLICK_PX = 4;

export class Markups {
  private readonly all: Markup[] = [];
  private host: HTMLElement | null = null;
  private frame: MarkupFrame | null = null;
  private asked = 0;

  /** Have a markup drawn from now on, above those before it. Returns the function that takes it away. */
  add(markup: Markup): () => void {
    this.all.push(markup);
    if (markup.element) this.host?.append(markup.element);
    this.refresh();
    return () => {
      this.all.splice(this.all.indexOf(markup), 1);
      markup.element?.remove();
    };
  }

  /** Where the elements go; null when the viewer ends. */
  attach(host: HTMLElement | null): void {
    this.host = host;
    host?.append(...this.all.flatMap(({ element }) => element ?? []));
  }

  draw(frame: MarkupFrame | null): void {
    this.frame = frame;
    for (const markup of this.all) markup.draw(frame);
  }

  /** Something is to be drawn otherwise, although the picture stays. */
  refresh(): void {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.draw(this.frame);
    });
  }

  /** The last frame. */
  get now(): MarkupFrame | null {
    return this.frame;
  }

  giveUp(): boolean {
    return this.topmost((markup) => markup.giveUp?.() ?? false) !== null;
  }

  down(press: Press): Markup | null {
    return this.topmost((markup) => markup.down?.(press) ?? false);
  }

  over(press: Press): void {
    for (const markup of this.all) markup.move?.(press);
  }

  click(press: Press): void {
    for (const markup of this.all) markup.up?.(press);
  }

  twice(at: Point): boolean {
    return this.topmost((markup) => markup.twice?.(at) ?? false) !== null;
  }

  get cursor(): string {
    return this.all.findLast((markup) => markup.cursor)?.cursor ?? "";
  }

  private topmost(takes: (markup: Markup) => boolean): Markup | null {
    return this.all.findLast(takes) ?? null;
  }
}

/** The markups of the page. */
export const markups = new Markups();

/** Follows the pointer over the picture, on the way down to it. */
export class MarkupPointer {
  private taken: { markup: Markup; pointer: number } | null = null;
  private pressed: { pointer: number; at: Point } | null = null;
  private readonly listening = new AbortController();

  constructor(
    private readonly stage: HTMLElement,
    private readonly known: Markups = markups,
  ) {
    const options = { capture: true, signal: this.listening.signal };
    stage.addEventListener("pointerdown", (event) => this.down(event), options);
    stage.addEventListener("pointermove", (event) => this.move(event), options);
    stage.addEventListener("pointerup", (event) => this.up(event), options);
    stage.addEventListener("pointercancel", () => this.giveUp(), options);
    stage.addEventListener("dblclick", (event) => this.twice(event), options);
  }

  stop(): void {
    this.listening.abort();
  }

  giveUp(): boolean {
    this.taken = null;
    this.pressed = null;
    return this.known.giveUp();
  }

  private at(event: MouseEvent): Point {
    const frame = this.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  private down(event: PointerEvent): void {
    if (this.taken) {
      // A second finger: neither has meant to draw.
      if (event.pointerType === "touch") this.giveUp();
      return;
    }
    if (event.button !== 0 || event.shiftKey) return;
    const at = this.at(event);
    this.pressed = { pointer: event.pointerId, at };
    const markup = this.known.down({ at, event });
    if (!markup) return;
    this.taken = { markup, pointer: event.pointerId };
    event.stopPropagation();
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.style();
  }

  private move(event: PointerEvent): void {
    const press = { at: this.at(event), event };
    if (this.taken?.pointer === event.pointerId) {
      event.stopPropagation();
      this.taken.markup.move?.(press);
    } else if (!this.taken && event.buttons === 0) {
      this.known.over(press);
    }
    this.style();
  }

  private up(event: PointerEvent): void {
    const press = { at: this.at(event), event };
    const { taken, pressed } = this;
    if (pressed?.pointer !== event.pointerId) return;
    this.pressed = null;
    if (taken) {
      event.stopPropagation();
      this.taken = null;
      taken.markup.up?.(press);
    } else if (Math.hypot(press.at.x - pressed.at.x, press.at.y - pressed.at.y) < CLICK_PX) {
      this.known.click(press);
    }
    this.style();
  }

  private twice(event: MouseEvent): void {
    if (this.known.twice(this.at(event))) event.stopPropagation();
  }

  private style(): void {
    this.stage.style.cursor = this.known.cursor;
  }
}
