/**
 * Panels as the rest of the page asks for them: they lie in the dock around the picture, or, in a
 * narrow window, in the sheets.
 */

import type { Side } from "./sides";
import type { StoredDock } from "./stored";
import { panelSpec } from "../panel_list";
import { store } from "../store";

/** What the dock lets others do; without a panel's id it is the panel that was used last. */
export interface DockHandle {
  /** The title of the panel that was used last. */
  readonly current: string | null;
  /** The arrangement, to be kept. */
  readonly stored: StoredDock;
  isShown(id: string): boolean;
  /** From now on the panel of a tab counts as the one that was used last. */
  use(tab: Element): void;
  open(id: string): void;
  close(id?: string): void;
  toggleFloat(): void;
  move(side: Side): void;
  /** Take it out of its tabs, below them. */
  unstack(): void;
  /** By steps; negative is narrower and lower. */
  resize(wider: number, taller: number): void;
  /** To the first arrangement. */
  reset(): void;
  /** To a stored arrangement; to the first one if it is none. */
  restore(value: unknown): void;
}

let handle: DockHandle | null = null;
let pending: unknown = null;
/** A panel that was asked for before there was a dock. */
let wanted: string | null = null;

/** The dock, unless the window is narrow. */
export function dock(): DockHandle | null {
  return store.get("narrow") ? null : handle;
}

/** Called by the dock when it is ready (and with null when it goes). */
export function setDock(value: DockHandle | null): void {
  handle = value;
  if (handle && wanted !== null) handle.open(wanted);
  if (handle) wanted = null;
}

/** Give the dock the arrangement that was stored, also before there is one. */
export function restoreDock(value: unknown): void {
  if (handle) handle.restore(value);
  else pending = value;
}

/** What waits for the dock. */
export function takeStoredDock(): unknown {
  const value = pending;
  pending = null;
  return value;
}

/** The arrangement to be stored: of the dock, or what still waits for one. */
export function storedDock(): unknown {
  return handle?.stored ?? pending;
}

/** Bring a panel to sight. */
export function showPanel(id: string): void {
  if (!store.get("narrow")) {
    if (handle) handle.open(id);
    else wanted = id;
  } else if (panelSpec(id)?.ofImage) store.set({ rail: null, menu: false, inspector: true, unfolded: [...new Set([...store.get("unfolded"), id])] });
  else store.set({ rail: id });
}

/** Show a panel, or close it if it is in sight. */
export function togglePanel(id: string): void {
  if (!isShown(id)) showPanel(id);
  else if (!store.get("narrow")) dock()?.close(id);
  else if (panelSpec(id)?.ofImage) store.set({ unfolded: store.get("unfolded").filter((other) => other !== id) });
  else store.set({ rail: null });
}

function isShown(id: string): boolean {
  if (!store.get("narrow")) return dock()?.isShown(id) ?? false;
  return panelSpec(id)?.ofImage ? store.get("inspector") && store.get("unfolded").includes(id) : store.get("rail") === id;
}
