/** What of a region a pointer holds, and what dragging that does. */

import type { Point, Size, Transform } from "../viewer/geometry";
import type { DragOptions, Handle } from "./handles";
import { dragged, handleAt, handlesOf } from "./handles";
import { meeting, screenBounds } from "./outline";
import { knownBounds } from "./painter";
import type { Placed, Regions } from "./regions";
import type { Shape } from "./shape";
import { moved } from "./shape";

export interface Grip {
  region: Placed;
  handle: Handle | null;
  /** Not its line, but what lies within. */
  inside: boolean;
}

interface Where {
  at: Point;
  reach: number;
  transform: Transform;
  screen: Size;
}

/** What a pointer would hold: a handle of the selected region, a line, or what is within a selected region. */
export function gripAt(regions: Regions, placed: readonly Placed[], where: Where): Grip | null {
  const chosen = placed.filter(({ id }) => regions.selected.has(id));
  const [single] = chosen;
  if (single && chosen.length === 1 && !single.locked) {
    const handle = handleAt(handlesOf(single.shape, where.transform), where.at, where.reach + 2);
    if (handle) return { region: single, handle, inside: false };
  }
  const met = [...chosen, ...placed.toReversed()];
  const edge = met.find(({ shape }) => meets(shape, where) === "edge");
  if (edge) return { region: edge, handle: null, inside: false };
  const within = chosen.find(({ shape }) => meets(shape, where) === "inside" && !covers(shape, where));
  return within ? { region: within, handle: null, inside: true } : null;
}

function meets(shape: Shape, { at, reach, transform }: Where): "edge" | "inside" | null {
  return meeting(shape, transform, at, reach, knownBounds(shape));
}

/** Whether nothing else is in sight: then a drag moves the picture. */
function covers(shape: Shape, { transform, screen }: Where): boolean {
  const { x0, y0, x1, y1 } = screenBounds(shape, transform);
  return x0 < 0 && y0 < 0 && x1 > screen.width && y1 > screen.height;
}

const MOVED = { size: "Resize region", vertex: "Move vertex", turn: "Turn region" } as const;

/** A drag that is under way: shown as it goes, kept when it ends. */
export class Gripping {
  private moved = false;

  constructor(
    private readonly regions: Regions,
    readonly grip: Grip,
    private readonly from: Point,
    private readonly toggling: boolean,
  ) {}

  move(to: Point, options: DragOptions): void {
    this.moved = true;
    const { region, handle } = this.grip;
    if (handle) {
      this.regions.draft(new Map([[region.id, dragged(region.shape, handle, this.from, to, options)]]));
      return;
    }
    const free = [...this.regions.selected].map((id) => this.regions.get(id)).filter((one) => one && !one.locked) as Placed[];
    this.regions.draft(new Map(free.map(({ id, shape }) => [id, moved(shape, to.x - this.from.x, to.y - this.from.y)])));
  }

  end(): void {
    const { handle, region } = this.grip;
    if (this.moved) this.regions.keepDrafts(handle ? MOVED[handle.kind] : this.regions.selected.size > 1 ? "Move regions" : "Move region");
    else if (this.toggling) this.regions.toggle(region.id);
    else if (!handle && this.regions.selected.size > 1) this.regions.select([region.id]);
  }

  giveUp(): void {
    this.regions.draft(new Map());
  }
}
