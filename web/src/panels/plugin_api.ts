/** What a plugin's panel is given: its `activate(toyz)` gets one of these. */
import { report, viewer } from "../actions";
import { images } from "../api";
import { commands } from "../commands";
import type { CallOptions } from "../socket";
import { socket } from "../socket";
import type { LogLevel, View } from "../store";
import { store } from "../store";
import type { ImageInfo, ModuleInfo, PanelInfo } from "../types";
import { markups } from "../viewer/markup";
import type { Overlay } from "./plugin_overlay";
import { PluginOverlay } from "./plugin_overlay";
import type { PluginTable, ReadValue } from "./plugin_table";
import { addTable } from "./plugin_table";
import type { TaskForm } from "./task_form";

/** 2: `overlay`, `table` and `command` came. */
export const API_VERSION = 2;

/** A command of a plugin: in the palette and on the key sheet while its panel is open. */
export interface PluginCommand {
  /** Unique in the plugin. */
  name: string;
  title: string;
  /** Such as `f` or `Shift+ArrowLeft`; keys that the page has already stay the page's. */
  keys?: string[];
  run: () => void;
  when?: () => boolean;
}

/** What is drawn over the picture. */
export interface RunningOverlay {
  /** Draw again although the picture stays. */
  refresh: () => void;
  remove: () => void;
}

export interface Toyz {
  version: number;
  /** Where the panel draws itself. */
  element: HTMLElement;
  /** Call a task of this plugin. */
  call: (task: string, parameters?: object, options?: CallOptions) => Promise<unknown>;
  /** Listen to an event of this plugin. */
  on: (event: string, handler: (data: unknown) => void) => () => void;
  /** The image that is shown, or null. */
  image: () => ImageInfo | null;
  /** Called now and whenever another image is shown. */
  onImage: (handler: (image: ImageInfo | null) => void) => () => void;
  /** Centre (FITS pixels) and zoom of what is shown. */
  view: () => View | null;
  /** Go to a position (degrees) or to FITS pixels. */
  goTo: (place: { ra: number; dec: number } | { x: number; y: number }) => Promise<boolean>;
  /** A form for a task of this plugin, drawn from its parameters; it runs the task itself. */
  form: (task: string) => HTMLElement;
  notice: (text: string, level?: LogLevel) => void;
  /** Draw over the picture, and take what is touched there, while the panel is open. */
  overlay: (overlay: Overlay) => RunningOverlay;
  /** Keep values in the workspace: saved, undone and shared with it. */
  table: <T>(name: string, read: ReadValue<T>) => PluginTable<T>;
  /** Offer a command while the panel is open. */
  command: (command: PluginCommand) => () => void;
}

export type Activate = (toyz: Toyz) => void | (() => void) | Promise<void | (() => void)>;

async function goTo(place: { ra: number; dec: number } | { x: number; y: number }): Promise<boolean> {
  const image = store.image;
  if (!image) return false;
  const at = "ra" in place ? await images.position(image.info.image, place.ra, place.dec) : { ...place, inside: inside(image.info, place) };
  if (!at.inside) return false;
  store.set({ target: { x: at.x, y: at.y } });
  viewer()?.panTo(at.x, at.y);
  return true;
}

const inside = (info: ImageInfo, { x, y }: { x: number; y: number }): boolean =>
  x >= 0.5 && y >= 0.5 && x <= info.width + 0.5 && y <= info.height + 0.5;

function form(module: ModuleInfo, name: string): HTMLElement {
  const task = module.tasks.find((one) => one.name === name);
  if (!task) throw new Error(`${module.name} has no task called ${name}`);
  const element = document.createElement("toyz-task-form") as TaskForm;
  element.module = module.name;
  element.task = task;
  return element;
}

/** A panel that is running: what it was given, and how it ends. */
export class RunningPanel {
  private readonly stops: (() => void)[] = [];
  private ended = false;

  constructor(
    private readonly module: ModuleInfo,
    readonly element: HTMLElement,
  ) {}

  get toyz(): Toyz {
    const { module, element } = this;
    return {
      version: API_VERSION,
      element,
      call: (task, parameters = {}, options = {}) => socket.call(module.name, task, parameters, options),
      on: (event, handler) => this.keep(socket.on(module.name, event, (data) => handler(data))),
      image: () => store.image?.info ?? null,
      onImage: (handler) => this.onImage(handler),
      view: () => store.get("view"),
      goTo,
      form: (task) => form(module, task),
      notice: (text, level = "info") => report(level, text, { module: level === "info" ? "page" : module.name }),
      overlay: (overlay) => this.overlay(overlay),
      table: (name, read) => {
        const [table, stop] = addTable(module.name, name, read);
        this.keep(stop);
        return table;
      },
      command: (command) => this.command(command),
    };
  }

  /** Load the panel's module and start it. Throws what the module throws. */
  async start(panel: PanelInfo, load = (url: string): Promise<unknown> => import(/* @vite-ignore */ url)): Promise<void> {
    const loaded = (await load(new URL(panel.url, document.baseURI).href)) as { activate?: Activate };
    if (typeof loaded.activate !== "function") throw new Error("its module exports no function activate(toyz)");
    const stop = await loaded.activate(this.toyz);
    if (typeof stop === "function") this.keep(stop);
  }

  end(): void {
    this.ended = true;
    for (const stop of this.stops.splice(0)) {
      try {
        stop();
      } catch (error) {
        report("warning", `${this.module.title}: closing its panel failed (${String(error)}).`, { module: this.module.name });
      }
    }
    this.element.replaceChildren();
  }

  private onImage(handler: (image: ImageInfo | null) => void): () => void {
    const stop = this.keep(store.subscribe(["current"], () => handler(store.image?.info ?? null)));
    handler(store.image?.info ?? null);
    return stop;
  }

  private overlay(given: Overlay): RunningOverlay {
    let told = false;
    const failed = (error: unknown): void => {
      if (!told) report("warning", `${this.module.title}: drawing over the picture failed (${String(error)}).`, { module: this.module.name });
      told = true; // once, and not with every frame
    };
    const overlay = new PluginOverlay(given, failed);
    const remove = this.keep(markups.add(overlay));
    return { refresh: () => overlay.refresh(), remove };
  }

  private command({ name, title, keys = [], run, when }: PluginCommand): () => void {
    const taken = new Set(commands.all.flatMap((command) => command.keys ?? []));
    const free = keys.filter((key) => !taken.has(key));
    return this.keep(
      commands.add({ id: `plugin.${this.module.name}.${name}`, title, group: "Plugins", keys: free, run, ...(when ? { when } : {}) }),
    );
  }

  private keep(stop: () => void): () => void {
    if (this.ended) stop();
    else this.stops.push(stop);
    return stop;
  }
}
