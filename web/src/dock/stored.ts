/** The arrangement of the panels as it is stored, and the one that a new user finds. */

import type { GroupviewPanelState, SerializedDockview } from "dockview-core";
import { Orientation } from "dockview-core";
import type { Box, Side } from "./sides";
import { SIDES } from "./sides";

/** The picture's own place in the grid: a group of this id with a panel of this id. */
export const PICTURE = "picture";
export const PANEL_WIDTH = 320;

/** Where a panel that was closed, or floats, goes when it is docked again. */
export interface Berth {
  /** The panels it was tabbed with. */
  mates: string[];
  /** Its place among them; the last one if it is not known. */
  place?: number;
  side: Side;
  /** Its width beside the picture, its height above or below it. */
  size: number;
  /** Where it floated. */
  box?: Box;
}

/** Where among so many tabs a panel goes that is docked again. */
export function placeIn({ place }: Berth, count: number): number {
  return Math.min(place ?? count, count);
}

export interface StoredDock {
  version: 1;
  view: SerializedDockview;
  berths: Record<string, Berth>;
}

/** Panels that are tabbed together. */
interface Group {
  id: string;
  views: string[];
  activeView?: string;
  hideHeader?: boolean;
}

type Leaf = { type: "leaf"; data: Group; size?: number; visible?: boolean };
type Branch = { type: "branch"; data: Node[]; size?: number };
type Node = Leaf | Branch;

/** The title of a panel; undefined if there is no such panel. */
export type TitleOf = (id: string) => string | undefined;

function panelState(id: string, titleOf: TitleOf): GroupviewPanelState {
  const title = titleOf(id) ?? "Picture";
  if (id !== PICTURE) return { id, contentComponent: id, tabComponent: "tab", title };
  return { id, contentComponent: id, title, minimumWidth: 240, minimumHeight: 160 };
}

/** The first arrangement: the inspector at the right of the picture, its panels as tabs. */
export function firstDock(inspector: string[], titleOf: TitleOf, width: number, height: number): SerializedDockview {
  const picture: Leaf = {
    type: "leaf",
    data: { id: PICTURE, views: [PICTURE], activeView: PICTURE, hideHeader: true },
    size: Math.max(width - PANEL_WIDTH, 0),
  };
  const right: Leaf = {
    type: "leaf",
    data: { id: "inspector", views: inspector, activeView: inspector[0] as string },
    size: PANEL_WIDTH,
  };
  return {
    grid: { root: { type: "branch", data: [picture, right], size: height }, width, height, orientation: Orientation.HORIZONTAL },
    panels: Object.fromEntries([PICTURE, ...inspector].map((id) => [id, panelState(id, titleOf)])),
    activeGroup: "inspector",
  } as SerializedDockview;
}

/**
 * Read what was stored. Panels that are not known any more are left out; null if it is no
 * arrangement around one picture.
 */
export function readStored(value: unknown, titleOf: TitleOf): StoredDock | null {
  try {
    return checked(value as StoredDock, titleOf);
  } catch {
    return null; // a shape that nobody wrote
  }
}

function checked(stored: StoredDock, titleOf: TitleOf): StoredDock | null {
  if (stored.version !== 1) return null;
  const { grid, floatingGroups = [], activeGroup } = stored.view;
  const found: string[] = [];
  const keep = (group: Group): Group | null => {
    const views = group.views.filter((id) => (id === PICTURE || titleOf(id) !== undefined) && !found.includes(id));
    if (views.length === 0 || (views.includes(PICTURE) && (views.length > 1 || group.id !== PICTURE))) return null;
    found.push(...views);
    const active = views.includes(group.activeView ?? "") ? group.activeView : views[0];
    return { id: String(group.id), views, activeView: active as string, ...(views[0] === PICTURE ? { hideHeader: true } : {}) };
  };
  const root = pruned(grid.root as Node, keep);
  if (root?.type !== "branch" || !found.includes(PICTURE)) return null;
  const floating = floatingGroups.flatMap(({ data, position }) => {
    const group = data && keep(data);
    return group && isBox(position) ? [{ data: group, position }] : [];
  });
  const { width, height, orientation } = grid;
  if (!isSize(width) || !isSize(height) || !["HORIZONTAL", "VERTICAL"].includes(orientation)) return null;
  return {
    version: 1,
    view: {
      grid: { root, width, height, orientation } as SerializedDockview["grid"],
      panels: Object.fromEntries(found.map((id) => [id, panelState(id, titleOf)])),
      floatingGroups: floating,
      ...(typeof activeGroup === "string" ? { activeGroup } : {}),
    },
    berths: berthsOf(stored.berths, titleOf),
  };
}

/** A branch without the leaves that hold nothing; null if nothing is left. */
function pruned(node: Node, keep: (group: Group) => Group | null): Node | null {
  if (node.type === "leaf") {
    const data = keep(node.data);
    if (!data || !isSize(node.size)) return null;
    return { type: "leaf", data, size: node.size, ...(node.visible === false ? { visible: false } : {}) };
  }
  const data = node.data.map((child) => pruned(child, keep)).filter((child) => child !== null);
  return data.length > 0 && isSize(node.size) ? { type: "branch", data, size: node.size } : null;
}

function berthsOf(berths: Record<string, Berth>, titleOf: TitleOf): Record<string, Berth> {
  const sound = ([id, berth]: [string, Berth]): boolean =>
    titleOf(id) !== undefined && Array.isArray(berth?.mates) && SIDES.includes(berth.side) && isSize(berth.size) && (!berth.box || isBox(berth.box)) && isPlace(berth.place);
  return Object.fromEntries(Object.entries(berths ?? {}).filter(sound));
}

function isPlace(value: unknown): boolean {
  return value === undefined || (Number.isInteger(value) && (value as number) >= 0);
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isBox(value: unknown): boolean {
  const box = value as Partial<Record<"left" | "right" | "top" | "bottom" | "width" | "height", number>>;
  return isSize(box.width) && isSize(box.height) && isSize(box.left ?? box.right) && isSize(box.top ?? box.bottom);
}
