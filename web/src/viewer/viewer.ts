/** The picture: the tiles of the current image, the marks over them, and the hand that moves them. */

import { html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { ViewerHandle } from "../actions";
import { setViewer, updateImage } from "../actions";
import { images } from "../api";
import { socket } from "../socket";
import type { OpenImage, View } from "../store";
import { store, StoreController } from "../store";
import type { Directions } from "../types";
import "./compass";
import { ContrastDrag } from "./contrast_drag";
import type { Frame } from "./drawer";
import type { Box, Orientation, Point, Size, Transform } from "./geometry";
import { displayFromFits, fitsFromDisplay, outlineOf, sightOf, toDisplay } from "./geometry";
import { Gestures } from "./gestures";
import type { ImageLayer, Overview } from "./image_layer";
import type { Look } from "./layer";
import type { Coming, Passing } from "./layers";
import { Layers } from "./layers";
import "./minimap";
import { MarkupPointer, markups } from "./markup";
import { North } from "./north";
import type { Marks } from "./overlays";
import { anyMarks, paintMarks } from "./overlays";
import { Readout, valueOf } from "./readout";
import { viewerStyles } from "./viewer_styles";
import { ImageViewport } from "./viewport";

const UNPACKED_EVERY_MS = 1500;

@customElement("toyz-viewer")
export class Viewer extends LitElement implements ViewerHandle {
  static override styles = viewerStyles;

  @query(".stage") private stage!: HTMLElement;
  @query(".markup") private markup!: HTMLElement;
  @state() private overview: Overview | null = null;
  /** The corners of the screen, in display pixels. */
  @state() private outline: Point[] | null = null;
  /** At the middle of the view. */
  @state() private directions: Directions | null = null;
  @state() private shown: OpenImage | null = null;

  private viewport!: ImageViewport;
  private gestures!: Gestures;
  private pointer!: MarkupPointer;
  /** What is painted; follows `shown` as soon as the viewport has its size. */
  private scene: { image: OpenImage; layer: ImageLayer } | null = null;
  /** What is painted in the place of the shown image, which has the same size. */
  private frame: Passing | null = null;
  /** Images whose layers stay, although they are not among the open ones. */
  private held: ReadonlySet<string> = new Set();
  private cursor: Point | null = null;
  private zoomBox: Box | null = null;
  private lastUnpacked = -Infinity;
  private readonly contrast = new ContrastDrag(() => this.turned());
  private readonly layers = new Layers(() => this.viewport.redraw());
  private readonly readout = new Readout(
    (image, x, y) => images.pixel(image, x, y),
    (readout) => store.set({ readout }),
  );
  private readonly north = new North(
    () => this.scene?.image.info ?? null,
    (directions) => (this.directions = directions),
  );
  private stops: (() => void)[] = [];

  constructor() {
    super();
    new StoreController(this, ["connection", "overlays", "view"]);
  }

  override render() {
    const { shown } = this;
    const overlays = store.get("overlays");
    const view = store.get("view");
    const lost = store.get("connection") !== "open";
    return html`<div class="stage ${lost ? "lost" : ""} ${this.contrast.turning ? "grabbing" : ""}"></div>
      <div class="markup"></div>
      ${shown && overlays.compass && shown.info.wcs
        ? html`<div class="corner compass">
            <toyz-compass .directions=${this.directions ?? shown.info.wcs} .turn=${view?.turn ?? 0} .mirrored=${view?.mirrored ?? false}></toyz-compass>
          </div>`
        : nothing}
      ${shown && view && overlays.scale
        ? html`<div class="corner scale">
            <toyz-scale-bar .zoom=${view.zoom} .pixelScale=${shown.info.wcs?.pixel_scale ?? null}></toyz-scale-bar>
          </div>`
        : nothing}
      ${shown && overlays.minimap && shown.info.levels > 1
        ? html`<div class="corner minimap">
            <toyz-minimap .image=${shown.info} .overview=${this.overview} .outline=${this.outline}></toyz-minimap>
          </div>`
        : nothing}`;
  }

  protected override firstUpdated(): void {
    this.viewport = new ImageViewport(this.stage, (frame) => this.paint(frame));
    // Before all others hear of a press: it ends what is typed in a field, which is still for what was shown when it began.
    this.stage.addEventListener("pointerdown", () => this.viewport.focus(true), { capture: true });
    this.gestures = new Gestures(this.stage, {
      zoomAt: (factor, at) => this.viewport.zoomBy(factor, at),
      boxChanged: (box) => this.setZoomBox(box),
      boxDone: (box) => this.viewport.zoomToBox(box),
      contrastStart: () => this.contrast.start(),
      contrastDrag: (factor, shift) => this.contrast.turn(factor, shift),
      contrastEnd: () => this.contrast.end(),
      contrastReset: () => this.contrast.reset(),
    });
    this.pointer = new MarkupPointer(this.stage);
    markups.attach(this.markup);
    this.stage.addEventListener("pointermove", (event) => this.point(event));
    this.stage.addEventListener("pointerdown", (event) => this.point(event));
    this.stage.addEventListener("pointerleave", (event) => this.leave(event));
    this.follow();
    setViewer(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    setViewer(null);
    this.stops.forEach((stop) => stop());
    this.stops = [];
    this.north.stop();
    this.gestures?.stop();
    this.pointer?.stop();
    markups.attach(null);
    this.layers.keep(new Set());
    this.viewport?.destroy();
  }

  // ---- what others may ask (ViewerHandle) ---------------------------------------------------

  get size(): Size {
    return this.viewport.screen;
  }

  fit(): void {
    this.viewport.fit();
  }

  zoomTo(zoom: number): void {
    this.viewport.zoomTo(zoom, this.cursor);
  }

  zoomBy(factor: number): void {
    this.viewport.zoomBy(factor);
  }

  panBy(right: number, up: number): void {
    const { width, height } = this.viewport.screen;
    this.viewport.panBy(right * width, -up * height);
  }

  panTo(x: number, y: number): void {
    this.viewport.panTo({ x, y });
  }

  setView(view: View): void {
    this.viewport.setView(view);
  }

  orient(orientation: Orientation): void {
    this.viewport.orient(orientation);
  }

  override focus(): void {
    this.viewport.focus();
  }

  /** Give up a gesture that is under way. */
  giveUp(): boolean {
    return this.gestures.giveUp() || this.pointer.giveUp();
  }

  /** Ask again for tiles that could not be had, and for what lies under a cursor that rests. */
  retry(): void {
    this.layers.forgive();
    this.ask();
  }

  /** Paint a frame of the same size in the place of the shown image, at the same view; null paints that image again. */
  pass(frame: Passing | null): void {
    const { shown } = this;
    if (!shown || !this.scene || (frame === null && this.frame === null)) return;
    this.frame = frame;
    const image = inPlaceOf(shown, frame);
    this.scene = { image, layer: this.layers.show(image, frame?.open ?? true) };
    if (this.scene.layer.style !== image.style) this.scene.layer.setStyle(image.style);
    if (this.cursor && store.get("player")?.playing) this.readAlong(this.cursor);
    else this.ask();
    this.viewport.redraw();
  }

  /** Have the next frames at hand where the view is; tells of each whether it is. */
  foresee(frames: readonly Coming[], arrived: () => void = () => undefined): boolean[] {
    return this.scene ? this.layers.foresee(frames, this.look(), arrived) : frames.map(() => false);
  }

  /** Keep the tiles of these images too, as far as memory goes. */
  hold(images: ReadonlySet<string>): void {
    this.held = images;
    this.dropClosed();
  }

  // ---- following the store and the server ---------------------------------------------------

  private follow(): void {
    this.stops.push(
      store.subscribe(["current", "images"], () => this.imagesChanged()),
      store.subscribe(["tileKind"], () => this.layAgain()),
      store.subscribe(["overlays", "target"], () => this.viewport.redraw()),
      socket.on("images", "pyramid", (data) => this.refresh(data, 2)),
      socket.on("images", "progress", (data) => this.unpacked(data)),
      socket.on("server", "session_restored", () => this.retry()),
    );
    this.imagesChanged();
  }

  private refresh(data: unknown, level: number): void {
    const { image, phase } = data as { image: string; phase?: string };
    if (phase !== undefined && phase !== "COMPLETED") return;
    this.layers.get(image)?.refresh(level);
  }

  /** More of a file is unpacked: all its tiles may show more, but not so often that nothing else is done. */
  private unpacked(data: unknown): void {
    const { complete } = data as { complete: boolean };
    const now = performance.now();
    if (!complete && now - this.lastUnpacked < UNPACKED_EVERY_MS) return;
    this.lastUnpacked = now;
    this.refresh(data, 0);
  }

  private imagesChanged(): void {
    this.dropClosed();
    const image = store.image;
    if (this.frame && image && sameExtent(image, this.scene?.image ?? null)) this.stay(image);
    else if (!sameExtent(image, this.shown)) void this.show(image);
    else if (image) this.restyle(image);
  }

  /** The frame that passed has become the image that is shown. */
  private stay(image: OpenImage): void {
    this.frame = null;
    this.outline = null; // the view is told again: it is that of another image now
    this.restyle(image);
    this.layers.show(image);
    this.viewport.describe(spokenName(image));
  }

  private dropClosed(): void {
    const open = store.get("images").map(({ info }) => info.image);
    this.layers.keep(new Set([...open, ...this.held]), this.scene?.image.info.image);
  }

  private restyle(image: OpenImage): void {
    this.shown = image;
    const seen = inPlaceOf(image, this.frame);
    if (this.scene?.image.info.image !== seen.info.image) return;
    const grown = this.scene.image.info.ccds.length !== seen.info.ccds.length;
    this.scene = { ...this.scene, image: seen };
    if (grown) this.scene.layer.refresh(0);
    this.scene.layer.setStyle(seen.style, this.contrast.turning);
  }

  /** With tiles of the other kind, at the same place. */
  private layAgain(): void {
    if (!this.scene) return;
    this.scene = { ...this.scene, layer: this.layers.show(this.scene.image) };
    this.viewport.redraw();
  }

  private async show(image: OpenImage | null): Promise<void> {
    const before = this.scene?.image ?? null;
    const kept = before ? this.viewport.view(false) : null;
    const [left, passed] = [this.shown, this.frame];
    this.shown = image; // first, because the next line but one comes back here
    this.frame = null;
    if (before && kept) updateImage({ view: kept }, (passed ? left : before)?.info.image);
    this.overview = (image && this.layers.get(image.info.image)?.overview) ?? null;
    if (image) await this.viewport.show(image.info);
    if (!sameExtent(this.shown, image)) return; // another one was chosen meanwhile
    this.outline = null;
    this.directions = null;
    this.scene = image && { image, layer: this.layers.show(image) };
    this.dropClosed();
    this.viewport.redraw();
    if (!image) {
      store.set({ view: null });
      return;
    }
    this.scene?.layer.setStyle(image.style);
    this.place(image, before, kept);
    this.viewport.describe(spokenName(image));
  }

  /** Where it was left; or where an image of the same size was, so that blinking compares; or fit. */
  private place(image: OpenImage, before: OpenImage | null, kept: View | null): void {
    const same = before?.info.width === image.info.width && before.info.height === image.info.height;
    const grown = before !== null && !same && before.info.image === image.info.image;
    const view = same && kept ? kept : image.view;
    if (view && !grown) this.viewport.setView(view, true);
    else this.viewport.fit(true);
  }

  // ---- a frame --------------------------------------------------------------------------------

  private paint({ context, gl, transform, target, screen, density }: Frame): void {
    const marks = this.marks;
    // A canvas with nothing on it still costs a browser without a graphics card a quarter of its frames.
    const bare = this.scene?.layer.kind === "data" && !anyMarks(marks);
    context.canvas.style.visibility = bare ? "hidden" : "visible";
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (!bare) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    markups.draw(this.scene && { image: this.scene.image.info, transform, screen });
    if (!this.scene) {
      gl?.hide();
      return;
    }
    const { layer } = this.scene;
    layer.paint({ context, gl }, this.lookAt({ transform, target, screen, density }));
    context.setTransform(density, 0, 0, density, 0, 0);
    paintMarks(context, marks, transform);
    this.publish(transform, screen, layer);
  }

  private get marks(): Marks {
    const info = this.scene?.image.info;
    const place = store.get("target");
    return {
      ccds: info && store.get("overlays").ccds ? info.ccds : [],
      target: (info && place && displayFromFits(place, info.height)) ?? null,
      zoomBox: this.zoomBox,
    };
  }

  private lookAt(where: Pick<Look, "transform" | "target" | "screen" | "density">): Look {
    const { width, height } = where.screen;
    const focus = this.cursor ?? { x: width / 2, y: height / 2 };
    return { ...where, focus, passing: store.get("player")?.playing ?? false };
  }

  /** Where the view is now, between two frames. */
  private look(): Look {
    const [transform, target] = [this.viewport.transform(true), this.viewport.transform(false)];
    return this.lookAt({ transform, target, screen: this.viewport.screen, density: window.devicePixelRatio || 1 });
  }

  /** Tell the rest of the page where the view is; after the frame, so that drawing is not held up. */
  private publish(transform: Transform, screen: Size, layer: ImageLayer): void {
    const outline = outlineOf(sightOf(transform, screen));
    const loading = layer.loading;
    // What only passes by has none.
    const overview = this.frame && store.get("player")?.playing ? this.overview : layer.overview;
    queueMicrotask(() => {
      if (overview !== this.overview) this.overview = overview;
      if (loading !== store.get("loading")) store.set({ loading });
      // Between two images the old one is still painted: it is not where the new one stands.
      if (sameOutline(outline, this.outline) || this.scene?.image.info.image !== store.seen?.image) return;
      this.outline = outline;
      store.set({ view: this.viewport.view() });
      this.ask();
      this.north.ask();
    });
  }

  // ---- the cursor -----------------------------------------------------------------------------

  private point(event: PointerEvent): void {
    const frame = this.stage.getBoundingClientRect();
    this.cursor = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    this.ask();
  }

  private leave(event: PointerEvent): void {
    // A finger that is lifted leaves; what it touched stays to be read.
    if (event.pointerType === "touch") return;
    this.cursor = null;
    this.readout.leave();
  }

  /** Ask what is under the cursor; also when the picture moves beneath it. */
  private ask(): void {
    const { scene, cursor } = this;
    if (!scene || !cursor) return;
    const place = toDisplay(this.viewport.transform(), cursor);
    const { width, height, image } = scene.image.info;
    if (place.x < 0 || place.y < 0 || place.x >= width || place.y >= height) this.readout.leave();
    else {
      // Where CCDs are matched, tiles hold what is shown, and the readout tells what the file has.
      const reading = scene.image.info.match === "none" ? scene.layer.read(place) : null;
      this.readout.move(image, fitsFromDisplay(place, height), reading);
    }
  }

  /** The value of a picture that passes, as far as its tiles tell: the server is not asked. */
  private readAlong(cursor: Point): void {
    const { scene } = this;
    const reading = scene?.layer.read(toDisplay(this.viewport.transform(), cursor));
    const readout = store.get("readout");
    if (reading && readout) store.set({ readout: { ...readout, ...valueOf(reading) } });
  }

  // ---- gestures -------------------------------------------------------------------------------

  private setZoomBox(box: Box | null): void {
    this.zoomBox = box;
    this.viewport.redraw();
  }

  private turned(): void {
    const image = store.image;
    if (image && !this.contrast.turning) this.restyle(image);
    this.requestUpdate();
  }
}

/** Whether one picture can take the place of the other without another layer. */
function sameExtent(a: OpenImage | null, b: OpenImage | null): boolean {
  if (!a || !b) return a === b;
  return a.info.image === b.info.image && a.info.width === b.info.width && a.info.height === b.info.height;
}

function spokenName({ info }: OpenImage): string {
  return `${info.name}, ${info.width} by ${info.height} pixels`;
}

/** What is seen where a frame passes in the place of an image. */
function inPlaceOf(image: OpenImage, frame: Passing | null): OpenImage {
  return frame ? { ...image, info: { ...image.info, ...frame.info }, style: frame.style ?? image.style } : image;
}

function sameOutline(a: Point[], b: Point[] | null): boolean {
  return b !== null && a.every(({ x, y }, corner) => x === b[corner]?.x && y === b[corner]?.y);
}

declare global {
  interface HTMLElementTagNameMap {
    "toyz-viewer": Viewer;
  }
}
