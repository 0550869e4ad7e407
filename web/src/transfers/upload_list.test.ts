import { afterEach, describe, expect, it, vi } from "vitest";
import type { Upload } from "./upload";
import { UploadList } from "./upload_list";
import { uploads } from "./uploads";

const upload = (path: string, state: Upload["state"]): Upload =>
  ({ path, state, done: 1, file: { size: 10 } as File, problem: "no room", active: state === "sending", ended: state === "done" || state === "failed" }) as unknown as Upload;

describe("the list of uploads", () => {
  afterEach(() => vi.restoreAllMocks());

  it("has first what waits for somebody, and can be folded", async () => {
    customElements.get("toyz-upload-list") ?? customElements.define("toyz-upload-list", UploadList);
    vi.spyOn(uploads, "list", "get").mockReturnValue([upload("lab/a", "sending"), upload("lab/b", "done"), upload("lab/c", "failed"), upload("lab/d", "taken")]);
    vi.spyOn(uploads, "left", "get").mockReturnValue([]);
    vi.spyOn(uploads, "look").mockResolvedValue();
    const list = document.createElement("toyz-upload-list") as UploadList;
    document.body.append(list);
    await list.updateComplete;
    const names = (): (string | null)[] => [...list.shadowRoot!.querySelectorAll("li .clip")].map(({ textContent }) => textContent);
    expect(names()).toEqual(["c", "d", "a", "b"]);
    expect(list.shadowRoot!.querySelector("header")?.textContent).toContain("2 of 4 wait for you");
    list.shadowRoot!.querySelector<HTMLButtonElement>("[aria-expanded]")!.click();
    await list.updateComplete;
    expect(names()).toEqual([]);
    list.remove();
  });
});
