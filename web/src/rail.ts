/** The rail at the left: what can be opened beside the picture. In a narrow window it lies in the sheet. */

import type { TemplateResult } from "lit";
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { commands, tooltip } from "./commands";
import { icon } from "./icon";
import type { RailPanel } from "./store";
import { store, StoreController } from "./store";
import { shared } from "./styles";

interface Item {
  panel: RailPanel | null;
  command: string;
  icon: string;
  title: string;
}

const ITEMS: Item[] = [
  { panel: null, command: "file.open", icon: "folder-open", title: "Files" },
  { panel: "images", command: "panel.images", icon: "layers", title: "Images" },
  { panel: "plugins", command: "panel.plugins", icon: "puzzle", title: "Plugins" },
  { panel: "jobs", command: "panel.jobs", icon: "activity", title: "Jobs" },
  { panel: "log", command: "panel.log", icon: "scroll-text", title: "Log" },
];

const SETTINGS: Item = { panel: "settings", command: "panel.settings", icon: "settings", title: "Settings" };

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
    new StoreController(this, ["rail"]);
  }

  override render() {
    return html`${ITEMS.map((item) => this.item(item))}<span class="space"></span>${this.item(SETTINGS)}`;
  }

  private item({ panel, command, icon: name, title }: Item): TemplateResult {
    return html`<button
      title=${tooltip(command)}
      aria-pressed=${panel !== null && store.get("rail") === panel}
      @click=${() => commands.run(command)}
    >
      ${icon(name, 18)}<span>${title}</span>
    </button>`;
  }
}
