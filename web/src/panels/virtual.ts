/** Virtual scrolling: only the rows in sight exist, however many there are. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Taller elements are cut off by some browsers (17.9 million px in Firefox), so longer lists are compressed. */
export const TALLEST = 8_000_000;

export interface Rows {
  /** First row to draw. */
  first: number;
  /** One past the last row to draw. */
  last: number;
  /** Where the first drawn row stands, px from the top of the spacer. */
  top: number;
  /** Height of the spacer, px. */
  height: number;
}

/** How many rows there are, how high each is and how much of them is in sight. */
export interface Geometry {
  total: number;
  rowHeight: number;
  viewHeight: number;
}

const spacerHeight = ({ total, rowHeight }: Geometry): number => Math.min(total * rowHeight, TALLEST);

/** Pixels of the true list that stand above the view when the compressed one is scrolled to `scrollTop`. */
function trueOffset(scrollTop: number, geometry: Geometry): number {
  const real = geometry.total * geometry.rowHeight - geometry.viewHeight;
  const shown = spacerHeight(geometry) - geometry.viewHeight;
  return shown > 0 && real > shown ? (scrollTop / shown) * real : scrollTop;
}

/** Which rows to draw, and where. */
export function rowsInSight(scrollTop: number, geometry: Geometry, overscan = 8): Rows {
  const { total, rowHeight, viewHeight } = geometry;
  const height = spacerHeight(geometry);
  const clamped = Math.max(0, Math.min(scrollTop, height - viewHeight));
  const offset = trueOffset(clamped, geometry);
  const first = Math.max(0, Math.floor(offset / rowHeight) - overscan);
  const last = Math.min(total, Math.ceil((offset + viewHeight) / rowHeight) + overscan);
  return { first, last, top: clamped + first * rowHeight - offset, height };
}

/** The scroll position that brings `row` wholly into sight with the least movement. */
export function scrollFor(row: number, scrollTop: number, geometry: Geometry): number {
  const { total, rowHeight, viewHeight } = geometry;
  const offset = trueOffset(scrollTop, geometry);
  let wanted = offset;
  if (row * rowHeight < offset) wanted = row * rowHeight;
  else if ((row + 1) * rowHeight > offset + viewHeight) wanted = (row + 1) * rowHeight - viewHeight;
  if (wanted === offset) return scrollTop;
  const real = total * rowHeight - viewHeight;
  const shown = spacerHeight(geometry) - viewHeight;
  return real > shown && shown > 0 ? (wanted / real) * shown : wanted;
}

/**
 * Ties a scrolling element in the host's shadow root to the rows the host draws.
 *
 * The host puts `@scroll=${rows.onScroll}` on the element that matches `selector`.
 */
export class VirtualRows implements ReactiveController {
  total = 0;
  private scrollTop = 0;
  private viewHeight = 400;
  private watched: Element | null = null;
  private readonly observer: ResizeObserver | null;

  constructor(
    private readonly host: ReactiveControllerHost & { renderRoot: ParentNode },
    private readonly selector: string,
    readonly rowHeight: number,
  ) {
    this.observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.measure());
    host.addController(this);
  }

  private get geometry(): Geometry {
    return { total: this.total, rowHeight: this.rowHeight, viewHeight: this.viewHeight };
  }

  /** Rows that a page key moves by. */
  get page(): number {
    return Math.max(1, Math.floor(this.viewHeight / this.rowHeight) - 1);
  }

  rows(overscan = 8): Rows {
    return rowsInSight(this.scrollTop, this.geometry, overscan);
  }

  readonly onScroll = (event: Event): void => {
    this.scrollTop = (event.currentTarget as Element).scrollTop;
    this.host.requestUpdate();
  };

  /** Scroll so that `row` is in sight. */
  reveal(row: number): void {
    const element = this.watched;
    const wanted = scrollFor(row, this.scrollTop, this.geometry);
    if (element && wanted !== this.scrollTop) {
      element.scrollTop = wanted;
      this.scrollTop = wanted;
      this.host.requestUpdate();
    }
  }

  /** Back to the first row. */
  toTop(): void {
    this.scrollTop = 0;
    if (this.watched) this.watched.scrollTop = 0;
  }

  hostUpdated(): void {
    const element = this.host.renderRoot.querySelector(this.selector);
    if (element === this.watched) return;
    this.observer?.disconnect();
    this.watched = element;
    if (element) {
      this.observer?.observe(element);
      this.measure();
    }
  }

  hostDisconnected(): void {
    this.observer?.disconnect();
    this.watched = null;
  }

  private measure(): void {
    const height = this.watched?.clientHeight ?? 0;
    if (height > 0 && height !== this.viewHeight) {
      this.viewHeight = height;
      this.host.requestUpdate();
    }
  }
}
