/** What the user prefers. Kept by the server, so it is the same in every window. */
import { css, html, LitElement } from "lit";
import type { TemplateResult } from "lit";
import { icon } from "../icon";
import type { Theme, TilePreference } from "../store";
import { store, StoreController } from "../store";
import { panelStyles } from "./panel_styles";
import { places } from "./places";
import { preferences } from "./preferences";
import type { Manner, NoticeLevel } from "./preferences";

const THEMES: [Theme, string][] = [["dark", "Dark"], ["light", "Light"], ["system", "As the system"]];
const TILES: [TilePreference, string][] = [["auto", "As the line allows"], ["data", "Values"], ["jpeg", "JPEG"]];
const MANNERS: [Manner, string][] = [["notice", "Show a notice"], ["panel", "Open the log"], ["silence", "Only log"]];
const LEVELS: [NoticeLevel, string][] = [["error", "Errors"], ["warning", "Warnings"], ["info", "Other messages"]];

export class SettingsPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        container-type: inline-size;
      }
      .pair {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 150px;
        align-items: center;
        gap: 8px;
      }
      @container (max-width: 280px) {
        .pair {
          grid-template-columns: minmax(0, 1fr);
          gap: 2px;
        }
      }
      section {
        display: grid;
        gap: 8px;
      }
      input[type="color"] {
        width: 44px;
        height: 28px;
        padding: 2px;
        border: 1px solid var(--control);
        border-radius: var(--radius);
        background: var(--ground);
      }
    `,
  ];

  private stop: (() => void) | undefined;

  constructor() {
    super();
    new StoreController(this, ["theme", "tiles", "user"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = preferences.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  override render(): TemplateResult {
    return html`<div class="stack">
      <section><h3>Appearance</h3>${this.select("Theme", THEMES, store.get("theme"), (theme) => store.set({ theme }))}</section>
      <section><h3>When a message comes</h3>
        ${LEVELS.map(([level, title]) => this.select(title, MANNERS, preferences.manners[level], (manner) => preferences.setManner(level, manner)))}
        <p class="label">Everything stands in the log, whatever is chosen here.</p></section>
      <section><h3>Pictures</h3>${this.select("Tiles", TILES, store.get("tiles"), (tiles) => store.set({ tiles }))}
        <p class="label">Values are stretched and coloured here, so that a change of contrast is seen at once; JPEG needs less of a slow line.</p>
        ${this.bad()}</section>
      <section><h3>Keys</h3><div><button @click=${() => store.set({ dialog: "keys" })}>${icon("keyboard")} Show all keys (?)</button></div></section>
      <section><h3>Recent files</h3><div><button @click=${() => places.forgetRecent()}>Forget recent files</button></div></section>
    </div>`;
  }

  private select<T extends string>(title: string, choices: [T, string][], value: T, choose: (value: T) => void): TemplateResult {
    return html`<label class="pair"><span>${title}</span>
      <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as T)}>
        ${choices.map(([name, label]) => html`<option value=${name} .selected=${name === value}>${label}</option>`)}</select></label>`;
  }

  private bad(): TemplateResult {
    const clear = preferences.bad === "transparent";
    return html`<label class="pair"><span>Pixels without a value</span>
        <input type="color" .value=${clear ? "#000000" : preferences.bad} ?disabled=${clear}
          @change=${(event: Event) => preferences.setBad((event.target as HTMLInputElement).value)} /></label>
      <label class="row"><input type="checkbox" .checked=${clear} @change=${(event: Event) =>
        preferences.setBad((event.target as HTMLInputElement).checked ? "transparent" : "#000000")} /> See through them</label>
      <p class="label">For files opened from now on.</p>`;
  }
}
