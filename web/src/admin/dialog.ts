/** The administration: users, groups, shares, and what was done. */
import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { TitledDialog } from "../panels/dialog";

const PARTS = {
  Users: () => html`<toyz-admin-users></toyz-admin-users>`,
  Groups: () => html`<toyz-admin-groups></toyz-admin-groups>`,
  Shares: () => html`<toyz-admin-shares></toyz-admin-shares>`,
  Quotas: () => html`<toyz-admin-quotas></toyz-admin-quotas>`,
  Sandbox: () => html`<toyz-admin-sandbox></toyz-admin-sandbox>`,
  Log: () => html`<toyz-admin-audit></toyz-admin-audit>`,
} as const;
type Part = keyof typeof PARTS;

export class AdminDialog extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    css`
      dialog {
        width: min(640px, 100vw - 24px);
        height: min(640px, 100dvh - 24px);
        overflow-y: auto;
      }
      .parts {
        display: grid;
        gap: 16px;
        padding: 16px;
      }
    `,
  ];

  @state() private shown: Part = "Users";

  protected readonly dialogName = "admin";
  protected readonly heading = "Administration";

  protected body(): TemplateResult {
    return html`<div class="parts">
      <div class="segments" role="group" aria-label="Part of the administration">${(Object.keys(PARTS) as Part[]).map((part) => html`<button
        aria-pressed=${part === this.shown} @click=${() => { this.shown = part; }}>${part}</button>`)}</div>
      ${PARTS[this.shown]()}
    </div>`;
  }
}
