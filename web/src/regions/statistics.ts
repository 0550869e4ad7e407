/** What the selected region holds, by the values of the file. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { copyText } from "../panels/clipboard";
import { formatCount, formatNumber } from "../panels/format";
import { KeptFocus } from "../panels/kept_focus";
import { panelStyles } from "../panels/panel_styles";
import { store } from "../store";
import type { RegionStatistics, ValueStatistics } from "./api";
import { regionTasks } from "./api";
import type { Placed } from "./regions";
import type { Shape } from "./shape";
import { holdsPixels } from "./shape";

const WAIT_MS = 120;
const CHANNELS = ["Red", "Green", "Blue"];

type Row = [name: string, values: string[]];

/** The rows of the table, with the values as exactly as they are copied or as they are read. */
export function statisticsRows({ area, values }: RegionStatistics, scale: number | null, unit: string, exact = false): Row[] {
  const number = (value: number | null): string => (exact ? String(value ?? "nan") : formatNumber(value, 7));
  const of = (name: string, pick: (one: ValueStatistics) => number | null): Row => [unit ? `${name} (${unit})` : name, values.map((one) => number(pick(one)))];
  const count = (name: string, pick: (one: ValueStatistics) => number): Row => [name, values.map((one) => (exact ? String(pick(one)) : formatCount(pick(one))))];
  const sky: Row[] = scale === null ? [] : [["Area (arcsec²)", [number(area * scale * scale)]]];
  return [
    count("Pixels", (one) => one.count),
    ...(values.some(({ bad }) => bad > 0) ? [count("Without a value", (one) => one.bad)] : []),
    ["Area (px²)", [number(area)]],
    ...sky,
    of("Mean", ({ mean }) => mean),
    of("Median", ({ median }) => median),
    of("Std deviation", ({ std }) => std),
    of("Minimum", ({ minimum }) => minimum),
    of("Maximum", ({ maximum }) => maximum),
    of("Sum", ({ sum }) => sum),
  ];
}

export class RegionStatisticsTable extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th {
        font-weight: 400;
        text-align: left;
        color: var(--muted);
        padding: 2px 8px 2px 0;
      }
      td,
      thead th {
        text-align: right;
      }
      section {
        display: grid;
        gap: 8px;
        margin-top: 12px;
      }
    `,
  ];

  @property({ attribute: false }) region!: Placed;
  @state() private statistics: RegionStatistics | null = null;
  @state() private problem = "";
  @state() private progress: number | null = null;
  private asked: Shape | null = null;
  private image = "";
  private measured = "";
  private asking = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new KeptFocus(this, () => this.renderRoot.querySelector("section"));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.forget();
  }

  override willUpdate(): void {
    const image = store.get("current") ?? "";
    if (this.asked === this.region.shape && this.image === image) return;
    this.forget();
    if (this.measured !== this.region.id || this.image !== image) this.statistics = null;
    this.measured = this.region.id;
    this.asked = this.region.shape;
    this.image = image;
    this.problem = "";
    if (!holdsPixels(this.region.shape)) this.statistics = null;
    else this.timer = setTimeout(() => void this.ask(image, this.region.shape), WAIT_MS);
  }

  /** What is under way is not wanted any more. */
  private forget(): void {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    this.progress = null;
    this.asked = null;
  }

  private async ask(image: string, shape: Shape): Promise<void> {
    const { signal } = this.asking;
    try {
      const onProgress = ({ progress }: { progress?: number | undefined }): void => {
        if (!signal.aborted) this.progress = progress ?? null;
      };
      const statistics = await regionTasks.statistics(image, shape, { signal, onProgress });
      if (!signal.aborted) this.statistics = statistics;
    } catch (error) {
      if (signal.aborted) return;
      this.statistics = null;
      this.problem = messageOf(error);
    }
    this.progress = null;
  }

  override render(): TemplateResult | typeof nothing {
    if (!holdsPixels(this.region.shape)) return nothing;
    const { statistics } = this;
    const image = store.image?.info;
    const rows = statistics && statisticsRows(statistics, image?.wcs?.pixel_scale ?? null, image?.unit ?? "");
    return html`<section tabindex="-1" aria-label="Statistics of the region" aria-busy=${this.progress !== null}>
      <div class="row">
        <h3 class="grow">Statistics</h3>
        ${this.progress === null ? nothing : html`<button @click=${() => this.takeBack()}>Cancel</button>`}
        <button class="square plain" aria-label="Copy the statistics" title="Copy the statistics" ?disabled=${!rows} @click=${() => this.copy()}>${icon("copy")}</button>
      </div>
      ${this.progress === null ? nothing : html`<div class="track" role="progressbar" aria-label="Measuring" aria-valuenow=${Math.round(100 * this.progress)}><i style="width:${100 * this.progress}%"></i></div>`}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${rows ? table(rows, statistics?.values.length ?? 1) : this.problem ? nothing : html`<p class="muted">Measuring …</p>`}
    </section>`;
  }

  private takeBack(): void {
    const { asked } = this;
    this.forget();
    this.asked = asked;
    this.problem = "The measurement was taken back.";
  }

  private copy(): void {
    const image = store.image?.info;
    if (!this.statistics) return;
    const rows = statisticsRows(this.statistics, image?.wcs?.pixel_scale ?? null, image?.unit ?? "", true);
    void copyText(rows.map(([name, values]) => [name, ...values].join("\t")).join("\n"), "The statistics are copied.");
  }
}

function table(rows: readonly Row[], channels: number): TemplateResult {
  return html`<table aria-label="Statistics of the region">
    ${channels > 1 ? html`<thead><tr><td></td>${CHANNELS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>` : nothing}
    <tbody>
      ${rows.map(([name, values]) => html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td class="mono" colspan=${channels > 1 && values.length === 1 ? channels : nothing}>${value}</td>`)}</tr>`)}
    </tbody>
  </table>`;
}

if (!customElements.get("toyz-region-statistics")) customElements.define("toyz-region-statistics", RegionStatisticsTable);
