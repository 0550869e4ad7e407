import { describe, expect, it } from "vitest";
import { CardIndex, cardLine, highlighted } from "./cards";
import type { CardText } from "./cards";

const CARDS: CardText[] = [
  ["SIMPLE", "T", "file does conform to FITS standard"],
  ["OBJECT", "DES survey hex", "Unit: none"],
  ["EXPTIME", "90.0", "[s] Exposure time"],
  ["HISTORY", "flattened by hand", ""],
];

describe("searching a header", () => {
  it("looks into keyword, value and comment, without regard to case", () => {
    const index = new CardIndex(CARDS);
    expect(index.find("exptime")).toEqual([2]);
    expect(index.find("HEX")).toEqual([1]);
    expect(index.find("fits standard")).toEqual([0]);
    expect(index.find("time 90")).toEqual([2]);
    expect(index.find("")).toEqual([0, 1, 2, 3]);
    expect(index.find("absent")).toEqual([]);
  });
  it("is quick in a header of 300,000 cards", () => {
    const index = new CardIndex(Array.from({ length: 300_000 }, (_, i): CardText => [`KEY${i}`, String(i), "a comment of usual length"]));
    expect(index.find("key299999")).toEqual([299_999]);
    expect(index.find("usual")).toHaveLength(300_000);
  });
});

describe("highlighting", () => {
  it("marks every place", () => {
    expect(highlighted("abcabc", "BC")).toEqual([
      { text: "a", hit: false }, { text: "bc", hit: true }, { text: "a", hit: false }, { text: "bc", hit: true },
    ]);
  });
  it("joins words that overlap, and gives back the whole text", () => {
    const runs = highlighted("Exposure time", "expo posure");
    expect(runs[0]).toEqual({ text: "Exposure", hit: true });
    expect(runs.map((run) => run.text).join("")).toBe("Exposure time");
    expect(highlighted("", "x")).toEqual([]);
    expect(highlighted("İstanbul", "i")).toEqual([{ text: "İstanbul", hit: false }]);
  });
});

describe("copying", () => {
  it("writes cards as FITS does", () => {
    expect(CARDS.map(cardLine)).toEqual([
      "SIMPLE  = T / file does conform to FITS standard",
      "OBJECT  = 'DES survey hex' / Unit: none",
      "EXPTIME = 90.0 / [s] Exposure time",
      "HISTORY flattened by hand",
    ]);
    expect(cardLine(["OBSERVER", "O'Neill", ""])).toBe("OBSERVER= 'O''Neill'");
  });
});
