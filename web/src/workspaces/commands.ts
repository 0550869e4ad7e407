/** What can be done with the history and the workspace, under its names and keys. */

import type { Command } from "../commands";
import { history } from "./history";

export function historyCommands(): Command[] {
  return [
    {
      id: "edit.undo",
      get title() {
        return titled("Undo", history.undoLabel);
      },
      group: "Edit",
      keys: ["Ctrl+z"],
      repeat: true,
      when: () => history.undoLabel !== null,
      run: () => void history.undo(),
    },
    {
      id: "edit.redo",
      get title() {
        return titled("Redo", history.redoLabel);
      },
      group: "Edit",
      keys: ["Ctrl+Shift+z", "Ctrl+y"],
      repeat: true,
      when: () => history.redoLabel !== null,
      run: () => void history.redo(),
    },
  ];
}

/** `Undo: Move region`; the bare verb where there is nothing. */
function titled(verb: string, label: string | null): string {
  return label === null ? verb : `${verb}: ${label}`;
}
