/** Contrast and bias under a hand that drags. */

import { setStyle } from "../actions";
import { store } from "../store";

const CONTRAST_RANGE = [0.05, 20] as const;
const BIAS_RANGE = [-1, 2] as const;

export class ContrastDrag {
  private from: { contrast: number; bias: number } | null = null;

  /** `changed` is called when a drag begins and when it has ended. */
  constructor(private readonly changed: () => void) {}

  /** Whether a hand is at it. */
  get turning(): boolean {
    return this.from !== null;
  }

  start(): void {
    const style = store.image?.style;
    if (style) this.from = { contrast: style.contrast, bias: style.bias };
    this.changed();
  }

  /** Since the start: contrast by a factor, bias by a shift. */
  turn(factor: number, shift: number): void {
    if (!this.from) return;
    const contrast = clamp(this.from.contrast * factor, CONTRAST_RANGE);
    setStyle({ contrast: rounded(contrast), bias: rounded(clamp(this.from.bias + shift, BIAS_RANGE)) });
  }

  end(): void {
    this.from = null;
    this.changed();
  }

  reset(): void {
    setStyle({ contrast: 1, bias: 0.5 });
  }
}

function clamp(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}

/** To what a drag can mean; it also keeps the styles apart that the server keeps tiles of. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
