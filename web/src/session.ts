/**
 * How the page comes back: what it was looking at stands in the address and in its workspace, and
 * a session that was lost is given its images again.
 */

import { limitsOf, openImage, report, reportError, reportWarnings, updateImage, viewer } from "./actions";
import { askForPassword } from "./account/invited";
import { tellOfSandbox } from "./admin/layers";
import { images as imagesApi } from "./api";
import { socket } from "./socket";
import type { OpenImage, View } from "./store";
import { store, whichOf } from "./store";
import type { ImageInfo } from "./types";
import { formatLink, parseLink } from "./view_link";
import { closeShares, enterWorkspaceAgain, openAtStart, openWorkspaceLink, reopenShares, savedLink, startWorkspace } from "./workspaces/current";

const KEEP_AFTER_MS = 400;

/** Follow the server, restore what was open, and keep it saved. */
export function startSession(): void {
  socket.onState(() => store.set({ connection: socket.state, latency: socket.latency }));
  socket.onHello((hello, first) => {
    store.set({ user: hello.user });
    if (first) void restore();
    else if (!hello.resumed) void Promise.all([enterWorkspaceAgain(), reopenAll()]);
  });
  followServer();
  startWorkspace();
  addEventListener("online", () => socket.retryNow());
  addEventListener("visibilitychange", () => document.hidden || socket.retryNow());
  addEventListener("hashchange", () => void openLink());
}

// ---- restoring ------------------------------------------------------------------------------

/** The workspace that this page was in, or what the address names. */
async function restore(): Promise<void> {
  await openAtStart(parseLink(location.hash) !== null);
  await openLink();
  keepAddress();
  void tellOfSandbox();
  void askForPassword();
}

/** Open what the address names, unless it is to be seen already. */
async function openLink(): Promise<void> {
  if (await openWorkspaceLink()) return;
  const link = parseLink(location.hash);
  if (!link) return;
  const shown = store.image;
  if (shown && linkOf(shown) === location.hash.slice(1)) return;
  if (savedLink() === location.hash.slice(1)) return;
  await openImage(link.path, link);
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
}

/** The same file has another id if it changed meanwhile, and may be warned of for what was not known before. */
function replaceInfo(id: string, info: ImageInfo): void {
  const current = store.get("current") === id ? info.image : store.get("current");
  const before = store.get("images").find((image) => image.info.image === id);
  const images = store.get("images").map((image) => (image.info.image === id ? { ...image, info } : image));
  store.set({ images, current });
  reportWarnings(info, before?.info.warnings);
}

// ---- the address ----------------------------------------------------------------------------

/** The address follows what is shown. */
function keepAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const shown = store.image;
    history.replaceState(null, "", shown ? `${location.pathname}${location.search}#${linkOf(shown)}` : location.pathname);
  };
  store.subscribe(["view", "images"], () => (timer ??= setTimeout(keep, KEEP_AFTER_MS)));
  store.subscribe(["current"], () => queueMicrotask(keep));
  addEventListener("pagehide", keep);
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
  socket.on("server", "shares", (data) => sharesChanged(data as { withdrawn: string[]; granted: string[] }));
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

/** What may be seen changes while one looks: what is withdrawn is closed, and is open again when it is granted again. */
function sharesChanged({ withdrawn, granted }: { withdrawn: string[]; granted: string[] }): void {
  if (withdrawn.length > 0) {
    closeShares(withdrawn);
    report("warning", `You may no longer see ${inWords(withdrawn)}: it has been withdrawn from you.`);
  }
  if (granted.length > 0) {
    reopenShares(granted);
    report("info", `You may see ${inWords(granted)} now.`);
  }
}

const inWords = (names: string[]): string => new Intl.ListFormat("en").format(names);

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
