/** The panel that the rail opens, under its title. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "./icon";
import type { RailPanel } from "./store";
import { store, StoreController } from "./store";
import { shared } from "./styles";

const PANELS: Record<RailPanel, { title: string; content: () => TemplateResult }> = {
  images: { title: "Images", content: () => html`<toyz-images-panel></toyz-images-panel>` },
  plugins: { title: "Plugins", content: () => html`<toyz-plugins-panel></toyz-plugins-panel>` },
  jobs: { title: "Jobs", content: () => html`<toyz-jobs-panel></toyz-jobs-panel>` },
  log: { title: "Log", content: () => html`<toyz-log-panel></toyz-log-panel>` },
  settings: { title: "Settings", content: () => html`<toyz-settings-panel></toyz-settings-panel>` },
};

@customElement("toyz-side-panel")
export class SidePanel extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--raised);
      }
      .title {
        display: flex;
        align-items: center;
        flex: none;
        height: 36px;
        padding: 0 4px 0 12px;
        border-bottom: 1px solid var(--line);
      }
      h2 {
        flex: 1;
        margin: 0;
        font: inherit;
        font-weight: 600;
      }
      .body {
        flex: 1;
        min-height: 0;
        overflow: auto;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["rail"]);
  }

  override render() {
    const rail = store.get("rail");
    if (!rail) return nothing;
    const { title, content } = PANELS[rail];
    return html`<div class="title">
        <h2>${title}</h2>
        <button class="plain square" aria-label="Close ${title}" title="Close (Esc)" @click=${close}>${icon("x")}</button>
      </div>
      <div class="body">${content()}</div>`;
  }
}

function close(): void {
  store.set({ rail: null, menu: false });
}
