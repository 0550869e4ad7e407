/** Statistics of the image that is shown. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { images } from "../api";
import { messageOf } from "../errors";
import { store, StoreController } from "../store";
import type { Statistics } from "../types";
import { formatCount, formatNumber, formatPixels } from "./format";
import { panelStyles } from "./panel_styles";

export class StatisticsPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      caption {
        padding-bottom: 4px;
        text-align: left;
      }
      th {
        font-weight: 400;
        text-align: left;
        color: var(--muted);
        padding: 2px 0;
      }
      td {
        text-align: right;
      }
    `,
  ];

  @state() private statistics: Statistics | null = null;
  @state() private problem = "";
  private shown = "";

  constructor() {
    super();
    new StoreController(this, ["current"]);
  }

  override willUpdate(): void {
    const image = store.get("current") ?? "";
    if (image === this.shown) return;
    this.shown = image;
    this.statistics = null;
    this.problem = "";
    if (image) void this.load(image);
  }

  private async load(image: string): Promise<void> {
    try {
      const statistics = await images.statistics(image);
      if (image === this.shown) this.statistics = statistics;
    } catch (error) {
      if (image === this.shown) this.problem = messageOf(error);
    }
  }

  override render(): TemplateResult {
    const image = store.image;
    if (!image) return html`<div class="empty"><p>Open a file to see its statistics.</p></div>`;
    if (this.problem) return html`<div class="stack"><p class="problem" role="alert">${this.problem}</p></div>`;
    const s = this.statistics;
    if (!s) return html`<div class="stack muted">Counting …</div>`;
    const unit = image.info.unit ? ` ${image.info.unit}` : "";
    const amount = (value: number | null): string => `${s.sampled && value !== null ? "≈ " : ""}${formatNumber(value)}${unit}`;
    const rows: [string, string][] = [
      ["With a value", formatCount(s.count)], ["Without a value", formatCount(s.bad)],
      ["Minimum", amount(s.minimum)], ["Maximum", amount(s.maximum)],
      ["Mean", amount(s.mean)], ["Median", amount(s.median)], ["Sigma (1.48 MAD)", amount(s.sigma)],
    ];
    return html`<div class="stack"><table aria-label="Statistics">
      ${s.sampled ? html`<caption class="label">Of a sample of ${formatPixels(s.count + s.bad)}</caption>` : nothing}
      ${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="mono">${value}</td></tr>`)}</table></div>`;
  }
}
