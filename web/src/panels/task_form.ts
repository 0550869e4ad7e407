/** A task of a plugin: its form, running it, and its result. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { icon } from "../icon";
import type { TaskInfo } from "../types";
import { copyText } from "./clipboard";
import type { Fault } from "./draft";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";
import { errorPath } from "./schema";
import type { Schema } from "./schema";
import type { SchemaForm } from "./schema_form";
import { TaskCall } from "./task_call";

/** Fired with the result when the task is done. */
export class TaskDoneEvent extends Event {
  constructor(readonly result: unknown) {
    super("done");
  }
}

/** A result as text: a string as it is, anything else as JSON. */
export function resultText(result: unknown): string {
  if (result === undefined || result === null) return "Done.";
  return typeof result === "string" ? result : JSON.stringify(result, null, 2);
}

export class TaskForm extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      form {
        display: grid;
        gap: 10px;
      }
      .about {
        color: var(--muted);
        white-space: pre-line;
      }
    `,
  ];

  @property() module = "";
  @property({ attribute: false }) task: TaskInfo | null = null;
  private call: TaskCall | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A job goes on without its form; a short task has nobody left to answer.
    if (!this.task?.long) this.call?.cancel();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!(changed.has("task") || changed.has("module")) || !this.task) return;
    this.call = new TaskCall(this.module, this.task.name, () => this.requestUpdate());
  }

  private readonly run = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { call } = this;
    const parameters = this.form?.read();
    if (!call || call.running || !parameters) return;
    await call.run(parameters);
    if (call.state.phase === "COMPLETED") this.dispatchEvent(new TaskDoneEvent(call.state.result));
  };

  private get form(): SchemaForm | null {
    return this.renderRoot.querySelector("toyz-schema-form");
  }

  /** The server's complaint about a field, for the form to show there. */
  private get faults(): Fault[] {
    const error = this.call?.state.error;
    const path = errorPath(error?.field);
    return error && path ? [{ path, message: error.message }] : [];
  }

  override render(): TemplateResult | typeof nothing {
    const { task, call } = this;
    if (!task || !call) return nothing;
    return html`<form novalidate @submit=${this.run} aria-label=${task.title}>
      ${task.description ? html`<p class="about">${task.description}</p>` : nothing}
      <toyz-schema-form .schema=${task.schema as Schema} .faults=${this.faults}></toyz-schema-form>
      <div class="row">
        <button type="submit" class="primary" ?disabled=${call.running}>${glyph("play")} Run</button>
        ${call.running ? html`<button type="button" @click=${() => call.cancel()}>${glyph("circle-stop")} Cancel</button>`
          : html`<button type="button" class="plain" title="Every field back to its default" @click=${() => this.form?.reset()}>${icon("rotate-ccw")} Defaults</button>`}
        ${task.long ? html`<span class="label">runs as a job</span>` : nothing}
      </div>
      ${this.outcome(call)}
    </form>`;
  }

  private outcome({ state, running }: TaskCall): TemplateResult | typeof nothing {
    if (running) return this.progress(state.progress, state.message);
    if (state.phase === "ABORTED") return html`<p class="muted" role="status">Cancelled.</p>`;
    if (state.error) return this.fault(state.error.message);
    if (state.phase !== "COMPLETED") return nothing;
    const text = resultText(state.result);
    return html`<div role="status"><pre tabindex="0" aria-label="Result">${text}</pre></div>
      <div><button type="button" @click=${() => void copyText(text, "Copied the result.")}>${icon("copy")} Copy</button></div>`;
  }

  private fault(message: string): TemplateResult {
    const { error, job } = this.call?.state ?? {};
    return html`<div class="problem" role="alert">${icon("circle-alert")}<span>${message}
      <details class="muted"><summary>Details</summary>Code <span class="mono">${error?.code}</span>${
        job ? html`, job <span class="mono">${job}</span>` : nothing}</details></span></div>`;
  }

  private progress(progress: number | null, message: string): TemplateResult {
    const percent = progress === null ? null : Math.round(progress * 100);
    return html`<div role="status"><div class="track" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent ?? nothing}>
      <i .style=${`width:${percent ?? 100}%`}></i></div><p class="label">${message || (percent === null ? "Running …" : `${percent} %`)}</p></div>`;
  }
}
