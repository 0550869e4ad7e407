/** One call of a task as a form shows it: running, how far, and what came of it. */
import { messageOf, ToyzError } from "../errors";
import { socket } from "../socket";
import type { ErrorInfo, Phase, Update } from "../types";

export interface CallState {
  phase: Phase | null;
  progress: number | null;
  message: string;
  result: unknown;
  error: ErrorInfo | null;
  /** The job of a long task. */
  job: string | null;
}

export const IDLE: CallState = { phase: null, progress: null, message: "", result: undefined, error: null, job: null };

/** What an update changes. */
export function advanced(state: CallState, update: Pick<Update, "phase" | "progress" | "message" | "result">): CallState {
  const started = update.result as { job?: unknown } | null | undefined;
  const job = typeof started?.job === "string" ? started.job : state.job;
  return { ...state, phase: update.phase, progress: update.progress ?? state.progress, message: update.message ?? state.message, job };
}

export class TaskCall {
  state: CallState = IDLE;
  private controller: AbortController | null = null;

  constructor(
    private readonly module: string,
    private readonly task: string,
    private readonly changed: () => void,
  ) {}

  get running(): boolean {
    return this.controller !== null;
  }

  async run(parameters: object): Promise<void> {
    const controller = (this.controller = new AbortController());
    this.set({ ...IDLE, phase: "QUEUED" });
    try {
      const onProgress = (update: Update): void => this.set(advanced(this.state, update));
      const result = await socket.call(this.module, this.task, parameters, { onProgress, signal: controller.signal });
      this.end({ ...this.state, phase: "COMPLETED", result });
    } catch (error) {
      const info: ErrorInfo = error instanceof ToyzError
        ? { code: error.code, message: error.message, ...(error.field === undefined ? {} : { field: error.field }) }
        : { code: "internal", message: messageOf(error) };
      this.end({ ...this.state, phase: info.code === "cancelled" ? "ABORTED" : "ERROR", error: info });
    }
  }

  cancel(): void {
    this.controller?.abort();
  }

  private end(state: CallState): void {
    this.controller = null;
    this.set(state);
  }

  private set(state: CallState): void {
    this.state = state;
    this.changed();
  }
}
