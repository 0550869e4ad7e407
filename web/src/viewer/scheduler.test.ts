import { describe, expect, it } from "vitest";
import { cancelled } from "../errors";
import type { Wanted } from "./scheduler";
import { TileScheduler } from "./scheduler";

interface Request {
  tile: string;
  priority: number;
  signal: AbortSignal;
  resolve: (value: string) => void;
  reject: (error: unknown) => void;
}

function setUp(limit: number) {
  const requests: Request[] = [];
  const done: string[] = [];
  const failed: string[] = [];
  const scheduler = new TileScheduler<string, string>({
    limit,
    fetch: (tile, priority, signal) =>
      new Promise((resolve, reject) => {
        requests.push({ tile, priority, signal, resolve, reject });
        signal.addEventListener("abort", () => reject(cancelled()));
      }),
    done: (key) => done.push(key),
    failed: (key) => failed.push(key),
  });
  return { requests, done, failed, scheduler };
}

const want = (...keys: string[]): Wanted<string>[] => keys.map((key) => ({ key, tile: key }));
const turn = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));

describe("the scheduler", () => {
  it("starts the best first, and no more than its limit", () => {
    const { requests, scheduler } = setUp(2);
    scheduler.want(want("a", "b", "c", "d"));
    expect(requests.map(({ tile, priority }) => [tile, priority])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });

  it("starts the next as places come free, by the newest order", async () => {
    const { requests, done, scheduler } = setUp(2);
    scheduler.want(want("a", "b", "c", "d"));
    scheduler.want(want("d", "a", "b", "c"));
    requests[0]!.resolve("A");
    await turn();
    expect(done).toEqual(["a"]);
    expect(requests.map(({ tile }) => tile)).toEqual(["a", "b", "d"]);
  });

  it("cancels what left the view, and uses its place at once", () => {
    const { requests, scheduler } = setUp(2);
    scheduler.want(want("a", "b", "c"));
    scheduler.want(want("b", "c"));
    expect(requests[0]!.signal.aborted).toBe(true);
    expect(requests[1]!.signal.aborted).toBe(false);
    expect(requests.map(({ tile }) => tile)).toEqual(["a", "b", "c"]);
    expect(scheduler.inFlight).toBe(2);
  });

  it("asks again for a cancelled tile that is wanted again", async () => {
    const { requests, failed, scheduler } = setUp(4);
    scheduler.want(want("a"));
    scheduler.stop();
    await turn();
    scheduler.want(want("a"));
    expect(requests.map(({ tile }) => tile)).toEqual(["a", "a"]);
    expect(failed).toEqual([]);
  });

  it("does not report a tile that arrives after it was taken back", async () => {
    const { requests, done, scheduler } = setUp(4);
    scheduler.want(want("a"));
    scheduler.want([]);
    requests[0]!.resolve("A");
    await turn();
    expect(done).toEqual([]);
  });

  it("asks for a failed tile no more until it is forgiven", async () => {
    const { requests, failed, scheduler } = setUp(4);
    scheduler.want(want("a", "b"));
    requests[0]!.reject(new Error("damaged"));
    await turn();
    scheduler.want(want("a", "b"));
    expect(failed).toEqual(["a"]);
    expect(requests).toHaveLength(2);
    scheduler.forgive();
    scheduler.want(want("a", "b"));
    expect(requests.map(({ tile }) => tile)).toEqual(["a", "b", "a"]);
  });
});
