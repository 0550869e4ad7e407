import { describe, expect, it, vi } from "vitest";
import { ToyzError } from "../errors";
import type { FoundCard, HeaderCards } from "../types";
import { HeaderSource } from "./header_source";

const header = (hdu: number): HeaderCards => ({ hdu, cards: [["EXTNAME", `CCD${hdu}`, "name"], ["GAIN", "4.0", "e/ADU"]] });
const found: FoundCard[] = [{ hdu: 3, name: "N3", keyword: "GAIN", value: "3.5", comment: "" }];

function panel() {
  const api = {
    header: vi.fn((_: string, hdu?: number) => Promise.resolve(header(hdu ?? 1))),
    searchHeader: vi.fn((_image: string, _text: string, _limit: number) => Promise.resolve(found)),
  };
  return { api, source: new HeaderSource(api, () => undefined) };
}

describe("the cards of the header panel", () => {
  it("are those of the HDU that the server puts first", async () => {
    const { source } = panel();
    source.show("m1", 3);
    expect(source.loading).toBe(true);
    await vi.waitFor(() => expect(source.rows.length).toBe(2));
    expect([source.where, source.hdu, source.total, source.loading]).toEqual([1, 1, 2, false]);
    source.search("gain");
    expect(source.rows.map((row) => row.card[1])).toEqual(["4.0"]);
  });

  it("follow the cursor from CCD to CCD, and stay where there is none", async () => {
    const { api, source } = panel();
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    source.under(7);
    expect(source.hdu).toBe(1);
    source.look("ccd");
    source.under(7);
    await vi.waitFor(() => expect(source.rows[0]?.card[1]).toBe("CCD7"));
    source.under(null);
    source.under(7);
    expect([source.hdu, source.where, api.header.mock.calls.length]).toEqual([7, "ccd", 2]);
  });

  it("of a header that is on its way are filtered when they come", async () => {
    const { source } = panel();
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    source.look(5);
    source.search("extname");
    expect(source.loading).toBe(true);
    await vi.waitFor(() => expect(source.rows.map((row) => row.card[1])).toEqual(["CCD5"]));
  });

  it("are searched in all HDUs, with the HDU of each", async () => {
    const { api, source } = panel();
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    source.look("all");
    expect(source.rows).toEqual([]);
    source.search(" gai");
    source.search(" gain");
    await vi.waitFor(() => expect(source.rows.length).toBe(1));
    expect(source.rows[0]?.hdu).toEqual({ index: 3, name: "N3" });
    expect(api.searchHeader.mock.calls.map((call) => call[1])).toEqual(["gain"]);
    source.look(1);
    source.search("");
    await vi.waitFor(() => expect(source.total).toBe(2));
  });

  it("of one HDU come with the number of those that the others hold", async () => {
    const { api, source } = panel();
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    source.search("ga");
    source.search("gain ");
    expect([source.rows.length, source.elsewhere]).toEqual([1, 0]);
    await vi.waitFor(() => expect(source.elsewhere).toBe(1));
    source.look(3);
    await vi.waitFor(() => expect([source.hdu, source.elsewhere]).toEqual([3, 0]));
    source.look("all");
    expect(source.rows.map((row) => row.hdu?.name)).toEqual(["N3"]);
    expect(api.searchHeader.mock.calls.map((call) => call[1])).toEqual(["gain"]);
  });

  it("of a file with one HDU are sought nowhere else", async () => {
    vi.useFakeTimers();
    const { api, source } = panel();
    source.show("m1", 1);
    await vi.runAllTimersAsync();
    source.search("airmass");
    await vi.runAllTimersAsync();
    expect(api.searchHeader).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  it("of another image are searched for the same words", async () => {
    const { api, source } = panel();
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    source.search("gain");
    await vi.waitFor(() => expect(source.elsewhere).toBe(1));
    source.show("m2", 3);
    expect(source.elsewhere).toBe(0);
    await vi.waitFor(() => expect(source.elsewhere).toBe(1));
    expect(api.searchHeader.mock.calls.map((call) => call[0])).toEqual(["m1", "m2"]);
  });

  it("say why they are not there", async () => {
    const { api, source } = panel();
    api.header.mockImplementation(() => Promise.reject(new ToyzError({ code: "corrupt_file", message: "The header ends too early." })));
    source.show("m1", 3);
    await vi.waitFor(() => expect(source.problem).toBe("The header ends too early."));
    expect([source.rows, source.loading]).toEqual([[], false]);
  });

  it("are never those of the image before", async () => {
    const { api, source } = panel();
    let answer: (cards: HeaderCards) => void = () => undefined;
    api.header.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    source.show("m1", 3);
    source.show("m2", 3);
    await vi.waitFor(() => expect(source.hdu).toBe(1));
    answer(header(9));
    await Promise.resolve();
    expect([source.hdu, source.rows[0]?.card[1]]).toEqual([1, "CCD1"]);
  });
});
