import { describe, expect, it } from "vitest";
import { pickedIn } from "./picked";
import { refusalOf } from "./upload";
import { wordsFor } from "./upload_list";
import type { Upload } from "./upload";

describe("uploads", () => {
  it("say what the server said", () => {
    const answered = (body: string, status = 409): unknown => ({ originalResponse: { getBody: () => body, getStatus: () => status } });
    expect(refusalOf(answered('{"code":"already_exists","message":"lab/a is there already"}'))).toEqual({ code: "already_exists", message: "lab/a is there already" });
    expect(refusalOf(answered("<html>proxy</html>", 502)).message).toContain("502");
    expect(refusalOf(Object.assign(new Error("tus: failed"), { originalRequest: {} })).message).toBe("The server cannot be reached.");
    expect(refusalOf(new Error("The file cannot be read.")).message).toBe("The file cannot be read.");
  });

  it("say how they stand", () => {
    const upload = (state: string, done: number): Upload => ({ state, done, file: { size: 2_000_000 }, problem: "no room" }) as unknown as Upload;
    expect(wordsFor(upload("checking", 1_000_000))).toBe("checksum, 1.00 MB of 2.00 MB");
    expect(wordsFor(upload("sending", 2_000_000))).toBe("being checked");
    expect(wordsFor(upload("failed", 0))).toBe("no room");
  });

  it("keep the folders of what is picked", () => {
    const files = [{ name: "a", webkitRelativePath: "set/inner/a" }, { name: "b", webkitRelativePath: "" }];
    expect(pickedIn({ files } as unknown as HTMLInputElement).map(({ relative }) => relative)).toEqual(["set/inner/a", "b"]);
  });
});
