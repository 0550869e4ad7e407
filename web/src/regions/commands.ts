/** What can be done with regions, under its names and keys. */

import { viewer } from "../actions";
import type { Command } from "../commands";
import { store } from "../store";
import { toDisplay } from "../viewer/geometry";
import { markups } from "../viewer/markup";
import { writeLabel } from "./labelling";
import { knownBounds } from "./painter";
import { regionMarkup } from "./region_markup";
import type { Placed } from "./regions";
import { regionImage, regions } from "./regions";
import type { ShapeType } from "./shape";
import { centreOf, SHAPE_NAMES } from "./shape";

const TOOL_KEYS: Record<ShapeType, string> = { point: "M", circle: "C", ellipse: "E", box: "B", polygon: "P", line: "L", text: "T" };
/** Of the screen that a region fills when it is gone to. */
const FILLED = 0.35;
const MAX_ZOOM = 32;

const hasImage = (): boolean => store.image !== null;
const hasSelected = (): boolean => regions.selected.size > 0;
const hasOne = (): boolean => regions.selected.size === 1;

/** The regions of the image that is shown. */
export function shownRegions(): readonly Placed[] {
  return regions.of(store.image && regionImage(store.image.info));
}

/** Draw with a tool next: the keys are for the picture then. In a narrow window the panel makes room. */
export function takeTool(type: ShapeType): void {
  if (!store.get("overlays").regions) store.set({ overlays: { ...store.get("overlays"), regions: true } });
  regions.take(type);
  if (store.get("narrow")) store.set({ rail: null, menu: false });
  viewer()?.focus();
}

/** Bring a region to the middle, as large as it can be seen well; a small one is not enlarged beyond measure. */
export function zoomToRegion(id: string): void {
  const region = regions.get(id);
  const now = markups.now;
  if (!region || !now) return;
  const { x0, y0, x1, y1 } = knownBounds(region.shape);
  const size = Math.max(x1 - x0, y1 - y0);
  const fitting = (FILLED * Math.min(now.screen.width, now.screen.height)) / Math.max(size, 1e-9);
  const { x, y } = centreOf(region.shape);
  const { turn, mirrored } = store.get("view") ?? { turn: 0, mirrored: false };
  const zoom = size > 0 ? Math.min(fitting, MAX_ZOOM) : Math.max(now.transform.scale, 4);
  viewer()?.setView({ x: x + 1, y: y + 1, zoom, turn, mirrored });
}

export function lock(ids: Iterable<string>, locked: boolean): void {
  regions.edit(locked ? "Lock regions" : "Unlock regions", ids, (region) => ({ ...region, locked }));
}

/** By one pixel, in the direction of the image that comes nearest to one of the screen. */
function nudge(right: number, down: number): void {
  const now = markups.now;
  if (!now) return;
  const [from, to] = [{ x: 0, y: 0 }, { x: right, y: down }].map((at) => toDisplay(now.transform, at)) as [{ x: number; y: number }, { x: number; y: number }];
  const [dx, dy] = [to.x - from.x, from.y - to.y];
  if (Math.abs(dx) >= Math.abs(dy)) regions.nudge(regions.selected, Math.sign(dx), 0);
  else regions.nudge(regions.selected, 0, Math.sign(dy));
}

function backspace(): void {
  if (regionMarkup.drawing.stepBack()) markups.refresh();
  else regions.remove(regions.selected);
}

type Rest = Partial<Command> & Pick<Command, "run">;
const command = (id: string, title: string, rest: Rest): Command => ({ id: `regions.${id}`, title, group: "Regions", when: hasImage, ...rest });

export function regionCommands(): Command[] {
  const tools = (Object.keys(TOOL_KEYS) as ShapeType[]).map((type) =>
    command(type, `Draw: ${SHAPE_NAMES[type]}`, { keys: [TOOL_KEYS[type]], run: () => takeTool(type) }),
  );
  const nudges = ([["left", "ArrowLeft", -1, 0], ["right", "ArrowRight", 1, 0], ["up", "ArrowUp", 0, -1], ["down", "ArrowDown", 0, 1]] as const).map(
    ([way, key, right, down]) => command(way, `Nudge the selected regions ${way}`, { keys: [key], when: hasSelected, repeat: true, run: () => nudge(right, down) }),
  );
  return [...tools, ...editing(), ...nudges];
}

function editing(): Command[] {
  const selected = (): Iterable<string> => regions.selected;
  const allLocked = (placed: readonly Placed[]): boolean => placed.every(({ locked }) => locked);
  const chosen = (): Placed[] => [...regions.selected].map((id) => regions.get(id)).filter((one) => one !== undefined);
  const some = (): boolean => shownRegions().length > 0;
  return [
    command("finish", "Finish the polygon", { keys: ["Enter"], when: () => regionMarkup.drawing.count >= 3, run: () => void regionMarkup.drawing.finish() }),
    command("place", "Draw it in the middle of the view", {
      keys: ["Enter"],
      when: () => regions.tool !== null && regionMarkup.drawing.count === 0,
      run: () => regionMarkup.place(),
    }),
    command("rename", "Write the label of the selected region", { keys: ["F2"], when: hasOne, run: writeLabel }),
    command("delete", "Delete the selected regions", {
      keys: ["Delete", "Backspace"],
      when: () => hasSelected() || regionMarkup.drawing.count > 0,
      run: backspace,
    }),
    command("duplicate", "Duplicate the selected regions", { keys: ["D"], when: hasSelected, run: () => regions.duplicate(selected()) }),
    command("zoom", "Go to the selected region", { keys: ["Z"], when: hasSelected, run: () => zoomToRegion([...selected()][0] as string) }),
    command("lock", "Lock or unlock the selected regions", { when: hasSelected, run: () => lock(selected(), !allLocked(chosen())) }),
    command("select_all", "Select all regions of the image", { keys: ["A"], when: some, run: () => regions.select(shownRegions().map(({ id }) => id)) }),
    command("lock_all", "Lock or unlock all regions of the image", {
      when: some,
      run: () => lock(shownRegions().map(({ id }) => id), !allLocked(shownRegions())),
    }),
    command("delete_all", "Delete all regions of the image", { when: some, run: () => regions.remove(shownRegions().map(({ id }) => id)) }),
    command("files", "Import or export regions…", { run: () => store.set({ dialog: "regions" }) }),
  ];
}
