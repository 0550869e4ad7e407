/** The commands that change files: they work in the file dialog that is in sight, or open it. */
import { report } from "../actions";
import type { Command } from "../commands";
import { store } from "../store";
import type { FileAction } from "./file_changes";

interface Doer {
  readonly active: boolean;
  readonly inline: boolean;
  act(action: FileAction): void;
}

/** The file dialogs of the page: that of an empty workspace, and the one above all. */
export const dialogs = new Set<Doer>();

const TITLES: [FileAction, string][] = [
  ["new_folder", "New folder"],
  ["upload", "Upload files"],
  ["upload_folder", "Upload a folder"],
  ["download", "Download the chosen file or folder"],
  ["rename", "Rename the chosen file"],
  ["move", "Move the chosen file"],
  ["delete", "Delete the chosen file: to the trash"],
  ["trash", "Trash: restore, empty"],
];
/** Those that are for what is chosen: where that is not in sight, it is shown first. */
const OF_CHOSEN: ReadonlySet<FileAction> = new Set(["download", "rename", "move", "delete"]);

/** F2 and Delete are keys of the list of files alone: elsewhere nobody would see what they do. */
export function fileChangeCommands(): Command[] {
  return TITLES.map(([action, title]) => ({ id: `file.${action}`, title, group: "File", run: () => doWithFiles(action) }));
}

function doWithFiles(action: FileAction): void {
  const inSight = [...dialogs].find((dialog) => dialog.active);
  if (inSight) inSight.act(action);
  else {
    store.set({ dialog: "files" });
    if (OF_CHOSEN.has(action)) report("info", "Choose the file first, then say it again.");
    else [...dialogs].find((dialog) => !dialog.inline)?.act(action);
  }
}
