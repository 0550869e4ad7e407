/**
 * The state of the page: one observable record. Elements read it with `store.get`, and a
 * `StoreController` redraws them when the fields they named change. Whoever changes something
 * goes through `actions.ts`; only `store.set` writes here.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ConnectionState } from "./socket";
import type {
  Colormap,
  CutsMethod,
  ErrorInfo,
  FrameInfo,
  ImageInfo,
  LayoutChoice,
  PixelReadout,
  PluginList,
  Style,
  Which,
} from "./types";
import type { PlayerState } from "./player/state";
import type { Level, Person } from "./workspaces/types";
import type { Saving } from "./workspaces/sync";
import type { Orientation } from "./viewer/geometry";

/** What part of an image is on the screen, and how it stands there. */
export interface View extends Orientation {
  /** FITS pixels at the centre of the viewer. */
  x: number;
  y: number;
  /** Screen (CSS) pixels for one image pixel: 0.5 is 1:2, 4 is 4:1. */
  zoom: number;
}

/** An image that this window has open, with how it is shown. */
export interface OpenImage {
  info: ImageInfo;
  style: Style;
  /** Where the cuts of the style come from: a method, or the user. */
  cuts: { method: CutsMethod | "manual"; percent?: number };
  view: View | null;
  /** How the CCDs of a mosaic were asked to be laid out. */
  layout: LayoutChoice;
}

/** How to ask for an image again. */
export function whichOf({ info, layout }: Pick<OpenImage, "info" | "layout">): Which {
  const { path, hdu, plane, match, components } = info;
  const which = { path, hdu, plane, layout: hdu === "mosaic" ? layout : "auto", match };
  return { ...which, ...(components?.length ? { components } : {}) };
}

export type LogLevel = "debug" | "info" | "warning" | "error";

export interface LogEntry {
  /** Counts up; unique in the page. */
  number: number;
  /** Milliseconds since the epoch. */
  time: number;
  level: LogLevel;
  message: string;
  /** Who says it: `page`, `server`, `images`, or a plugin. */
  module: string;
  /** The call or job under which the server's log has the rest. */
  id?: string;
  /** What the user can do: a link or a command offered with the notice. */
  action?: { title: string; run: () => void };
  /** The page itself says it, where the picture would be: no notice says it again. */
  onPage?: boolean;
}

export type Theme = "dark" | "light" | "system";
export type Dialog = "files" | "palette" | "keys" | "compose" | "account" | "admin" | "regions" | "workspaces" | "share" | null;

/** An image of the workspace that is not open: it is gone, or not for this user. */
export interface AbsentImage {
  id: string;
  path: string;
  problem: string;
}

/** The workspace of this page. */
export interface ShownWorkspace {
  /** Null while there is nothing in it worth keeping. */
  id: string | null;
  /** Empty until it is given one. */
  name: string;
  owner: string;
  level: Level;
  saving: Saving;
}

/** How positions are shown in the status line. */
export type CoordinateFrame = "sexagesimal" | "degrees" | "galactic";

/** What tiles hold: values, which are stretched and coloured here, or JPEG pictures made by the server. */
export type TileKind = "data" | "jpeg";
export type TilePreference = TileKind | "auto";

export interface Overlays {
  minimap: boolean;
  compass: boolean;
  scale: boolean;
  ccds: boolean;
  regions: boolean;
}

export interface State {
  connection: ConnectionState;
  /** Whether the login of this page has ended. */
  signedOut: boolean;
  /** Milliseconds of the last round trip. */
  latency: number | null;
  user: string;

  images: OpenImage[];
  /** The `info.image` of the one that is shown. */
  current: string | null;
  /** What passes by in the place of the shown image; null while that itself is seen. */
  passing: FrameInfo | null;
  /** Images of the workspace that could not be opened. */
  absent: readonly AbsentImage[];
  workspace: ShownWorkspace;
  /** Who is in the workspace, oneself included. */
  people: readonly Person[];
  /** Which of them this page is. */
  me: number | null;
  /** Whose view this page follows. */
  following: number | null;
  /** Whom it followed last, or could follow: who leads. */
  leader: number | null;
  /** Whether others are asked to follow this page. */
  leading: boolean;

  /** What can be played, and how it is; null where there is nothing to play. */
  player: PlayerState | null;
  /** The path that is being opened. */
  opening: string | null;
  /** Why the last one did not open. */
  problem: (ErrorInfo & { path: string }) | null;

  /** Of the shown image; changes with every frame of a movement. */
  view: View | null;
  /** Under the cursor; null outside the picture. */
  readout: PixelReadout | null;
  /** Where `go to` went, in FITS pixels; drawn as a crosshair. */
  target: { x: number; y: number } | null;
  /** Tiles that are on their way. */
  loading: number;
  /** What the user wants tiles to hold. */
  tiles: TilePreference;
  /** What they hold. */
  tileKind: TileKind;

  theme: Theme;
  dialog: Dialog;
  /** What settings and plugins say of the panels is known: they can be arranged. */
  arranged: boolean;
  /** The panels in sight around the picture, by their ids. */
  shown: readonly string[];
  /** Whether the panels that tell of the image are shown where there is one. */
  inspector: boolean;
  /** The picture alone, without bars and panels. */
  full: boolean;
  /** The window is too narrow for panels beside the picture; they come as sheets above it. */
  narrow: boolean;
  /** In a narrow window: the sheet that lists the panels is open. */
  menu: boolean;
  /** In a narrow window: the panel in the left sheet. */
  rail: string | null;
  /** In a narrow window: which panels of the inspector are unfolded. */
  unfolded: readonly string[];
  overlays: Overlays;
  frame: CoordinateFrame;
  histogramLog: boolean;

  colormaps: Colormap[];
  plugins: PluginList | null;
  /** The newest last; bounded. */
  log: LogEntry[];
}

const INITIAL: State = {
  connection: "connecting",
  signedOut: false,
  latency: null,
  user: "",
  images: [],
  current: null,
  passing: null,
  absent: [],
  workspace: { id: null, name: "", owner: "", level: "own", saving: "saved" },
  people: [],
  me: null,
  following: null,
  leader: null,
  leading: false,
  player: null,
  opening: null,
  problem: null,
  view: null,
  readout: null,
  target: null,
  loading: 0,
  tiles: "auto",
  tileKind: "data",
  theme: "dark",
  dialog: null,
  arranged: false,
  shown: [],
  inspector: true,
  full: false,
  narrow: false,
  menu: false,
  rail: null,
  unfolded: ["display"],
  overlays: { minimap: true, compass: true, scale: true, ccds: false, regions: true },
  frame: "sexagesimal",
  histogramLog: true,
  colormaps: [],
  plugins: null,
  log: [],
};

type Listener = (changed: ReadonlySet<keyof State>) => void;

export class Store {
  private state: State = { ...INITIAL };
  private readonly listeners = new Set<{ keys: ReadonlySet<keyof State>; run: Listener }>();

  get<K extends keyof State>(key: K): State[K] {
    return this.state[key];
  }

  /** Change fields; listeners run at once, and only if a value is another than before. */
  set(patch: Partial<State>): void {
    const keys = (Object.keys(patch) as (keyof State)[]).filter((key) => this.state[key] !== patch[key]);
    if (keys.length === 0) return;
    this.state = { ...this.state, ...patch };
    const changed = new Set(keys);
    for (const listener of [...this.listeners]) {
      if (keys.some((key) => listener.keys.has(key))) listener.run(changed);
    }
  }

  /** Run `run` whenever one of `keys` changes. Returns the function that stops it. */
  subscribe(keys: readonly (keyof State)[], run: Listener): () => void {
    const listener = { keys: new Set(keys), run };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What is on the screen: the shown image, or the frame that passes by in its place. */
  get seen(): ImageInfo | undefined {
    const { passing } = this.state;
    const info = this.image?.info;
    return info && passing ? { ...info, ...passing } : info;
  }

  /** The image that is shown. */
  get image(): OpenImage | null {
    return this.state.images.find((image) => image.info.image === this.state.current) ?? null;
  }
}

/** The state of this page. */
export const store = new Store();

/** Redraws a Lit element when one of the named fields changes. */
export class StoreController implements ReactiveController {
  private stop: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly keys: readonly (keyof State)[],
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.stop = store.subscribe(this.keys, () => this.host.requestUpdate());
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.stop?.();
  }
}
