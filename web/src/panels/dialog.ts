/** What the dialogs of the page have in common. */
import { css, html, LitElement, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { icon } from "../icon";
import type { Dialog } from "../store";
import { store, StoreController } from "../store";
import { panelStyles } from "./panel_styles";

/** Handles the end of a dialog. The browser tells of it a moment late; the dialog may be open again by then. */
export function whenClosed(close: () => void): (event: Event) => void {
  return ({ target }) => {
    if (!(target as HTMLDialogElement).open) close();
  };
}

/** The frame that every dialog has. */
export const dialogFrame = css`
  dialog {
    padding: 0;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: var(--raised);
    color: var(--text);
    box-shadow: var(--shadow);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
`;

/** A dialog with a title and a button that closes it; it is there while the store names it. */
export abstract class TitledDialog extends LitElement {
  static override styles = [
    ...panelStyles,
    dialogFrame,
    css`
      header {
        display: flex;
        align-items: center;
        padding: 8px 8px 8px 16px;
        border-bottom: 1px solid var(--line);
        position: sticky;
        top: 0;
        background: var(--raised);
      }
      h2 {
        flex: 1;
        font-size: 14px;
        color: var(--text);
      }
    `,
  ];

  protected abstract readonly dialogName: NonNullable<Dialog>;
  protected abstract readonly heading: string;

  constructor() {
    super();
    new StoreController(this, ["dialog"]);
  }

  protected abstract body(): TemplateResult;

  protected get open(): boolean {
    return store.get("dialog") === this.dialogName;
  }

  protected readonly close = (): void => {
    if (this.open) store.set({ dialog: null });
  };

  override updated(changed?: PropertyValues): void {
    super.updated(changed ?? new Map());
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog || dialog.open === this.open) return;
    if (this.open) dialog.showModal();
    else dialog.close();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @close=${whenClosed(this.close)}>
      ${this.open ? html`<header><h2 id="title">${this.heading}</h2>
        <button class="plain square" title="Close (Esc)" aria-label="Close" @click=${this.close}>${icon("x")}</button></header>
        ${this.body()}` : nothing}
    </dialog>`;
  }
}
