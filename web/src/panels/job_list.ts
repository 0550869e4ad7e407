/** The jobs of this user, as the page knows them: listed once for a connection, then followed by events. */
import { jobs as jobsApi } from "../api";
import { reportError, report } from "../actions";
import { socket } from "../socket";
import type { Job } from "../types";
import { FINAL_PHASES } from "../types";
import { showPanel } from "../dock/handle";

/** Seconds until the end if it goes on as it did; null while there is nothing to go by. */
export function timeLeft(job: Pick<Job, "phase" | "progress" | "started">, now: number): number | null {
  const progress = job.progress ?? 0;
  if (job.phase !== "EXECUTING" || job.started === undefined || progress < 0.02 || progress >= 1) return null;
  return ((now - job.started) * (1 - progress)) / progress;
}

/** Put a job in its place: the newest first, a known one where it stood. */
export function merged(jobs: readonly Job[], job: Job): Job[] {
  const at = jobs.findIndex((other) => other.id === job.id);
  if (at >= 0) return jobs.map((other, i) => (i === at ? { ...other, ...job } : other));
  return [job, ...jobs].sort((a, b) => b.created - a.created);
}

export const isActive = (job: Job): boolean => !FINAL_PHASES.has(job.phase);

export class JobList {
  jobs: Job[] = [];
  private readonly listeners = new Set<() => void>();
  private started = false;

  start(): void {
    if (this.started) return;
    this.started = true;
    socket.on("jobs", "update", (data) => this.take(data as Job));
    socket.onHello((hello, first) => {
      if (first || !hello.resumed) void this.refresh();
    });
    if (socket.hello) void this.refresh();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get active(): Job[] {
    return this.jobs.filter(isActive);
  }

  async cancel(id: string): Promise<void> {
    try {
      const job = await jobsApi.cancel(id);
      if (job) this.take(job);
    } catch (error) {
      reportError(error, "jobs");
    }
  }

  /** Take the finished ones off the list; the server keeps their records. */
  tidy(): void {
    this.jobs = this.active;
    this.changed();
  }

  private async refresh(): Promise<void> {
    try {
      this.jobs = (await jobsApi.list()).sort((a, b) => b.created - a.created);
      this.changed();
    } catch (error) {
      reportError(error, "jobs");
    }
  }

  private take(job: Job): void {
    const before = this.jobs.find((other) => other.id === job.id);
    if (before && !isActive(before)) return; // a late update of a job that has ended
    this.jobs = merged(this.jobs, job);
    if (!isActive(job)) this.announce(job);
    this.changed();
  }

  private announce(job: Job): void {
    const name = `${job.module} · ${job.task}`;
    const action = { title: "Show", run: () => showPanel("jobs") };
    if (job.phase === "ERROR") {
      report("error", `${name}: ${job.error?.message ?? "failed."}`, { module: job.module, id: job.id, action });
    } else if (job.phase === "COMPLETED") {
      report("info", `${name} is done.`, { module: job.module, id: job.id, action });
    }
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The jobs of this user. */
export const jobList = new JobList();
