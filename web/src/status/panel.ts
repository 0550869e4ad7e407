/** How the server is doing, and the sessions that one has on it; administrators see those of all. */
import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { AccountPart } from "../account/part";
import { server } from "../api";
import type { Installation, ServerStatus, ShownSession } from "../api";
import { icon } from "../icon";
import { formatBytes, formatDate } from "../panels/format";
import { socket } from "../socket";
import { store } from "../store";
import { byUser, metersOf, sizeOf, stateOf, titleOf, workOf } from "./words";
import type { Meter } from "./words";

const EVERY_MS = 5000;

export class ServerPanel extends AccountPart {
  static override styles = [
    ...AccountPart.styles,
    css`
      :host {
        padding: 12px;
        gap: 16px;
        align-content: start;
      }
      section,
      .meters {
        display: grid;
        gap: 8px;
      }
      .meter {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 4px 8px;
      }
      .meter .track {
        grid-column: 1 / -1;
        height: 4px;
      }
      .full > i {
        background: var(--warn);
      }
      .figure {
        font: 12px/18px var(--mono);
        font-variant-numeric: tabular-nums;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 4px 12px;
        margin: 0;
      }
      dt {
        color: var(--muted);
      }
      dd {
        margin: 0;
        text-align: right;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @state() private status: ServerStatus | null = null;
  /** Who is asked about before its session is ended. */
  @state() private ending = "";
  private timer: ReturnType<typeof setInterval> | undefined;
  private stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.stop = socket.onHello(() => void this.act(() => this.read()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.stop?.();
  }

  /** Ask again while anybody sees it; what went wrong is said when something was done, and not every five seconds. */
  private look(): void {
    const seen = !document.hidden && this.offsetParent !== null && store.get("connection") === "open";
    if (seen && !this.busy) void this.read().catch(() => undefined);
  }

  private async read(): Promise<void> {
    this.status = await server.status();
  }

  private end({ user, window }: ShownSession): void {
    void this.act(async () => {
      this.ending = "";
      await server.endSession(user, window);
      await this.read();
    });
  }

  override render(): TemplateResult {
    const { status } = this;
    if (!status) return html`${this.outcome()}${this.busy ? html`<p class="muted" role="status">Asking the server …</p>` : nothing}`;
    const users = byUser(status.sessions, store.get("user"));
    return html`
      ${status.draining ? html`<p class="warning" role="status">${icon("circle-alert")} The server is about to be restarted.</p>` : nothing}
      <section aria-label="Load"><h3>Load</h3>
        <div class="meters">${metersOf(status.load).map(meter)}</div>
        <p class="label">${workOf(status.load)}</p></section>
      ${this.outcome()}
      ${users.map(([user, sessions]) => this.user(user, sessions))}
      ${status.installation ? installation(status.installation) : nothing}
      <p class="label">Toyz ${status.version}, running since ${formatDate(status.started)}</p>`;
  }

  private user(user: string, sessions: ShownSession[]): TemplateResult {
    const heading = user === store.get("user") ? "Your windows" : `Windows of ${user}`;
    return html`<section aria-label=${heading}><h3>${heading}</h3>
      <ul>${repeat(sessions, ({ window }) => window, (session, place) => this.session(session, place))}</ul></section>`;
  }

  private session(session: ShownSession, place: number): TemplateResult {
    const { user, window } = session;
    const here = user === store.get("user") ? (socket.hello?.window ?? "") : "";
    const own = window !== "" && window === here;
    const name = titleOf(session, place, here);
    const key = `${user} ${window}`;
    return html`<li><span class="grow"><span class="clip">${own ? html`<b>${name}</b>` : name}</span>
        <span class="label clip">${stateOf(session)} · ${sizeOf(session)}</span></span>
      ${own ? nothing : this.ending === key
        ? html`<button @click=${() => { this.ending = ""; }}>Keep</button>
            <button class="primary" ?disabled=${this.busy} @click=${() => this.end(session)}>End</button>`
        : html`<button class="plain square" title="End; a page that still speaks to it starts another" aria-label="End ${name} of ${user}"
            ?disabled=${this.busy} @click=${() => { this.ending = key; }}>${icon("x")}</button>`}</li>`;
  }
}

function meter({ name, part, text }: Meter): TemplateResult {
  return html`<div class="meter"><span>${name}</span><span class="figure">${text}</span>
    <div class="track ${part >= 0.9 ? "full" : ""}" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax="100"
      aria-valuenow=${Math.round(100 * part)} aria-valuetext=${text}><i .style=${`width:${100 * part}%`}></i></div></div>`;
}

function installation(own: Installation): TemplateResult {
  const facts: [string, string][] = [
    ["Server", formatBytes(own.server_memory)],
    ["Fork server", formatBytes(own.forkserver_memory)],
    ["Sessions", formatBytes(own.sessions_memory)],
    ["Tiles kept", `${formatBytes(own.tile_cache)} of ${formatBytes(own.tile_cache_limit)}`],
    ["Pyramids", `${formatBytes(own.pyramids)} of ${formatBytes(own.pyramids_limit)}`],
    ["Unpacked files", `${formatBytes(own.unpacked)} of ${formatBytes(own.unpacked_limit)}`],
    ["Database", `${formatBytes(own.database)}, schema ${own.schema}`],
    ["Sandbox", own.sandbox],
    ["Last backup", own.last_backup ? formatDate(own.last_backup) : "never"],
  ];
  return html`<section aria-label="Installation"><h3>Installation</h3>
    <dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd class="figure">${value}</dd>`)}</dl></section>`;
}
