/** The errors of the page: what the server says, and what the page itself finds. */

import type { ErrorInfo } from "./types";

/** An error with the server's stable code; `message` is a sentence for people. */
export class ToyzError extends Error {
  readonly code: string;
  readonly field: string | undefined;
  /** The id of the call, under which the server's log has the rest. */
  readonly call: string | undefined;

  constructor(info: ErrorInfo, call?: string) {
    super(info.message);
    this.name = "ToyzError";
    this.code = info.code;
    this.field = info.field;
    this.call = call;
  }
}

/** The call was taken back by who made it. */
export function cancelled(call?: string): ToyzError {
  return new ToyzError({ code: "cancelled", message: "Cancelled." }, call);
}

/** Errors that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(["busy", "timed_out", "session_lost"]);

/** Whether it may well work another time. */
export function isPassing(error: unknown): boolean {
  return error instanceof ToyzError && PASSING.has(error.code);
}

export function isCancelled(error: unknown): boolean {
  return error instanceof ToyzError && error.code === "cancelled";
}

/** A sentence for people, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
