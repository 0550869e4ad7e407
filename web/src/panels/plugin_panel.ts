/** A panel that a plugin draws itself: it runs as long as the element is in the page. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { messageOf } from "../errors";
import { icon } from "../icon";
import type { ModuleInfo, PanelInfo } from "../types";
import { panelStyles } from "./panel_styles";
import { RunningPanel } from "./plugin_api";

export class PluginPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .host {
        padding: 12px;
      }
      .failure {
        padding: 8px 12px;
      }
    `,
  ];

  @property({ attribute: false }) module!: ModuleInfo;
  @property({ attribute: false }) panel!: PanelInfo;
  @state() private failed = "";
  private running: RunningPanel | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.start());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.running?.end();
    this.running = null;
  }

  private start(): void {
    const host = this.renderRoot.querySelector<HTMLElement>(".host");
    if (!host || !this.isConnected || this.running) return;
    const { module, panel } = this;
    this.failed = "";
    const running = (this.running = new RunningPanel(module, host));
    running.start(panel).catch((error: unknown) => {
      if (this.running === running) this.failed = `${panel.title} could not start: ${messageOf(error)}`;
      running.end();
    });
  }

  override render(): TemplateResult {
    return html`${this.failed ? html`<div class="failure problem" role="alert">${icon("circle-alert")}<span>${this.failed}</span></div>` : nothing}
      <div class="host" role="region" aria-label=${this.panel.title}></div>`;
  }
}
