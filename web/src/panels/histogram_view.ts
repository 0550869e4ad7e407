/**
 * The histogram with its two limits, the stretch curve over it, and below it the colours that
 * the values become, on one axis.
 */
import { css, html, LitElement } from "lit";
import type { TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { StoreController } from "../store";
import type { Histogram, Style } from "../types";
import { formatNumber } from "./format";
import { barHeights, countsBetween, fractionOf, keyedValue, moveLimit, ticks, valueAt, zoomSpan } from "./histogram";
import type { Limit, Span } from "./histogram";
import { panelStyles } from "./panel_styles";
import { contrasted, stretched } from "./stretch";

const LIMITS: Limit[] = ["low", "high"];

/** Fired while a limit moves, and once more (`done`) when it is let go. */
export class LimitsEvent extends Event {
  constructor(
    readonly cuts: Span,
    readonly done: boolean,
  ) {
    super("limits");
  }
}

/** Fired when another span is to be shown. */
export class SpanEvent extends Event {
  constructor(readonly span: Span) {
    super("span");
  }
}

export class HistogramView extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .plot {
        position: relative;
        touch-action: none;
      }
      canvas {
        display: block;
        width: 100%;
        height: 128px;
      }
      .limit {
        position: absolute;
        top: 0;
        width: 17px;
        height: 110px;
        margin-left: -8px;
        cursor: ew-resize;
        touch-action: none;
      }
      .limit::before {
        content: "";
        position: absolute;
        left: 8px;
        top: 0;
        bottom: 0;
        width: 1px;
        background: var(--text);
      }
      .limit::after {
        content: "";
        position: absolute;
        left: 4px;
        top: 50%;
        width: 9px;
        height: 22px;
        margin-top: -11px;
        border-radius: 3px;
        border: 1px solid var(--raised);
        background: var(--text);
      }
      .limit:hover::after,
      .limit:focus-visible::after {
        background: var(--accent);
      }
      .limit:hover::before,
      .limit:focus-visible::before {
        background: var(--accent);
      }
      .axis {
        position: relative;
        height: 16px;
        font-size: 11px;
        line-height: 16px;
        color: var(--muted);
      }
      .axis span {
        position: absolute;
        transform: translateX(-50%);
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) histogram: Histogram | null = null;
  /** The values from the left edge to the right edge. */
  @property({ attribute: false }) span: Span = { low: 0, high: 1 };
  @property({ attribute: false }) picture: Style | null = null;
  /** Colours of the map, black end first. */
  @property({ attribute: false }) colours: string[] = [];
  @property({ type: Boolean }) logarithmic = true;
  @property() unit = "";

  private dragged: { limit: Limit; pointer: number } | null = null;
  private readonly observer = new ResizeObserver(() => this.draw());

  constructor() {
    super();
    new StoreController(this, ["theme"]); // the canvas is drawn in the theme's colours
  }

  override firstUpdated(): void {
    this.observer.observe(this.canvas);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.observer.observe(this.canvas);
  }

  override updated(): void {
    this.draw();
  }

  private get canvas(): HTMLCanvasElement {
    return this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
  }

  private get cuts(): Span {
    return this.picture ?? { low: 0, high: 1 };
  }

  override render(): TemplateResult {
    return html`
      <div class="plot" @wheel=${this.onWheel}>
        <canvas role="img" aria-label=${this.summary()}></canvas>
        ${LIMITS.map((limit) => this.handle(limit))}
      </div>
      <div class="axis mono" aria-hidden="true">${this.labels()}</div>
    `;
  }

  private summary(): string {
    const h = this.histogram;
    return h ? `Histogram: median ${formatNumber(h.median)}, sigma ${formatNumber(h.sigma)} ${this.unit}` : "Histogram";
  }

  private handle(limit: Limit): TemplateResult {
    const value = this.cuts[limit];
    const at = Math.min(1, Math.max(0, fractionOf(value, this.span)));
    return html`<div class="limit" role="slider" tabindex="0" aria-orientation="horizontal"
      aria-label=${limit === "low" ? "Low cut" : "High cut"} aria-valuemin=${this.span.low} aria-valuemax=${this.span.high} aria-valuenow=${value}
      aria-valuetext=${`${formatNumber(value)} ${this.unit}`} title=${`${limit === "low" ? "Low" : "High"} cut ${formatNumber(value)} (drag, or arrow keys)`}
      .style=${`left:${at * 100}%`}
      @keydown=${(event: KeyboardEvent) => this.onKey(event, limit)}
      @pointerdown=${(event: PointerEvent) => this.onDown(event, limit)}
      @pointermove=${this.onMove} @pointerup=${this.onUp} @pointercancel=${this.onUp}></div>`;
  }

  private labels(): TemplateResult[] {
    // Labels too near an edge would be cut off.
    const inside = ticks(this.span).filter((value) => fractionOf(value, this.span) > 0.07 && fractionOf(value, this.span) < 0.93);
    return inside.map((value) => html`<span .style=${`left:${fractionOf(value, this.span) * 100}%`}>${formatNumber(value)}</span>`);
  }

  // ---- moving the limits ------------------------------------------------------------------

  private say(cuts: Span, done: boolean): void {
    this.dispatchEvent(new LimitsEvent({ low: cuts.low, high: cuts.high }, done));
  }

  private onKey(event: KeyboardEvent, limit: Limit): void {
    const value = keyedValue(event.key, event.shiftKey, this.cuts[limit], this.span);
    if (value === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.say(moveLimit(this.cuts, limit, value, this.span), true);
  }

  private onDown(event: PointerEvent, limit: Limit): void {
    if (event.button !== 0) return;
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    this.dragged = { limit, pointer: event.pointerId };
  }

  private readonly onMove = (event: PointerEvent): void => {
    if (this.dragged?.pointer !== event.pointerId) return;
    this.say(moveLimit(this.cuts, this.dragged.limit, this.valueUnder(event), this.span), false);
  };

  private readonly onUp = (event: PointerEvent): void => {
    if (this.dragged?.pointer !== event.pointerId) return;
    this.dragged = null;
    this.say(this.cuts, true);
  };

  private valueUnder(event: MouseEvent): number {
    const box = this.canvas.getBoundingClientRect();
    return valueAt((event.clientX - box.left) / Math.max(1, box.width), this.span);
  }

  private readonly onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const factor = Math.exp(Math.max(-200, Math.min(200, event.deltaY)) * 0.002);
    this.dispatchEvent(new SpanEvent(zoomSpan(this.span, this.valueUnder(event), factor)));
  };

  // ---- drawing ----------------------------------------------------------------------------

  private draw(): void {
    const canvas = this.canvas;
    const context = canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!context || width === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const strip = 14;
    const plot = height - strip - 4;
    this.drawBars(context, width, plot);
    this.drawCurve(context, width, plot);
    this.drawColours(context, width, height - strip, strip);
  }

  private token(name: string): string {
    return getComputedStyle(this).getPropertyValue(name).trim() || "#888";
  }

  private drawBars(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { histogram: h, span } = this;
    context.fillStyle = this.token("--line");
    context.fillRect(0, height - 1, width, 1);
    if (!h || h.counts.length === 0) return;
    const edges: Span = { low: h.edges_low, high: h.edges_high };
    const heights = barHeights(h.counts, this.logarithmic);
    const x = (bin: number): number => fractionOf(valueAt(bin / h.counts.length, edges), span) * width;
    context.fillStyle = this.token("--control");
    context.beginPath();
    context.moveTo(x(0), height);
    heights.forEach((bar, bin) => {
      context.lineTo(x(bin), height - bar * (height - 4));
      context.lineTo(x(bin + 1), height - bar * (height - 4));
    });
    context.lineTo(x(heights.length), height);
    context.fill();
  }

  /** Where a value lands in the colours, 0 to 1, by the same steps as the server: stretch, invert, contrast and bias. */
  private brightness(value: number): number {
    const picture = this.picture;
    if (!picture) return 0;
    const counts = picture.stretch === "histogram" && this.histogram ? countsBetween(this.histogram, picture) : [];
    const fraction = stretched(picture.stretch, fractionOf(value, picture), counts);
    return contrasted(picture.invert ? 1 - fraction : fraction, picture.contrast, picture.bias);
  }

  private drawCurve(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (!this.picture) return;
    context.strokeStyle = this.token("--accent");
    context.lineWidth = 1.5;
    context.beginPath();
    for (let x = 0; x <= width; x += 1) {
      const y = height - 1 - this.brightness(valueAt(x / width, this.span)) * (height - 5);
      if (x === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }

  private drawColours(context: CanvasRenderingContext2D, width: number, top: number, height: number): void {
    const last = this.colours.length - 1;
    if (last < 0 || !this.picture) return;
    for (let x = 0; x < width; x += 1) {
      const fraction = this.brightness(valueAt((x + 0.5) / width, this.span));
      context.fillStyle = this.colours[Math.round(fraction * last)] ?? "#000";
      context.fillRect(x, top, 1, height);
    }
    context.strokeStyle = this.token("--line");
    context.lineWidth = 1;
    context.strokeRect(0.5, top + 0.5, width - 1, height - 1);
  }
}
