import { describe, expect, it } from "vitest";
import { inviteLink } from "./users";

describe("inviteLink", () => {
  it("keeps the prefix of the server", () => {
    expect(inviteLink("a-b_c", "https://lab.example.org/toyz/")).toBe("https://lab.example.org/toyz/login?token=a-b_c");
    expect(inviteLink("x", "http://127.0.0.1:8642/?file=a")).toBe("http://127.0.0.1:8642/login?token=x");
  });
});
