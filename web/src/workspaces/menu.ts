/** In the top bar: which workspace this is, whether it is saved, and who else is in it. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import { shared } from "../styles";
import { colourOf, follow, initialsOf, others } from "./presence";
import type { Saving } from "./sync";
import type { Person } from "./types";

const MOST = 4;
const SAVED: Record<Saving, string> = {
  saved: "saved",
  saving: "saving",
  unsaved: "not saved",
  local: "to look at; what you change is not kept",
};

/** What the workspace is called where it has no name. */
export function titleOf({ name }: { name: string }): string {
  return name || "Untitled";
}

export class WorkspaceMenu extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 4px;
        flex: none;
      }
      .title {
        min-width: 28px;
        max-width: 200px;
        overflow: hidden;
      }
      .title > span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .dot {
        flex: none;
        width: 7px;
        height: 7px;
        border-radius: 50%;
        background: var(--good);
      }
      .dot.saving {
        background: var(--warn);
      }
      .dot.unsaved {
        background: var(--bad);
      }
      .dot.local {
        background: transparent;
        border: 1px solid var(--muted);
      }
      .people {
        display: flex;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .people button {
        width: 26px;
        height: 26px;
        padding: 0;
        margin-left: -4px;
        border: 2px solid var(--raised);
        border-radius: 50%;
        background: var(--colour);
        color: #000000;
        font: 700 11px/1 var(--font);
      }
      .people button:hover {
        background: var(--colour) !important;
        filter: brightness(1.15);
      }
      .people button[aria-pressed="true"] {
        border-color: var(--accent);
      }
      .more {
        align-self: center;
        padding-left: 4px;
        color: var(--muted);
      }
      @media (max-width: 899px) {
        .title > span:not(.dot),
        .people li:nth-child(n + 3) {
          display: none;
        }
      }
      /* The dialog has it, too. */
      @media (max-width: 599px) {
        .share,
        .people li:nth-child(n + 2) {
          display: none;
        }
        .title {
          padding: 0 4px;
          gap: 2px;
        }
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["workspace", "people", "me", "following", "leading"]);
  }

  override render(): TemplateResult {
    const workspace = store.get("workspace");
    const all = others();
    const saved = workspace.id === null ? "empty" : SAVED[workspace.saving];
    return html`<button class="plain title" title="${titleOf(workspace)} (${saved}): ${tooltip("workspace.list")}"
        aria-label="Workspace ${titleOf(workspace)}, ${saved}" @click=${() => commands.run("workspace.list")}>
        ${icon("app-window")}<span>${titleOf(workspace)}</span>${workspace.id === null ? nothing : html`<span class="dot ${workspace.saving}"></span>`}
      </button>
      ${workspace.id !== null && workspace.level === "own"
        ? html`<button class="plain square share" title=${tooltip("workspace.share")} aria-label="Share the workspace" @click=${() => commands.run("workspace.share")}>${icon("users")}</button>`
        : nothing}
      ${all.length > 0
        ? html`<ul class="people" aria-label="Also in this workspace">
            ${all.slice(0, MOST).map((person) => this.person(person))}
            ${all.length > MOST ? html`<li class="more" title=${all.slice(MOST).map(({ name }) => name).join(", ")}>+${all.length - MOST}</li>` : nothing}
          </ul>`
        : nothing}`;
  }

  private person(person: Person): TemplateResult {
    const followed = store.get("following") === person.id;
    const leads = person.presence?.leading ? ", who leads" : "";
    return html`<li><button style="--colour: ${colourOf(person)}" aria-pressed=${followed} title="Follow ${person.name}${leads}"
      aria-label="Follow ${person.name}${leads}" @click=${() => follow(person.id)}><span aria-hidden="true">${initialsOf(person.name)}</span></button></li>`;
  }
}

customElements.define("toyz-workspace-menu", WorkspaceMenu);
