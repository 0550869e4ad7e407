/** Shares, and who has been granted them. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import type { ShownShare } from "../api";
import { admin } from "../api";
import { icon } from "../icon";
import { adminStyles } from "./styles";

export class AdminShares extends AccountPart {
  static override styles = adminStyles;

  @state() private shares: ShownShare[] = [];
  /** Whom one may grant something. */
  @state() private subjects: [string, string][] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  private async read(): Promise<void> {
    const [shares, users, groups] = await Promise.all([admin.shares(), admin.users(), admin.groups()]);
    this.shares = shares;
    this.subjects = [
      ["anonymous", "Everybody, signed in or not"],
      ...Object.keys(groups).map((name): [string, string] => [`@${name}`, `@${name}`]),
      ...users.map(({ name }): [string, string] => [name, name]),
    ];
  }

  private change(work: () => Promise<unknown>): void {
    void this.act(async () => {
      await work();
      await this.read();
    });
  }

  override render(): TemplateResult {
    return html`<p class="label">Administrators see every share. Directories are added on the server: <code>toyz share add</code>.</p>
      <ul>${this.shares.map((share) => this.item(share))}</ul>
      ${this.outcome()}`;
  }

  private item(share: ShownShare): TemplateResult {
    const submit = (event: Event): void => {
      event.preventDefault();
      const given = new FormData(event.target as HTMLFormElement);
      this.change(() => admin.grant(share.name, String(given.get("who")), given.get("level") === "write" ? "write" : "view"));
    };
    return html`<li><b class="grow clip">${share.name}</b>
      <form class="line" @submit=${submit}>
        <select name="who" aria-label="Whom to grant ${share.name}" required><option value="">To whom…</option>${this.subjects.map(([who, title]) => html`<option value=${who}>${title}</option>`)}</select>
        <select name="level" aria-label="What to grant of ${share.name}"><option value="view">to view</option><option value="write" ?disabled=${!share.write}>to write</option></select>
        <button type="submit" aria-label="Grant ${share.name}" ?disabled=${this.busy}>Grant</button>
      </form>
      <span class="chips">${share.granted.length === 0 ? html`<span class="label">Granted to nobody</span>` : share.granted.map(({ subject, level }) => html`<span class="chip">
        <span class="clip">${subject === "anonymous" ? "Everybody" : subject}${level === "write" ? ", to write" : ""}</span>
        <button class="plain square" title="Withdraw" aria-label="Withdraw ${share.name} from ${subject}" ?disabled=${this.busy}
          @click=${() => this.change(() => admin.withdraw(share.name, subject))}>${icon("x")}</button></span>`)}</span></li>`;
  }
}
