import { describe, expect, it } from "vitest";
import { quotaOf } from "./quotas";

describe("quotaOf", () => {
  it("reads GB", () => {
    expect(quotaOf("20", "2000")).toEqual({ unfinished: 20e9, finished: 2e12 });
    expect(quotaOf("0", "0.5")).toEqual({ unfinished: 0, finished: 5e8 });
  });
  it("takes nothing for no number", () => {
    for (const text of ["", " ", "-1", "much"]) expect(quotaOf(text, "1")).toBeNull();
  });
});
