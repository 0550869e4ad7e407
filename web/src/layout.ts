/** The arrangement of the page and its theme: kept by the server for the user, applied here. */

import { reportError } from "./actions";
import { settings } from "./api";
import { isDark } from "./keymap";
import { keepSetting } from "./kept_settings";
import type { CoordinateFrame, Theme } from "./store";
import { store } from "./store";
import type { Json } from "./types";
import { restoreDock, storedDock } from "./dock/handle";
import type { Entries } from "./workspaces/parts";
import { parts } from "./workspaces/parts";

const SAVE_AFTER_MS = 600;
const NARROW = "(max-width: 899px)";
const THEME_KEY = "toyz.theme";

interface Layout {
  inspector: boolean;
  unfolded: readonly string[];
  frame: CoordinateFrame;
  histogramLog: boolean;
  /** Of the panels around the picture; read by the dock itself. */
  dock: unknown;
}

/** Before the first frame: the theme of the last visit, and whether the window is narrow. */
export function prepareLayout(): void {
  const theme = localStorage.getItem(THEME_KEY) as Theme | null;
  if (theme && ["dark", "light", "system"].includes(theme)) store.set({ theme });
  applyTheme();
  store.subscribe(["theme"], applyTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
  const narrow = matchMedia(NARROW);
  const follow = (): void => store.set({ narrow: narrow.matches, inspector: !narrow.matches, rail: null, menu: false });
  follow();
  narrow.addEventListener("change", follow);
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && store.get("full")) store.set({ full: false });
  });
}

function applyTheme(): void {
  document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  localStorage.setItem(THEME_KEY, store.get("theme"));
}

/** Take over what the server kept, and keep it up to date from now on. */
export async function syncLayout(): Promise<void> {
  try {
    const [theme, layout] = await Promise.all([settings.get<Theme>("theme"), settings.get<Partial<Layout>>("layout")]);
    if (theme && ["dark", "light", "system"].includes(theme)) store.set({ theme });
    if (layout) applyLayout(layout);
  } catch (error) {
    reportError(error, "settings");
  }
  store.subscribe(["theme"], () => void keepSetting("theme", store.get("theme")));
  addLayoutPart();
  store.subscribe(["inspector", "unfolded", "frame", "histogramLog"], saveLayout);
  addEventListener("pagehide", saveNow);
}

function applyLayout(layout: Partial<Layout>): void {
  const { unfolded, frame, histogramLog, inspector, dock } = layout;
  restoreDock(dock);
  store.set({
    ...(Array.isArray(unfolded) ? { unfolded } : {}),
    ...(frame ? { frame } : {}),
    ...(histogramLog === undefined ? {} : { histogramLog }),
    ...(store.get("narrow") ? {} : { inspector: inspector ?? true }),
  });
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Save soon; a sheet of a narrow window is not worth remembering. */
export function saveLayout(): void {
  if (store.get("narrow")) return;
  clearTimeout(timer);
  timer = setTimeout(saveNow, SAVE_AFTER_MS);
}

/** Save what still waits for it: the page may be left at any moment. */
function saveNow(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  layoutChanged();
  // In a workspace with a name it is that workspace's; otherwise it is how the user likes it.
  if (!store.get("workspace").name) void keepSetting("layout", layoutNow());
}

function layoutNow(): Layout {
  return {
    inspector: store.get("inspector"),
    unfolded: store.get("unfolded"),
    frame: store.get("frame"),
    histogramLog: store.get("histogramLog"),
    dock: storedDock(),
  };
}

let layoutChanged: () => void = () => undefined;

/** How the panels lie, as an entry of the workspace. One without a name is shown as the user likes it. */
function addLayoutPart(): void {
  let kept: Json | null = null;
  parts.add({
    prefix: "layout",
    personal: true,
    entries: (): Entries => (kept === null ? {} : { layout: kept }),
    apply: (_, value) => {
      kept = value;
      if (value && store.get("workspace").name && !store.get("narrow")) applyLayout(value as unknown as Partial<Layout>);
    },
    onChange: (changed) => {
      layoutChanged = () => {
        kept = JSON.parse(JSON.stringify(layoutNow())) as Json;
        changed();
      };
      return () => (layoutChanged = () => undefined);
    },
  });
}
