/** One file on its way to a share: its checksum first, then its bytes, from where an earlier try has come. */
import type { DetailedError } from "tus-js-client";
import { Upload as Tus } from "tus-js-client";
import { xsrfToken } from "../xsrf";
import { digestOf } from "./digest";

export type UploadState = "waiting" | "checking" | "sending" | "paused" | "taken" | "failed" | "done";

/** What the server knows of an upload that is not finished. */
export interface Unfinished {
  url: string;
  path: string;
  length: number;
  sha256: string;
}

const RETRIES_MS = [500, 1500, 4000, 8000, 15_000];
const ENDPOINT = "api/uploads";

/** The headers that say that this page asks. */
export function pageHeaders(): Record<string, string> {
  return { "X-XSRFToken": xsrfToken() };
}

/** Where something of the server is. */
export const addressOf = (path: string): string => new URL(path, document.baseURI).href;

/** Ask which uploads of this user are not finished, from this page or from before. */
export async function unfinished(signal?: AbortSignal): Promise<Unfinished[]> {
  const answer = await fetch(addressOf(ENDPOINT), { ...(signal ? { signal } : {}), headers: { Accept: "application/json" } });
  return answer.ok ? ((await answer.json()) as Unfinished[]) : [];
}

/** Give an upload up. */
export async function discard(url: string): Promise<void> {
  await fetch(url, { method: "DELETE", headers: { ...pageHeaders(), "Tus-Resumable": "1.0.0" } });
}

export class Upload {
  state: UploadState = "waiting";
  /** Bytes that were checked, or have gone. */
  done = 0;
  problem = "";
  private overwrite = false;
  private sha256 = "";
  private tus: Tus | null = null;
  private controller = new AbortController();

  constructor(
    readonly file: File,
    /** `share/folder/name`. */
    readonly path: string,
    /** Whether folders on the way are made. */
    private readonly parents: boolean,
    private readonly changed: () => void,
  ) {}

  get active(): boolean {
    return this.state === "checking" || this.state === "sending";
  }

  get ended(): boolean {
    return this.state === "done" || this.state === "failed" || this.state === "taken";
  }

  /** Begin, or go on. */
  async run(): Promise<void> {
    this.controller = new AbortController();
    const { signal } = this.controller;
    try {
      if (!this.sha256) {
        this.become("checking");
        this.sha256 = await digestOf(this.file, (done) => this.progress(done), signal);
      }
      this.become("sending", this.done === this.file.size ? 0 : this.done);
      const known = await this.known(signal);
      if (!signal.aborted) await this.send(known);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  pause(): void {
    this.stop();
    this.become("paused");
  }

  /** What has its name goes to the trash. */
  replace(): void {
    this.overwrite = true;
    this.become("waiting");
  }

  again(): void {
    this.problem = "";
    this.become("waiting");
  }

  /** Give it up, on the server too. */
  async cancel(): Promise<void> {
    this.stop();
    const url = this.tus?.url;
    this.tus = null;
    if (url && this.state !== "done") await discard(url).catch(() => undefined);
  }

  private stop(): void {
    this.controller.abort();
    void this.tus?.abort().catch(() => undefined);
  }

  /** An earlier upload of this very file to this very place, perhaps from before the page was loaded again. */
  private async known(signal: AbortSignal): Promise<Unfinished | undefined> {
    if (this.overwrite) return undefined;
    return (await unfinished(signal)).find(({ path, length, sha256 }) => path === this.path && length === this.file.size && sha256 === this.sha256);
  }

  private send(known: Unfinished | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const uploadUrl = this.tus?.url ?? (known ? new URL(known.url, location.href).href : null);
      this.tus = new Tus(this.file, {
        endpoint: addressOf(ENDPOINT),
        ...(uploadUrl ? { uploadUrl } : {}),
        metadata: {
          path: this.path,
          sha256: this.sha256,
          ...(this.overwrite ? { overwrite: "1" } : {}),
          ...(this.parents ? { parents: "1" } : {}),
        },
        headers: pageHeaders(),
        retryDelays: RETRIES_MS,
        storeFingerprintForResuming: false,
        onShouldRetry: (error) => isPassing(error),
        onProgress: (sent) => this.progress(sent),
        onSuccess: () => {
          this.become("done", this.file.size);
          resolve();
        },
        onError: reject,
      });
      this.tus.start();
    });
  }

  private fail(error: unknown): void {
    const { code, message } = refusalOf(error);
    this.problem = message;
    this.tus = null;
    this.become(code === "already_exists" ? "taken" : "failed");
  }

  private progress(done: number): void {
    this.done = done;
    this.changed();
  }

  private become(state: UploadState, done = this.done): void {
    this.state = state;
    this.done = done;
    this.changed();
  }
}

/** Whether it is worth another try: the server is away, or busy. */
function isPassing(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 503;
}

/** What the server said, or what can be said without it. */
export function refusalOf(error: unknown): { code: string; message: string } {
  const response = (error as Partial<DetailedError>).originalResponse;
  try {
    const body = JSON.parse(response?.getBody() ?? "") as { code?: string; message?: string };
    if (body.message) return { code: body.code ?? "internal", message: body.message };
  } catch {
    // Not an answer of the server.
  }
  if (response) return { code: "internal", message: `The server refused it (${response.getStatus()}).` };
  const plain = error instanceof Error && !("originalRequest" in error);
  return { code: "unreachable", message: plain ? error.message : "The server cannot be reached." };
}
