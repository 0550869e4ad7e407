/** The bar over the picture's lower edge: where in a row of frames one is, and how they are played. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import { player } from "../player/player";
import type { PlayerState } from "../player/state";
import { RATES } from "../player/state";
import { store, StoreController } from "../store";
import { panelStyles } from "./panel_styles";

const ROWS = { planes: "Plane", images: "Image", files: "File" } as const;

export class PlayerBar extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        position: absolute;
        left: 50%;
        bottom: 12px;
        transform: translateX(-50%);
        width: min(620px, calc(100% - 24px));
        container-type: inline-size;
      }
      :host([hidden]) {
        display: none;
      }
      .bar {
        display: flex;
        align-items: center;
        gap: 4px;
        height: 36px;
        padding: 0 4px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        box-shadow: var(--shadow);
        opacity: 0.94;
      }
      .bar > * {
        flex: none;
      }
      button {
        border-color: transparent;
      }
      input[type="range"] {
        flex: 1 1 60px;
        min-width: 40px;
        height: 28px;
        padding: 0;
        margin: 0 4px;
        accent-color: var(--accent);
      }
      .number,
      .rate {
        font: 12px/16px var(--mono);
        font-variant-numeric: tabular-nums;
        white-space: pre;
      }
      .rate {
        width: 9ch;
        text-align: right;
        color: var(--muted);
      }
      .rate.late {
        color: var(--warn);
      }
      .name {
        max-width: 16ch;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--muted);
      }
      select {
        border-color: transparent;
        background: transparent;
        padding: 0 2px;
      }
      option {
        background: var(--raised);
      }
      @container (max-width: 560px) {
        .name,
        .rate {
          display: none;
        }
      }
      @container (max-width: 440px) {
        .more {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["player"]);
  }

  override render(): TemplateResult | typeof nothing {
    const state = store.get("player");
    this.hidden = state === null;
    return state ? bar(state) : nothing;
  }
}

function bar(state: PlayerState): TemplateResult {
  const { kind, count, at, label, playing, forward, turn } = state;
  const digits = String(count).length;
  const row = ROWS[kind];
  return html`<div class="bar" role="group" aria-label="Player">
    ${button("previous", "step-back", "more")}
    ${button("toggle", playing ? "pause" : "play", "", playing ? "Pause" : "Play")}
    ${button("next", "step-forward", "more")}
    <input type="range" min="1" max=${count} .value=${String(at + 1)} aria-label=${row} aria-valuetext="${row} ${at + 1} of ${count}: ${label}"
      title=${row} @input=${(event: Event) => player.seek(Number((event.target as HTMLInputElement).value) - 1)}>
    <span class="number" title="${row} ${at + 1} of ${count}">${String(at + 1).padStart(digits)}/${count}</span>
    ${kind === "planes" ? nothing : html`<span class="name" title=${label}>${label}</span>`}
    ${button("reverse", forward ? "arrow-right" : "arrow-left", "more")}
    ${button("turn", turn === "loop" ? "repeat" : "arrow-left-right", "more")}
    ${rateOf(state)}
    ${kind === "planes"
      ? nothing
      : html`<button class="square" title="Close the player" aria-label="Close the player" @click=${() => void player.dismiss()}>${icon("x")}</button>`}
  </div>`;
}

function button(id: string, name: string, part: string, says = ""): TemplateResult {
  const command = `player.${id}`;
  // What a mouse presses does not take the focus: the next space plays.
  return html`<button class="square ${part}" title=${tooltip(command)} aria-label=${says || (commands.get(command)?.title ?? "")}
    @mousedown=${(event: Event) => event.preventDefault()} @click=${() => commands.run(command)}>${icon(name)}</button>`;
}

/** How fast it is to be, and how fast it is where that is less. */
function rateOf({ rate, achieved, playing }: PlayerState): TemplateResult {
  const late = playing && achieved !== null && achieved < 0.9 * rate;
  const known = (RATES as readonly number[]).includes(rate) ? RATES : [...RATES, rate].sort((a, b) => a - b);
  return html`<span class="rate ${late ? "late" : ""}" title="Frames per second that there are">${late ? `${achieved} of` : ""}</span>
    <select aria-label="Frames per second" title="Frames per second" @change=${(event: Event) =>
      player.setRate(Number((event.target as HTMLSelectElement).value))}>
      ${known.map((each) => html`<option value=${each} ?selected=${each === rate}>${each}/s</option>`)}
    </select>`;
}
