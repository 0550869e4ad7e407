/** What the dialogs of the page have in common. */

/** Handles the end of a dialog. The browser tells of it a moment late; the dialog may be open again by then. */
export function whenClosed(close: () => void): (event: Event) => void {
  return ({ target }) => {
    if (!(target as HTMLDialogElement).open) close();
  };
}
