/** All keys and gestures on one sheet, drawn from the same list as the palette. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Command } from "../commands";
import { commands, keyLabel } from "../commands";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import { whenClosed } from "./dialog";
import { panelStyles } from "./panel_styles";

const GESTURES: [string, string][] = [
  ["Drag", "Pan"],
  ["Wheel, pinch", "Zoom at the cursor"],
  ["Double click", "Zoom in"],
  ["Shift drag", "Zoom to a box"],
  ["Right drag", "Contrast and bias"],
  ["Double right click", "Contrast and bias as at first"],
];

/** Commands that have keys, by group, in the order of their adding. */
export function byGroup(all: readonly Command[]): [group: string, commands: Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of all) {
    if (!command.keys?.length) continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  }
  return [...groups];
}

export class KeysSheet extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      dialog {
        width: min(860px, 100vw - 24px);
        max-height: min(680px, 100dvh - 24px);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      header {
        display: flex;
        align-items: center;
        padding: 8px 8px 8px 16px;
        border-bottom: 1px solid var(--line);
        position: sticky;
        top: 0;
        background: var(--raised);
      }
      h2 {
        flex: 1;
        font-size: 14px;
        color: var(--text);
      }
      .groups {
        columns: 3 230px;
        column-gap: 28px;
        padding: 12px 16px 16px;
      }
      section {
        break-inside: avoid;
        padding-bottom: 12px;
      }
      h3 {
        padding-bottom: 4px;
      }
      li {
        display: flex;
        align-items: baseline;
        gap: 8px;
        padding: 2px 0;
      }
      li span:first-child {
        flex: 1;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["dialog"]);
  }

  private get open(): boolean {
    return store.get("dialog") === "keys";
  }

  override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog || dialog.open === this.open) return;
    if (this.open) dialog.showModal();
    else dialog.close();
  }

  override render(): TemplateResult {
    const close = (): void => {
      if (this.open) store.set({ dialog: null });
    };
    return html`<dialog aria-labelledby="title" @close=${whenClosed(close)}>
      ${this.open ? html`<header><h2 id="title">Keys and gestures</h2>
        <button class="plain square" title="Close (Esc)" aria-label="Close" @click=${close}>${icon("x")}</button></header>
        <div class="groups">
          ${byGroup(commands.all).map(([group, list]) => this.section(group, list.map((c) => [(c.keys ?? []).map(keyLabel), c.title])))}
          ${this.section("Gestures on the picture", GESTURES.map(([gesture, does]) => [[gesture], does]))}
        </div>` : nothing}
    </dialog>`;
  }

  private section(title: string, rows: [keys: string[], does: string][]): TemplateResult {
    return html`<section><h3>${title}</h3><ul>${rows.map(([keys, does]) => html`<li><span>${does}</span>
      <span>${keys.map((key) => html`<kbd>${key}</kbd> `)}</span></li>`)}</ul></section>`;
  }
}
