/** The workspace: the picture in the middle, and what stands around it. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { commands } from "./commands";
import "./dock/dock";
import type { Box } from "./dock/sides";
import { icon } from "./icon";
import "./inspector";
import { nameOf } from "./panels/format";
import "./panels/index";
import "./rail";
import "./side_panel";
import type { AbsentImage } from "./store";
import { store, StoreController } from "./store";
import { shared } from "./styles";
import "./topbar";
import "./viewer/banners";
import "./viewer/viewer";
import { images as workspaceImages } from "./workspaces/current";
import "./workspaces/cursors";
import "./workspaces/dialog";
import "./workspaces/lead_banner";
import "./workspaces/share_dialog";

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
      .stage {
        position: relative;
        flex: 1;
        min-width: 0;
        overflow: hidden;
      }
      /* The dock says where; without one the picture has it all. */
      main {
        position: absolute;
        left: 0;
        top: 0;
        width: 100%;
        height: 100%;
      }
      main.whole {
        left: 0 !important;
        top: 0 !important;
        width: 100% !important;
        height: 100% !important;
      }
      toyz-viewer,
      .cover {
        position: absolute;
        inset: 0;
      }
      .cover {
        background: var(--ground);
      }
      /* What else lies along the lower edge makes room for the player. */
      main:has(toyz-player:not([hidden])) {
        --lift: 48px;
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
      .choices {
        display: flex;
        gap: 8px;
      }
      .opening {
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

  private docked = false;
  private readonly key = (event: KeyboardEvent): void => void commands.handle(event);

  constructor() {
    super();
    new StoreController(this, ["images", "current", "opening", "problem", "rail", "inspector", "full", "narrow", "menu", "arranged", "absent"]);
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
        ${full || narrow ? nothing : html`<toyz-rail role="navigation" aria-label="Panels"></toyz-rail>`}
        <div class="stage">
          <main aria-label="Picture" class=${full || narrow ? "whole" : ""}>
            <h1 class="unseen">${store.image?.info.name ?? "Toyz"}</h1>
            <toyz-viewer></toyz-viewer><toyz-cursors></toyz-cursors><toyz-player hidden></toyz-player>${this.cover()}
            <toyz-banners>${this.opening()}<toyz-region-hint></toyz-region-hint><toyz-lead-banner></toyz-lead-banner></toyz-banners><toyz-notices></toyz-notices>
          </main>
          ${this.dock(full || narrow)}
        </div>
        ${narrow && !full ? sheets() : nothing}
      </div>
      ${full ? nothing : html`<toyz-status-line role="contentinfo"></toyz-status-line>`}
      <toyz-file-dialog></toyz-file-dialog><toyz-palette></toyz-palette><toyz-keys-sheet></toyz-keys-sheet><toyz-compose-dialog></toyz-compose-dialog><toyz-account-dialog></toyz-account-dialog><toyz-admin-dialog></toyz-admin-dialog><toyz-region-files></toyz-region-files><toyz-workspaces-dialog></toyz-workspaces-dialog><toyz-share-dialog></toyz-share-dialog>`;
  }

  private opening(): TemplateResult | typeof nothing {
    const opening = store.get("opening");
    return opening ? html`<div class="opening" role="status">Opening ${nameOf(opening)} …</div>` : nothing;
  }

  /** What stands in the place of a picture while there is none. */
  private cover(): TemplateResult | typeof nothing {
    const opening = store.get("opening");
    const problem = store.get("problem");
    if (store.image) return nothing;
    if (opening) return html`<div class="cover"></div>`;
    if (problem) return trouble(problem.path, problem.message);
    if (store.get("absent").length > 0) return absentImages(store.get("absent"));
    return html`<div class="cover"><toyz-file-dialog inline></toyz-file-dialog></div>`;
  }

  /** Once there are panels around the picture they stay as they are while they are not shown. */
  private dock(hidden: boolean): TemplateResult | typeof nothing {
    this.docked ||= store.get("arranged") && !store.get("narrow");
    if (!this.docked) return nothing;
    return html`<toyz-dock ?away=${hidden} @picture=${(event: CustomEvent<Box>) => this.place(event.detail)}></toyz-dock>`;
  }

  /** At once, so that the picture and the panels beside it move in the same frame. */
  private place(box: Box): void {
    const { style } = this.renderRoot.querySelector("main") as HTMLElement;
    for (const name of ["left", "top", "width", "height"] as const) style[name] = `${box[name]}px`;
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

/** The workspace has images, and none of them can be seen. */
function absentImages(absent: readonly AbsentImage[]): TemplateResult {
  const again = (): void => absent.forEach(({ id }) => workspaceImages.retry(id));
  return html`<div class="message" role="status">
    ${icon("triangle-alert", 28)}
    <h2>The images of this workspace do not open</h2>
    ${absent.slice(0, 5).map(({ path, problem }) => html`<p>${nameOf(path)}: ${problem}</p>`)}
    ${absent.length > 5 ? html`<p>and ${absent.length - 5} more</p>` : nothing}
    <div class="choices"><button class="primary" @click=${again}>Try again</button>
      <button @click=${() => store.set({ dialog: "files" })}>Open another file</button></div>
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
