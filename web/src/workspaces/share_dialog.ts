/** Sharing the workspace: links to look or to edit, how long they are valid, who came by them. */

import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { accountStyles } from "../account/styles";
import { icon } from "../icon";
import { Asking } from "../panels/asking";
import { copyText } from "../panels/clipboard";
import { TitledDialog } from "../panels/dialog";
import { formatDate } from "../panels/format";
import { store } from "../store";
import { workspaces as api } from "./api";
import type { LinkLevel, SharedLink } from "./types";

const HOUR = 3600;
const LIFETIMES: [seconds: number, title: string][] = [
  [2 * HOUR, "2 hours"],
  [24 * HOUR, "a day"],
  [7 * 24 * HOUR, "a week"],
  [90 * 24 * HOUR, "90 days"],
  [0, "until it is revoked"],
];
const LEVELS: Record<LinkLevel, string> = { view: "look", edit: "edit" };

/** The address that a link's token makes. */
export function linkAddress(token: string): string {
  return new URL(`#workspace=${token}`, document.baseURI).href;
}

export class ShareDialog extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    ...accountStyles.slice(-1),
    css`
      :host {
        display: block;
      }
      dialog {
        width: min(520px, 100vw - 24px);
        max-height: min(640px, 100dvh - 24px);
        overflow-y: auto;
      }
      .parts {
        display: grid;
        gap: 16px;
        padding: 12px 16px 16px;
      }
    `,
  ];

  @state() private links: SharedLink[] = [];
  @state() private made = "";
  private readonly asking = new Asking(this);
  private wasOpen = false;

  protected readonly dialogName = "share";
  protected readonly heading = "Share this workspace";

  override willUpdate(): void {
    if (this.open && !this.wasOpen) {
      this.made = "";
      void this.asking.act(() => this.read());
    }
    this.wasOpen = this.open;
  }

  private get workspace(): string {
    return store.get("workspace").id ?? "";
  }

  private async read(): Promise<void> {
    this.links = await api.links(this.workspace);
  }

  private readonly make = (event: Event): void => {
    event.preventDefault();
    const { level, lifetime } = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
    void this.asking.act(async () => {
      const { token } = await api.share(this.workspace, level as LinkLevel, Number(lifetime));
      this.made = linkAddress(token);
      await this.read();
    });
  };

  private revoke(link: SharedLink): void {
    void this.asking.act(async () => {
      await api.revoke(this.workspace, link.id);
      this.made = "";
      await this.read();
    });
  }

  protected body(): TemplateResult {
    return html`<div class="parts">
      <p class="muted">Whoever has a link and signs in can open this workspace. Of its images everyone sees those that the server lets them see.</p>
      <form @submit=${this.make}>
        <label>One may<select name="level"><option value="view">look, and follow</option><option value="edit">look, follow and edit</option></select></label>
        <label>It is valid<select name="lifetime">${LIFETIMES.map(([seconds, title]) => html`<option value=${seconds} ?selected=${seconds === 7 * 24 * HOUR}>${title}</option>`)}</select></label>
        <div class="row ends"><button type="submit" class="primary" ?disabled=${this.asking.busy}>${icon("link")} Make a link</button></div>
      </form>
      ${this.asking.problem ? html`<p class="problem" role="alert">${icon("circle-alert")} ${this.asking.problem}</p>` : nothing}
      ${this.made
        ? html`<div class="fields" role="status"><p>Copy it now: it cannot be shown again.</p><pre class="value">${this.made}</pre>
            <div class="row ends"><button @click=${() => void copyText(this.made, "The link is copied.")}>${icon("copy")} Copy the link</button></div></div>`
        : nothing}
      ${this.links.length > 0
        ? html`<section><h3>Links</h3><ul aria-label="Links">${this.links.map((link) => this.item(link))}</ul></section>`
        : html`<p class="label">There is no link: the workspace is yours alone.</p>`}
    </div>`;
  }

  private item(link: SharedLink): TemplateResult {
    const end = link.expires ? `until ${formatDate(link.expires)}` : "until it is revoked";
    const users = link.users.length ? `opened by ${link.users.join(", ")}` : "not opened yet";
    return html`<li><span class="grow"><span>To ${LEVELS[link.level]}, ${end}</span><span class="label">${users}</span></span>
      <button ?disabled=${this.asking.busy} aria-label="Revoke the link to ${LEVELS[link.level]} made ${formatDate(link.created)}" @click=${() => this.revoke(link)}>Revoke</button></li>`;
  }
}

customElements.define("toyz-share-dialog", ShareDialog);
