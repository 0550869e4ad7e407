/** What one has deleted in a share: back, or gone for good. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Trashed } from "../api";
import { files } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { formatBytes, formatDate, folderOf } from "./format";
import { glyph } from "./glyph";
import { panelStyles } from "./panel_styles";

/** Fired when something is back. */
export class RestoredEvent extends Event {
  constructor(readonly path: string) {
    super("restored", { bubbles: true, composed: true });
  }
}

export class TrashView extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        overflow: auto;
        min-height: 0;
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 12px;
        border-bottom: 1px solid var(--line);
        position: sticky;
        top: 0;
        background: var(--raised);
        flex-wrap: wrap;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 0 8px;
        align-items: center;
        padding: 4px 12px;
        border-bottom: 1px solid var(--line);
      }
      li .label {
        grid-column: 2;
      }
      .buttons {
        grid-column: 3;
        grid-row: 1 / span 2;
        display: flex;
        gap: 4px;
      }
    `,
  ];

  @property() share = "";
  @state() private entries: Trashed[] | null = null;
  @state() private problem = "";
  /** What is about to be removed for good: everything, or one thing. */
  @state() private doomed: "all" | string | null = null;

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("share")) void this.read();
  }

  private async read(): Promise<void> {
    await this.attempt(async () => {
      this.entries = await files.trash(this.share);
    });
  }

  private async attempt(run: () => Promise<void>): Promise<void> {
    this.problem = "";
    this.doomed = null;
    try {
      await run();
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  private restore(entry: Trashed): Promise<void> {
    return this.attempt(async () => {
      const path = await files.restore(entry.share, entry.id);
      this.dispatchEvent(new RestoredEvent(path));
      await this.read();
    });
  }

  private purge(ids?: string[]): Promise<void> {
    return this.attempt(async () => {
      await files.emptyTrash(this.share, ids);
      await this.read();
    });
  }

  override render(): TemplateResult {
    const { entries } = this;
    return html`<section aria-label="Trash">
      <header><span class="grow">What you have deleted in ${this.share}</span>
        ${this.doomed === "all"
          ? html`<span>Remove all ${entries?.length} for good?</span><button class="primary" @click=${() => void this.purge()}>Remove</button>
              <button @click=${() => (this.doomed = null)}>Keep</button>`
          : html`<button ?disabled=${!entries?.length} @click=${() => (this.doomed = "all")}>Empty the trash</button>`}
      </header>
      ${this.problem ? html`<div class="stack"><p class="problem" role="alert">${icon("circle-alert")}<span>${this.problem}</span></p></div>` : nothing}
      ${entries === null ? html`<div class="empty"><p>Reading the trash …</p></div>`
        : entries.length === 0 ? html`<div class="empty">${glyph("recycle", 20)}<p>Nothing is in the trash.</p></div>`
        : html`<ul>${entries.map((entry) => this.line(entry))}</ul>`}
    </section>`;
  }

  private line(entry: Trashed): TemplateResult {
    const size = entry.kind === "file" ? ` · ${formatBytes(entry.size)}` : "";
    return html`<li>${icon(entry.kind === "folder" ? "folder" : "file")}<span class="clip" title=${entry.path}>${entry.name}</span>
      <span class="label clip">from ${folderOf(entry.path)} · ${formatDate(entry.deleted)}${size}</span>
      <span class="buttons">${this.doomed === entry.id
        ? html`<button class="primary" @click=${() => void this.purge([entry.id])}>Remove for good</button><button @click=${() => (this.doomed = null)}>Keep</button>`
        : html`<button aria-label=${`Restore ${entry.name}`} @click=${() => void this.restore(entry)}>Restore</button>
          <button class="plain square" title="Remove for good" aria-label=${`Remove ${entry.name} for good`} @click=${() => (this.doomed = entry.id)}>${glyph("trash-2")}</button>`}</span>
    </li>`;
  }
}
