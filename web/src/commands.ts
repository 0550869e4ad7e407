/**
 * Every command of the page, each under one name: the palette, the key sheet and the tooltips
 * read the same list.
 */

export interface Command {
  /** Such as `view.fit`. */
  id: string;
  /** As shown everywhere: `Fit the image`. */
  title: string;
  /** Where it stands in the palette and on the key sheet. */
  group: "File" | "Regions" | "Edit" | "View" | "Image" | "Picture" | "Panels" | "Help" | "Plugins";
  /** Such as `f`, `?`, `ArrowLeft`, `Shift+ArrowLeft`, `Ctrl+z`; several are alternatives. */
  keys?: string[];
  run: () => void;
  /** Whether it can be done now; always, if absent. */
  when?: () => boolean;
  /** Whether holding the key repeats it. */
  repeat?: boolean;
}

export class Commands {
  private readonly table = new Map<string, Command>();
  private readonly listeners: ((id: string) => void)[] = [];

  /** Add commands; returns the function that takes them away again. */
  add(...commands: Command[]): () => void {
    for (const command of commands) {
      if (this.table.has(command.id)) throw new Error(`two commands are called ${command.id}`);
      this.table.set(command.id, command);
    }
    return () => commands.forEach((command) => this.table.delete(command.id));
  }

  /** Be told of each command that is done. */
  onRun(listener: (id: string) => void): void {
    this.listeners.push(listener);
  }

  /** All of them, in the order of their adding. */
  get all(): Command[] {
    return [...this.table.values()];
  }

  get(id: string): Command | undefined {
    return this.table.get(id);
  }

  /** Whether a command can be done now. */
  can(id: string): boolean {
    const command = this.table.get(id);
    return command !== undefined && command.when?.() !== false;
  }

  /** Do a command if it can be done now; false if not. */
  run(id: string): boolean {
    if (!this.can(id)) return false;
    this.do(this.table.get(id) as Command);
    return true;
  }

  private do(command: Command): void {
    this.listeners.forEach((listener) => listener(command.id));
    command.run();
  }

  /** Do what a key stands for. Keys belong to the text field that has the focus, except Escape. */
  handle(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.altKey) return false;
    if (event.key !== "Escape" && (isTyping(event) || isPressing(event))) return false;
    const name = keyName(event);
    for (const command of this.table.values()) {
      if (!command.keys?.includes(name) || command.when?.() === false) continue;
      if (event.repeat && !command.repeat) return true;
      event.preventDefault();
      this.do(command);
      return true;
    }
    return false;
  }
}

/** The name of a key as in `Command.keys`; Shift counts only where it does not make the character, and beside Ctrl (on a Mac: Command). */
export function keyName(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey) return `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toLowerCase()}`;
  const shifted = event.shiftKey && event.key.length > 1;
  return shifted ? `Shift+${event.key}` : event.key;
}

const SHOWN: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  "-": "−",
};

/** A key as people read it: `Shift C` for `C`. */
export function keyLabel(key: string): string {
  return key
    .split(/\+(?=.)/)
    .map((part, index) => SHOWN[part] ?? (index > 0 && part.length === 1 ? part.toUpperCase() : written(part)))
    .join(" ");
}

/** A capital is seldom read as another key than its small letter: Shift is said. */
function written(key: string): string {
  return /^\p{Lu}$/u.test(key) ? `Shift ${key}` : key;
}

/** Title and key, for a tooltip: `Fit the image (0)`. */
export function tooltip(id: string): string {
  const command = commands.get(id);
  if (!command) return "";
  const key = command.keys?.[0];
  return key === undefined ? command.title : `${command.title} (${keyLabel(key)})`;
}

function takesKey({ type }: HTMLInputElement, key: string): boolean {
  return type === "range" ? key !== " " : !["checkbox", "radio", "button"].includes(type);
}

/** Whether the key would press what has the focus. */
function isPressing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(event.key === " " || event.key === "Enter") || !(target instanceof HTMLElement)) return false;
  return target.closest("button, a, input:not([type=range]), summary, [role=tab], [role=option], [role=row], [role=treeitem], [role=menuitem]") !== null;
}

/** Whether the key would go into a text field, a list or a slider of its own. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog[open]")) return true;
  if (target instanceof HTMLInputElement) return takesKey(target, event.key);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** The commands of this page. */
export const commands = new Commands();
