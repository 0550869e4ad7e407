/** What the page can do to its own state; panels and commands call these. */

import { images as imagesApi } from "./api";
import { isCancelled, messageOf, ToyzError } from "./errors";
import { nameOf } from "./panels/format";
import { stretchesOf } from "./panels/stretch";
import type { LogEntry, LogLevel, OpenImage, View } from "./store";
import { store } from "./store";
import type { Component, Cuts, CutsMethod, HduName, ImageInfo, LayoutChoice, Match, Stretch, Style } from "./types";
import type { Orientation } from "./viewer/geometry";
import { northUp, UPRIGHT } from "./viewer/geometry";
import type { Coming, Passing } from "./viewer/layers";
import { history } from "./workspaces/history";

const LOG_LENGTH = 500;
let logged = 0;

/** Say something: it goes to the log, and `<toyz-notices>` shows it as the user's settings ask. */
export function report(level: LogLevel, message: string, extra: Partial<LogEntry> = {}): void {
  const entry: LogEntry = { module: "page", ...extra, number: ++logged, time: Date.now(), level, message };
  store.set({ log: [...store.get("log").slice(1 - LOG_LENGTH), entry] });
}

/** Report what was thrown, unless it was a cancellation. */
export function reportError(error: unknown, module = "page"): void {
  if (isCancelled(error)) return;
  const id = error instanceof ToyzError ? error.call : undefined;
  report("error", messageOf(error), id === undefined ? { module } : { module, id });
}

/** The style that an image starts with. */
export function initialStyle(info: ImageInfo): Style {
  return {
    ...limitsOf(info.cuts),
    stretch: info.components?.length ? "lupton" : "linear",
    colormap: "gray",
    invert: false,
    contrast: 1,
    bias: 0.5,
    bad: "#000000",
    quality: 90,
  };
}

/** The part of a style that cuts give. */
export function limitsOf({ low, high, channel_cuts }: Pick<Cuts, "low" | "high" | "channel_cuts">): Pick<Style, "low" | "high" | "channel_cuts"> {
  return { low, high, ...(channel_cuts ? { channel_cuts } : {}) };
}

/** How the cuts that an image starts with were found. */
export function initialCuts({ cuts }: ImageInfo): OpenImage["cuts"] {
  return cuts.method === "percentile" ? { method: "percentile", percent: 99.5 } : { method: "zscale" };
}

export interface OpenOptions {
  hdu?: HduName | "auto";
  plane?: number;
  layout?: LayoutChoice;
  match?: Match;
  /** Red, green and blue of a composite. */
  components?: Component[];
  style?: Partial<Style>;
  view?: View | null;
  /** Where the cuts of `style` come from; the user, if it is not said. */
  cuts?: OpenImage["cuts"];
  /** It takes the place of another: that is no step of its own to be undone. */
  inPlace?: boolean;
}

let opening = new AbortController();

/** Open a file and show it. Resolves with null if it failed (and was reported) or was overtaken. */
export async function openImage(path: string, options: OpenOptions = {}): Promise<OpenImage | null> {
  opening.abort();
  const mine = (opening = new AbortController());
  store.set({ opening: path, problem: null, dialog: null });
  try {
    const { hdu, plane, layout, match, components } = options;
    const which = { hdu: hdu ?? "auto", plane: plane ?? 0, layout: layout ?? "auto", match: match ?? "none" };
    const asked = { ...which, components: components ?? [] };
    const info = await imagesApi.open({ path, ...asked }, { signal: mine.signal });
    const add = (): OpenImage => addImage(info, options);
    const image = options.inPlace ? add() : history.group(`Open ${info.name}`, add);
    store.set({ opening: null });
    return image;
  } catch (error) {
    if (mine.signal.aborted) return null;
    const info = error instanceof ToyzError ? error : { code: "internal", message: messageOf(error) };
    store.set({ opening: null, problem: { code: info.code, message: info.message, path } });
    const id = error instanceof ToyzError ? error.call : undefined;
    const onPage = store.image === null;
    report("error", `${nameOf(path)} does not open: ${info.message}`, { module: "images", onPage, ...(id ? { id } : {}) });
    return null;
  }
}

/** Put an image that the server has open among those of the page, and show it unless told not to. */
export function addImage(info: ImageInfo, options: OpenOptions, select = true): OpenImage {
  const before = store.get("images").find((image) => image.info.image === info.image);
  const shown = store.get("current") === info.image;
  const manual = options.style?.low !== undefined || options.style?.high !== undefined;
  const image: OpenImage = {
    info,
    style: { ...(before?.style ?? initialStyle(info)), ...options.style },
    cuts: options.cuts ?? (manual ? { method: "manual" } : (before?.cuts ?? initialCuts(info))),
    view: options.view ?? before?.view ?? null,
    layout: options.layout ?? before?.layout ?? "auto",
  };
  const others = store.get("images").filter((other) => other.info.image !== info.image);
  const at = before ? store.get("images").indexOf(before) : others.length;
  store.set({
    images: [...others.slice(0, at), image, ...others.slice(at)],
    ...(select && !shown ? { current: info.image, passing: null, view: image.view, readout: null, target: null } : {}),
  });
  forgetUnknownColormaps();
  if (shown && options.view) viewer()?.setView(options.view);
  reportWarnings(info);
  return image;
}

/** Say what the server warns of in an image, unless it was said before. */
export function reportWarnings({ name, warnings }: ImageInfo, said: readonly string[] = []): void {
  for (const warning of warnings.filter((one) => !said.includes(one))) report("warning", `${name}: ${warning}`, { module: "images" });
}

/** A link may name a colormap that this server has not; without their list, which comes later, none is doubted. */
export function forgetUnknownColormaps(): void {
  const known = store.get("colormaps");
  if (known.length === 0) return;
  for (const { info, style } of store.get("images")) {
    if (!known.some(({ name }) => name === style.colormap)) updateImage({ style: { ...style, colormap: "gray" } }, info.image);
  }
}

/** Change one image in the store, by default the one that is shown. */
export function updateImage(patch: Partial<OpenImage>, id = store.get("current")): void {
  const images = store.get("images").map((image) => (image.info.image === id ? { ...image, ...patch } : image));
  store.set({ images });
}

/** Show another of the open images. */
export function selectImage(id: string): void {
  store.set({ current: id, passing: null, view: viewOf(id), readout: null, target: null, problem: null });
}

/** Where an image was left; the viewer puts another view in its place with the next frame. */
function viewOf(id: string | null): View | null {
  return store.get("images").find((image) => image.info.image === id)?.view ?? null;
}

/** Close an image; the one before it is shown. It can be undone, unless another takes its place. */
export function closeImage(id: string, inPlace = false): void {
  const image = store.get("images").find(({ info }) => info.image === id);
  if (!image) return;
  if (inPlace) dropImage(id);
  else history.group(`Close ${image.info.name}`, () => dropImage(id));
  imagesApi.close(id).catch((error: unknown) => reportError(error, "images"));
}

/** Forget an image that the server has closed. */
export function dropImage(id: string): void {
  const images = store.get("images");
  const at = images.findIndex((image) => image.info.image === id);
  const rest = images.filter((image) => image.info.image !== id);
  const current = store.get("current") === id ? (rest[Math.max(0, at - 1)]?.info.image ?? null) : store.get("current");
  const view = current === store.get("current") ? store.get("view") : viewOf(current);
  const passing = current === store.get("current") ? store.get("passing") : null;
  store.set({ images: rest, current, passing, view, readout: null });
}

/** An image takes the place of the one that is shown, as that is shown: the same part, in the same style. */
export function takePlace(info: ImageInfo): void {
  const before = store.image;
  if (!before) return;
  const { low, high } = before.style;
  const found = info.cuts.low === low && info.cuts.high === high;
  const image: OpenImage = { ...before, info, cuts: found ? before.cuts : { method: "manual" }, view: store.get("view") };
  const others = store.get("images").filter((other) => other === before || other.info.image !== info.image);
  store.set({
    images: others.map((other) => (other === before ? image : other)),
    current: info.image,
    passing: null,
  });
}

/** Show another HDU or plane of the file that is shown, in the place of this one. */
export async function openHdu(hdu: HduName, plane = 0): Promise<void> {
  const before = store.image;
  if (!before) return;
  const { colormap, invert, stretch } = before.style;
  const after = await openImage(before.info.path, { hdu, plane, style: { colormap, invert, stretch }, inPlace: true });
  if (after && after.info.image !== before.info.image) closeImage(before.info.image, true);
}

/** Change the style of the image that is shown. Changed cuts become the user's own. */
export function setStyle(patch: Partial<Style>): void {
  const image = store.image;
  if (!image) return;
  const manual = patch.low !== undefined || patch.high !== undefined || patch.channel_cuts !== undefined;
  history.name(changeOf(patch), () =>
    updateImage({ style: { ...image.style, ...patch }, ...(manual ? { cuts: { method: "manual" } } : {}) }),
  );
}

/** What a change of a style is called. */
function changeOf(patch: Partial<Style>): string {
  if (patch.contrast !== undefined || patch.bias !== undefined) return "Change contrast and bias";
  if (patch.stretch !== undefined) return "Change the stretch";
  if (patch.colormap !== undefined || patch.invert !== undefined) return "Change the colours";
  return "Change the cuts";
}

/** Let the server find the cuts of the image that is shown. */
export async function autoCuts(method: CutsMethod, percent?: number): Promise<void> {
  const image = store.image;
  if (!image) return;
  try {
    const found = await imagesApi.cuts(image.info.image, method, percent);
    const now = store.get("images").find((other) => other.info.image === image.info.image);
    if (!now) return;
    const cuts = percent === undefined ? { method } : { method, percent };
    history.name("Change the cuts", () => updateImage({ style: { ...now.style, ...limitsOf(found) }, cuts }, image.info.image));
  } catch (error) {
    reportError(error, "images");
  }
}

/** Step through the stretches. */
export function nextStretch(): void {
  const image = store.image;
  if (!image) return;
  const stretches = stretchesOf(image.info.channels);
  const at = stretches.indexOf(image.style.stretch);
  setStyle({ stretch: stretches[(at + 1) % stretches.length] as Stretch });
}

/** Step through the colormaps. */
export function nextColormap(): void {
  const image = store.image;
  const names = store.get("colormaps").map((colormap) => colormap.name);
  if (!image || names.length === 0) return;
  const name = names[(names.indexOf(image.style.colormap) + 1) % names.length];
  if (name !== undefined) setStyle({ colormap: name });
}

/** Go to a position as people write it: `03:56:21.6 -52:48:40`, `59.09 -52.811`, `x,y`. */
export async function goTo(text: string): Promise<boolean> {
  const image = store.image;
  if (!image) return false;
  try {
    const { x, y, inside } = await imagesApi.locate(image.info.image, text);
    if (!inside) {
      report("warning", `${text} lies outside ${image.info.name}.`);
      return false;
    }
    store.set({ target: { x, y } });
    viewer()?.panTo(x, y);
    return true;
  } catch (error) {
    reportError(error, "images");
    return false;
  }
}

/** Put north up and east left at the middle of the view; or, if the picture is turned, as the file has it. */
export async function toggleNorth(): Promise<void> {
  const [image, view] = [store.image, store.get("view")];
  if (!image || !view) return;
  if (view.turn !== 0 || view.mirrored) {
    viewer()?.orient(UPRIGHT);
    return;
  }
  const { name, wcs, wcs_problem, width, height, image: id } = image.info;
  if (!wcs) {
    report("warning", `North is not known: ${name} has no usable WCS. ${wcs_problem}`, { module: "images" });
    return;
  }
  try {
    const within = (value: number, length: number): number => Math.min(Math.max(value, 1), length);
    const directions = await imagesApi.directions(id, within(view.x, width), within(view.y, height));
    if (store.get("current") !== id) return;
    const orientation = northUp(directions);
    if (orientation.turn === 0 && !orientation.mirrored) report("info", "North is up already.");
    viewer()?.orient(orientation);
  } catch (error) {
    reportError(error, "images");
  }
}

/** What the viewer element lets others do; `zoom` is screen pixels for one image pixel. */
export interface ViewerHandle {
  /** Of the picture on the screen, CSS pixels. */
  readonly size: { width: number; height: number };
  fit(): void;
  zoomTo(zoom: number): void;
  zoomBy(factor: number): void;
  /** By fractions of the viewer's size; positive is right and up. */
  panBy(right: number, up: number): void;
  /** To FITS pixels, at the same zoom. */
  panTo(x: number, y: number): void;
  setView(view: View): void;
  /** Turn and mirror the picture about the middle of the screen. */
  orient(orientation: Orientation): void;
  focus(): void;
  /** Give up a gesture that is under way; false if there is none. */
  giveUp(): boolean;
  /** Ask again for tiles that could not be had, and for what lies under a cursor that rests. */
  retry(): void;
  /** Paint a frame of the same size in the place of the shown image; null paints that image again. */
  pass(frame: Passing | null): void;
  /** Have the next frames at hand where the view is; tells of each whether it is. `arrived` is called when more is. */
  foresee(frames: readonly Coming[], arrived?: () => void): boolean[];
  /** Keep the tiles of these images too, as far as memory goes. */
  hold(images: ReadonlySet<string>): void;
}

let handle: ViewerHandle | null = null;

/** The viewer, once there is one. */
export function viewer(): ViewerHandle | null {
  return handle;
}

/** Called by the viewer element when it is ready (and with null when it goes). */
export function setViewer(value: ViewerHandle | null): void {
  handle = value;
}
