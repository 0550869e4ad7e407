import { describe, expect, it } from "vitest";
import { encode } from "./frame";

describe("a frame", () => {
  it("is JSON", () => expect(encode({ id: "1", text: "a☆😀" })).toBe('{"id":"1","text":"a☆😀"}'));

  it("has no half characters, wherever a text was cut", () => {
    expect(JSON.parse(encode({ id: "1", parameters: { text: "star 😀".slice(0, 6), names: ["😀".slice(1)] } }))).toEqual({
      id: "1",
      parameters: { text: "star \ufffd", names: ["\ufffd"] },
    });
  });

  it("leaves what only looks like one", () => {
    const said = { text: String.raw`\ud83d` };
    expect(JSON.parse(encode(said))).toEqual(said);
  });
});
