/** The panels there are: those of the page and those of plugins, whichever way they are shown. */

import { store } from "./store";

/** What a panel is, before it is drawn. */
export interface PanelSpec {
  /** As in the stored layout: `display`, or `plugin:<module>:<panel>`. */
  id: string;
  title: string;
  icon: string;
  /** The side of the picture where it first appears. */
  home: "left" | "right";
  /** It tells of the image that is shown: part of the inspector, away while there is none. */
  ofImage: boolean;
  /** Draw it. */
  make: () => HTMLElement;
}

function own(id: string, title: string, icon: string, home: PanelSpec["home"]): PanelSpec {
  const make = (): HTMLElement => document.createElement(`toyz-${id}-panel`);
  return { id, title, icon, home, ofImage: home === "right", make };
}

const OWN: readonly PanelSpec[] = [
  own("display", "Display", "contrast", "right"),
  own("statistics", "Statistics", "chart-column", "right"),
  own("header", "Header", "table", "right"),
  own("images", "Images", "layers", "left"),
  { ...own("regions", "Regions", "shapes", "left"), ofImage: false },
  own("notes", "Notes", "notebook-pen", "left"),
  own("plugins", "Plugins", "puzzle", "left"),
  own("jobs", "Jobs", "activity", "left"),
  own("server", "Server", "server", "left"),
  own("log", "Log", "scroll-text", "left"),
  own("settings", "Settings", "settings", "left"),
];

/** The name of a plugin's panel among all panels. */
export function pluginPanelId(module: string, panel: string): string {
  return `plugin:${module}:${panel}`;
}

function ofPlugins(): PanelSpec[] {
  return (store.get("plugins")?.modules ?? []).flatMap((module) =>
    module.panels.map((panel) => ({
      id: pluginPanelId(module.name, panel.name),
      title: panel.title,
      icon: panel.icon,
      home: "left" as const,
      ofImage: false,
      make: () => Object.assign(document.createElement("toyz-plugin-panel"), { module, panel }),
    })),
  );
}

/** Every panel, those of the page first. */
export function panelSpecs(): PanelSpec[] {
  return [...OWN, ...ofPlugins()];
}

/** The panels that make the inspector at first. */
export function inspectorSpecs(): PanelSpec[] {
  return OWN.filter((spec) => spec.ofImage);
}

/** One panel; undefined if its plugin is gone. */
export function panelSpec(id: string): PanelSpec | undefined {
  return panelSpecs().find((spec) => spec.id === id);
}

/** The title of a panel; undefined if there is no such panel. */
export function titleOf(id: string): string | undefined {
  return panelSpec(id)?.title;
}
