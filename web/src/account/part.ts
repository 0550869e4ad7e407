/** What the parts of the account have in common: they ask the server, and say what went wrong where they stand. */
import { html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { accountStyles } from "./styles";

export abstract class AccountPart extends LitElement {
  static override styles = accountStyles;

  @state() protected busy = false;
  @state() protected problem = "";
  @state() protected done = "";

  /** Do something with the server; one thing at a time. */
  protected async act(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = this.done = "";
    try {
      await work();
    } catch (error) {
      this.problem = messageOf(error);
    } finally {
      this.busy = false;
    }
  }

  protected outcome(): TemplateResult | typeof nothing {
    if (this.problem) return html`<p class="problem" role="alert">${icon("circle-alert")} ${this.problem}</p>`;
    return this.done ? html`<p class="muted" role="status">${this.done}</p>` : nothing;
  }
}
