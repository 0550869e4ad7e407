import { describe, expect, it } from "vitest";
import type { Course, Turn } from "./course";
import { advance, ahead } from "./course";

function played(from: Course, count: number, turn: Turn, steps: number): number[] {
  const found = [from.at];
  for (let here = from; found.length <= steps; ) {
    here = advance(here, count, turn);
    found.push(here.at);
  }
  return found;
}

const none: ReadonlySet<number> = new Set();
const places = (courses: Course[]): number[] => courses.map(({ at }) => at);

describe("the order of frames", () => {
  it("begins anew after the last one, or turns back", () => {
    expect(played({ at: 1, forward: true }, 4, "loop", 6)).toEqual([1, 2, 3, 0, 1, 2, 3]);
    expect(played({ at: 1, forward: true }, 4, "bounce", 8)).toEqual([1, 2, 3, 2, 1, 0, 1, 2, 3]);
  });

  it("goes backwards too", () => {
    expect(played({ at: 1, forward: false }, 4, "loop", 4)).toEqual([1, 0, 3, 2, 1]);
    expect(played({ at: 1, forward: false }, 4, "bounce", 5)).toEqual([1, 0, 1, 2, 3, 2]);
  });

  it("stays where there is no other", () => {
    expect(advance({ at: 0, forward: true }, 1, "bounce")).toEqual({ at: 0, forward: true });
  });
});

describe("the frames to come", () => {
  it("are all others, each once, the next ones first", () => {
    expect(places(ahead({ at: 2, forward: true }, 5, "loop", 99, none))).toEqual([3, 4, 0, 1]);
    expect(places(ahead({ at: 2, forward: true }, 5, "bounce", 99, none))).toEqual([3, 4, 1, 0]);
    expect(places(ahead({ at: 2, forward: false }, 5, "bounce", 99, none))).toEqual([1, 0, 3, 4]);
  });

  it("are no more than are wanted, and none that cannot be shown", () => {
    expect(places(ahead({ at: 0, forward: true }, 1000, "loop", 3, new Set([1, 3])))).toEqual([2, 4, 5]);
    expect(ahead({ at: 0, forward: true }, 3, "loop", 9, new Set([1, 2]))).toEqual([]);
    expect(ahead({ at: 0, forward: true }, 1, "loop", 9, none)).toEqual([]);
  });

  it("know which way it goes on from there", () => {
    const [last, back] = ahead({ at: 3, forward: true }, 5, "bounce", 2, none);
    expect(last).toEqual({ at: 4, forward: true });
    expect(back).toEqual({ at: 2, forward: false });
  });
});
