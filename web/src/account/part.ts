/** What the parts of the account have in common: they ask the server, and say what went wrong where they stand. */
import { html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon } from "../icon";
import { Asking } from "../panels/asking";
import { accountStyles } from "./styles";

export abstract class AccountPart extends LitElement {
  static override styles = accountStyles;

  protected readonly asking = new Asking(this);
  @state() protected done = "";

  protected get busy(): boolean {
    return this.asking.busy;
  }

  /** Do something with the server; one thing at a time. */
  protected async act(work: () => Promise<void>): Promise<void> {
    if (!this.busy) this.done = "";
    await this.asking.act(work);
  }

  protected outcome(): TemplateResult | typeof nothing {
    const { problem } = this.asking;
    if (problem) return html`<p class="problem" role="alert">${icon("circle-alert")} ${problem}</p>`;
    return this.done ? html`<p class="muted" role="status">${this.done}</p>` : nothing;
  }
}
