/** In a narrow window: the sheet with the panels of the image, folded or unfolded one by one. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "./icon";
import type { PanelSpec } from "./panel_list";
import { inspectorSpecs } from "./panel_list";
import { store, StoreController } from "./store";
import { shared } from "./styles";

@customElement("toyz-inspector")
export class Inspector extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        overflow-y: auto;
        background: var(--raised);
      }
      section {
        flex: none;
        border-bottom: 1px solid var(--line);
      }
      /* The header is as long as the window lets it be. */
      section.tall[open] {
        flex: 1 0 320px;
        display: flex;
        flex-direction: column;
        min-height: 0;
      }
      section.tall .body {
        flex: 1;
        min-height: 0;
        overflow: hidden;
      }
      h2 {
        margin: 0;
        flex: none;
        font: inherit;
      }
      h2 button {
        width: 100%;
        height: 34px;
        justify-content: flex-start;
        border: 0;
        border-radius: 0;
        padding: 0 10px;
        font-weight: 600;
      }
      h2 button:focus-visible {
        outline-offset: -2px;
      }
      h2 .icon {
        color: var(--muted);
        transition: transform var(--motion);
      }
      [open] h2 .icon {
        transform: rotate(90deg);
      }
    `,
  ];

  private wereUnfolded = store.get("unfolded");
  private readonly panels = inspectorSpecs().map((spec) => ({ ...spec, element: spec.make() }));

  constructor() {
    super();
    new StoreController(this, ["unfolded", "current"]);
  }

  override render() {
    return this.panels.map((panel) => this.section(panel));
  }

  /** What was just unfolded is brought into sight: it may begin below the window. */
  protected override updated(): void {
    const unfolded = store.get("unfolded");
    const fresh = unfolded.find((name) => !this.wereUnfolded.includes(name));
    this.wereUnfolded = unfolded;
    if (fresh && this.hasUpdated) this.renderRoot.querySelector(`#${fresh}`)?.scrollIntoView({ block: "start" });
  }

  private section({ id, title, element }: PanelSpec & { element: HTMLElement }): TemplateResult {
    const open = store.get("unfolded").includes(id);
    return html`<section class=${id === "header" ? "tall" : ""} ?open=${open} aria-labelledby=${id}>
      <h2>
        <button id=${id} aria-expanded=${open} @click=${() => fold(id, open)}>
          ${icon("chevron-right", 14)} ${title}
        </button>
      </h2>
      ${open ? html`<div class="body">${element}</div>` : nothing}
    </section>`;
  }
}

function fold(name: string, open: boolean): void {
  const others = store.get("unfolded").filter((other) => other !== name);
  store.set({ unfolded: open ? others : [...others, name] });
}
