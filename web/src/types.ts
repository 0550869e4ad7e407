/** The shapes that travel between the page and the server; docs/architecture.md describes them. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface ErrorInfo {
  code: string;
  message: string;
  field?: string;
}

export type Phase = "PENDING" | "QUEUED" | "EXECUTING" | "COMPLETED" | "ERROR" | "ABORTED";

export const FINAL_PHASES: ReadonlySet<Phase> = new Set<Phase>(["COMPLETED", "ERROR", "ABORTED"]);

// ---- frames of the websocket --------------------------------------------------------------

/** The first frame on a socket. */
export interface Hello {
  version: number;
  window: string;
  seq: number;
  resumed: boolean;
  session: number;
  user: string;
}

/** How a call stands; the last one has a final phase. */
export interface Update {
  id: string;
  phase: Phase;
  seq?: number;
  progress?: number;
  message?: string;
  result?: unknown;
  error?: ErrorInfo;
}

export interface ServerEvent {
  event: string;
  module: string;
  data?: unknown;
  seq?: number;
}

export interface BinaryHeader {
  id: string;
  phase: Phase;
  format?: string;
  result?: unknown;
  error?: ErrorInfo;
}

/** What a call resolves to when the server answers with a binary frame. */
export interface BinaryResult {
  format: string;
  payload: Uint8Array;
  result: unknown;
}

// ---- pictures -----------------------------------------------------------------------------

/** `lupton` keeps the colours of an image of three channels; of one channel it is asinh. */
export const STRETCHES = ["linear", "log", "sqrt", "asinh", "square", "histogram", "lupton"] as const;
export type Stretch = (typeof STRETCHES)[number];

export type CutPair = [low: number, high: number];
/** Of red, green and blue. */
export type ChannelCuts = [CutPair, CutPair, CutPair];

/** How pixel values become colours; fields left out have the server's defaults. */
export interface Style {
  low: number;
  high: number;
  stretch: Stretch;
  colormap: string;
  invert: boolean;
  /** Slope and centre of the colour table; 1 and 0.5 change nothing. */
  contrast: number;
  bias: number;
  /** Colour of pixels without a value: `#rrggbb` or `transparent`. */
  bad: string;
  quality: number;
  /** Cuts of each channel of a composite, in the place of `low` and `high`: the balance of its colours. */
  channel_cuts?: ChannelCuts;
}

export interface TileAddress {
  image: string;
  /** 0 is the full resolution. */
  level: number;
  x: number;
  y: number;
  style: Style;
}

/** A data tile. `quantum` is the largest rounding step that is wanted; without it the server goes by the noise. */
export interface DataAddress {
  image: string;
  level: number;
  x: number;
  y: number;
  quantum?: number;
}

/** `hdu` of an image: an index in the file, or the mosaic of all its images. */
export type HduName = number | "mosaic";

/** One of the three images of a composite. */
export interface Component {
  path: string;
  hdu: HduName;
  plane: number;
}

/** How the CCDs of a mosaic are laid out, or the first of these ways that is possible. */
export const LAYOUTS = ["auto", "detsec", "wcs", "grid"] as const;
export type LayoutChoice = (typeof LAYOUTS)[number];

/** What brings the sky of the CCDs of a mosaic together. */
export const MATCHES = ["none", "background", "gain"] as const;
export type Match = (typeof MATCHES)[number];

/** How an image is asked for, in the words of `images.open`; layout and match are of a mosaic. */
export interface Which {
  path: string;
  hdu: HduName | "auto";
  plane: number;
  layout: LayoutChoice;
  match: Match;
  /** Red, green and blue of a composite, which is asked for by them alone. */
  components?: Component[];
}

export interface HduInfo {
  index: number;
  name?: string;
  kind: "image" | "table" | "empty" | "other";
  /** Numpy order, slowest axis first. */
  shape?: number[];
  dtype?: string;
  compression?: string;
  unit?: string;
  planes?: number;
  channels?: number;
  windowed?: boolean;
  /** Why it cannot be shown; absent or empty if it can. */
  problem?: string;
}

/** How far a layout by WCS puts pixels from where the WCS has them, in pixels. */
export interface Residual {
  rms: number;
  maximum: number;
}

/** A CCD of a mosaic, in display pixels of the mosaic: the box around it, and its outline, going round. */
export interface Ccd {
  name: string;
  hdu: number;
  x: number;
  y: number;
  width: number;
  height: number;
  corners: [x: number, y: number][];
  residual: Residual | null;
}

/** How the sky of the CCDs was brought to one level: the extremes of the offsets, or of the factors. */
export interface Matching {
  level: number;
  lowest: number;
  highest: number;
  /** CCDs, or amplifiers where the headers tell of them. */
  parts: number;
  unmatched: string[];
}

/** Directions on the screen of a picture as the file has it, degrees clockwise from up. */
export interface Directions {
  north: number;
  east: number;
}

export interface WcsInfo extends Directions {
  projection: string;
  frame: string;
  equinox: number | null;
  /** RA, Dec in degrees. */
  centre: [number, number];
  /** Arcseconds. */
  pixel_scale: number;
}

export type CutsMethod = "minmax" | "percentile" | "zscale";

export interface Cuts {
  low: number;
  high: number;
  method: string;
  channel_cuts?: ChannelCuts;
}

/** What headers alone tell of an open image: enough to show it. */
export interface FrameInfo {
  image: string;
  path: string;
  name: string;
  hdu: HduName;
  plane: number;
  planes: number;
  width: number;
  height: number;
  levels: number;
  tile_size: number;
  dtype: string;
  channels: number;
  reader: string;
  complete: boolean;
}

export interface ImageInfo extends FrameInfo {
  unit: string;
  bottom_up: boolean;
  hdus: HduInfo[];
  layout: Exclude<LayoutChoice, "auto"> | "single";
  /** Of a layout by WCS; `worst` is the CCD with the largest. */
  residual: (Residual & { worst: string }) | null;
  match: Match;
  matching: Matching | null;
  ccds: Ccd[];
  wcs: WcsInfo | null;
  wcs_problem: string;
  cuts: Cuts;
  minimum: number;
  maximum: number;
  pyramid: "none" | "building" | "ready";
  progress: number;
  warnings: string[];
  modified: number;
  /** Red, green and blue, if it is composed of them; otherwise there are none. */
  components?: Component[];
}

/** What lies under the cursor. `x` and `y` are FITS pixels: from 1, centres at integers, y up. */
export interface PixelReadout {
  x: number;
  y: number;
  /** As the file has it. */
  value: number | null;
  /** What the picture shows instead, where the CCDs are matched. */
  shown?: number | null;
  /** The value is that of a tile: a mean, or rounded; the exact one follows. */
  approximate?: boolean;
  colour?: [number, number, number];
  /** Of the channels of a composite. */
  values?: (number | null)[];
  ra: number | null;
  dec: number | null;
  l: number | null;
  b: number | null;
  sexagesimal: [string, string] | null;
  ccd: { name: string; hdu: number; x: number; y: number } | null;
}

/** A header card that a search has found, and the HDU that holds it. */
export interface FoundCard {
  hdu: number;
  name: string;
  keyword: string;
  value: string;
  comment: string;
}

/** A place in FITS pixels. */
export interface Position {
  x: number;
  y: number;
  inside: boolean;
}

export interface Histogram {
  edges_low: number;
  edges_high: number;
  counts: number[];
  sampled: number;
  total: number;
  median: number | null;
  mean: number | null;
  sigma: number | null;
}

export interface HeaderCards {
  hdu: number;
  cards: [keyword: string, value: string, comment: string][];
}

export interface Statistics {
  count: number;
  bad: number;
  /** Not every pixel was looked at. */
  sampled: boolean;
  minimum: number | null;
  maximum: number | null;
  mean: number | null;
  median: number | null;
  sigma: number | null;
}

export interface Colormap {
  name: string;
  group: string;
  colours: string[];
}

// ---- files --------------------------------------------------------------------------------

export type FileSort = "name" | "size" | "modified" | "kind";

export interface FileEntry {
  name: string;
  path: string;
  kind: "share" | "folder" | "file" | "other";
  size: number;
  /** Seconds since the epoch. */
  modified: number;
  reader: string;
  writable?: boolean;
}

export interface FileListing {
  path: string;
  parent: string | null;
  entries: FileEntry[];
  total: number;
  offset: number;
  truncated: boolean;
  writable: boolean;
}

export interface FileDescription {
  path: string;
  name: string;
  size: number;
  modified: number;
  reader: string;
  hdus: HduInfo[];
  warnings: string[];
}

// ---- jobs and plugins ---------------------------------------------------------------------

export interface Job {
  id: string;
  user: string;
  module: string;
  task: string;
  parameters?: Record<string, unknown>;
  phase: Phase;
  progress?: number;
  message?: string;
  created: number;
  started?: number;
  ended?: number;
  result?: unknown;
  error?: ErrorInfo;
}

export interface TaskInfo {
  name: string;
  title: string;
  description: string;
  long: boolean;
  /** JSON Schema (2020-12) of the parameters. */
  schema: Record<string, unknown>;
}

export interface PanelInfo {
  name: string;
  title: string;
  /** The ES module, relative to the base prefix. */
  url: string;
  /** A Lucide icon. */
  icon: string;
}

export interface ModuleInfo {
  name: string;
  title: string;
  description: string;
  tasks: TaskInfo[];
  panels: PanelInfo[];
  readers: { name: string; extensions: string[] }[];
}

export interface PluginList {
  modules: ModuleInfo[];
  failures: { name: string; error: string }[];
}
