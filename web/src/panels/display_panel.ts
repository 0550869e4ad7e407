/** How the picture is shown: cuts, stretch, colours, with the histogram they act on. */
import { css, html, LitElement, nothing, svg } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { autoCuts, initialCuts, initialStyle, reportError, setStyle, updateImage } from "../actions";
import { images } from "../api";
import { icon } from "../icon";
import { isMosaic } from "../mosaic";
import type { OpenImage } from "../store";
import { store, StoreController } from "../store";
import type { ChannelCuts, CutsMethod, Histogram, ImageInfo, Stretch, Style } from "../types";
import type { ColormapEvent } from "./colormap_picker";
import { formatCount, formatNumber, formatPixels } from "./format";
import { limitProblem, outgrown, spanAround } from "./histogram";
import type { Limit, Span } from "./histogram";
import type { LimitsEvent, SpanEvent } from "./histogram_view";
import { panelStyles } from "./panel_styles";
import { preferences } from "./preferences";
import { STRETCH_HINTS, stretched, stretchesOf } from "./stretch";

const BINS = 256;
/** While a limit is dragged, the picture follows this often. */
const DRAG_MS = 60;
const CHANNELS = ["Red", "Green", "Blue"] as const;

const numberOf = (text: string): number => (text.trim() === "" ? NaN : Number(text.trim().replace(/−/g, "-")));

export class DisplayPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .numbers {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 8px;
      }
      .numbers label,
      .sliders label {
        display: grid;
        gap: 2px;
      }
      input.number {
        width: 100%;
        font-family: var(--mono);
        font-variant-numeric: tabular-nums;
      }
      .stretches {
        display: grid;
        grid-template-columns: repeat(var(--stretches, 6), 1fr);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overflow: hidden;
      }
      .stretches button {
        flex-direction: column;
        gap: 1px;
        height: 42px;
        padding: 0;
        border: 0;
        border-radius: 0;
        font-size: 11px;
        line-height: 13px;
      }
      .stretches button + button {
        border-left: 1px solid var(--line);
      }
      .stretches button:focus-visible {
        outline-offset: -2px;
      }
      .stretches button[aria-checked="true"] {
        background: var(--selected);
        color: var(--accent);
      }
      input.percent {
        width: 64px;
        flex: none;
        padding-right: 2px;
      }
      .sliders {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 12px;
      }
      .bad {
        white-space: nowrap;
      }
      input[type="color"] {
        width: 36px;
        height: 28px;
        padding: 2px;
        border: 1px solid var(--control);
        border-radius: var(--radius);
        background: var(--ground);
      }
      .facts {
        color: var(--muted);
        font-size: 12px;
        text-align: right;
      }
      :host {
        container-type: inline-size;
      }
      /* What stands side by side goes below each other. */
      @container (max-width: 280px) {
        .row:not(label) {
          flex-wrap: wrap;
        }
        .row > .grow {
          flex: 1 0 auto;
        }
        .row > .segments.grow,
        .row > toyz-colormap-picker.grow {
          flex-basis: 100%;
        }
        .segments > button {
          flex: auto;
          padding: 0 1px;
          font-size: 12px;
        }
        .numbers,
        .sliders {
          grid-template-columns: minmax(0, 1fr);
        }
        .stretches {
          grid-template-columns: repeat(3, 1fr);
        }
        .stretches button:nth-child(n + 4) {
          border-top: 1px solid var(--line);
        }
        .stretches button:nth-child(4) {
          border-left: 0;
        }
      }
    `,
  ];

  @state() private histogram: Histogram | null = null;
  @state() private span: Span = { low: 0, high: 1 };
  @state() private percent = 99.5;
  /** The channel of a composite whose histogram and cuts are shown. */
  @state() private channel = 0;
  private shown = "";
  private fetching = new AbortController();
  private fetchTimer: ReturnType<typeof setTimeout> | undefined;
  private dragTimer: ReturnType<typeof setTimeout> | undefined;
  private pending: Span | null = null;
  /** What was typed and cannot hold yet: one limit may pass the other before that one is typed. */
  private typedLimits: Partial<Span> = {};
  @state() private problem = "";

  constructor() {
    super();
    new StoreController(this, ["images", "current", "colormaps", "histogramLog"]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.fetchTimer);
    clearTimeout(this.dragTimer);
    this.fetching.abort();
    this.shown = "";
  }

  override willUpdate(): void {
    const image = store.image;
    if (!image) return;
    const { info, cuts } = image;
    const style = this.ofChannel(image.style);
    if (cuts.percent !== undefined) this.percent = cuts.percent;
    // An image whose last pixels have come can keep its id, but not its extremes.
    const shown = `${info.image} ${info.minimum} ${info.maximum} ${style.channel_cuts ? this.channel : ""}`;
    if (shown !== this.shown) {
      this.shown = shown;
      this.typedLimits = {};
      this.problem = "";
      this.histogram = null;
      this.look(spanAround(style, { low: info.minimum, high: info.maximum }), 0);
    } else if (outgrown(style, this.span) && !this.pending) this.recentre(image);
  }

  /** Show other values, and fetch their counts after a pause. */
  private look(span: Span, pause = 200): void {
    this.span = span;
    clearTimeout(this.fetchTimer);
    this.fetchTimer = setTimeout(() => void this.fetch(), pause);
  }

  private recentre(image: OpenImage): void {
    const { minimum, maximum } = image.info;
    this.look(spanAround(this.ofChannel(image.style), { low: minimum, high: maximum }));
  }

  private async fetch(): Promise<void> {
    const image = store.image;
    if (!image) return;
    this.fetching.abort();
    const { signal } = (this.fetching = new AbortController());
    try {
      const histogram = await images.histogram(image.info.image, BINS, this.span.low, this.span.high, { signal }, image.style.channel_cuts && this.channel);
      if (!signal.aborted) this.histogram = histogram;
    } catch (error) {
      if (!signal.aborted) reportError(error, "images");
    }
  }

  /** The style with the cuts of the channel that is looked at. */
  private ofChannel(style: Style): Style {
    const [low, high] = style.channel_cuts?.[this.channel] ?? [style.low, style.high];
    return { ...style, low, high };
  }

  // ---- changes ----------------------------------------------------------------------------

  private readonly onLimits = (event: LimitsEvent): void => {
    this.pending = event.cuts;
    if (event.done) this.flush(true);
    else this.dragTimer ??= setTimeout(() => this.flush(false), DRAG_MS);
  };

  private flush(done: boolean): void {
    clearTimeout(this.dragTimer);
    this.dragTimer = undefined;
    const cuts = this.pending;
    if (done) this.pending = null;
    if (cuts) this.setLimits(cuts);
    else this.requestUpdate();
  }

  private setLimits({ low, high }: Span): void {
    const pairs = store.image?.style.channel_cuts;
    if (!pairs) setStyle({ low, high });
    else setStyle({ channel_cuts: pairs.map((pair, channel) => (channel === this.channel ? [low, high] : pair)) as ChannelCuts });
  }

  private typed(limit: Limit, event: Event): void {
    const field = event.target as HTMLInputElement;
    if (!store.image) return;
    const style = this.ofChannel(store.image.style);
    this.typedLimits = { ...this.typedLimits, [limit]: numberOf(field.value) };
    const limits = { low: style.low, high: style.high, ...this.typedLimits };
    const problem = limitProblem(limits);
    field.setAttribute("aria-invalid", String(problem !== ""));
    this.problem = problem;
    if (problem) return;
    this.typedLimits = {};
    this.renderRoot.querySelectorAll(".numbers [aria-invalid]").forEach((other) => other.setAttribute("aria-invalid", "false"));
    this.setLimits(limits);
  }

  private auto(method: CutsMethod): void {
    void autoCuts(method, method === "percentile" ? this.percent : undefined);
  }

  private readonly onPercent = (event: Event): void => {
    const value = Number((event.target as HTMLInputElement).value);
    if (!(value >= 50 && value <= 100)) return;
    this.percent = value;
    this.auto("percentile");
  };

  private reset(image: OpenImage): void {
    updateImage({ style: { ...initialStyle(image.info), bad: preferences.bad }, cuts: initialCuts(image.info) });
  }

  // ---- drawing ----------------------------------------------------------------------------

  override render(): TemplateResult {
    const image = store.image;
    if (!image) return html`<div class="empty"><p>Open a file to set how it is shown.</p></div>`;
    return html`<div class="stack">
      ${this.channels(image)} ${this.plot(image)} ${this.cuts(image)} ${this.stretch(image)} ${this.colours(image)} ${this.table(image.style)} ${this.bad(image)}
      ${isMosaic() ? html`<toyz-mosaic-settings></toyz-mosaic-settings>` : nothing}
    </div>`;
  }

  private channels({ style }: OpenImage): TemplateResult | typeof nothing {
    if (!style.channel_cuts) return nothing;
    const choose = (channel: number): void => {
      this.channel = channel;
      this.typedLimits = {};
    };
    return html`<div class="segments" role="group" aria-label="Channel">${CHANNELS.map((name, channel) => html`<button
      title=${`Histogram and cuts of ${name.toLowerCase()}`} aria-pressed=${channel === this.channel} @click=${() => choose(channel)}>${name}</button>`)}</div>`;
  }

  private plot({ style: whole, info }: OpenImage): TemplateResult {
    const style = this.ofChannel(whole);
    const colours = store.get("colormaps").find((map) => map.name === style.colormap)?.colours ?? ["#000000", "#ffffff"];
    const log = store.get("histogramLog");
    const { looked, all } = this.counted(info);
    return html`<div>
      <div class="row">
        <h3 class="grow">Histogram</h3>
        <span class="facts mono clip" title=${`Counted ${formatCount(looked)} of ${formatCount(all)} pixels`}>${this.histogram ? formatPixels(looked) : "…"}</span>
        <button class="plain" aria-pressed=${log} title="Logarithmic counts (l)" @click=${() => store.set({ histogramLog: !log })}>log</button>
        <button class="plain" title="Show all values" @click=${() => this.look({ low: info.minimum, high: info.maximum }, 0)}>all</button>
        <button class="plain" title="Show the values around the cuts" @click=${() => this.look(spanAround(style, { low: info.minimum, high: info.maximum }), 0)}>cuts</button>
      </div>
      <toyz-histogram .histogram=${this.histogram} .span=${this.span} .picture=${style} .colours=${colours} .logarithmic=${log} .unit=${info.unit}
        @limits=${this.onLimits} @span=${(event: SpanEvent) => this.look(event.span)}></toyz-histogram>
    </div>`;
  }

  /** Of a large image not every pixel is looked at; each channel of a pixel counts as a value. */
  private counted({ channels, components }: ImageInfo): { looked: number; all: number } {
    const { sampled = 0, total = 0 } = this.histogram ?? {};
    // Of a composite one channel is counted.
    return { looked: Math.round(sampled / (components?.length ? 1 : channels)), all: total };
  }

  private cuts({ style: whole, cuts, info }: OpenImage): TemplateResult {
    const style = this.ofChannel(whole);
    const { looked, all } = this.counted(info);
    const where = looked < all ? ` of a sample of ${formatPixels(looked)}` : "";
    const methods: [CutsMethod, string, string][] = [
      ["zscale", "zscale", "Cuts by the zscale algorithm"],
      ["percentile", `${formatNumber(this.percent)} %`, "Leave out the same share of pixels at both ends"],
      ["minmax", "min–max", `From the lowest to the highest value${where}`],
    ];
    return html`<div class="row">
        <div class="segments grow" role="group" aria-label="Cuts">
          ${methods.map(([method, title, hint]) => html`<button title=${hint} aria-pressed=${cuts.method === method} @click=${() => this.auto(method)}>${title}</button>`)}
        </div>
        <input class="number percent" type="number" min="50" max="100" step="0.1" aria-label="Percentile" title="Percentile" .value=${String(this.percent)} @change=${this.onPercent} />
      </div>
      <div class="numbers">${this.number("low", "Low", style.low, info.unit)} ${this.number("high", "High", style.high, info.unit)}</div>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}`;
  }

  private number(limit: Limit, title: string, value: number, unit: string): TemplateResult {
    return html`<label><span class="label">${title}${unit ? ` (${unit})` : ""}</span>
      <input class="number" type="text" inputmode="decimal" spellcheck="false" autocomplete="off" .value=${formatNumber(value, 7)} @change=${(event: Event) => this.typed(limit, event)} /></label>`;
  }

  private stretch({ style, info }: OpenImage): TemplateResult {
    const stretches = stretchesOf(info.channels);
    return html`<div>
      <h3>Stretch</h3>
      <div class="stretches" role="radiogroup" aria-label="Stretch" style=${`--stretches:${stretches.length}`} @keydown=${this.onStretchKey}>
        ${stretches.map((name) => html`<button role="radio" aria-checked=${name === style.stretch} tabindex=${name === style.stretch ? 0 : -1}
          title=${`${name}: ${STRETCH_HINTS[name]} (s: next)`} aria-label=${name} @click=${() => setStyle({ stretch: name })}>${this.curve(name)}${name === "histogram" ? "hist." : name}</button>`)}
      </div></div>`;
  }

  private curve(name: Stretch): TemplateResult {
    const sample = name === "histogram" ? [8, 5, 3, 1, 1, 1, 2, 3] : [];
    const points = Array.from({ length: 13 }, (_, i) => `${2 + i},${14 - 12 * stretched(name, i / 12, sample)}`).join(" ");
    return html`<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">${svg`<polyline points=${points} fill="none" stroke="currentColor" stroke-width="1.4"></polyline>`}</svg>`;
  }

  private readonly onStretchKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const image = store.image;
    if (step === undefined || !image) return;
    event.preventDefault();
    event.stopPropagation();
    const stretches = stretchesOf(image.info.channels);
    const at = (stretches.indexOf(image.style.stretch) + step + stretches.length) % stretches.length;
    setStyle({ stretch: stretches[at] as Stretch });
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[role="radio"][aria-checked="true"]')?.focus());
  };

  private colours({ style, info }: OpenImage): TemplateResult {
    const colour = info.channels === 3;
    return html`<div>
      <h3>Colours</h3>
      <div class="row">
        <toyz-colormap-picker class="grow" .colormaps=${store.get("colormaps")} .name=${style.colormap} .invert=${style.invert} .disabled=${colour}
          @colormap=${(event: ColormapEvent) => setStyle({ colormap: event.name })}></toyz-colormap-picker>
        <button aria-pressed=${style.invert} title="Invert the colours (i)" @click=${() => setStyle({ invert: !style.invert })}>${icon("contrast")} Invert</button>
      </div>
      ${colour ? html`<p class="label">A colour picture keeps its own colours.</p>` : nothing}
    </div>`;
  }

  private table(style: Style): TemplateResult {
    return html`<div class="sliders">
      <label><span class="label">Contrast <span class="mono">${style.contrast.toFixed(2)}</span></span>
        <input type="range" min="-1" max="1" step="0.02" title="Slope of the colours (right drag on the picture)"
          aria-valuetext=${style.contrast.toFixed(2)} .value=${String(Math.log10(Math.max(0.1, style.contrast)))}
          @input=${(event: Event) => setStyle({ contrast: round(10 ** Number((event.target as HTMLInputElement).value)) })} /></label>
      <label><span class="label">Bias <span class="mono">${style.bias.toFixed(2)}</span></span>
        <input type="range" min="0" max="1" step="0.01" title="Centre of the colours (right drag on the picture)" .value=${String(style.bias)}
          @input=${(event: Event) => setStyle({ bias: Number((event.target as HTMLInputElement).value) })} /></label>
    </div>`;
  }

  private bad(image: OpenImage): TemplateResult {
    const { bad } = image.style;
    const clear = bad === "transparent";
    return html`<div class="row bad">
      <label class="row"><span class="label">Bad pixels</span>
        <input type="color" .value=${clear ? "#000000" : bad} ?disabled=${clear} @change=${(event: Event) => setStyle({ bad: (event.target as HTMLInputElement).value })} /></label>
      <label class="row grow"><input type="checkbox" .checked=${clear} @change=${(event: Event) =>
        setStyle({ bad: (event.target as HTMLInputElement).checked ? "transparent" : "#000000" })} /> see through</label>
      <button class="square" title="Reset: cuts, stretch and colours as they were at first" aria-label="Reset the picture" @click=${() => this.reset(image)}>${icon("rotate-ccw")}</button>
    </div>`;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
