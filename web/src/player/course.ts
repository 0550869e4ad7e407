/** In which order frames are played. */

/** What comes after the last frame: the first one, or the way back. */
export type Turn = "loop" | "bounce";

/** Where one stands among the frames, and which way one goes. */
export interface Course {
  at: number;
  forward: boolean;
}

/** The next place of so many; the same one if there is no other. */
export function advance({ at, forward }: Course, count: number, turn: Turn): Course {
  const next = at + (forward ? 1 : -1);
  if (next >= 0 && next < count) return { at: next, forward };
  if (count < 2) return { at, forward };
  if (turn === "loop") return { at: forward ? 0 : count - 1, forward };
  return { at: forward ? count - 2 : 1, forward: !forward };
}

/**
 * The frames to come, each once, in the order in which they are shown first; at most `limit` of them,
 * and none of those that `missing` holds.
 */
export function ahead(course: Course, count: number, turn: Turn, limit: number, missing: ReadonlySet<number>): Course[] {
  const seen = new Set([course.at]);
  const found: Course[] = [];
  // A way there and back passes each frame.
  for (let step = 0, here = course; step < 2 * count && found.length < limit; step++) {
    here = advance(here, count, turn);
    if (seen.has(here.at)) continue;
    seen.add(here.at);
    if (!missing.has(here.at)) found.push(here);
  }
  return found;
}
