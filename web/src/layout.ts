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

/** How the user likes it, as the setting has it: what is shown wherever the workspace has no name. */
let usual: Partial<Layout> = {};

/** Take over what the server kept, and keep it up to date from now on. */
export async function syncLayout(): Promise<void> {
  try {
    const [theme, layout] = await Promise.all([settings.get<Theme>("theme"), settings.get<Partial<Layout>>("layout")]);
    if (theme && ["dark", "light", "system"].includes(theme)) store.set({ theme });
    if (layout) applyLayout((usual = layout));
  } catch (error) {
    reportError(error, "settings");
  }
  store.subscribe(["theme"], () => void keepSetting("theme", store.get("theme")));
  addLayoutPart();
  followWorkspace();
  store.subscribe(["workspace"], followWorkspace);
  store.subscribe(["inspector", "unfolded", "frame", "histogramLog"], saveLayout);
  addEventListener("pagehide", saveUsual);
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

// ---- whose arrangement it is --------------------------------------------------------------------

/** The workspace that the page was in when it was last arranged. */
let arranged: { id: string | null; name: string } = { id: null, name: "" };

/** In a workspace with a name the panels lie as that has them; out of it again, as the user likes it. */
function followWorkspace(): void {
  const { id, name } = store.get("workspace");
  const before = arranged;
  arranged = { id, name };
  if (id === before.id) return; // of another name at most: what is on the page is its own from now on
  if (name && kept) applyLayout(kept as unknown as Partial<Layout>);
  else if (!name && before.name) applyLayout(usual);
}

// ---- what is kept -------------------------------------------------------------------------------

/** As the workspace has it, whatever is on the page. */
let kept: Json | null = null;
let workspaceChanged: () => void = () => undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Keep how it is now, for whom it is; a sheet of a narrow window is not worth remembering. */
export function saveLayout(): void {
  if (store.get("narrow")) return;
  const now = layoutNow();
  kept = JSON.parse(JSON.stringify(now)) as Json;
  workspaceChanged();
  if (store.get("workspace").name) return;
  usual = now;
  clearTimeout(timer);
  timer = setTimeout(saveUsual, SAVE_AFTER_MS);
}

/** Save what still waits for it: the page may be left at any moment. */
function saveUsual(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  void keepSetting("layout", usual);
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

/** How the panels lie, as an entry of the workspace, also of one without a name: it may be given one. */
function addLayoutPart(): void {
  parts.add({
    prefix: "layout",
    personal: true,
    entries: (): Entries => (kept === null ? {} : { layout: kept }),
    // The page follows once it is known which workspace this is of.
    apply: (_, value) => void (kept = value),
    onChange: (changed) => {
      workspaceChanged = changed;
      return () => (workspaceChanged = () => undefined);
    },
  });
}
