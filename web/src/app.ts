/** The workspace: the picture in the middle, and what stands around it. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { commands } from "./commands";
import { icon } from "./icon";
import "./inspector";
import { saveLayout, widths } from "./layout";
import { nameOf } from "./panels/format";
import "./panels/index";
import "./rail";
import "./side_panel";
import "./splitter";
import { store, StoreController } from "./store";
import { shared } from "./styles";
import "./topbar";
import "./viewer/viewer";

@customElement("toyz-app")
export class App extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        background: var(--ground);
      }
      toyz-topbar,
      toyz-status-line {
        flex: none;
      }
      .middle {
        display: flex;
        position: relative;
        flex: 1;
        min-height: 0;
      }
      main {
        position: relative;
        flex: 1;
        min-width: 0;
      }
      toyz-viewer,
      .cover {
        position: absolute;
        inset: 0;
      }
      .cover {
        background: var(--ground);
      }
      .message {
        position: absolute;
        inset: 0;
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 12px;
        padding: 24px;
        text-align: center;
        background: var(--ground);
      }
      .message h2 {
        margin: 0;
        font: 600 15px/22px var(--font);
        overflow-wrap: anywhere;
      }
      .message p {
        margin: 0;
        max-width: 60ch;
        color: var(--muted);
        overflow-wrap: anywhere;
      }
      .opening {
        position: absolute;
        left: 50%;
        top: 12px;
        max-width: calc(100% - 32px);
        transform: translateX(-50%);
        padding: 4px 12px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        box-shadow: var(--shadow);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        /* What takes no time is not announced. */
        animation: late 0s 250ms both;
      }
      @keyframes late {
        from {
          visibility: hidden;
        }
      }
      aside {
        display: flex;
        flex: none;
        max-width: 45vw;
        min-height: 0;
      }
      aside > :not(toyz-splitter) {
        flex: 0 1 auto;
        min-width: 0;
      }
      .sheet {
        position: absolute;
        z-index: 10;
        top: 0;
        bottom: 0;
        width: min(340px, calc(100vw - 40px));
        box-shadow: var(--shadow);
        background: var(--raised);
        display: flex;
        flex-direction: column;
      }
      .sheet > * {
        flex: 1;
        min-height: 0;
      }
      .sheet.left {
        left: 0;
        border-right: 1px solid var(--line);
      }
      .sheet.right {
        right: 0;
        border-left: 1px solid var(--line);
      }
      .scrim {
        position: absolute;
        inset: 0;
        z-index: 9;
        border: 0;
        border-radius: 0;
        height: auto;
        background: rgb(0 0 0 / 35%);
      }
      .scrim:hover {
        background: rgb(0 0 0 / 35%);
      }
    `,
  ];

  private readonly key = (event: KeyboardEvent): void => void commands.handle(event);

  constructor() {
    super();
    new StoreController(this, ["images", "current", "opening", "problem", "rail", "inspector", "full", "narrow", "menu"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.key);
  }

  override updated(): void {
    const name = store.image?.info.name;
    document.title = name ? `${name} · Toyz` : "Toyz";
  }

  override render() {
    const full = store.get("full");
    const narrow = store.get("narrow");
    return html`${full ? nothing : html`<toyz-topbar role="banner"></toyz-topbar>`}
      <div class="middle">
        ${full || narrow ? nothing : this.left()}
        <main aria-label="Picture">
          <h1 class="unseen">${store.image?.info.name ?? "Toyz"}</h1>
          <toyz-viewer></toyz-viewer>${this.cover()}<toyz-notices></toyz-notices>
        </main>
        ${full || narrow ? nothing : this.right()} ${narrow && !full ? sheets() : nothing}
      </div>
      ${full ? nothing : html`<toyz-status-line role="contentinfo"></toyz-status-line>`}
      <toyz-file-dialog></toyz-file-dialog><toyz-palette></toyz-palette><toyz-keys-sheet></toyz-keys-sheet>`;
  }

  /** What stands in the place of a picture while there is none. */
  private cover(): TemplateResult | typeof nothing {
    const opening = store.get("opening");
    const problem = store.get("problem");
    const bar = opening ? html`<div class="opening" role="status">Opening ${nameOf(opening)} …</div>` : nothing;
    if (store.image) return html`${bar}`;
    if (opening) return html`<div class="cover"></div>${bar}`;
    if (problem) return trouble(problem.path, problem.message);
    return html`<div class="cover"><toyz-file-dialog inline></toyz-file-dialog></div>`;
  }

  private left(): TemplateResult {
    return html`<toyz-rail role="navigation" aria-label="Panels"></toyz-rail>
      ${store.get("rail")
        ? html`<aside aria-label="Side panel">
            <toyz-side-panel style="width:${widths["side"]}px"></toyz-side-panel>
            ${this.splitter("side", 1, "Width of the side panel")}
          </aside>`
        : nothing}`;
  }

  private right(): TemplateResult | typeof nothing {
    if (!store.get("inspector") || !store.image) return nothing;
    return html`<aside aria-label="Inspector">
      ${this.splitter("inspector", -1, "Width of the inspector")}
      <toyz-inspector style="width:${widths["inspector"]}px"></toyz-inspector>
    </aside>`;
  }

  private splitter(name: string, direction: number, label: string): TemplateResult {
    const resized = (event: CustomEvent<number>): void => {
      widths[name] = event.detail;
      this.requestUpdate();
      saveLayout();
    };
    return html`<toyz-splitter .width=${widths[name] ?? 320} .direction=${direction} label=${label} @resized=${resized}></toyz-splitter>`;
  }
}

function trouble(path: string, message: string): TemplateResult {
  return html`<div class="message" role="alert">
    ${icon("triangle-alert", 28)}
    <h2>${nameOf(path)} does not open</h2>
    <p>${message}</p>
    <button class="primary" @click=${() => store.set({ problem: null, dialog: "files" })}>Choose another file</button>
  </div>`;
}

/** In a narrow window, panels lie above the picture. */
function sheets(): TemplateResult {
  const left = store.get("menu") || store.get("rail") !== null;
  const right = store.get("inspector") && store.image !== null;
  const close = (): void => store.set({ menu: false, rail: null, inspector: false });
  return html`${left || right ? html`<button class="scrim" aria-label="Close the sheet" @click=${close}></button>` : nothing}
    ${left
      ? html`<div class="sheet left">
          ${store.get("rail") ? html`<toyz-side-panel></toyz-side-panel>` : html`<toyz-rail wide></toyz-rail>`}
        </div>`
      : nothing}
    ${right ? html`<div class="sheet right"><toyz-inspector></toyz-inspector></div>` : nothing}`;
}
