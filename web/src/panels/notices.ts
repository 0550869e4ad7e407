/** Quiet notices in a corner: what just happened, for those messages that the user wants to see. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../icon";
import type { LogEntry } from "../store";
import { store } from "../store";
import { showPanel } from "../dock/handle";
import { panelStyles } from "./panel_styles";
import { mannerOf, preferences } from "./preferences";

const MOST = 4;
const MARGIN = 12;
const ABOVE_SCALE_BAR = 56;
/** In a picture narrower than this, notices stand above the minimap too. */
const BESIDE_MINIMAP = 580;
const ABOVE_MINIMAP = 132;
const LINGER_MS: Record<LogEntry["level"], number> = { debug: 3000, info: 4000, warning: 8000, error: 15_000 };
const SYMBOLS: Record<LogEntry["level"], string> = { debug: "info", info: "circle-check", warning: "triangle-alert", error: "circle-alert" };

export interface Notice {
  entry: LogEntry;
  /** How often the same words came in a row. */
  times: number;
}

/** Add a notice; the same words again count up, and only the last few stay. */
export function withNotice(notices: readonly Notice[], entry: LogEntry): Notice[] {
  const same = notices.find((one) => one.entry.message === entry.message && one.entry.level === entry.level);
  const others = notices.filter((one) => one !== same);
  return [...others, { entry, times: (same?.times ?? 0) + 1 }].slice(-MOST);
}

export class Notices extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      /* The picture, of which notices take the lower left: the minimap and the panels stay in sight. */
      :host {
        position: absolute;
        inset: 0;
        pointer-events: none;
      }
      .notices {
        margin: 0;
        padding: 0;
        border: 0;
        inset: auto auto var(--below) var(--left);
        background: none;
        color: inherit;
        overflow: visible;
        width: min(380px, var(--room));
        pointer-events: none;
      }
      ul {
        display: grid;
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 4px 8px;
        padding: 8px 6px 8px 12px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
        pointer-events: auto;
        align-items: start;
        animation: come var(--motion) ease-out;
      }
      li.warning {
        color: var(--text);
      }
      li > .icon {
        margin-top: 5px;
      }
      li > .text {
        padding: 4px 0;
        overflow-wrap: anywhere;
      }
      .info > .icon {
        color: var(--good);
      }
      .warning > .icon {
        color: var(--warn);
      }
      .error > .icon {
        color: var(--bad);
      }
      .more {
        grid-column: 2 / -1;
        display: flex;
        gap: 8px;
        align-items: center;
      }
      .more button {
        height: 24px;
      }
      @keyframes come {
        from {
          opacity: 0;
          transform: translateY(6px);
        }
      }
    `,
  ];

  @state() private notices: Notice[] = [];
  private last = 0;
  private stops: (() => void)[] = [];
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  override connectedCallback(): void {
    super.connectedCallback();
    this.last = store.get("log").at(-1)?.number ?? 0;
    this.stops = [store.subscribe(["log"], () => this.read())];
    this.place.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stops.forEach((stop) => stop());
    this.place.disconnect();
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
  }

  private read(): void {
    for (const entry of store.get("log")) {
      if (entry.number <= this.last) continue;
      this.last = entry.number;
      const manner = mannerOf(entry, preferences.manners);
      if (manner === "panel") showPanel("log");
      if (manner === "notice") this.show(entry);
    }
  }

  private show(entry: LogEntry): void {
    this.notices = withNotice(this.notices, entry);
    this.linger(entry);
  }

  private linger(entry: LogEntry): void {
    clearTimeout(this.timers.get(entry.number));
    this.timers.set(entry.number, setTimeout(() => this.drop(entry), LINGER_MS[entry.level]));
  }

  private drop(entry: LogEntry): void {
    clearTimeout(this.timers.get(entry.number));
    this.timers.delete(entry.number);
    this.notices = this.notices.filter((notice) => notice.entry !== entry);
  }

  private hold(entry: LogEntry): void {
    clearTimeout(this.timers.get(entry.number));
  }

  private readonly place = new ResizeObserver(() => this.stand());

  /** A popover stands on the window, not on the picture. */
  private stand(): void {
    const { left, bottom, width } = this.getBoundingClientRect();
    const lift = width < BESIDE_MINIMAP ? ABOVE_MINIMAP : ABOVE_SCALE_BAR;
    this.style.setProperty("--left", `${left + MARGIN}px`);
    this.style.setProperty("--below", `${innerHeight - bottom + lift}px`);
    this.style.setProperty("--room", `${width - 2 * MARGIN}px`);
  }

  override updated(): void {
    this.stand();
    // In the top layer, so that a notice is seen above a dialog too.
    const box = this.renderRoot.querySelector<HTMLElement>(".notices");
    if (!box?.showPopover) return;
    if (this.notices.length === 0) box.hidePopover();
    else if (!box.matches(":popover-open") || document.querySelector("dialog[open]")) {
      box.hidePopover();
      box.showPopover();
    }
  }

  override render(): TemplateResult {
    return html`<div class="notices" popover="manual" role="region" aria-label="Notices">
      <ul aria-live="polite">${repeat(this.notices, (notice) => notice.entry.number, (notice) => this.notice(notice))}</ul></div>`;
  }

  private notice({ entry, times }: Notice): TemplateResult {
    return html`<li class=${entry.level} role=${entry.level === "error" ? "alert" : nothing} @pointerenter=${() => this.hold(entry)} @pointerleave=${() => this.linger(entry)}
      @focusin=${() => this.hold(entry)} @focusout=${() => this.linger(entry)}>
      ${icon(SYMBOLS[entry.level])}
      <span class="text">${entry.message}${times > 1 ? html` <span class="muted">×${times}</span>` : nothing}</span>
      <button class="plain square" title="Dismiss" aria-label="Dismiss" @click=${() => this.drop(entry)}>${icon("x")}</button>
      ${entry.action || entry.level === "error" ? this.more(entry) : nothing}
    </li>`;
  }

  private more(entry: LogEntry): TemplateResult {
    const { action } = entry;
    const act = (run: () => void) => (): void => {
      this.drop(entry);
      run();
    };
    return html`<span class="more">
      ${action ? html`<button @click=${act(action.run)}>${action.title}</button>` : nothing}
      ${entry.level === "error" ? html`<button class="plain muted" @click=${act(() => showPanel("log"))}>Details</button>` : nothing}
    </span>`;
  }
}
