/**
 * How the page comes back: what it was looking at stands in the address and with the server, and
 * a session that was lost is given its images again.
 */

import { addImage, limitsOf, openImage, report, reportError, reportWarnings, updateImage, viewer } from "./actions";
import { images as imagesApi, windowState } from "./api";
import { socket } from "./socket";
import type { OpenImage, Overlays, View } from "./store";
import { store, whichOf } from "./store";
import type { HduName, Hello, ImageInfo, Style, Which } from "./types";
import { formatLink, parseLink } from "./view_link";
import { UPRIGHT } from "./viewer/geometry";

const SAVE_AFTER_MS = 400;
/** A view is at most 16 KB, so only the last images are kept. */
const KEPT_IMAGES = 12;

/** What `window.save_view` keeps. */
export interface SavedView {
  version: 1;
  current: number;
  images: SavedImage[];
  overlays: Overlays;
}

interface SavedImage extends Which {
  hdu: HduName;
  view: View | null;
  style: Style;
  cuts: OpenImage["cuts"];
}

/** Follow the server, restore what was open, and keep it saved. */
export function startSession(): void {
  socket.onState(() => store.set({ connection: socket.state, latency: socket.latency }));
  socket.onHello((hello, first) => {
    store.set({ user: hello.user });
    if (first) void restore(hello);
    else if (!hello.resumed) void reopenAll();
  });
  followServer();
  addEventListener("online", () => socket.retryNow());
  addEventListener("visibilitychange", () => document.hidden || socket.retryNow());
  addEventListener("hashchange", () => void openLink());
}

// ---- restoring ------------------------------------------------------------------------------

async function restore(hello: Hello): Promise<void> {
  const saved = readSaved(hello.view);
  if (saved) store.set({ overlays: { ...store.get("overlays"), ...saved.overlays } });
  const others = (saved?.images ?? []).filter((_, index) => index !== saved?.current);
  const current = saved?.images[saved.current];
  if (!(await openLink(current)) && current) await openImage(current.path, current);
  for (const image of others) await openBehind(image);
  keepSaved();
}

/** Open what the address names; false if it names nothing. `saved` knows more of the same picture. */
async function openLink(saved?: SavedImage): Promise<boolean> {
  const link = parseLink(location.hash);
  if (!link) return false;
  const shown = store.image;
  if (shown && linkOf(shown) === location.hash.slice(1)) return true;
  const same = saved && formatLink(saved) === location.hash.slice(1);
  await openImage(link.path, same ? saved : link);
  return true;
}

/** Open an image without showing it. A file that is gone is left out. */
async function openBehind(image: SavedImage): Promise<void> {
  try {
    const info = await imagesApi.open(image);
    if (!store.get("images").some((other) => other.info.image === info.image)) addImage(info, image, false);
  } catch {
    report("info", `${image.path} could not be opened again.`, { module: "images" });
  }
}

/** The server knows this window no more: open everything again, and keep what is on the screen. */
async function reopenAll(): Promise<void> {
  for (const image of store.get("images")) {
    try {
      const info = await imagesApi.open(whichOf(image));
      replaceInfo(image.info.image, info);
    } catch {
      report("warning", `${image.info.name} could not be opened again.`, { module: "images" });
    }
  }
  viewer()?.retry();
  void windowState.save(savedView()).catch(() => undefined);
}

/** The same file has another id if it changed meanwhile, and may be warned of for what was not known before. */
function replaceInfo(id: string, info: ImageInfo): void {
  const current = store.get("current") === id ? info.image : store.get("current");
  const before = store.get("images").find((image) => image.info.image === id);
  const images = store.get("images").map((image) => (image.info.image === id ? { ...image, info } : image));
  store.set({ images, current });
  reportWarnings(info, before?.info.warnings);
}

function readSaved(view: unknown): SavedView | null {
  const saved = view as Partial<SavedView> | null | undefined;
  if (saved?.version !== 1 || !Array.isArray(saved.images)) return null;
  // What was saved before pictures could be turned, or mosaics laid out otherwise, says nothing of it.
  const images = saved.images.map((image) => {
    const { layout = "auto", match = "none", view } = image as Partial<SavedImage>;
    return { ...image, layout, match, view: view ? { ...UPRIGHT, ...view } : null };
  });
  return { ...(saved as SavedView), images };
}

// ---- saving ---------------------------------------------------------------------------------

function keepSaved(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  const save = (): void => {
    const view = savedView();
    const text = JSON.stringify(view);
    if (text === last) return;
    last = text;
    const shown = store.image;
    history.replaceState(null, "", shown ? `${location.pathname}${location.search}#${linkOf(shown)}` : location.pathname);
    windowState.save(view).catch(() => undefined);
  };
  const saveNow = (): void => {
    clearTimeout(timer);
    timer = undefined;
    save();
  };
  // A long drag is saved on its way, and another picture at once: the page may be left at any moment.
  store.subscribe(["view", "images", "overlays"], () => (timer ??= setTimeout(saveNow, SAVE_AFTER_MS)));
  store.subscribe(["current"], () => queueMicrotask(saveNow));
  addEventListener("pagehide", saveNow);
}

function savedView(): SavedView {
  const kept = store.get("images").slice(-KEPT_IMAGES);
  const images = kept.map((image) => {
    const { hdu } = image.info;
    return { ...whichOf(image), hdu, view: viewOf(image), style: image.style, cuts: image.cuts };
  });
  const current = kept.findIndex((image) => image.info.image === store.get("current"));
  return { version: 1, current, images, overlays: store.get("overlays") };
}

function viewOf(image: OpenImage): View | null {
  return image.info.image === store.get("current") ? (store.get("view") ?? image.view) : image.view;
}

/** The link to an image as it is shown now. */
export function linkOf(image: OpenImage): string {
  return formatLink({ ...whichOf(image), view: viewOf(image), style: image.style, cuts: image.cuts });
}

/** The address of the shown image, to give to others. */
export function shareUrl(): string {
  const shown = store.image;
  return new URL(shown ? `#${linkOf(shown)}` : "", document.baseURI).href;
}

// ---- what the server tells --------------------------------------------------------------------

function followServer(): void {
  socket.on("server", "session_lost", () =>
    report("info", "The session's process ended; another takes its place.", { module: "server" }),
  );
  socket.on("server", "restarting", () =>
    report("info", "The server is being restarted. What you see stays, and goes on by itself in a moment."),
  );
  socket.on("server", "session_restored", () => report("debug", "The session was restarted.", { module: "server" }));
  socket.on("images", "pyramid", (data) => {
    const { image, phase } = data as { image: string; phase: string };
    const pyramid = phase === "COMPLETED" ? "ready" : phase === "EXECUTING" || phase === "QUEUED" ? "building" : "none";
    patchInfo(image, { pyramid });
  });
  socket.on("images", "progress", (data) => {
    const { image, progress, complete, problem } = data as { image: string; progress: number; complete: boolean; problem?: string };
    patchInfo(image, { progress, complete });
    if (problem !== undefined) report("error", `The rest of the picture does not come: ${problem}`, { module: "images" });
    if (complete) void learn(image);
  });
  socket.on("images", "changed", (data) => fileChanged((data as { path: string }).path));
}

/**
 * What was unpacked to its end may hold more HDUs than were known at first, and a larger mosaic of
 * them; its cuts were those of the part that was there, unless they are the user's own.
 */
async function learn(id: string): Promise<void> {
  const shown = store.get("images").find((image) => image.info.image === id);
  if (!shown) return;
  const before = shown.info;
  const single = before.hdus.filter((other) => other.kind === "image").length < 2;
  try {
    const info = await imagesApi.open({ ...whichOf(shown), ...(single ? { hdu: "auto" } : {}) });
    const { method, percent } = shown.cuts;
    const limits = limitsOf(method === "manual" ? shown.style : await imagesApi.cuts(info.image, method, percent));
    const now = store.get("images").find((image) => image.info.image === id);
    if (!now) return;
    replaceInfo(id, info);
    if (now.cuts.method === method && method !== "manual") updateImage({ style: { ...now.style, ...limits } }, info.image);
  } catch (error) {
    reportError(error, "images");
  }
}

function patchInfo(id: string, patch: Partial<ImageInfo>): void {
  const image = store.get("images").find((other) => other.info.image === id);
  if (image) updateImage({ info: { ...image.info, ...patch } }, id);
}

function fileChanged(path: string): void {
  const image = store.get("images").find(({ info }) => [info, ...(info.components ?? [])].some((part) => part.path === path));
  if (!image) return;
  const { name } = image.info;
  report("warning", `${name} has changed on the server; the picture is of the old file.`, {
    module: "images",
    action: { title: "Load it again", run: () => void openImage(image.info.path, { ...whichOf(image), view: viewOf(image) }) },
  });
}
