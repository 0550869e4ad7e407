/** Every act of docking as a command, for the panel that was used last. */

import type { Command } from "../commands";
import { commands } from "../commands";
import { panelSpecs } from "../panel_list";
import { store } from "../store";
import { dock, togglePanel } from "./handle";
import type { Side } from "./sides";

const hasPanel = (): boolean => !store.get("full") && dock()?.current != null;

function act(id: string, title: string, keys: string[], run: () => void): Command {
  return { id: `dock.${id}`, title, group: "Panels", keys, when: hasPanel, run };
}

function move(side: Side, title: string, key: string): Command {
  return act(side, title, [key], () => dock()?.move(side));
}

function size(id: string, title: string, wider: number, taller: number): Command {
  return { ...act(id, title, [], () => dock()?.resize(wider, taller)), repeat: true };
}

/** What can be done to the panel that was used last. */
export function dockCommands(): Command[] {
  return [
    act("float", "Float the panel, or dock it again", ["F"], () => dock()?.toggleFloat()),
    move("left", "Move the panel left of the picture", "Shift+ArrowLeft"),
    move("right", "Move the panel right of the picture", "Shift+ArrowRight"),
    move("below", "Move the panel below the picture", "Shift+ArrowDown"),
    move("above", "Move the panel above the picture", "Shift+ArrowUp"),
    act("split", "Split the panel from its tabs", [], () => dock()?.unstack()),
    size("wider", "Make the panel wider", 1, 0),
    size("narrower", "Make the panel narrower", -1, 0),
    size("taller", "Make the panel taller", 0, 1),
    size("lower", "Make the panel lower", 0, -1),
    act("close", "Close the panel", ["X"], () => dock()?.close()),
    { id: "dock.reset", title: "Reset the layout", group: "Panels", when: () => dock() !== null, run: () => dock()?.reset() },
  ];
}

/** Keep a command for each panel of a plugin. */
export function followPluginPanels(): void {
  let remove = (): void => undefined;
  const follow = (): void => {
    remove();
    const panels = panelSpecs().filter((spec) => spec.id.startsWith("plugin:"));
    remove = commands.add(
      ...panels.map(({ id, title }): Command => ({ id: `panel.${id}`, title, group: "Plugins", run: () => togglePanel(id) })),
    );
  };
  follow();
  store.subscribe(["plugins"], follow);
}

/** Do what Shift and a key stand for, to the panel of the tab that has the focus, before the tab takes the key. */
export function shiftedFromTab(event: KeyboardEvent): void {
  if (!(event.target instanceof Element) || !event.target.matches("[role=tab]") || !event.shiftKey) return;
  // A click brings a panel to the front a moment later than it gives its tab the focus.
  dock()?.use(event.target);
  if (commands.handle(event)) event.stopPropagation();
}
