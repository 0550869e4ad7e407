/**
 * Which window this is. The id lives in sessionStorage, so that a reload comes back to the same
 * session process. A duplicated tab copies sessionStorage; a lock held by the first tab tells
 * the second that it must ask for a window of its own.
 */

const KEY = "toyz.window";
/** A page that goes gives its lock back a moment after the next one starts; on a busy machine it is a long moment. */
const PATIENCE_MS = { reload: 5000, other: 400 };

function hold(name: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { signal }, () => {
        resolve(true);
        return new Promise<void>(() => undefined); // held until the page goes
      })
      .catch(() => resolve(false));
  });
}

/** The id to name to the server; empty to be given a new one. */
export async function claimWindow(): Promise<string> {
  const id = sessionStorage.getItem(KEY) ?? "";
  if (!id || !("locks" in navigator)) return id;
  // A tab that is loaded again had the window itself; a duplicated one arrives otherwise.
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const patience = arrival?.type === "reload" ? PATIENCE_MS.reload : PATIENCE_MS.other;
  const mine = await hold(`toyz-window-${id}`, AbortSignal.timeout(patience));
  if (!mine) sessionStorage.removeItem(KEY);
  return mine ? id : "";
}

/** Keep the id that the server gave. */
export function rememberWindow(id: string): void {
  if (sessionStorage.getItem(KEY) === id) return;
  sessionStorage.setItem(KEY, id);
  if ("locks" in navigator) void hold(`toyz-window-${id}`, new AbortController().signal);
}
