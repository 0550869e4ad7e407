/** The plugins: their panels, their tasks as forms, and those that could not be loaded. */
import { css, html, LitElement, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { server } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { ModuleInfo, PanelInfo, PluginList, TaskInfo } from "../types";
import { glyph } from "./glyph";
import { RunningPanel } from "./plugin_api";
import { panelStyles } from "./panel_styles";

/** What is open: a panel or a task of a plugin. */
type Shown = { module: ModuleInfo; panel: PanelInfo } | { module: ModuleInfo; task: TaskInfo };

export class PluginsPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      section {
        padding: 10px 0;
        border-bottom: 1px solid var(--line);
      }
      .intro {
        padding: 0 12px 6px;
      }
      .intro strong {
        display: block;
      }
      .item {
        width: 100%;
        padding: 0 12px;
        border: 0;
        border-radius: 0;
        justify-content: flex-start;
      }
      .item:focus-visible {
        outline-offset: -2px;
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 8px 12px 8px 6px;
        border-bottom: 1px solid var(--line);
      }
      header span {
        font-weight: 600;
      }
      .host {
        padding: 12px;
      }
      .failure {
        padding: 8px 12px;
      }
    `,
  ];

  @state() private shown: Shown | null = null;
  @state() private problem = "";
  @state() private failed = "";
  private running: RunningPanel | null = null;
  private started: PanelInfo | null = null;

  constructor() {
    super();
    new StoreController(this, ["plugins"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (store.get("plugins") === null) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private async load(): Promise<void> {
    try {
      store.set({ plugins: await server.plugins() });
      this.problem = "";
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  private stop(): void {
    this.running?.end();
    this.running = null;
    this.started = null;
  }

  private show(shown: Shown | null): void {
    this.stop();
    this.failed = "";
    this.shown = shown;
  }

  override updated(_changed: PropertyValues): void {
    const { shown } = this;
    const host = this.renderRoot.querySelector<HTMLElement>(".host");
    if (!shown || !("panel" in shown) || !host || this.started === shown.panel) return;
    this.started = shown.panel;
    const running = (this.running = new RunningPanel(shown.module, host));
    running.start(shown.panel).catch((error: unknown) => {
      if (this.running === running) this.failed = `${shown.panel.title} could not start: ${messageOf(error)}`;
      running.end();
    });
  }

  override render(): TemplateResult {
    if (this.shown) return this.open(this.shown);
    const plugins = store.get("plugins");
    if (this.problem) {
      return html`<div class="empty"><p class="problem" role="alert">${icon("circle-alert")}<span>${this.problem}</span></p>
        <button @click=${() => void this.load()}>Try again</button></div>`;
    }
    if (!plugins) return html`<div class="empty"><p>Asking for the plugins …</p></div>`;
    return this.list(plugins);
  }

  private list({ modules, failures }: PluginList): TemplateResult {
    const useful = modules.filter((module) => module.tasks.length + module.panels.length + module.readers.length > 0);
    return html`
      ${failures.map((failure) => html`<div class="failure problem" role="alert">${icon("triangle-alert")}<span><strong>${failure.name}</strong> could not be loaded: ${failure.error}</span></div>`)}
      ${useful.map((module) => this.module(module))}
      ${useful.length === 0 ? html`<div class="empty">${icon("puzzle", 20)}<p>No plugin is installed.</p>
        <p>Try the example: <code class="mono">pip install ./examples/hello_plugin</code>, then start the server again.</p></div>` : nothing}
    `;
  }

  private module(module: ModuleInfo): TemplateResult {
    return html`<section aria-label=${module.title}>
      <div class="intro"><strong>${module.title}</strong>${module.description ? html`<span class="muted">${module.description}</span>` : nothing}
        ${module.readers.map((reader) => html`<div class="label">reads ${reader.name} <span class="mono">${reader.extensions.join(" ")}</span></div>`)}</div>
      ${module.panels.map((panel) => html`<button class="item" @click=${() => this.show({ module, panel })}>${icon(panel.icon)}<span class="grow clip row">${panel.title}</span>${icon("chevron-right")}</button>`)}
      ${module.tasks.map((task) => html`<button class="item" @click=${() => this.show({ module, task })}>${glyph("play")}<span class="grow clip row">${task.title}</span>
        ${task.long ? html`<span class="label">job</span>` : nothing}${icon("chevron-right")}</button>`)}
    </section>`;
  }

  private open(shown: Shown): TemplateResult {
    const title = "panel" in shown ? shown.panel.title : shown.task.title;
    return html`
      <header><button class="plain square" title="Back to the plugins" aria-label="Back to the plugins" @click=${() => this.show(null)}>${icon("arrow-left")}</button>
        <span class="clip">${shown.module.title} · ${title}</span></header>
      ${this.failed ? html`<div class="failure problem" role="alert">${icon("circle-alert")}<span>${this.failed}</span></div>` : nothing}
      ${"task" in shown ? html`<div class="stack"><toyz-task-form .module=${shown.module.name} .task=${shown.task}></toyz-task-form></div>`
        : html`<div class="host" role="region" aria-label=${title}></div>`}
    `;
  }
}
