/** Long tasks: how far each is, how long it still takes, and what came of it. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { Job, Phase } from "../types";
import { copyText } from "./clipboard";
import { formatDate, formatDuration, formatTime } from "./format";
import { glyph } from "./glyph";
import { isActive, jobList, timeLeft } from "./job_list";
import { panelStyles } from "./panel_styles";

const PHASES: Record<Phase, string> = {
  PENDING: "waiting", QUEUED: "queued", EXECUTING: "running", COMPLETED: "done", ERROR: "failed", ABORTED: "cancelled",
};
const TICK_MS = 1000;

export class JobsPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .job {
        display: grid;
        gap: 6px;
        padding: 10px 12px;
        border-bottom: 1px solid var(--line);
      }
      .name {
        font-weight: 600;
      }
      .phase {
        font-size: 12px;
        color: var(--muted);
      }
      .COMPLETED {
        color: var(--good);
      }
      .ERROR {
        color: var(--bad);
      }
      .detail {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        font-size: 12px;
        color: var(--muted);
      }
      summary {
        cursor: pointer;
        color: var(--muted);
        font-size: 12px;
        width: max-content;
        border-radius: 3px;
      }
      details[open] summary {
        margin-bottom: 6px;
      }
      .bar {
        display: flex;
        align-items: center;
        padding: 8px 12px;
        border-bottom: 1px solid var(--line);
      }
    `,
  ];

  @state() private now = Date.now() / 1000;
  private stop: (() => void) | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    new StoreController(this, ["plugins"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = jobList.onChange(() => this.requestUpdate());
    this.timer = setInterval(() => {
      if (jobList.active.length > 0) this.now = Date.now() / 1000;
    }, TICK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
    clearInterval(this.timer);
  }

  override render(): TemplateResult {
    const { jobs, active } = jobList;
    if (jobs.length === 0) {
      return html`<div class="empty">${icon("activity", 20)}<p>No jobs. Long tasks of plugins run as jobs and are listed here.</p></div>`;
    }
    return html`
      <div class="bar"><span class="grow muted" role="status">${active.length} running, ${jobs.length - active.length} ended</span>
        <button class="plain" ?disabled=${active.length === jobs.length} @click=${() => jobList.tidy()}>Clear ended</button></div>
      <ul aria-label="Jobs">${repeat(jobs, (job) => job.id, (job) => this.job(job))}</ul>
    `;
  }

  private titleOf(job: Job): string {
    const module = store.get("plugins")?.modules.find((one) => one.name === job.module);
    const task = module?.tasks.find((one) => one.name === job.task);
    return `${module?.title ?? job.module} · ${task?.title ?? job.task}`;
  }

  private job(job: Job): TemplateResult {
    return html`<li class="job">
      <div class="row"><span class="name grow clip" title=${this.titleOf(job)}>${this.titleOf(job)}</span>
        ${isActive(job) ? html`<button @click=${() => void jobList.cancel(job.id)}>${glyph("circle-stop")} Cancel</button>` : nothing}</div>
      ${isActive(job) ? this.running(job) : this.ended(job)}
    </li>`;
  }

  private phase(job: Job): TemplateResult {
    return html`<span class="phase ${job.phase}">${PHASES[job.phase]}</span>`;
  }

  private running(job: Job): TemplateResult {
    const percent = Math.round((job.progress ?? 0) * 100);
    const left = timeLeft(job, this.now);
    return html`<div class="track" role="progressbar" aria-label=${this.titleOf(job)} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}>
        <i .style=${`width:${percent}%`}></i></div>
      <div class="detail"><span class="clip">${this.phase(job)} · ${job.message || (job.phase === "EXECUTING" ? `${percent} %` : "waiting for its turn")}</span>
        <span class="mono">${left === null ? "" : `${formatDuration(left)} left`}</span></div>`;
  }

  private ended(job: Job): TemplateResult {
    const took = job.started !== undefined && job.ended !== undefined ? ` · took ${formatDuration(job.ended - job.started)}` : "";
    const today = new Date(job.created * 1000).toDateString() === new Date().toDateString();
    return html`
      ${job.error ? html`<p class="problem">${icon("circle-alert")}<span>${job.error.message}</span></p>` : nothing}
      <div class="detail"><span>${this.phase(job)} · ${today ? formatTime(job.created) : formatDate(job.created)}${took}</span></div>
      ${this.more(job)}`;
  }

  private more(job: Job): TemplateResult {
    const result = job.result === undefined || job.result === null ? "" : JSON.stringify(job.result, null, 2);
    return html`<details><summary>${result ? "Result" : "Details"}</summary>
      <div class="stack" .style=${"padding:0;gap:8px"}>
        ${result ? html`<pre tabindex="0" aria-label="Result">${result}</pre><div><button @click=${() => void copyText(result, "Copied the result.")}>${icon("copy")} Copy</button></div>` : nothing}
        ${job.error ? html`<span class="label">Code <span class="mono">${job.error.code}</span>${job.error.field ? html`, field <span class="mono">${job.error.field}</span>` : nothing}</span>` : nothing}
        <span class="label">Job <span class="mono">${job.id}</span></span>
      </div></details>`;
  }
}
