/** What holds sessions, jobs and builders, and what is open where a layer is missing. */
import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { AccountPart } from "../account/part";
import type { Layer, ShownSandbox } from "../api";
import { admin } from "../api";
import { icon } from "../icon";
import { OPTIONAL, warningOf } from "./layers";
import { adminStyles } from "./styles";

export class AdminSandbox extends AccountPart {
  static override styles = [
    ...adminStyles,
    css`
      li {
        flex-wrap: nowrap;
      }
      li > .icon {
        align-self: start;
        margin-top: 3px;
      }
      .ok {
        color: var(--good);
      }
      .missing {
        color: var(--warn);
      }
      .grow > * {
        display: block;
        overflow-wrap: anywhere;
      }
      code {
        user-select: all;
      }
    `,
  ];

  @state() private shown: ShownSandbox | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.act(async () => {
      this.shown = await admin.sandbox();
    });
  }

  override render(): TemplateResult {
    return html`${this.outcome()}${this.shown ? this.layers(this.shown) : ""}`;
  }

  private layers(shown: ShownSandbox): TemplateResult {
    const warning = warningOf(shown);
    return html`<p role="status" class=${warning ? "missing" : "muted"}>${warning || "Every layer that this server asks for is in force."}</p>
      <ul aria-label="Layers of the sandbox">${shown.layers.map((layer) => this.item(layer))}</ul>
      <p class="muted">Processes are started by the spawner <b>${shown.spawner}</b>. In a terminal, <code>toyz doctor</code> says more.</p>`;
  }

  private item(layer: Layer): TemplateResult {
    const unused = !layer.in_force && OPTIONAL.has(layer.name);
    const kind = layer.in_force ? "ok" : unused ? "muted" : "missing";
    const symbol = layer.in_force ? "circle-check" : unused ? "info" : "triangle-alert";
    const said = layer.in_force ? `in force (${layer.found})` : unused ? "not in use" : layer.there ? `off (${layer.found} is there)` : `missing (${layer.found})`;
    return html`<li>
      <span class="icon ${kind}">${icon(symbol)}</span>
      <span class="grow"><span>${layer.name}: <span class=${kind}>${said}</span></span>
        ${layer.in_force ? "" : html`<span class="muted">Without it ${layer.without}.${layer.there ? "" : ` ${layer.advice}`}</span>`}</span>
    </li>`;
  }
}
