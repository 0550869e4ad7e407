/** All keys and gestures on one sheet, drawn from the same list as the palette. */
import { css, html } from "lit";
import type { TemplateResult } from "lit";
import type { Command } from "../commands";
import { commands, keyLabel } from "../commands";
import { TitledDialog } from "./dialog";

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

export class KeysSheet extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    css`
      dialog {
        width: min(860px, 100vw - 24px);
        max-height: min(680px, 100dvh - 24px);
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

  protected readonly dialogName = "keys";
  protected readonly heading = "Keys and gestures";

  protected body(): TemplateResult {
    return html`<div class="groups">
      ${byGroup(commands.all).map(([group, list]) => this.section(group, list.map((c) => [(c.keys ?? []).map(keyLabel), c.title])))}
      ${this.section("Gestures on the picture", GESTURES.map(([gesture, does]) => [[gesture], does]))}
    </div>`;
  }

  private section(title: string, rows: [keys: string[], does: string][]): TemplateResult {
    return html`<section><h3>${title}</h3><ul>${rows.map(([keys, does]) => html`<li><span>${does}</span>
      <span>${keys.map((key) => html`<kbd>${key}</kbd> `)}</span></li>`)}</ul></section>`;
  }
}
