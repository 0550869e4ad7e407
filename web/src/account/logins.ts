/** Where one is signed in. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { OwnLogin } from "../api";
import { account } from "../api";
import { icon } from "../icon";
import { formatDate } from "../panels/format";
import { describeAgent } from "./agent";
import { AccountPart } from "./part";

export class OwnLogins extends AccountPart {
  @state() private logins: OwnLogin[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  /** Ask again: others have ended. */
  refresh(): void {
    void this.act(() => this.read());
  }

  private async read(): Promise<void> {
    this.logins = await account.logins();
  }

  private end(login: OwnLogin): void {
    void this.act(async () => {
      await account.endLogin(login.id);
      await this.read();
    });
  }

  private readonly endOthers = (): void => {
    void this.act(async () => {
      await account.endOtherLogins();
      await this.read();
      this.done = "You are signed out everywhere else.";
    });
  };

  override render(): TemplateResult {
    const others = this.logins.some(({ here }) => !here);
    return html`<h3>Signed in</h3>
      <ul>${this.logins.map((login) => this.item(login))}</ul>
      ${this.outcome()}
      ${others ? html`<div class="row ends"><button ?disabled=${this.busy} @click=${this.endOthers}>Sign out everywhere else</button></div>` : nothing}`;
  }

  private item(login: OwnLogin): TemplateResult {
    const where = describeAgent(login.agent);
    return html`<li><span class="grow"><span class="clip" title=${login.agent}>${where}${login.here ? html` · <b>here</b>` : nothing}</span>
        <span class="label clip">${login.address || "unknown address"}, since ${formatDate(login.created)}</span></span>
      ${login.here ? nothing : html`<button class="plain square" title="Sign out" aria-label="Sign out: ${where}, ${formatDate(login.created)}"
        ?disabled=${this.busy} @click=${() => this.end(login)}>${icon("x")}</button>`}</li>`;
  }
}
