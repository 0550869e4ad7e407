/** The bar above the picture: which file, which part of it, the search box, the theme. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { openHdu } from "./actions";
import { commands, tooltip } from "./commands";
import { icon } from "./icon";
import { isDark, neighbour } from "./keymap";
import { shownName } from "./panels/format";
import { store, StoreController } from "./store";
import { shared } from "./styles";
import type { HduInfo, HduName, ImageInfo } from "./types";
import "./workspaces/menu";

@customElement("toyz-topbar")
export class Topbar extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 44px;
        padding: 0 8px;
        background: var(--raised);
        border-bottom: 1px solid var(--line);
        min-width: 0;
      }
      .crumbs {
        min-width: 64px;
        flex: 0 1 auto;
        overflow: hidden;
        justify-content: flex-start;
        gap: 4px;
      }
      .crumbs > span {
        overflow: hidden;
        text-overflow: ellipsis;
        flex: 0 4 auto;
        color: var(--muted);
      }
      .crumbs > span.name {
        flex: 0 1 auto;
        min-width: 0;
        color: var(--text);
        font-weight: 600;
      }
      .crumbs .icon {
        color: var(--muted);
      }
      /* The arrows and the plane keep their place in a narrow bar: only the names grow shorter. */
      .part {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: auto;
        align-items: center;
        gap: 2px;
        flex: 0 1 auto;
      }
      .part:has(select) {
        grid-template-columns: auto minmax(64px, auto);
      }
      select {
        justify-self: stretch;
        max-width: 210px;
        min-width: 0;
        border-color: var(--line);
        background: transparent;
        text-overflow: ellipsis;
      }
      option {
        background: var(--raised);
      }
      .space {
        flex: 1 1 0;
      }
      .search {
        flex: 0 1 280px;
        min-width: 34px;
        justify-content: flex-start;
        color: var(--muted);
        background: var(--ground);
        border-color: var(--control);
        overflow: hidden;
      }
      .search span {
        flex: 1;
        text-align: left;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .brand {
        font-weight: 650;
        letter-spacing: 0.01em;
        padding: 0 4px;
      }
      /* Settings and the menu have them, too. */
      @media (max-width: 479px) {
        .theme,
        .account,
        .crumbs .icon {
          display: none;
        }
      }
      @media (max-width: 899px) {
        .search {
          flex: 0 0 28px;
          padding: 0 5px;
        }
        .search span,
        .search kbd,
        .folder {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["images", "current", "passing", "theme", "inspector", "narrow", "rail", "user"]);
  }

  override render() {
    const info = store.seen;
    return html`${store.get("narrow") ? this.tool("panel.menu", "menu") : nothing}
      ${info ? crumbs(info) : html`<span class="brand">Toyz</span>`} ${info ? part(info) : nothing}
      <span class="space"></span>
      <toyz-workspace-menu></toyz-workspace-menu>
      <button class="search" title=${tooltip("help.palette")} @click=${() => commands.run("help.palette")}>
        ${icon("search")}<span>${info ? "Go to a position, or a command" : "Commands"}</span><kbd>/</kbd>
      </button>
      <button
        class="plain square theme"
        title=${tooltip("panel.theme")}
        aria-label="Dark or light"
        @click=${() => commands.run("panel.theme")}
      >
        ${icon(isDark() ? "sun" : "moon")}
      </button>
      <button
        class="plain square account"
        title="${store.get("user")}: ${tooltip("account.show")}"
        aria-label="Account"
        @click=${() => commands.run("account.show")}
      >
        ${icon("user")}
      </button>
      <button
        class="plain square"
        ?hidden=${!info}
        title=${tooltip("panel.inspector")}
        aria-label="Inspector"
        aria-pressed=${store.get("inspector")}
        @click=${() => commands.run("panel.inspector")}
      >
        ${icon("panel-right")}
      </button>`;
  }

  private tool(id: string, name: string): TemplateResult {
    return html`<button
      class="plain square"
      title=${tooltip(id)}
      aria-label=${commands.get(id)?.title ?? ""}
      @click=${() => commands.run(id)}
    >
      ${icon(name)}
    </button>`;
  }
}

function crumbs(info: ImageInfo): TemplateResult {
  const parts = info.path.split("/").map(shownName);
  const last = parts.pop();
  const name = info.components?.length ? info.name : last;
  return html`<button class="crumbs plain" title="${info.path}: ${tooltip("file.open")}" @click=${() => commands.run("file.open")}>
    ${icon("folder-open")}
    ${parts.map((folder) => html`<span class="folder">${folder}</span><span class="folder">›</span>`)}
    <span class="name">${name}</span>
  </button>`;
}

/** The HDU or the mosaic, and the plane. */
function part(info: ImageInfo): TemplateResult | typeof nothing {
  const shown = info.hdus.filter((hdu) => hdu.kind === "image" && !hdu.problem);
  if (shown.length < 2 && info.planes < 2) return nothing;
  return html`<span class="part">
    ${stepper("image.previous_hdu", "chevron-left", info, -1)}
    ${shown.length > 1 ? picker(info, shown) : nothing}
    ${info.planes > 1 ? html`<toyz-plane-field .info=${info}></toyz-plane-field>` : nothing}
    ${stepper("image.next_hdu", "chevron-right", info, 1)}
  </span>`;
}

function stepper(id: string, name: string, info: ImageInfo, by: number): TemplateResult {
  return html`<button
    class="plain square"
    title=${tooltip(id)}
    aria-label=${commands.get(id)?.title ?? ""}
    ?disabled=${neighbour(info, by) === null}
    @click=${() => commands.run(id)}
  >
    ${icon(name)}
  </button>`;
}

function picker(info: ImageInfo, shown: HduInfo[]): TemplateResult {
  const choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    const hdu: HduName = value === "mosaic" ? "mosaic" : Number(value);
    void openHdu(hdu);
  };
  return html`<select aria-label="HDU or mosaic" title="HDU or mosaic" .value=${String(info.hdu)} @change=${choose}>
    <option value="mosaic" ?selected=${info.hdu === "mosaic"}>
      Mosaic${info.ccds.length > 0 ? ` of ${info.ccds.length} CCDs` : ""}
    </option>
    ${shown.map(
      (hdu) =>
        html`<option value=${hdu.index} ?selected=${info.hdu === hdu.index}>
          ${hdu.index}${hdu.name ? ` · ${hdu.name}` : ""}
        </option>`,
    )}
  </select>`;
}
