import { describe, expect, it } from "vitest";
import { fuzzyFilter, fuzzyMatch, matchedRuns } from "./fuzzy";

const names = ["Zoom to fit", "Next stretch", "Toggle the grid", "Full window", "Next image", "Go to position"];
const best = (query: string): string | undefined => fuzzyFilter(query, names, (name) => name)[0]?.item;

describe("fuzzy filter", () => {
  it("keeps everything in order when nothing is typed", () => {
    expect(fuzzyFilter("  ", names, (name) => name).map((found) => found.item)).toEqual(names);
  });
  it("finds words by their beginnings", () => {
    expect(best("nst")).toBe("Next stretch");
    expect(best("grid")).toBe("Toggle the grid");
    expect(best("ztf")).toBe("Zoom to fit");
    expect(best("FULL")).toBe("Full window");
  });
  it("leaves out what does not hold the letters in order", () => {
    expect(fuzzyMatch("xq", "Zoom")).toBeNull();
    expect(fuzzyMatch("mooz", "Zoom")).toBeNull();
  });
  it("puts a whole word above scattered letters", () => {
    const whole = fuzzyMatch("image", "Next image");
    const scattered = fuzzyMatch("image", "Invert map and go everywhere");
    expect(whole?.score).toBeGreaterThan(scattered?.score ?? 99);
  });
  it("says which letters were matched", () => {
    const match = fuzzyMatch("ns", "Next stretch");
    expect(matchedRuns("Next stretch", match?.positions ?? [])).toEqual([
      { text: "N", hit: true }, { text: "ext ", hit: false }, { text: "s", hit: true }, { text: "tretch", hit: false },
    ]);
  });
});
