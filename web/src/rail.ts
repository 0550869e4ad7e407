/** The rail at the left: what can be opened beside the picture. In a narrow window it lies in the sheet. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { commands, tooltip } from "./commands";
import { icon } from "./icon";
import type { PanelSpec } from "./panel_list";
import { inspectorSpecs, panelSpecs } from "./panel_list";
import { store, StoreController } from "./store";
import { shared } from "./styles";

interface Item {
  command: string;
  icon: string;
  title: string;
  /** The panel that it opens; none for the files. */
  panel?: string;
}

const FILES: Item = { command: "file.open", icon: "folder-open", title: "Files" };
/** What the bar of a narrow window has no room for. */
const SHARE: Item = { command: "workspace.share", icon: "users", title: "Share" };
const ACCOUNT: Item = { command: "account.show", icon: "user", title: "Account" };

function itemOf({ id, icon: name, title }: PanelSpec): Item {
  return { panel: id, command: `panel.${id}`, icon: name, title };
}

@customElement("toyz-rail")
export class Rail extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 4px;
        width: 48px;
        padding: 6px 0;
        background: var(--raised);
        border-right: 1px solid var(--line);
      }
      button {
        position: relative;
        width: 44px;
        height: 42px;
        padding: 0;
        flex-direction: column;
        gap: 2px;
        border-color: transparent;
        color: var(--muted);
        font-size: 10px;
        line-height: 12px;
      }
      button:hover,
      button[aria-pressed="true"] {
        color: var(--text);
      }
      button[aria-pressed="true"]::before {
        content: "";
        position: absolute;
        left: -2px;
        top: 8px;
        bottom: 8px;
        width: 2px;
        border-radius: 1px;
        background: var(--accent);
      }
      button span {
        max-width: 46px;
        overflow: hidden;
        text-overflow: ellipsis;
        letter-spacing: -0.02em;
      }
      :host([wide]) button span {
        max-width: none;
        letter-spacing: 0;
      }
      hr {
        width: 24px;
        margin: 2px 0;
        border: 0;
        border-top: 1px solid var(--line);
      }
      .space {
        flex: 1;
      }
      :host([wide]) {
        width: auto;
        align-items: stretch;
        border: 0;
        padding: 8px;
      }
      :host([wide]) button {
        width: auto;
        height: 40px;
        flex-direction: row;
        justify-content: flex-start;
        gap: 12px;
        padding: 0 12px;
        font-size: 13px;
        color: var(--text);
      }
    `,
  ];

  /** With names beside the icons, as in the sheet of a narrow window. */
  @property({ type: Boolean, reflect: true }) wide = false;

  constructor() {
    super();
    new StoreController(this, ["rail", "shown", "narrow", "current", "plugins", "workspace"]);
  }

  override render() {
    const around = panelSpecs().filter((spec) => !spec.ofImage && spec.id !== "settings");
    const settings = panelSpecs().filter((spec) => spec.id === "settings");
    return html`${this.item(FILES)}${around.map((spec) => this.item(itemOf(spec)))}
      ${store.image ? html`<hr />${inspectorSpecs().map((spec) => this.item(itemOf(spec)))}` : nothing}
      ${this.wide ? html`<hr />${commands.can(SHARE.command) ? this.item(SHARE) : nothing}${this.item(ACCOUNT)}` : nothing}
      <span class="space"></span>${settings.map((spec) => this.item(itemOf(spec)))}`;
  }

  private run(command: string, panel?: string): void {
    // A dialog does not leave the menu open behind it.
    if (panel === undefined) store.set({ menu: false });
    commands.run(command);
  }

  private item({ panel, command, icon: name, title }: Item): TemplateResult {
    const open = store.get("narrow") ? [store.get("rail")] : store.get("shown");
    const shown = panel !== undefined && open.includes(panel);
    return html`<button title=${tooltip(command)} aria-pressed=${panel === undefined ? nothing : shown} @click=${() => this.run(command, panel)}>
      ${icon(name, 18)}<span>${title}</span>
    </button>`;
  }
}
