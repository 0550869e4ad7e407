/** Tokens for one's scripts. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { OwnToken, Scope } from "../api";
import { account } from "../api";
import { icon } from "../icon";
import { copyText } from "../panels/clipboard";
import { formatDate } from "../panels/format";
import { AccountPart } from "./part";

const SCOPES: [Scope, string][] = [
  ["read", "Look"],
  ["write", "All that I may"],
  ["admin", "My account as well"],
];
const DAYS = [7, 30, 90, 365];

export class OwnTokens extends AccountPart {
  @state() private tokens: OwnToken[] = [];
  /** The value of the token just made; it is shown once. */
  @state() private value = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  private async read(): Promise<void> {
    this.tokens = await account.tokens();
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { name, scope, days } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    void this.act(async () => {
      this.value = await account.createToken(name ?? "", scope as Scope, Number(days));
      form.reset();
      await this.read();
    });
  };

  private end(token: OwnToken): void {
    void this.act(async () => {
      await account.endToken(token.name);
      this.value = "";
      await this.read();
    });
  }

  override render(): TemplateResult {
    return html`<h3>Tokens for scripts</h3>
      ${this.tokens.length ? html`<ul>${this.tokens.map((token) => this.item(token))}</ul>` : nothing} ${this.value ? this.made() : nothing}
      <form @submit=${this.submit}>
        <label>Name<input type="text" name="name" maxlength="64" required autocomplete="off" /></label>
        <label>May<select name="scope">${SCOPES.map(([scope, title]) => html`<option value=${scope}>${title}</option>`)}</select></label>
        <label>For<select name="days">${DAYS.map((days) => html`<option value=${days} ?selected=${days === 30}>${days} days</option>`)}</select></label>
        ${this.outcome()}
        <div class="row ends"><button type="submit" ?disabled=${this.busy}>Make a token</button></div>
      </form>`;
  }

  private item(token: OwnToken): TemplateResult {
    const used = token.used ? `used ${formatDate(token.used)}` : "never used";
    return html`<li><span class="grow"><span class="clip">${token.name}</span>
        <span class="label clip">${SCOPES.find(([scope]) => scope === token.scope)?.[1]}, until ${formatDate(token.expires)}, ${used}</span></span>
      <button class="plain square" title="End this token" aria-label="End the token ${token.name}" ?disabled=${this.busy}
        @click=${() => this.end(token)}>${icon("x")}</button></li>`;
  }

  private made(): TemplateResult {
    return html`<div class="fields" role="status"><p>Copy it now: nobody can show it again.</p>
      <pre class="value">${this.value}</pre>
      <div class="row ends"><button @click=${() => void copyText(this.value, "The token is copied.")}>${icon("copy")} Copy the token</button></div></div>`;
  }
}
