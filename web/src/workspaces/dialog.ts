/** All workspaces: open, rename, duplicate, delete, export, import. */

import type { PropertyValues, TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { accountStyles } from "../account/styles";
import { report } from "../actions";
import { commands } from "../commands";
import { icon } from "../icon";
import { Asking } from "../panels/asking";
import { keepingFocus } from "../panels/kept_focus";
import { TitledDialog } from "../panels/dialog";
import { formatDate } from "../panels/format";
import { store } from "../store";
import { exportUrl, workspaces as api } from "./api";
import { newWorkspace, openWorkspace, sync } from "./current";
import { titleOf } from "./menu";
import type { Workspace } from "./types";

export class WorkspacesDialog extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    ...accountStyles.slice(-1),
    css`
      :host {
        display: block;
      }
      dialog {
        width: min(640px, 100vw - 24px);
        height: min(600px, 100dvh - 24px);
        overflow-y: auto;
      }
      .parts {
        display: grid;
        gap: 12px;
        padding: 12px 16px 16px;
      }
      .tools {
        flex-wrap: wrap;
      }
      li {
        flex-wrap: wrap;
      }
      li > .open {
        display: grid;
        flex: 1 1 24ch;
        justify-content: start;
        justify-items: start;
        height: auto;
        min-width: 0;
        padding: 4px 8px;
        border: 0;
        text-align: left;
      }
      li[aria-current="true"] .name {
        color: var(--accent);
        font-weight: 600;
      }
      .open > span {
        max-width: 100%;
      }
      form.rename {
        display: flex;
        flex: 1 1 24ch;
      }
      form.rename > input {
        flex: 1;
        min-width: 0;
      }
      a.square {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        width: 28px;
        height: 28px;
        color: inherit;
        border-radius: var(--radius);
      }
      a.square:hover {
        background: var(--hover);
      }
      .question {
        flex: 1 1 100%;
        flex-wrap: wrap;
      }
      input[type="file"] {
        display: none;
      }
    `,
  ];

  @state() private all: Workspace[] | null = null;
  private readonly asking = new Asking(this);
  @state() private renaming: string | null = null;
  /** Which one is asked about before it is deleted: others have it too. */
  @state() private leaving: string | null = null;
  private wasOpen = false;

  protected readonly dialogName = "workspaces";
  protected readonly heading = "Workspaces";

  override willUpdate(): void {
    if (this.open && !this.wasOpen) {
      this.renaming = this.leaving = null;
      void this.asking.act(() => this.read());
    }
    this.wasOpen = this.open;
  }

  private async read(): Promise<void> {
    await sync.flush();
    this.all = await api.list();
  }

  /** Escape ends the renaming, and not the dialog. */
  private readonly escapeRename = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    void keepingFocus(this, async () => {
      this.renaming = null;
    });
  };

  private goTo(work: () => Promise<void>): void {
    void this.asking.act(async () => {
      await work();
      this.close();
    });
  }

  private rename(workspace: Workspace, event: Event): void {
    event.preventDefault();
    const name = (new FormData(event.target as HTMLFormElement).get("name") as string).trim();
    void this.asking.act(async () => {
      await api.rename(workspace.id, name);
      this.renaming = null;
      await this.read();
    });
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("renaming") && this.renaming !== null) this.renderRoot.querySelector<HTMLInputElement>("form.rename > input")?.select();
    if (changed.has("leaving") && this.leaving !== null) this.renderRoot.querySelector<HTMLElement>(".question button")?.focus();
  }

  private delete(workspace: Workspace): void {
    if (workspace.links > 0 && this.leaving !== workspace.id) {
      this.leaving = workspace.id;
      return;
    }
    void this.asking.act(async () => {
      this.leaving = null;
      if (workspace.level === "own") await api.delete(workspace.id);
      else await api.leave(workspace.id);
      await this.read();
      if (workspace.level === "own") report("info", `${titleOf(workspace)} is in the trash.`, { action: { title: "Take it back", run: () => this.takeBack(workspace) } });
    });
  }

  private takeBack({ id }: Workspace): void {
    void this.asking.act(async () => {
      await api.restore(id);
      await this.read();
    });
  }

  private question(one: Workspace): TemplateResult {
    return html`<div class="question row" role="alertdialog" aria-label="Delete ${titleOf(one)}?">
      <span class="grow">Others have it by ${one.links === 1 ? "a link, which ends" : `${one.links} links, which end`} for good. Delete it for all?</span>
      <button @click=${() => (this.leaving = null)}>Keep</button>
      <button class="primary" ?disabled=${this.asking.busy} @click=${() => this.delete(one)}>Delete</button></div>`;
  }

  private readonly takeFile = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    const [file] = field.files ?? [];
    field.value = "";
    if (!file) return;
    this.goTo(async () => {
      const { id, name } = await api.importFile(file);
      await openWorkspace(id);
      report("info", `${titleOf({ name })} is imported.`, { module: "workspaces" });
    });
  };

  protected body(): TemplateResult {
    const here = (this.all ?? []).filter(({ deleted }) => !deleted);
    const trash = (this.all ?? []).filter(({ deleted }) => deleted > 0);
    return html`<div class="parts">
      <div class="row tools">
        <button class="primary" ?disabled=${this.asking.busy} @click=${() => this.goTo(newWorkspace)}>${icon("plus")} New workspace</button>
        <button ?disabled=${this.asking.busy} @click=${() => this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click()}>${icon("upload")} Import a file…</button>
        ${commands.get("workspace.share")?.when?.() ? html`<button @click=${() => commands.run("workspace.share")}>${icon("users")} Share this one…</button>` : nothing}
        <input type="file" accept=".json,application/json" aria-label="Workspace file" @change=${this.takeFile} />
      </div>
      ${this.asking.problem ? html`<p class="problem" role="alert">${icon("circle-alert")} ${this.asking.problem}</p>` : nothing}
      ${this.all !== null && here.length === 0
        ? html`<div class="empty">${icon("app-window", 20)}<p>What you open is kept here by itself: images, how they are shown, regions, notes and panels.</p></div>`
        : html`<ul aria-label="Workspaces">${here.map((one) => this.item(one))}</ul>`}
      ${trash.length > 0
        ? html`<details><summary>Trash (${trash.length})</summary><ul aria-label="Trash">${trash.map((one) => this.trashed(one))}</ul></details>`
        : nothing}
    </div>`;
  }

  private item(one: Workspace): TemplateResult {
    const current = one.id === store.get("workspace").id;
    const title = titleOf(one);
    const own = one.level === "own";
    const tool = (name: string, icons: string, act: () => void): TemplateResult =>
      html`<button class="plain square" title="${name} ${title}" aria-label="${name} ${title}" ?disabled=${this.asking.busy} @click=${act}>${icon(icons)}</button>`;
    return html`<li aria-current=${current}>
      ${this.renaming === one.id
        ? html`<form class="rename row" @submit=${(event: Event) => this.rename(one, event)} @keydown=${this.escapeRename}>
            <input type="text" name="name" aria-label="Name" maxlength="100" .value=${one.name} autofocus autocomplete="off" />
            <button type="submit" class="primary" ?disabled=${this.asking.busy}>Save</button></form>`
        : html`<button class="open" ?disabled=${this.asking.busy} title="Open ${title}" @click=${() => this.goTo(() => openWorkspace(one.id))}>
            <span class="name clip">${title}</span><span class="label clip">${about(one, current)}</span></button>`}
      <span class="row">
        ${own ? tool("Rename", "pencil", () => (this.renaming = this.renaming === one.id ? null : one.id)) : nothing}
        ${tool("Duplicate", "copy", () => void this.asking.act(async () => { await api.duplicate(one.id, `${title} (copy)`.slice(0, 100)); await this.read(); }))}
        <a class="square" href=${exportUrl(one.id)} download title="Export ${title}" aria-label="Export ${title}">${icon("download")}</a>
        ${tool(own ? "Delete" : "Leave", own ? "trash" : "log-out", () => this.delete(one))}
      </span>
      ${this.leaving === one.id ? this.question(one) : nothing}
    </li>`;
  }

  private trashed(one: Workspace): TemplateResult {
    return html`<li><span class="grow"><span class="clip">${titleOf(one)}</span><span class="label">deleted ${formatDate(one.deleted)}; kept for 30 days</span></span>
      <button ?disabled=${this.asking.busy} @click=${() => this.takeBack(one)}>Take it back</button></li>`;
  }
}

/** Whose it is, and when it was changed. */
function about(one: Workspace, current: boolean): string {
  const whose = one.level === "own" ? [] : [`of ${one.owner}, ${one.level === "view" ? "to look at" : "to edit"}`];
  const shared = one.links > 0 ? [`shared by ${one.links} ${one.links === 1 ? "link" : "links"}`] : [];
  return [...(current ? ["open here"] : []), ...whose, ...shared, `changed ${formatDate(one.changed)}`].join(" · ");
}

customElements.define("toyz-workspaces-dialog", WorkspacesDialog);
