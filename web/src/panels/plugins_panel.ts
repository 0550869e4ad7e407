/** The plugins: their panels to open, their tasks as forms, and those that could not be loaded. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { server } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { pluginPanelId } from "../panel_list";
import { store, StoreController } from "../store";
import type { ModuleInfo, PluginList, TaskInfo } from "../types";
import { showPanel } from "../dock/handle";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";

/** The task of a plugin whose form is open. */
interface Shown {
  module: ModuleInfo;
  task: TaskInfo;
}

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
      .failure {
        padding: 8px 12px;
      }
    `,
  ];

  @state() private shown: Shown | null = null;
  @state() private problem = "";

  constructor() {
    super();
    new StoreController(this, ["plugins"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (store.get("plugins") === null) void this.load();
  }

  private async load(): Promise<void> {
    try {
      store.set({ plugins: await server.plugins() });
      this.problem = "";
    } catch (error) {
      this.problem = messageOf(error);
    }
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
      <div class="intro"><strong>${module.title}</strong>${module.description ? html`<span class="muted">${module.description.replaceAll("`", "")}</span>` : nothing}
        ${module.readers.map((reader) => html`<div class="label">reads ${reader.name} <span class="mono">${reader.extensions.join(" ")}</span></div>`)}</div>
      ${module.panels.map((panel) => html`<button class="item" @click=${() => showPanel(pluginPanelId(module.name, panel.name))}>${icon(panel.icon)}<span class="grow clip row">${panel.title}</span>${icon("chevron-right")}</button>`)}
      ${module.tasks.map((task) => html`<button class="item" @click=${() => (this.shown = { module, task })}>${glyph("play")}<span class="grow clip row">${task.title}</span>
        ${task.long ? html`<span class="label">job</span>` : nothing}${icon("chevron-right")}</button>`)}
    </section>`;
  }

  private open({ module, task }: Shown): TemplateResult {
    return html`
      <header><button class="plain square" title="Back to the plugins" aria-label="Back to the plugins" @click=${() => (this.shown = null)}>${icon("arrow-left")}</button>
        <span class="clip">${module.title} · ${task.title}</span></header>
      <div class="stack"><toyz-task-form .module=${module.name} .task=${task}></toyz-task-form></div>
    `;
  }
}
