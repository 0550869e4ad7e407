import { describe, expect, it } from "vitest";
import type { AskedImage } from "../api";
import { cancelled, ToyzError } from "../errors";
import type { CallOptions } from "../socket";
import type { FrameInfo } from "../types";
import { OpenedFrames } from "./opened";

const place = (plane: number) => ({ path: "sky/cube.fits", hdu: 0, plane });
const all = (): boolean => true;

function setUp(isOpen: (image: string) => boolean = () => false) {
  const asked: { plane: number; resolve: (info: FrameInfo) => void; reject: (error: Error) => void }[] = [];
  const closed: string[] = [];
  const frame = ({ plane = 0 }: AskedImage, options: CallOptions = {}) =>
    new Promise<FrameInfo>((resolve, reject) => {
      asked.push({ plane, resolve, reject });
      options.signal?.addEventListener("abort", () => reject(cancelled()));
    });
  const close = async (image: string): Promise<null> => {
    closed.push(image);
    return null;
  };
  const opened = new OpenedFrames({ api: { frame, close }, changed: () => undefined, isOpen });
  const answer = async (): Promise<void> => {
    for (const { plane, resolve } of asked.splice(0)) resolve({ image: `i${plane}`, plane } as FrameInfo);
    await new Promise<void>((done) => setTimeout(done));
  };
  return { opened, asked, closed, answer };
}

describe("the frames that are open", () => {
  it("are opened once, and a few at a time", async () => {
    const { opened, asked, answer } = setUp();
    for (let plane = 0; plane < 10; plane++) opened.want(plane, place(plane), all);
    opened.want(0, place(0), all);
    expect(asked.map(({ plane }) => plane)).toEqual([0, 1, 2]);
    await answer();
    expect(opened.info(1)?.image).toBe("i1");
    opened.want(1, place(1), all);
    expect(asked).toEqual([]);
  });

  it("are bounded in number: the session closes the oldest, and what is known of them stays", async () => {
    const { opened, closed, answer } = setUp((image) => image === "i1");
    for (let plane = 0; plane < 70; plane++) {
      opened.want(plane, place(plane), all);
      await answer();
    }
    expect(closed).toEqual(["i0", "i2", "i3", "i4", "i5"]); // i1 is one of the window's own
    expect(opened.isOpen(0)).toBe(false);
    expect(opened.info(0)?.image).toBe("i0");
    opened.want(0, place(0), all);
    await answer();
    expect(opened.isOpen(0)).toBe(true);
  });

  it("are closed together, and those on their way are taken back", async () => {
    const { opened, asked, closed, answer } = setUp();
    opened.want(0, place(0), all);
    await answer();
    opened.want(1, place(1), all);
    const [late] = asked;
    opened.close();
    late!.resolve({ image: "i1", plane: 1 } as FrameInfo);
    await answer();
    expect(closed).toEqual(["i0"]);
    expect(opened.info(0)).toBeNull();
    expect(opened.info(1)).toBeNull();
  });

  it("leave out what cannot be opened or has another size, but not what was only in a hurry", async () => {
    const { opened, asked, closed, answer } = setUp();
    opened.want(0, place(0), () => false);
    await answer();
    expect([...opened.refused]).toEqual([0]);
    expect(closed).toEqual(["i0"]);
    opened.want(1, place(1), all);
    opened.want(2, place(2), all);
    asked[0]!.reject(new ToyzError({ code: "corrupt_file", message: "damaged" }));
    asked[1]!.reject(new ToyzError({ code: "busy", message: "later" }));
    asked.splice(0);
    await answer();
    expect([...opened.refused]).toEqual([0, 1]);
    opened.want(2, place(2), all);
    expect(asked.length).toBe(1);
  });

  it("are opened again where the window has closed them", () => {
    const { opened, asked } = setUp();
    opened.adopt(3, { image: "i3", plane: 3 } as FrameInfo);
    expect(opened.isOpen(3)).toBe(true);
    opened.closed("i3");
    opened.want(3, place(3), all);
    expect(asked.map(({ plane }) => plane)).toEqual([3]);
  });

  it("are opened again in a session that knows nothing of them", async () => {
    const { opened, asked, answer } = setUp();
    opened.want(0, place(0), all);
    await answer();
    opened.lost();
    opened.want(0, place(0), all);
    expect(asked.length).toBe(1);
  });
});
