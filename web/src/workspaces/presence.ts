/**
 * What others in the workspace do at this moment, and what this page shows them of itself; following
 * somebody is taking over what that person sees, until one moves oneself.
 */

import { report, viewer } from "../actions";
import { commands } from "../commands";
import { socket } from "../socket";
import type { View } from "../store";
import { store } from "../store";
import type { Json } from "../types";
import { choiceOf, idOf } from "./image_entries";
import type { ImageEntries } from "./image_entries";
import { parts } from "./parts";
import { sameJson } from "./same_json";
import type { ImageChoice, Person, Presence, SharedView } from "./types";

/** The server passes on 20 a second. */
const SHOW_EVERY_MS = 50;
/** Okabe–Ito, without the black. */
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#d55e00", "#cc79a7", "#0072b2"];

let images: ImageEntries;

/** Begin to show and to listen. */
export function startPresence(entries: ImageEntries): void {
  images = entries;
  socket.on("workspaces", "presence", (data) => {
    const { workspace, person, presence } = data as { workspace: string; person: number; presence: Presence };
    if (workspace === store.get("workspace").id) seen(person, presence);
  });
  store.subscribe(["view", "images", "current"], () => store.get("following") === null && showSoon());
  store.subscribe(["leading", "following", "people"], showSoon);
  store.subscribe(["current"], () => {
    if (taken === null || store.get("current") === taken) return;
    // Another image was chosen by hand; or the workspace has this one no more, as after another plane, and what is followed is still to come.
    if (parts.applying) taken = null;
    else stopFollowing();
  });
  addEventListener("pointermove", showSoon, { passive: true });
  for (const kind of ["wheel", "pointerdown"]) addEventListener(kind, movedByHand, { capture: true, passive: true });
  commands.onRun((id) => /^(view\.(fit|native|in|out|left|right|up|down|north)|image\.|picture\.)/.test(id) && stopFollowing());
}

/** A hand on the picture goes a way of its own. */
function movedByHand(event: Event): void {
  const onPicture = event.composedPath().some((target) => target instanceof Element && target.localName === "toyz-viewer");
  if (onPicture) stopFollowing();
}

// ---- others -----------------------------------------------------------------------------------

/** A person's colour, the same on every screen. */
export function colourOf(person: Person): string {
  return COLOURS[person.id % COLOURS.length] ?? "#e69f00";
}

/** One or two letters for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => word?.[0] ?? "") : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** All but oneself. */
export function others(): Person[] {
  return store.get("people").filter(({ id }) => id !== store.get("me"));
}

export function personOf(id: number | null): Person | undefined {
  return store.get("people").find((person) => person.id === id);
}

/** Who is there now; what is known of what they do stays. */
export function peopleCame(people: readonly Person[]): void {
  const known = new Map(store.get("people").map((person) => [person.id, person.presence]));
  const now = people.map((person) => ({ ...person, presence: person.presence ?? known.get(person.id) ?? null }));
  const gone = (id: number | null): boolean => id !== null && !now.some((person) => person.id === id);
  store.set({
    people: now,
    ...(gone(store.get("following")) ? { following: null } : {}),
    ...(gone(store.get("leader")) ? { leader: null } : {}),
  });
  const leader = now.find(({ id, presence }) => presence?.leading && id !== store.get("me"));
  if (leader && store.get("leader") !== leader.id && !store.get("leading")) follow(leader.id);
}

function seen(id: number, presence: Presence): void {
  const before = personOf(id);
  if (!before) return;
  store.set({ people: store.get("people").map((person) => (person.id === id ? { ...person, presence } : person)) });
  if (presence.leading && !before.presence?.leading) led(before);
  else if (!presence.leading && before.presence?.leading && store.get("following") === id) stopFollowing();
  if (store.get("following") === id) take(presence);
}

/** Somebody asks all to follow. */
function led({ id, name }: Person): void {
  store.set({ leading: false });
  report("info", `${name} leads: you see what ${name} sees, until you move the picture.`, { module: "workspaces" });
  follow(id);
}

// ---- following --------------------------------------------------------------------------------

/** The image of the one who is followed, by its id in this page, once it is in front. */
let taken: string | null = null;

/** See what somebody sees from now on. */
export function follow(id: number): void {
  taken = null;
  store.set({ following: id, leader: id, leading: false });
  const presence = personOf(id)?.presence;
  if (presence) take(presence);
}

export function stopFollowing(): void {
  if (store.get("following") === null) return;
  taken = null;
  store.set({ following: null });
}

/** Follow whom one followed last, or the first who is there; or stop. */
export function toggleFollowing(): void {
  if (store.get("following") !== null) stopFollowing();
  else if (others().length === 0) tellAlone();
  else follow(personOf(store.get("leader"))?.id ?? others()[0]!.id);
}

/** Ask the others to follow, or no more. */
export function toggleLeading(): void {
  if (!store.get("leading")) {
    if (others().length === 0) return tellAlone();
    if (store.get("workspace").level === "view") return report("info", "Only who may edit this workspace can lead.");
  }
  store.set({ leading: !store.get("leading"), following: null });
}

function tellAlone(): void {
  report("info", "Nobody else is in this workspace.");
}

const choiceIn = (image: NonNullable<Presence["image"]>): ImageChoice => ({ ...image, plane: image.plane ?? 0, layout: image.layout ?? "auto", match: image.match ?? "none" });

/** Why what somebody looks at is not seen here; empty if it is. */
export function unseen({ presence }: Person): string {
  const id = presence?.image && idOf(choiceIn(presence.image));
  return store.get("absent").find((absent) => absent.id === id)?.problem ?? "";
}

function take({ image, style, cuts, view }: Presence): void {
  if (!image) return;
  const choice = choiceIn(image);
  const id = idOf(choice);
  // As if the workspace said so: it is not this page's own change, and not sent again.
  if (!images.find(id) && parts.get(`image/${id}`) === null) parts.apply({ [`image/${id}`]: { ...choice, order: Date.now() } as unknown as Json });
  if (style) parts.apply({ [`style/${id}`]: { style, cuts: cuts ?? { method: "manual" } } as unknown as Json });
  const open = images.find(id);
  taken = open?.info.image ?? null;
  images.show(id);
  if (view && open && store.get("current") === open.info.image) viewer()?.setView(fitted(view));
}

/** The same part of the sky on a screen of another size. */
function fitted({ x, y, zoom, width, height, turn = 0, mirrored = false }: Partial<SharedView> & Pick<SharedView, "x" | "y" | "zoom" | "width" | "height">): View {
  const own = viewerSize();
  const scale = own ? Math.min(own.width / width, own.height / height) : 1;
  return { x, y, turn, mirrored, zoom: zoom * scale };
}

// ---- oneself ----------------------------------------------------------------------------------

let timer: ReturnType<typeof setTimeout> | undefined;
let last: Presence | null = null;

function showSoon(): void {
  if (store.get("workspace").id === null || others().length === 0) {
    last = null;
    return;
  }
  timer ??= setTimeout(() => {
    timer = undefined;
    const presence = own();
    if (last && sameJson(presence as unknown as Json, last as unknown as Json)) return;
    last = presence;
    socket.say({ presence });
  }, SHOW_EVERY_MS);
}

/** What this page shows of itself. */
function own(): Presence {
  const [image, view, readout, size] = [store.image, store.get("view"), store.get("readout"), viewerSize()];
  if (!image) return store.get("leading") ? { leading: true } : {};
  return {
    image: choiceOf(image),
    style: image.style,
    cuts: image.cuts,
    ...(view && size ? { view: { ...view, ...size } } : {}),
    ...(readout ? { cursor: [readout.x, readout.y] } : {}),
    ...(store.get("leading") ? { leading: true } : {}),
  };
}

/** Of the picture on the screen. */
export function viewerSize(): { width: number; height: number } | null {
  const size = viewer()?.size;
  return size && size.width > 0 && size.height > 0 ? size : null;
}
