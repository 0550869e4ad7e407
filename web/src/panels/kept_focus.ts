/** Where the keys go, and where they go on when what had them is gone. */
import type { LitElement, ReactiveController, ReactiveControllerHost } from "lit";

/** What has the focus, however deep in shadow roots; null if nothing has. */
export function focused(): Element | null {
  let now = document.activeElement;
  while (now?.shadowRoot?.activeElement) now = now.shadowRoot.activeElement;
  return now === document.body ? null : now;
}

/** Lead the keys to an element before the next one arrives; if the dock has yet to place it, with the next frame. */
export function focusSoon(element: HTMLElement | null | undefined): void {
  element?.focus();
  if (element && focused() !== element) requestAnimationFrame(() => element.focus());
}

/**
 * Leads the focus on when the host's drawing takes away, or disables, what had it: the browser would begin at the top
 * of the page again, and the next key would be for nobody.
 */
export class KeptFocus implements ReactiveController {
  private had: Element | null = null;

  /** `next` gives what comes next in the eyes of who has just done something. */
  constructor(
    private readonly host: ReactiveControllerHost & { renderRoot: ParentNode },
    private readonly next: () => { focus: () => void } | null | undefined,
  ) {
    host.addController(this);
  }

  hostUpdate(): void {
    this.had = (this.host.renderRoot as ShadowRoot).activeElement;
  }

  hostUpdated(): void {
    const { had } = this;
    this.had = null;
    if (!had) return;
    const lost = had.isConnected ? had.matches(":disabled") : focused() === null;
    if (lost) this.next()?.focus();
  }
}

const FOCUSABLE = "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), a[href]";

/** Do something that renders a component anew; who was in it is in it afterwards, where that was or next to it. */
export async function keepingFocus<T>(host: LitElement, work: () => Promise<T>): Promise<T> {
  const root = host.renderRoot as ShadowRoot;
  const before = root.activeElement as HTMLElement | null;
  const at = before ? focusable(root).indexOf(before) : -1;
  try {
    return await work();
  } finally {
    if (before) void host.updateComplete.then(() => giveBack(root, before, at));
  }
}

function giveBack(root: ShadowRoot, before: HTMLElement, at: number): void {
  if (focused() !== null) return; // one has gone elsewhere
  const left = focusable(root);
  (left.includes(before) ? before : left[Math.min(Math.max(at, 0), left.length - 1)])?.focus();
}

function focusable(root: ShadowRoot): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((each) => each.offsetParent !== null);
}
