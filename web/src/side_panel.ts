/** In a narrow window: the sheet with the panel that the rail opens, under its title. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "./icon";
import { panelSpec } from "./panel_list";
import { store, StoreController } from "./store";
import { shared } from "./styles";

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

  private content: { id: string; element: HTMLElement } | null = null;

  constructor() {
    super();
    new StoreController(this, ["rail"]);
  }

  override render() {
    const spec = panelSpec(store.get("rail") ?? "");
    if (!spec) return nothing;
    if (this.content?.id !== spec.id) this.content = { id: spec.id, element: spec.make() };
    return html`<div class="title">
        <h2>${spec.title}</h2>
        <button class="plain square" aria-label="Close ${spec.title}" title="Close (Esc)" @click=${close}>${icon("x")}</button>
      </div>
      <div class="body">${this.content.element}</div>`;
  }
}

function close(): void {
  store.set({ rail: null, menu: false });
}
