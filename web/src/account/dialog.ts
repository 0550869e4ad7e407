/** One's account: who one is, password, logins, tokens, and the way out. */
import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Account } from "../api";
import { account } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { TitledDialog } from "../panels/dialog";
import { signOut } from "../sign_in";
import { store } from "../store";
import type { OwnLogins } from "./logins";

export class AccountDialog extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    css`
      dialog {
        width: min(440px, 100vw - 24px);
        max-height: min(720px, 100dvh - 24px);
        overflow-y: auto;
      }
      .parts {
        display: grid;
        gap: 20px;
        padding: 16px;
      }
      .who {
        display: grid;
        flex: 1;
        min-width: 0;
      }
    `,
  ];

  @state() private me: Account | null = null;
  @state() private problem = "";
  /** Whether one is asked before one signs out. */
  @state() private leaving = false;
  private wasOpen = false;

  protected readonly dialogName = "account";
  protected readonly heading = "Account";

  override willUpdate(): void {
    if (this.open && !this.wasOpen) void this.read();
    this.wasOpen = this.open;
  }

  private async read(): Promise<void> {
    this.problem = "";
    this.leaving = false;
    try {
      this.me = await account.show();
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  private get logins(): OwnLogins | null {
    return this.renderRoot.querySelector("toyz-own-logins");
  }

  protected body(): TemplateResult {
    const { me } = this;
    return html`<div class="parts">
      ${this.problem ? html`<p class="problem" role="alert">${icon("circle-alert")} ${this.problem}</p>` : nothing}
      ${me ? html`<div class="row"><span class="who"><b class="clip">${me.name}</b>
            <span class="label clip">${standing(me)}</span></span>${me.admin ? html`<button @click=${() => store.set({ dialog: "admin" })}>Administration</button>` : nothing}
            ${this.leaving ? nothing : html`<button @click=${() => (me.invited ? (this.leaving = true) : signOut())}>${icon("log-out")} Sign out</button>`}</div>
          ${this.leaving ? html`<div class="warning" role="alertdialog" aria-label="Sign out?"><p>You have no password: without another invitation you cannot come back.</p>
            <div class="row ends"><button autofocus @click=${() => { this.leaving = false; }}>Stay</button>
              <button @click=${signOut}>Sign out all the same</button></div></div>` : nothing}
          ${me.invited && !this.leaving ? html`<p class="warning" role="status">${icon("circle-alert")} <span>The link that you came by signs in once. Set a password, to come back.</span></p>` : nothing}
          <toyz-own-password ?has=${me.password} ?first=${me.invited} .user=${me.name} @password-set=${() => { void this.read(); this.logins?.refresh(); }}></toyz-own-password>
          <toyz-own-logins></toyz-own-logins>
          <toyz-own-tokens></toyz-own-tokens>` : nothing}
    </div>`;
  }
}

function standing({ admin, groups }: Account): string {
  const parts = [admin ? "Administrator" : "User", ...(groups.length ? [`in ${groups.join(", ")}`] : [])];
  return parts.join(", ");
}
