/** From the server's events to the log of the page. */
import { report } from "../actions";
import { socket } from "../socket";
import type { LogLevel } from "../store";

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(["debug", "info", "warning", "error"]);

interface Line {
  level: LogLevel;
  message: string;
  module: string;
  id?: string;
}

/** Read the data of a `server.log` event; null if it is not one. */
export function logLineOf(data: unknown): Line | null {
  if (typeof data !== "object" || data === null) return null;
  const { level, message, module, id } = data as Record<string, unknown>;
  if (typeof message !== "string") return null;
  const line: Line = {
    level: LEVELS.has(level) ? (level as LogLevel) : "info",
    message,
    module: typeof module === "string" && module ? module : "server",
  };
  return typeof id === "string" && id ? { ...line, id } : line;
}

/** Put what the server says into the log. */
export function followServerLog(): () => void {
  return socket.on("server", "log", (data) => {
    const line = logLineOf(data);
    if (line) report(line.level, line.message, { module: line.module, ...(line.id === undefined ? {} : { id: line.id }) });
  });
}
