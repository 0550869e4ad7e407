/**
 * The one websocket of this window.
 *
 * Calls and tiles wait across a lost connection: after `Hello`, once the replayed messages have
 * arrived, whatever is still unanswered is sent again under the same id, which the server takes
 * for the same call. Where the server has lost the window, calls that changed something are
 * ended with `session_lost` instead, because nobody knows how far they came.
 */

import { encode } from "./frame";
import { cancelled, ToyzError } from "./errors";
import { decodeBinary } from "./frames";
import type {
  BinaryHeader,
  BinaryResult,
  DataAddress,
  Hello,
  ServerEvent,
  TileAddress,
  Update,
} from "./types";
import { FINAL_PHASES } from "./types";
import { claimWindow, rememberWindow } from "./window_id";

export type ConnectionState = "connecting" | "open" | "lost";

export interface CallOptions {
  /** Called for every update that is not the last. */
  onProgress?: (update: Update) => void;
  /** Cancels the call on the server too. */
  signal?: AbortSignal | undefined;
}

/** An encoded tile: `format` is `jpeg`, `png`, or `tile` for a data tile. */
export interface TilePayload {
  format: string;
  payload: Uint8Array<ArrayBuffer>;
}

export interface SocketOptions {
  open?: (url: string) => WebSocket;
  claim?: () => Promise<string>;
  remember?: (id: string) => void;
  base?: () => string;
}

interface Waiting {
  message: Record<string, unknown>;
  /** Whether it may be asked again of a session that knows nothing of it. */
  repeatable: boolean;
  onProgress: ((update: Update) => void) | undefined;
  resolve: (value: unknown) => void;
  reject: (error: ToyzError) => void;
}

export type EventHandler = (data: unknown, event: ServerEvent) => void;

const READING_MODULES: ReadonlySet<string> = new Set(["files", "images", "regions"]);
const READING_TASKS: ReadonlySet<string> = new Set(["settings.get", "jobs.list", "jobs.show", "server.plugins", "workspaces.list", "workspaces.latest"]);
const BACKOFF_MS = [0, 250, 500, 1000, 2000, 3000];
const PING_EVERY_MS = 5000;
const PONG_WITHIN_MS = 10_000;
/** A connection that has not been greeted by then leads nowhere. */
const HELLO_WITHIN_MS = 10_000;
/** The close code of a window that another page took over. */
const TAKEN_OVER = 4001;
/** The server goes away and comes back (RFC 6455's registry: service restart). */
const RESTARTED = 1012;

export class ToyzSocket {
  state: ConnectionState = "connecting";
  /** Milliseconds of the last round trip. */
  latency: number | null = null;
  hello: Hello | null = null;

  private socket: WebSocket | null = null;
  private window = "";
  private seq = 0;
  private attempts = 0;
  private held = false;
  private counter = 0;
  private pings = new Map<number, number>();
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly prefix = Math.random().toString(36).slice(2, 8);
  private readonly waiting = new Map<string, Waiting>();
  private readonly handlers = new Map<string, Set<EventHandler>>();
  private readonly stateHandlers = new Set<() => void>();
  private readonly helloHandlers = new Set<(hello: Hello, first: boolean) => void>();
  private greeted = false;
  private resendAfter: number | null = null;

  constructor(private readonly options: SocketOptions = {}) {}

  /** Open the socket and keep it open. */
  async start(): Promise<void> {
    this.window = await (this.options.claim ?? claimWindow)();
    this.connect();
  }

  /** Call a task. Resolves with its result, or with a `BinaryResult` if it comes as a binary frame. */
  call<R = unknown>(module: string, task: string, parameters: object = {}, options: CallOptions = {}): Promise<R> {
    const repeatable = READING_MODULES.has(module) || READING_TASKS.has(`${module}.${task}`);
    return this.ask<R>("c", { module, task, parameters }, repeatable, options);
  }

  /** Ask for a tile; a lower priority number is served first. */
  requestTile(tile: TileAddress, priority: number, signal?: AbortSignal): Promise<TilePayload> {
    return this.ask<TilePayload>("t", { tile, priority }, true, { signal });
  }

  /** Ask for a data tile; otherwise as `requestTile`. */
  requestData(data: DataAddress, priority: number, signal?: AbortSignal): Promise<TilePayload> {
    return this.ask<TilePayload>("t", { data, priority }, true, { signal });
  }

  /** Say something that is not answered; nothing is said while the connection is lost. */
  say(message: object): void {
    if (this.ready) this.send(message);
  }

  /** Listen to events of a module; `event` may be `*`. Returns the function that stops it. */
  on(module: string, event: string, handler: EventHandler): () => void {
    return subscribe(this.handlers, `${module}.${event}`, handler);
  }

  /** Called when `state` or `latency` changes. */
  onState(handler: () => void): () => void {
    this.stateHandlers.add(handler);
    return () => this.stateHandlers.delete(handler);
  }

  /** Called for each `Hello`; `first` is false for reconnections. */
  onHello(handler: (hello: Hello, first: boolean) => void): () => void {
    this.helloHandlers.add(handler);
    return () => this.helloHandlers.delete(handler);
  }

  /** Try no more to connect until `retryNow`: it would be refused. */
  hold(): void {
    this.held = true;
    if (!this.socket) clearTimeout(this.retryTimer);
  }

  /** Connect now instead of after the back-off, as when the network is back. */
  retryNow(): void {
    this.held = false;
    if (this.state === "open" || this.socket) return;
    clearTimeout(this.retryTimer);
    this.attempts = 0;
    this.connect();
  }

  /** Close for good. */
  stop(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.setState("lost");
  }

  private ask<R>(kind: string, body: object, repeatable: boolean, options: CallOptions): Promise<R> {
    const id = `${kind}${this.prefix}${(this.counter++).toString(36)}`;
    if (options.signal?.aborted) return Promise.reject(cancelled(id));
    return new Promise<R>((resolve, reject) => {
      const message = { id, ...body };
      const abort = (): void => this.cancel(id);
      const settle = <T>(done: (value: T) => void) => (value: T): void => {
        options.signal?.removeEventListener("abort", abort);
        done(value);
      };
      this.waiting.set(id, {
        message,
        repeatable,
        onProgress: options.onProgress,
        resolve: settle(resolve as (value: unknown) => void),
        reject: settle(reject),
      });
      options.signal?.addEventListener("abort", abort, { once: true });
      if (this.ready) this.send(message);
    });
  }

  private cancel(id: string): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    if (this.ready) this.send({ id, cancel: true });
    waiting.reject(cancelled(id));
  }

  /** Whether new messages may be sent: connected, greeted, and the old ones sent again. */
  private get ready(): boolean {
    return this.greeted && this.resendAfter === null;
  }

  private send(message: object): void {
    this.socket?.send(encode(message));
  }

  /** Why the server closed the last connection, in its words; empty if it did not say. */
  refusal = "";

  private connect(): void {
    const base = (this.options.base ?? (() => document.baseURI))();
    // A page that was just loaded has seen nothing and names no number.
    const seen = this.hello ? String(this.seq) : "";
    const url = new URL(`api/socket?window=${encodeURIComponent(this.window)}&seq=${seen}`, base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.options.open ?? ((address) => new WebSocket(address)))(url.href);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = false;
    this.retryTimer = setTimeout(() => this.drop(), HELLO_WITHIN_MS);
    socket.onmessage = (message) => {
      if (this.socket === socket) this.receive(message.data as string | ArrayBuffer);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      // Another page has this window now; this one goes on with a window of its own.
      if (event.code === TAKEN_OVER) this.window = "";
      else this.refusal = event.code === RESTARTED ? "" : (event.reason ?? "");
      this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    this.greeted = false;
    this.resendAfter = null;
    clearInterval(this.pingTimer);
    clearTimeout(this.retryTimer);
    this.pings.clear();
    this.latency = null;
    this.setState("lost");
    if (this.held) return;
    const pause = BACKOFF_MS[Math.min(this.attempts, BACKOFF_MS.length - 1)] ?? 3000;
    this.attempts += 1;
    this.retryTimer = setTimeout(() => this.connect(), pause * (0.75 + 0.5 * Math.random()));
  }

  /** Give a silent connection up; its own close event may never come. */
  private drop(): void {
    const socket = this.socket;
    this.lost();
    socket?.close();
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.receiveBinary(data);
      return;
    }
    const message = JSON.parse(data) as Record<string, unknown>;
    if ("pong" in message) this.receivePong(Number(message["pong"]));
    else if ("version" in message) this.receiveHello(message as unknown as Hello);
    else this.receiveNumbered(message);
  }

  private receiveHello(hello: Hello): void {
    clearTimeout(this.retryTimer);
    const first = this.hello === null;
    this.refusal = "";
    this.hello = hello;
    this.window = hello.window;
    (this.options.remember ?? rememberWindow)(hello.window);
    this.attempts = 0;
    this.held = false;
    this.greeted = true;
    if (hello.resumed && hello.seq > this.seq) {
      this.resendAfter = hello.seq;
    } else {
      if (!hello.resumed && !first) this.endLostCalls();
      this.seq = hello.seq;
      this.resend();
    }
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.ping();
    this.setState("open");
    for (const handler of this.helloHandlers) handler(hello, first);
  }

  private receiveNumbered(message: Record<string, unknown>): void {
    const seq = Number(message["seq"] ?? 0);
    if (seq > 0 && seq <= this.seq) return; // replayed, and seen before
    if (seq > 0) this.seq = seq;
    if ("event" in message) this.emit(message as unknown as ServerEvent);
    else if ("phase" in message) this.receiveUpdate(message as unknown as Update);
    if (this.resendAfter !== null && this.seq >= this.resendAfter) this.resend();
  }

  private receiveUpdate(update: Update): void {
    const waiting = this.waiting.get(update.id);
    if (!waiting) return;
    if (!FINAL_PHASES.has(update.phase)) {
      waiting.onProgress?.(update);
      return;
    }
    this.waiting.delete(update.id);
    if (update.phase === "COMPLETED") waiting.resolve(update.result ?? null);
    else waiting.reject(failure(update));
  }

  private receiveBinary(frame: ArrayBuffer): void {
    const { header, payload } = decodeBinary(frame);
    const waiting = this.waiting.get(header.id);
    if (!waiting) return;
    this.waiting.delete(header.id);
    if (header.phase !== "COMPLETED") {
      waiting.reject(failure(header));
      return;
    }
    const answer: BinaryResult = { format: header.format ?? "", payload, result: header.result ?? null };
    waiting.resolve(answer);
  }

  private receivePong(number: number): void {
    const sent = this.pings.get(number);
    if (sent === undefined) return;
    this.pings.delete(number);
    this.latency = performance.now() - sent;
    this.changed();
  }

  private ping(): void {
    const now = performance.now();
    for (const sent of this.pings.values()) {
      // The network can swallow a connection without a word: no answer means it is gone.
      if (now - sent > PONG_WITHIN_MS) {
        this.drop();
        return;
      }
    }
    const number = this.counter++;
    this.pings.set(number, now);
    this.send({ ping: number });
  }

  private emit(event: ServerEvent): void {
    for (const key of [`${event.module}.${event.event}`, `${event.module}.*`, "*.*"]) {
      for (const handler of this.handlers.get(key) ?? []) handler(event.data ?? null, event);
    }
  }

  private resend(): void {
    this.resendAfter = null;
    for (const { message } of this.waiting.values()) this.send(message);
  }

  private endLostCalls(): void {
    for (const [id, waiting] of [...this.waiting]) {
      if (waiting.repeatable) continue;
      this.waiting.delete(id);
      waiting.reject(new ToyzError({ code: "session_lost", message: "The session was lost before it answered." }, id));
    }
  }

  private setState(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }

  private changed(): void {
    for (const handler of this.stateHandlers) handler();
  }
}

function subscribe<T>(table: Map<string, Set<T>>, key: string, handler: T): () => void {
  const handlers = table.get(key) ?? new Set<T>();
  table.set(key, handlers);
  handlers.add(handler);
  return () => handlers.delete(handler);
}

function failure(answer: Update | BinaryHeader): ToyzError {
  if (answer.phase === "ABORTED" && !answer.error) return cancelled(answer.id);
  return new ToyzError(answer.error ?? { code: "internal", message: "The server gave no reason." }, answer.id);
}

/** The socket of this window. */
export const socket = new ToyzSocket();
