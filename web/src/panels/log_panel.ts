/** Every message of the page, the server, tasks and jobs, the newest at the bottom. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon } from "../icon";
import type { LogEntry, LogLevel } from "../store";
import { store, StoreController } from "../store";
import { copyText } from "./clipboard";
import { formatTime } from "./format";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";

const LEVELS: LogLevel[] = ["debug", "info", "warning", "error"];

/** The entries at or above a level that hold the text. */
export function filtered(log: readonly LogEntry[], level: LogLevel, text: string): LogEntry[] {
  const least = LEVELS.indexOf(level);
  const wanted = text.trim().toLowerCase();
  return log.filter((entry) => LEVELS.indexOf(entry.level) >= least &&
    `${entry.message} ${entry.module} ${entry.id ?? ""}`.toLowerCase().includes(wanted));
}

/** A line as it is copied. */
export function logLine(entry: LogEntry): string {
  const time = new Date(entry.time).toISOString();
  return `${time} ${entry.level.toUpperCase()} ${entry.module}: ${entry.message}${entry.id ? ` [${entry.id}]` : ""}`;
}

export class LogPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
        container-type: inline-size;
      }
      .tools {
        display: grid;
        gap: 8px;
        padding: 12px;
        border-bottom: 1px solid var(--line);
      }
      .lines {
        flex: 1;
        min-height: 0;
        overflow: auto;
        padding: 4px 0;
      }
      .lines:focus-visible {
        outline-offset: -2px;
      }
      li {
        padding: 3px 12px;
        overflow-wrap: anywhere;
      }
      li.warning {
        color: var(--text);
      }
      li:hover {
        background: var(--hover);
      }
      .meta {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        overflow-wrap: normal;
        font-size: 11px;
        line-height: 15px;
        color: var(--muted);
      }
      .level {
        text-transform: uppercase;
      }
      .warning .level {
        color: var(--warn);
      }
      .error .level {
        color: var(--bad);
      }
      .id {
        user-select: all;
      }
      @container (max-width: 240px) {
        .tools .row {
          flex-wrap: wrap;
        }
        select {
          flex: 1 0 100%;
        }
      }
    `,
  ];

  @state() private level: LogLevel = "info";
  @state() private text = "";
  private atEnd = true;

  constructor() {
    super();
    new StoreController(this, ["log"]);
  }

  override willUpdate(): void {
    const lines = this.renderRoot.querySelector(".lines");
    this.atEnd = !lines || lines.scrollHeight - lines.scrollTop - lines.clientHeight < 24;
  }

  override updated(): void {
    const lines = this.renderRoot.querySelector(".lines");
    if (this.atEnd && lines) lines.scrollTop = lines.scrollHeight;
  }

  override render(): TemplateResult {
    const entries = filtered(store.get("log"), this.level, this.text);
    return html`
      <div class="tools">
        <div class="row">
          <select aria-label="Least level" @change=${(event: Event) => (this.level = (event.target as HTMLSelectElement).value as LogLevel)}>
            ${LEVELS.map((level) => html`<option value=${level} .selected=${level === this.level}>${level === "error" ? "errors" : `${level} and above`}</option>`)}
          </select>
          <span class="grow"></span>
          <button class="square" title="Copy these lines" aria-label="Copy these lines" ?disabled=${entries.length === 0}
            @click=${() => void copyText(entries.map(logLine).join("\n"), `Copied ${entries.length} lines.`)}>${icon("copy")}</button>
          <button class="square" title="Clear the log" aria-label="Clear the log" ?disabled=${store.get("log").length === 0}
            @click=${() => store.set({ log: [] })}>${glyph("trash-2")}</button>
        </div>
        <input type="search" placeholder="Filter the messages" aria-label="Filter the messages" .value=${this.text}
          @input=${(event: Event) => (this.text = (event.target as HTMLInputElement).value)} />
      </div>
      ${entries.length === 0
        ? html`<div class="empty"><p>${store.get("log").length === 0 ? "Messages of tasks, jobs and the server will stand here." : "No message of this kind."}</p></div>`
        : html`<ul class="lines" tabindex="0" aria-label="Messages">${entries.map((entry) => this.line(entry))}</ul>`}
    `;
  }

  private line(entry: LogEntry): TemplateResult {
    return html`<li class=${entry.level}>
      <div class="meta mono"><span>${formatTime(entry.time / 1000)}</span><span class="level">${entry.level}</span><span>${entry.module}</span>
        ${entry.id ? html`<span class="id clip" title="Under this id the server's log has the rest">${entry.id}</span>` : nothing}</div>
      <div>${entry.message}</div></li>`;
  }
}
