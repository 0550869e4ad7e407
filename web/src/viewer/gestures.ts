/**
 * The gestures that OpenSeadragon does not know: the wheel in proportion to its turn, shift-drag
 * for a zoom box, right-drag for contrast and bias, double right click to reset them. They are
 * caught on the way down, before OpenSeadragon sees them.
 */

import type { Box, Point } from "./geometry";

export interface GestureTargets {
  zoomAt(factor: number, at: Point): void;
  /** The box while it is drawn; null when it is given up or done. */
  boxChanged(box: Box | null): void;
  boxDone(box: Box): void;
  /** Contrast is multiplied, bias added to, since the drag began. */
  contrastStart(): void;
  contrastDrag(factor: number, shift: number): void;
  contrastEnd(): void;
  contrastReset(): void;
}

const NOTCH_PX = 100;
const ZOOM_PER_NOTCH = 1.3;
const PINCH_GAIN = 4;
const LINE_PX = 33;
const DOUBLE_CLICK_MS = 350;
const MIN_DRAG_PX = 4;

/** How much one turn of the wheel zooms; a pinch on a trackpad arrives as a wheel with Ctrl. */
export function wheelFactor(event: Pick<WheelEvent, "deltaY" | "deltaMode" | "ctrlKey">): number {
  const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * LINE_PX;
  const notches = (pixels / NOTCH_PX) * (event.ctrlKey ? PINCH_GAIN : 1);
  return ZOOM_PER_NOTCH ** -Math.min(Math.max(notches, -3), 3);
}

interface Drag {
  kind: "box" | "contrast";
  pointer: number;
  start: Point;
  moved: boolean;
}

export class Gestures {
  private drag: Drag | null = null;
  private lastRightClick = -Infinity;
  private readonly listening = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly targets: GestureTargets,
  ) {
    const options = { capture: true, signal: this.listening.signal };
    element.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
    element.addEventListener("pointerdown", (event) => this.down(event), options);
    element.addEventListener("pointermove", (event) => this.move(event), options);
    element.addEventListener("pointerup", (event) => this.up(event), options);
    element.addEventListener("pointercancel", () => this.giveUp(), options);
    element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  }

  stop(): void {
    this.listening.abort();
  }

  /** Forget a drag that is under way, as Escape does. */
  giveUp(): boolean {
    if (!this.drag) return false;
    if (this.drag.kind === "box") this.targets.boxChanged(null);
    else this.targets.contrastEnd();
    this.drag = null;
    return true;
  }

  private at(event: MouseEvent): Point {
    const frame = this.element.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    event.stopPropagation();
    if (event.deltaY !== 0) this.targets.zoomAt(wheelFactor(event), this.at(event));
  }

  private down(event: PointerEvent): void {
    const box = event.button === 0 && event.shiftKey;
    const contrast = event.button === 2 && event.pointerType === "mouse";
    if (!box && !contrast) return;
    event.stopPropagation();
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.drag = { kind: box ? "box" : "contrast", pointer: event.pointerId, start: this.at(event), moved: false };
    if (contrast) this.targets.contrastStart();
  }

  private move(event: PointerEvent): void {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    event.stopPropagation();
    const now = this.at(event);
    const [dx, dy] = [now.x - drag.start.x, now.y - drag.start.y];
    drag.moved ||= Math.hypot(dx, dy) >= MIN_DRAG_PX;
    if (!drag.moved) return;
    if (drag.kind === "box") {
      this.targets.boxChanged({ x0: drag.start.x, y0: drag.start.y, x1: now.x, y1: now.y });
      return;
    }
    const frame = this.element.getBoundingClientRect();
    this.targets.contrastDrag(2 ** ((-4 * dy) / frame.height), dx / frame.width);
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.pointer) return;
    event.stopPropagation();
    this.drag = null;
    if (drag.kind === "box") this.endBox(drag, this.at(event));
    else this.endContrast(drag, event.timeStamp);
  }

  private endBox(drag: Drag, end: Point): void {
    this.targets.boxChanged(null);
    const box = { x0: drag.start.x, y0: drag.start.y, x1: end.x, y1: end.y };
    const large = Math.min(Math.abs(box.x1 - box.x0), Math.abs(box.y1 - box.y0)) >= MIN_DRAG_PX;
    if (large) this.targets.boxDone(box);
  }

  private endContrast(drag: Drag, time: number): void {
    this.targets.contrastEnd();
    if (drag.moved) return;
    if (time - this.lastRightClick < DOUBLE_CLICK_MS) this.targets.contrastReset();
    this.lastRightClick = time;
  }
}
