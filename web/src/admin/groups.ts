/** Groups and who is in them. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import { admin } from "../api";
import { icon } from "../icon";
import { adminStyles } from "./styles";

export class AdminGroups extends AccountPart {
  static override styles = adminStyles;

  @state() private groups: Record<string, string[]> = {};
  @state() private users: string[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  private async read(): Promise<void> {
    const [groups, users] = await Promise.all([admin.groups(), admin.users()]);
    this.groups = groups;
    this.users = users.map(({ name }) => name);
  }

  private change(work: () => Promise<unknown>): void {
    void this.act(async () => {
      await work();
      await this.read();
    });
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get("name"));
    this.change(async () => {
      await admin.addGroup(name);
      form.reset();
    });
  };

  override render(): TemplateResult {
    return html`<ul>${Object.entries(this.groups).map(([name, members]) => this.item(name, members))}</ul>
      ${this.outcome()}
      <form class="line" @submit=${this.submit}>
        <input type="text" name="name" placeholder="Name of a new group" aria-label="Name of a new group" maxlength="64" required autocomplete="off" />
        <button type="submit" ?disabled=${this.busy}>${icon("plus")} Add the group</button>
      </form>`;
  }

  private item(name: string, members: string[]): TemplateResult {
    const others = this.users.filter((user) => !members.includes(user));
    const join = (event: Event): void => {
      const select = event.target as HTMLSelectElement;
      const user = select.value;
      select.value = "";
      if (user) this.change(() => admin.join(name, user));
    };
    return html`<li><b class="grow clip">${name}</b>
      <select aria-label="Put into ${name}" @change=${join} ?disabled=${this.busy || others.length === 0}>
        <option value="">Put in…</option>${others.map((user) => html`<option value=${user}>${user}</option>`)}</select>
      <button class="plain square" title="Delete the group" aria-label="Delete the group ${name}" ?disabled=${this.busy}
        @click=${() => this.change(() => admin.deleteGroup(name))}>${icon("x")}</button>
      <span class="chips">${members.length === 0 ? html`<span class="label">Nobody</span>` : members.map((user) => html`<span class="chip"><span class="clip">${user}</span>
        <button class="plain square" title="Take out" aria-label="Take ${user} out of ${name}" ?disabled=${this.busy}
          @click=${() => this.change(() => admin.leave(name, user))}>${icon("x")}</button></span>`)}</span></li>`;
  }
}
