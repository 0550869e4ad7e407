/** What was done, by whom, and when. */
import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import type { AuditEntry } from "../api";
import { admin } from "../api";
import { formatDate } from "../panels/format";
import { adminStyles } from "./styles";

const PAGE = 100;
const WAIT_MS = 250;

export class AdminAudit extends AccountPart {
  static override styles = [
    ...adminStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 4px 8px 4px 0;
        text-align: left;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      th {
        font-weight: 400;
        color: var(--muted);
      }
      td:nth-child(2) {
        overflow-wrap: normal;
      }
      td:first-child {
        white-space: nowrap;
      }
      tbody tr {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  @state() private entries: AuditEntry[] = [];
  @state() private more = false;
  private text = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private read(before?: number): Promise<void> {
    const { text } = this;
    return this.act(async () => {
      const found = await admin.audit(PAGE, text, before);
      this.entries = before === undefined ? found : [...this.entries, ...found];
      this.more = found.length === PAGE;
    }).then(() => {
      // Another text was typed meanwhile.
      if (text !== this.text) void this.read();
    });
  }

  private readonly filter = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), WAIT_MS);
  };

  override render(): TemplateResult {
    return html`<input type="search" placeholder="A user, an action, a file" aria-label="Filter the log" maxlength="100" @input=${this.filter} />
      ${this.outcome()}
      <table><thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead><tbody>${this.entries.map(row)}</tbody></table>
      ${this.more ? html`<div class="row ends"><button ?disabled=${this.busy} @click=${() => void this.read(this.entries.at(-1)?.id)}>Show older ones</button></div>` : nothing}`;
  }
}

function row({ time, user, action, subject, detail }: AuditEntry): TemplateResult {
  return html`<tr><td class="mono">${formatDate(time)}</td><td>${user}</td>
    <td>${action.replaceAll("_", " ")}${subject ? html` <b>${subject}</b>` : nothing}${detail ? html` <span class="muted">${detail}</span>` : nothing}</td></tr>`;
}
