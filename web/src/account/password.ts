/** Setting one's password, or changing it. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { account } from "../api";
import { AccountPart } from "./part";

const SHORTEST = 8;

export class OwnPassword extends AccountPart {
  /** Whether there is one so far. */
  @property({ type: Boolean }) has = false;
  /** Whether it is the first thing to do here. */
  @property({ type: Boolean }) first = false;
  @property() user = "";

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { old, wanted, again } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    if (wanted !== again) {
      this.done = "";
      this.asking.problem = "The two new passwords differ.";
      return;
    }
    void this.act(async () => {
      await account.setPassword(wanted ?? "", old ?? "");
      form.reset();
      this.done = this.has ? "The password is changed; you are signed out everywhere else." : "The password is set.";
      this.has = true;
      this.dispatchEvent(new CustomEvent("password-set"));
    });
  };

  override firstUpdated(): void {
    if (this.first) this.renderRoot.querySelector<HTMLInputElement>("input[name=wanted]")?.focus();
  }

  override render(): TemplateResult {
    return html`<h3>Password</h3>
      <form @submit=${this.submit}>
        <input type="text" name="username" .value=${this.user} autocomplete="username" hidden />
        ${this.has ? field("Current", "old", "current-password") : nothing}
        ${field("New", "wanted", "new-password", SHORTEST)} ${field("New, again", "again", "new-password", SHORTEST)}
        ${this.outcome()}
        <div class="row ends"><button type="submit" ?disabled=${this.busy}>${this.has ? "Change" : "Set"} the password</button></div>
      </form>`;
  }
}

function field(title: string, name: string, autocomplete: "current-password" | "new-password", shortest = 0): TemplateResult {
  return html`<label>${title}<input type="password" name=${name} autocomplete=${autocomplete} minlength=${shortest} required /></label>`;
}
