/** What the server warns of in an image is told when it is opened, and once. */
import { afterEach, expect, it, vi } from "vitest";
import { openImage } from "./actions";
import { ToyzError } from "./errors";
import { startSession } from "./session";
import type { EventHandler } from "./socket";
import { socket } from "./socket";
import { store } from "./store";
import type { ImageInfo } from "./types";

const NOTHING = "No pixel of this image has a value.";
const info = (warnings: string[]): ImageInfo =>
  ({ image: "i", path: "s/a.fits.gz", name: "a.fits.gz", hdu: 0, plane: 0, hdus: [], cuts: { low: 0, high: 1 }, warnings }) as unknown as ImageInfo;
const told = (level: string): string[] => store.get("log").flatMap((entry) => (entry.level === level ? [entry.message] : []));

afterEach(() => {
  store.set({ images: [], current: null, problem: null, log: [] });
  vi.restoreAllMocks();
});

it("when it is opened", async () => {
  vi.spyOn(socket, "call").mockResolvedValue(info([NOTHING]));
  await openImage("s/a.fits.gz");
  expect(told("warning")).toEqual([`a.fits.gz: ${NOTHING}`]);
});

it("when all its pixels have come, for what was not known before", async () => {
  const handlers = new Map<string, EventHandler>();
  vi.spyOn(socket, "on").mockImplementation((_, event, run) => {
    handlers.set(event, run);
    return () => undefined;
  });
  startSession();
  const call = vi.spyOn(socket, "call").mockResolvedValue(info(["Some cards cannot be read."]));
  await openImage("s/a.fits.gz");
  call.mockResolvedValue(info(["Some cards cannot be read.", NOTHING]));
  handlers.get("progress")?.({ image: "i", progress: 1, complete: true }, {} as never);
  await vi.waitFor(() => expect(told("warning")).toEqual(["a.fits.gz: Some cards cannot be read.", `a.fits.gz: ${NOTHING}`]));
});

it("and why a file does not open, by the page where there is no picture, by a notice beside one", async () => {
  const call = vi.spyOn(socket, "call").mockRejectedValue(new ToyzError({ code: "corrupt_file", message: "It ends too early." }));
  await openImage("s/b.fits");
  call.mockResolvedValueOnce(info([]));
  await openImage("s/a.fits.gz");
  await openImage("s/b.fits");
  expect(store.get("log").map((entry) => entry.onPage)).toEqual([true, false]);
});
