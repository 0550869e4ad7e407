/** The users of the server: added, invited, shut out, deleted. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import type { Invited, ShownUser } from "../api";
import { admin } from "../api";
import { icon } from "../icon";
import { copyText } from "../panels/clipboard";
import { store } from "../store";
import { adminStyles } from "./styles";

/** The address that signs somebody in once. */
export function inviteLink(ticket: string, base = document.baseURI): string {
  const link = new URL("login", base);
  link.searchParams.set("token", ticket);
  return link.href;
}

export class AdminUsers extends AccountPart {
  static override styles = adminStyles;

  @state() private users: ShownUser[] = [];
  @state() private invited: Invited | null = null;
  /** The user that is asked about before it is deleted. */
  @state() private leaving = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  private async read(): Promise<void> {
    this.users = await admin.users();
  }

  private change(work: () => Promise<unknown>): void {
    void this.act(async () => {
      await work();
      this.leaving = "";
      await this.read();
    });
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    this.change(async () => {
      this.invited = await admin.addUser(String(given.get("name")), given.has("admin"));
      form.reset();
    });
  };

  private readonly invite = (name: string): void => {
    void this.act(async () => {
      this.invited = await admin.invite(name);
    });
  };

  override render(): TemplateResult {
    return html`<ul>${this.users.map((user) => this.item(user))}</ul>
      ${this.invited ? this.link(this.invited) : nothing} ${this.outcome()}
      <form class="line" @submit=${this.submit}>
        <input type="text" name="name" placeholder="Name of a new user" aria-label="Name of a new user" maxlength="64" required autocomplete="off" />
        <label class="row"><input type="checkbox" name="admin" /> Administrator</label>
        <button type="submit" ?disabled=${this.busy}>${icon("plus")} Add and invite</button>
      </form>`;
  }

  private item(user: ShownUser): TemplateResult {
    const { name } = user;
    const own = name === store.get("user");
    return html`<li><span class="grow"><b class="clip">${name}</b><span class="label clip">${standing(user)}</span></span>
      ${this.leaving === name ? this.question(name) : html`
        <button title="Make a link that signs ${name} in once" @click=${() => this.invite(name)} ?disabled=${this.busy || user.disabled}>Invite</button>
        <button aria-pressed=${user.admin} ?disabled=${this.busy || own} @click=${() => this.change(() => admin.setAdmin(name, !user.admin))}
          aria-label="${name}: administrator">Administrator</button>
        <button ?disabled=${this.busy || own} @click=${() => this.change(() => admin.setDisabled(name, !user.disabled))}
          aria-label="${user.disabled ? "Let in" : "Shut out"} ${name}">${user.disabled ? "Let in" : "Shut out"}</button>
        <button class="plain square" title="Delete" aria-label="Delete ${name}" ?disabled=${this.busy || own}
          @click=${() => { this.leaving = name; }}>${icon("x")}</button>`}</li>`;
  }

  private question(name: string): TemplateResult {
    return html`<span>Delete ${name} with all logins, tokens and settings?</span>
      <button @click=${() => { this.leaving = ""; }}>Keep</button>
      <button class="primary" ?disabled=${this.busy} @click=${() => this.change(() => admin.deleteUser(name))}>Delete ${name}</button>`;
  }

  private link({ name, ticket }: Invited): TemplateResult {
    const link = inviteLink(ticket);
    return html`<div class="fields" role="status"><p>Send this to ${name}: it signs in once, within the hour, to set a password.</p>
      <pre class="value">${link}</pre>
      <div class="row ends"><button @click=${() => void copyText(link, "The link is copied.")}>${icon("copy")} Copy the link</button></div></div>`;
  }
}

function standing({ admin: isAdmin, disabled, password, groups }: ShownUser): string {
  const words = [disabled ? "Shut out" : isAdmin ? "Administrator" : "User"];
  if (groups.length) words.push(`in ${groups.join(", ")}`);
  if (!password) words.push("no password yet");
  return words.join(", ");
}
