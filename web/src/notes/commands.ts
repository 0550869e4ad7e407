/** What can be done with notes, under its name and key. */

import type { Command } from "../commands";
import { showPanel } from "../dock/handle";
import { parts } from "../workspaces/parts";
import { notes } from "./notes";
import type { NotesPanel } from "./panel";

/** The panel that is in sight; it registers itself when it is drawn. */
let panel: NotesPanel | null = null;
let wanted = false;

export function noteCommands(): Command[] {
  return [{ id: "notes.new", title: "Write a note", group: "Regions", keys: ["N"], run: begin }];
}

function begin(): void {
  showPanel("notes");
  if (panel) panel.begin();
  else wanted = true;
}

/** Called by the panel when it comes and when it goes. */
export function setNotesPanel(value: NotesPanel | null): void {
  panel = value;
  if (panel && wanted) panel.begin();
  if (panel) wanted = false;
}

let started = false;

/** Have notes kept in the workspace. */
export function startNotes(): void {
  if (started) return;
  started = true;
  parts.add(notes);
}
