/** What a plugin's panel is given: its `activate(toyz)` gets one of these. */
import { report, viewer } from "../actions";
import { images } from "../api";
import type { CallOptions } from "../socket";
import { socket } from "../socket";
import type { LogLevel, View } from "../store";
import { store } from "../store";
import type { ImageInfo, ModuleInfo, PanelInfo } from "../types";
import type { TaskForm } from "./task_form";

export const API_VERSION = 1;

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

  private keep(stop: () => void): () => void {
    if (this.ended) stop();
    else this.stops.push(stop);
    return stop;
  }
}
