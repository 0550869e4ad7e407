/** How much each user may upload, and has uploaded. */
import { html } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import type { Quota, ShownQuotas } from "../api";
import { admin } from "../api";
import { formatBytes } from "../panels/format";
import { adminStyles } from "./styles";

const GB = 1e9;
const NONE: Quota = { unfinished: 0, finished: 0 };

/** The quota that a form of two numbers of GB says; null if one of them is none. */
export function quotaOf(unfinished: string, finished: string): Quota | null {
  const [first, second] = [unfinished, finished].map((text) => (text.trim() === "" ? Number.NaN : Math.round(Number(text) * GB)));
  return first! >= 0 && second! >= 0 ? { unfinished: first!, finished: second! } : null;
}

export class AdminQuotas extends AccountPart {
  static override styles = adminStyles;

  @state() private users: string[] = [];
  @state() private quotas: ShownQuotas | null = null;
  /** Whose quota is being changed. */
  @state() private open = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(() => this.read());
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("open") && this.open) this.renderRoot.querySelector<HTMLInputElement>(".quota input")?.select();
  }

  private async read(): Promise<void> {
    const [users, quotas] = await Promise.all([admin.users(), admin.quotas()]);
    this.users = users.map(({ name }) => name);
    this.quotas = quotas;
  }

  private set(name: string, quota: Quota | null): void {
    void this.act(async () => {
      await admin.setQuota(name, quota);
      this.open = "";
      await this.read();
    });
  }

  private submit(event: Event, name: string): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const quota = quotaOf(String(given.get("unfinished")), String(given.get("finished")));
    if (quota) this.set(name, quota);
  }

  override render(): TemplateResult {
    const { quotas } = this;
    if (!quotas) return html`${this.outcome()}`;
    const { unfinished, finished } = quotas.everybody;
    return html`<p class="muted">Everybody may upload ${formatBytes(finished)} in all and ${formatBytes(unfinished)} at a time;
        the server's configuration says so.</p>
      <ul aria-label="Quotas">${this.users.map((name) => this.item(name, quotas))}</ul>
      ${this.outcome()}`;
  }

  private item(name: string, { everybody, own, used }: ShownQuotas): TemplateResult {
    const quota = own[name] ?? everybody;
    const has = used[name] ?? NONE;
    const waiting = `${formatBytes(has.unfinished)} of ${formatBytes(quota.unfinished)} on the way`;
    return html`<li><span class="grow"><b class="clip">${name}</b>
        <span class="label">${formatBytes(has.finished)} of ${formatBytes(quota.finished)} uploaded, ${waiting}${own[name] ? ", a quota of its own" : ""}</span></span>
      ${this.open === name ? this.form(name, quota, name in own) : html`<button aria-label="Change the quota of ${name}" ?disabled=${this.busy}
        @click=${() => { this.open = name; }}>Change</button>`}</li>`;
  }

  private form(name: string, quota: Quota, isOwn: boolean): TemplateResult {
    const field = (of: keyof Quota, label: string): TemplateResult => html`<label>${label}
      <input type="number" name=${of} min="0" max="9000000" step="any" required .value=${String(quota[of] / GB)} aria-label="${label} of ${name}, in GB" /></label>`;
    return html`<form class="quota" @submit=${(event: Event) => this.submit(event, name)}>
      ${field("finished", "In all (GB)")} ${field("unfinished", "At a time (GB)")}
      <div class="row ends">
        <button type="button" @click=${() => { this.open = ""; }}>Keep</button>
        <button type="button" ?disabled=${this.busy || !isOwn} @click=${() => this.set(name, null)}>As everybody</button>
        <button type="submit" class="primary" ?disabled=${this.busy}>Set the quota</button>
      </div></form>`;
  }
}
