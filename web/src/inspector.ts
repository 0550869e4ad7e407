/** The panels at the right: folded or unfolded one by one, the whole as wide as the user drags it. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "./icon";
import type { InspectorPanel } from "./store";
import { store, StoreController } from "./store";
import { shared } from "./styles";

interface Section {
  name: InspectorPanel;
  title: string;
  content: () => TemplateResult;
}

const SECTIONS: Section[] = [
  { name: "display", title: "Display", content: () => html`<toyz-display-panel></toyz-display-panel>` },
  { name: "statistics", title: "Statistics", content: () => html`<toyz-statistics-panel></toyz-statistics-panel>` },
  { name: "header", title: "Header", content: () => html`<toyz-header-panel></toyz-header-panel>` },
];

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

  private wereUnfolded: readonly InspectorPanel[] = store.get("unfolded");

  constructor() {
    super();
    new StoreController(this, ["unfolded", "current"]);
  }

  override render() {
    return SECTIONS.map((section) => this.section(section));
  }

  /** What was just unfolded is brought into sight: it may begin below the window. */
  protected override updated(): void {
    const unfolded = store.get("unfolded");
    const fresh = unfolded.find((name) => !this.wereUnfolded.includes(name));
    this.wereUnfolded = unfolded;
    if (fresh && this.hasUpdated) this.renderRoot.querySelector(`#${fresh}`)?.scrollIntoView({ block: "start" });
  }

  private section({ name, title, content }: Section): TemplateResult {
    const open = store.get("unfolded").includes(name);
    return html`<section class=${name === "header" ? "tall" : ""} ?open=${open} aria-labelledby=${name}>
      <h2>
        <button id=${name} aria-expanded=${open} @click=${() => fold(name, open)}>
          ${icon("chevron-right", 14)} ${title}
        </button>
      </h2>
      ${open ? html`<div class="body">${content()}</div>` : nothing}
    </section>`;
  }
}

function fold(name: InspectorPanel, open: boolean): void {
  const others = store.get("unfolded").filter((other) => other !== name);
  store.set({ unfolded: open ? others : [...others, name] });
}
