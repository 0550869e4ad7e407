/** What the status of the server says in words. */
import type { Load, ShownSession } from "../api";
import { formatBytes, formatDuration } from "../panels/format";

/** Whose a session is, of those of one user in their order; `own` is the window that asks. */
export function titleOf({ window }: ShownSession, place: number, own: string): string {
  if (!window) return "Scripts and other programs";
  return window === own ? "This window" : `Window ${place + 1}`;
}

/** What a session does: one that is used, one whose page has left it, or one that rests. */
export function stateOf({ window, connected, resting, idle }: ShownSession): string {
  const since = idle >= 60 ? ` for ${formatDuration(idle)}` : "";
  if (resting) return `rests, unused${since}`;
  return connected || !window ? (idle >= 60 ? `unused${since}` : "in use") : "left; ends soon";
}

/** Memory and images of a session. */
export function sizeOf({ memory, images }: ShownSession): string {
  const shown = images === 1 ? "1 image" : `${images} images`;
  return memory > 0 ? `${shown}, ${formatBytes(memory)}` : shown;
}

export interface Meter {
  name: string;
  /** From 0 to 1. */
  part: number;
  text: string;
}

const part = (used: number, total: number): number => (total > 0 ? Math.min(1, used / total) : 0);

/** What wants to run against what can: 6.6 times, 0.45 times. */
function timesOf(load: number): string {
  return `${load.toFixed(load < 1 ? 2 : 1)} times`;
}

/** How busy the server is. */
export function metersOf(load: Load): Meter[] {
  const meters = [
    { name: "Load of the last minute", part: Math.min(1, load.processors), text: `${timesOf(load.processors)} the processors` },
    { name: "Sessions", part: part(load.sessions, load.sessions_limit), text: `${load.sessions} of ${load.sessions_limit}` },
  ];
  if (load.memory_total > 0) {
    const text = `${formatBytes(load.memory_used)} of ${formatBytes(load.memory_total)}`;
    meters.splice(1, 0, { name: "Memory", part: part(load.memory_used, load.memory_total), text });
  }
  return meters;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** Who is there and what waits. */
export function workOf(load: Load): string {
  const people = `${counted(load.users, "user", "users")}, ${counted(load.windows, "window", "windows")}`;
  const jobs = `${counted(load.jobs_running, "job", "jobs")} running, ${load.jobs_queued} waiting`;
  return `${people}; ${jobs}; ${counted(load.builders_running + load.builders_queued, "file", "files")} being prepared`;
}

/** Sessions by user, those of `user` first. */
export function byUser(sessions: readonly ShownSession[], user: string): [string, ShownSession[]][] {
  const names = [...new Set(sessions.map((each) => each.user))].sort((a, b) => Number(b === user) - Number(a === user) || a.localeCompare(b));
  return names.map((name) => [name, sessions.filter((each) => each.user === name)]);
}
