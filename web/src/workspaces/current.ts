/** The workspace of this page: going into one, what the server tells of it, and what comes back after a reload. */

import { report } from "../actions";
import { messageOf, ToyzError } from "../errors";
import { socket } from "../socket";
import { store } from "../store";
import { formatLink } from "../view_link";
import { workspaces as api } from "./api";
import { history } from "./history";
import type { ImageChoice } from "./types";
import { ImageEntries } from "./image_entries";
import type { Changes } from "./parts";
import { parts } from "./parts";
import { peopleCame, startPresence } from "./presence";
import { Sync } from "./sync";
import type { Level, Opened, Person } from "./types";

/** In sessionStorage: which workspace this window was in. */
const KEY = "toyz.workspace";
/** In localStorage, with the id after it: what a page that was left offline could not send. */
const UNSENT = "toyz.unsent.";
const LINK = /^#workspace=([A-Za-z0-9_-]{1,100})$/;

export const images = new ImageEntries(parts);
export const sync = new Sync({
  api,
  parts,
  connected: () => socket.state === "open",
  changed: publish,
  entered: ({ me, people }) => {
    store.set({ me });
    peopleCame(people);
  },
  refused: (message) => report("error", `Not saved: ${message}`, { module: "workspaces" }),
});

function publish(): void {
  const { workspace, saving } = sync;
  const { id = null, name = "", owner = "", level = "own" } = workspace ?? {};
  store.set({ workspace: { id, name, owner, level, saving } });
  if (id) sessionStorage.setItem(KEY, id);
}

/** Make the parts known, and listen to the server. */
export function startWorkspace(): void {
  images.start();
  startPresence(images);
  socket.onState(() => store.get("workspace").saving !== sync.saving && publish());
  socket.onHello((hello, first) => void (!first && hello.resumed && sync.flush()));
  const here = (data: unknown): boolean => (data as { workspace: string }).workspace === sync.workspace?.id;
  socket.on("workspaces", "changed", (data) => {
    const { workspace, revision, entries } = data as { workspace: string; revision: number; entries: Changes };
    sync.remote(workspace, revision, entries);
  });
  socket.on("workspaces", "renamed", (data) => here(data) && sync.renamed((data as { name: string }).name));
  socket.on("workspaces", "level", (data) => here(data) && sync.levelChanged((data as { level: Level }).level));
  socket.on("workspaces", "closed", (data) => here(data) && closed());
  socket.on("workspaces", "people", (data) => here(data) && peopleCame((data as { people: Person[] }).people));
  addEventListener("pagehide", leavePage);
}

/** Close what lies in shares that one may see no longer. */
export const closeShares = (names: string[]): void => images.withdraw(names, "This share has been withdrawn from you.");

/** Open again what lies in shares that one may see again. */
export const reopenShares = (names: string[]): void => images.regain(names);

// ---- going in and out -------------------------------------------------------------------------

/** Go into a workspace, out of the one before. */
export async function openWorkspace(id: string): Promise<void> {
  await enter(() => api.open(id));
}

/** Go out: an empty page, whose workspace begins with the first image. */
export async function newWorkspace(): Promise<void> {
  await sync.leave();
  history.clear();
  outside();
}

async function enter(open: () => Promise<Opened>): Promise<void> {
  store.set({ following: null, leader: null, leading: false });
  await sync.enter(open, takeUnsent);
  history.clear();
}

/** The server has closed it to this page: it was deleted, or its link was revoked or has ended. */
function closed(): void {
  const { name, level } = store.get("workspace");
  sync.forget();
  history.clear();
  outside();
  const what = name ? `The workspace ${name}` : "This workspace";
  report("warning", level === "own" ? `${what} was deleted.` : `${what} is no longer shared with you.`, { module: "workspaces" });
}

function outside(): void {
  sessionStorage.removeItem(KEY);
  store.set({ people: [], me: null, following: null, leader: null, leading: false });
}

/** After a connection that could not be taken up again. */
export async function enterWorkspaceAgain(): Promise<void> {
  try {
    await sync.enterAgain();
  } catch (error) {
    if (error instanceof ToyzError && error.code === "not_found") closed();
    else report("error", `The workspace could not be opened again: ${messageOf(error)}`, { module: "workspaces" });
  }
}

// ---- at the start -----------------------------------------------------------------------------

/** The one that this window was in; else what one worked in last, unless the address names something else. */
export async function openAtStart(linked: boolean): Promise<void> {
  if (LINK.test(location.hash)) return;
  const known = sessionStorage.getItem(KEY);
  try {
    if (known) return await openWorkspace(known);
  } catch {
    sessionStorage.removeItem(KEY); // it is not there any more
  }
  if (linked) return;
  try {
    const { workspace, elsewhere } = await api.latest();
    if (workspace) await openWorkspace(workspace.id);
    else if (elsewhere) offer(elsewhere.id, elsewhere.name);
  } catch (error) {
    report("warning", `Your workspace could not be opened: ${messageOf(error)}`, { module: "workspaces" });
  }
}

function offer(id: string, name: string): void {
  report("debug", `${name || "Your last workspace"} is open in another window.`, {
    module: "workspaces",
    action: { title: "Open it here too", run: () => void openWorkspace(id) },
  });
}

/** Go into the workspace whose link is the address; false if it is none. */
export async function openWorkspaceLink(): Promise<boolean> {
  const [, token] = LINK.exec(location.hash) ?? [];
  if (!token) return false;
  // The link is a key: it does not stay in the address, which people copy.
  globalThis.history.replaceState(null, "", `${location.pathname}${location.search}`);
  try {
    await enter(() => api.openLink(token));
  } catch (error) {
    report("error", messageOf(error), { module: "workspaces" });
  }
  return true;
}

/** The address of what the workspace has in front, in the words of a link; it may still be opening. */
export function savedLink(): string | null {
  const id = parts.get("shown");
  const [image, style, view] = ["image", "style", "view"].map((word) => parts.get(`${word}/${String(id)}`)) as unknown[];
  if (typeof id !== "string" || !image || !style) return null;
  return formatLink({ ...(image as ImageChoice), view: view as never, ...(style as { style: never; cuts: never }) });
}

// ---- at the end -------------------------------------------------------------------------------

function leavePage(): void {
  const { workspace, unsaved } = sync;
  if (workspace && socket.state !== "open" && workspace.level !== "view" && Object.keys(unsaved).length > 0) {
    try {
      localStorage.setItem(UNSENT + workspace.id, JSON.stringify(unsaved));
    } catch {
      // There is no room: nothing can be done any more.
    }
  }
  void sync.flush();
}

/** What this browser could not send of a workspace when it left it. */
function takeUnsent(workspace: string): Changes {
  const text = localStorage.getItem(UNSENT + workspace);
  localStorage.removeItem(UNSENT + workspace);
  try {
    return text ? (JSON.parse(text) as Changes) : {};
  } catch {
    return {};
  }
}
