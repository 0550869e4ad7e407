import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeBinary } from "./frames";
import { ToyzSocket } from "./socket";
import type { Hello, Style, TileAddress } from "./types";

/** A websocket whose other end is the test. */
class FakeWebSocket {
  static all: FakeWebSocket[] = [];
  sent: Record<string, unknown>[] = [];
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeWebSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(code = 1000): void {
    this.onclose?.({ code });
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  sayBinary(header: { id: string; phase: "COMPLETED" | "ERROR"; format?: string }, payload: number[]): void {
    this.onmessage?.({ data: encodeBinary(header, new Uint8Array(payload)) });
  }

  /** What was sent besides pings. */
  get asked(): Record<string, unknown>[] {
    return this.sent.filter((message) => !("ping" in message));
  }
}

const newest = (): FakeWebSocket => FakeWebSocket.all.at(-1)!;
const hello = (patch: Partial<Hello> = {}): Hello => ({
  version: 1,
  window: "w1",
  seq: 0,
  resumed: false,
  session: 1,
  user: "ana",
  ...patch,
});
const style = { low: 0, high: 1 } as Style;
const tile: TileAddress = { image: "i", level: 3, x: 1, y: 2, style };

async function connect(patch: Partial<Hello> = {}, claimed = "") {
  const remembered: string[] = [];
  const socket = new ToyzSocket({
    open: (url) => new FakeWebSocket(url) as unknown as WebSocket,
    claim: () => Promise.resolve(claimed),
    remember: (id) => remembered.push(id),
    base: () => "https://example.org/lab/toyz/",
  });
  await socket.start();
  newest().say(hello(patch));
  return { socket, remembered };
}

/** Lose the connection and come back. */
function reconnect(patch: Partial<Hello>): FakeWebSocket {
  newest().close(1006);
  vi.advanceTimersByTime(1000);
  newest().say(hello(patch));
  return newest();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  FakeWebSocket.all = [];
});
afterEach(() => vi.useRealTimers());

describe("connecting", () => {
  it("goes to the socket beneath the base prefix, and names its window", async () => {
    const { remembered } = await connect({ window: "w7" }, "w 7");
    expect(newest().url).toBe("wss://example.org/lab/toyz/api/socket?window=w%207&seq=");
    expect(remembered).toEqual(["w7"]);
  });

  it("comes back with the number of the last message it saw", async () => {
    const { socket } = await connect({ seq: 4 });
    newest().say({ event: "update", module: "jobs", data: {}, seq: 5 });
    newest().close(1006);
    expect(socket.state).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(newest().url).toContain("window=w1&seq=5");
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it("tries again and again, and more slowly", async () => {
    await connect();
    for (let attempt = 0; attempt < 8; attempt++) {
      newest().close(1006);
      vi.advanceTimersByTime(4000);
    }
    expect(FakeWebSocket.all).toHaveLength(9);
    newest().close(1006);
    vi.advanceTimersByTime(2000);
    expect(FakeWebSocket.all).toHaveLength(9);
  });

  it("gives up a connection that never greets", async () => {
    await connect();
    newest().close(1006);
    vi.advanceTimersByTime(400);
    expect(FakeWebSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(11_000);
    expect(FakeWebSocket.all.length).toBeGreaterThan(2);
  });

  it("takes a connection that answers no ping for lost", async () => {
    const { socket } = await connect();
    vi.advanceTimersByTime(16_000);
    expect(socket.state).toBe("lost");
  });

  it("measures the round trip", async () => {
    const { socket } = await connect();
    vi.advanceTimersByTime(12);
    newest().say({ pong: newest().sent.at(-1)!["ping"] });
    expect(socket.latency).toBeCloseTo(12);
  });

  it("asks for a window of its own when another page took this one", async () => {
    await connect({ window: "w1" });
    newest().close(4001);
    vi.advanceTimersByTime(1000);
    expect(newest().url).toContain("window=&");
  });
});

describe("calls", () => {
  it("are sent once greeted, and answered", async () => {
    const { socket } = await connect();
    const answer = socket.call("files", "list", { path: "" });
    const [call] = newest().asked;
    expect(call).toMatchObject({ module: "files", task: "list", parameters: { path: "" } });
    newest().say({ id: call!["id"], phase: "COMPLETED", result: { total: 0 }, seq: 1 });
    await expect(answer).resolves.toEqual({ total: 0 });
  });

  it("report progress on the way", async () => {
    const { socket } = await connect();
    const seen: (number | undefined)[] = [];
    const answer = socket.call("m", "t", {}, { onProgress: (update) => seen.push(update.progress) });
    const id = newest().asked[0]!["id"];
    newest().say({ id, phase: "QUEUED", seq: 1 });
    newest().say({ id, phase: "EXECUTING", progress: 0.5, seq: 2 });
    newest().say({ id, phase: "COMPLETED", seq: 3 });
    await expect(answer).resolves.toBeNull();
    expect(seen).toEqual([undefined, 0.5]);
  });

  it("fail with the server's code and field", async () => {
    const { socket } = await connect();
    const answer = socket.call("images", "pixel", { x: "a" });
    const error = { code: "invalid_parameter", message: "x is a number", field: "parameters.x" };
    newest().say({ id: newest().asked[0]!["id"], phase: "ERROR", error, seq: 1 });
    await expect(answer).rejects.toMatchObject(error);
  });

  it("are cancelled on the server by their signal", async () => {
    const { socket } = await connect();
    const controller = new AbortController();
    const answer = socket.call("m", "t", {}, { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
    expect(newest().asked[1]).toEqual({ id: newest().asked[0]!["id"], cancel: true });
  });

  it("resolve with the payload of a binary frame", async () => {
    const { socket } = await connect();
    const answer = socket.requestTile(tile, 12);
    expect(newest().asked[0]).toMatchObject({ tile, priority: 12 });
    newest().sayBinary({ id: String(newest().asked[0]!["id"]), phase: "COMPLETED", format: "jpeg" }, [1, 2, 3]);
    const { format, payload } = await answer;
    expect(format).toBe("jpeg");
    expect([...payload]).toEqual([1, 2, 3]);
  });
});

describe("a connection that was lost", () => {
  it("has its calls answered by the replay, and sends them no second time", async () => {
    const { socket } = await connect({ seq: 10 });
    const answer = socket.call("m", "t");
    const id = newest().asked[0]!["id"];
    const again = reconnect({ resumed: true, seq: 11 });
    expect(again.asked).toEqual([]);
    again.say({ id, phase: "COMPLETED", result: 7, seq: 11 });
    await expect(answer).resolves.toBe(7);
    expect(again.asked).toEqual([]);
  });

  it("asks again under the same id for what the replay left open", async () => {
    const { socket } = await connect({ seq: 10 });
    void socket.call("m", "t");
    const sent = newest().asked[0];
    const again = reconnect({ resumed: true, seq: 11 });
    again.say({ event: "update", module: "jobs", seq: 11 });
    expect(again.asked).toEqual([sent]);
  });

  it("asks for its tiles again", async () => {
    const { socket } = await connect({ seq: 10 });
    void socket.requestTile(tile, 0);
    const sent = newest().asked[0];
    expect(reconnect({ resumed: true, seq: 10 }).asked).toEqual([sent]);
  });

  it("holds new calls back until the replay is through", async () => {
    const { socket } = await connect({ seq: 10 });
    const again = reconnect({ resumed: true, seq: 12 });
    void socket.call("files", "list");
    again.say({ event: "a", module: "m", seq: 11 });
    expect(again.asked).toHaveLength(0);
    again.say({ event: "a", module: "m", seq: 12 });
    expect(again.asked).toHaveLength(1);
  });

  it("shows an event that is replayed twice only once", async () => {
    const { socket } = await connect({ seq: 10 });
    const seen: unknown[] = [];
    socket.on("jobs", "*", (data) => seen.push(data));
    newest().say({ event: "update", module: "jobs", data: 1, seq: 11 });
    const again = reconnect({ resumed: true, seq: 12 });
    again.say({ event: "update", module: "jobs", data: 1, seq: 11 });
    again.say({ event: "update", module: "jobs", data: 2, seq: 12 });
    expect(seen).toEqual([1, 2]);
  });

  it("ends calls whose fate nobody knows when the window is lost, and repeats those that only read", async () => {
    const { socket } = await connect({ seq: 10 });
    const changing = socket.call("cutouts", "create");
    void socket.call("images", "open", { path: "a" });
    const greetings: boolean[] = [];
    socket.onHello((answer) => greetings.push(answer.resumed));
    const again = reconnect({ resumed: false, seq: 3, window: "w2" });
    await expect(changing).rejects.toMatchObject({ code: "session_lost" });
    expect(again.asked).toEqual([expect.objectContaining({ module: "images", task: "open" })]);
    expect(greetings).toEqual([false]);
    newest().close(1006);
    vi.advanceTimersByTime(1000);
    expect(newest().url).toContain("window=w2&seq=3");
  });
});

describe("events", () => {
  it("reach who asked for them, until they stop", async () => {
    const { socket } = await connect();
    const seen: unknown[] = [];
    const stop = socket.on("images", "pyramid", (data) => seen.push(data));
    newest().say({ event: "pyramid", module: "images", data: { progress: 1 }, seq: 1 });
    newest().say({ event: "progress", module: "images", data: {}, seq: 2 });
    newest().say({ event: "pyramid", module: "other", data: {}, seq: 3 });
    stop();
    newest().say({ event: "pyramid", module: "images", data: {}, seq: 4 });
    expect(seen).toEqual([{ progress: 1 }]);
  });
});
