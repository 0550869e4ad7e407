/** What can be done with the history and the workspace, under its names and keys. */

import { reportError } from "../actions";
import type { Command } from "../commands";
import { store } from "../store";
import { exportUrl } from "./api";
import { newWorkspace, sync } from "./current";
import { history } from "./history";
import { others, personOf, toggleFollowing, toggleLeading } from "./presence";

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

const isOwn = (): boolean => store.get("workspace").id !== null && store.get("workspace").level === "own";

/** Commands of the workspace, and of who is in it. */
export function workspaceCommands(): Command[] {
  return [
    { id: "workspace.list", title: "Workspaces: open, rename, export, import", group: "File", keys: ["W"], run: () => store.set({ dialog: "workspaces" }) },
    { id: "workspace.new", title: "New workspace", group: "File", run: () => void newWorkspace().catch((error: unknown) => reportError(error, "workspaces")) },
    { id: "workspace.share", title: "Share the workspace: links to look or edit", group: "File", when: isOwn, run: () => store.set({ dialog: "share" }) },
    { id: "workspace.export", title: "Export the workspace as a file", group: "File", when: () => store.get("workspace").id !== null, run: () => void exportWorkspace() },
    {
      id: "workspace.follow",
      get title() {
        const name = personOf(store.get("following") ?? store.get("leader"))?.name ?? others()[0]?.name ?? "somebody";
        return store.get("following") === null ? `Follow ${name}` : `Stop following ${name}`;
      },
      group: "View",
      keys: ["j"],
      run: toggleFollowing,
    },
    {
      id: "workspace.lead",
      get title() {
        return store.get("leading") ? "Stop leading" : "Lead: others follow what you see";
      },
      group: "View",
      keys: ["J"],
      run: toggleLeading,
    },
  ];
}

/** Have the browser save the file. */
async function exportWorkspace(): Promise<void> {
  await sync.flush();
  const link = document.createElement("a");
  link.href = exportUrl(store.get("workspace").id ?? "");
  link.download = "";
  link.click();
}
