/** OpenSeadragon as a moving window onto an image: springs, drags, pinches and their limits. */

import OpenSeadragon from "openseadragon";
import type { View } from "../store";
import type { Frame } from "./drawer";
import { drawerClass, emptySource, transformOf } from "./drawer";
import type { Box, Orientation, Point, Size, Transform } from "./geometry";
import { boxAround, cornersOf, displayFromFits, fitsFromDisplay, toDisplay, toScreen, transformAt } from "./geometry";

/** Screen pixels for one image pixel, at most. */
const MAX_ZOOM = 64;
/** Of the zoom at which the whole image fits. */
const MIN_ZOOM_OF_FIT = 0.5;
const FIT_MARGIN = 0.02;
const ZOOM_PER_DOUBLE_CLICK = 2;
/** CSS pixels per second at which a drag is let go to fling the picture, and for how many seconds it goes on. */
const FLICK_SPEED = 120;
const FLICK_SECONDS = 0.2;

/** OpenSeadragon recognises the gestures; what they do is ours, on the screen, where a mirrored picture moves as any. */
const GESTURES: OpenSeadragon.GestureSettings = {
  clickToZoom: false,
  dblClickToZoom: false,
  dragToPan: false,
  flickEnabled: false,
  pinchToZoom: false,
  scrollToZoom: false,
};

export class ImageViewport {
  private readonly osd: OpenSeadragon.Viewer;
  private size: Size = { width: 1, height: 1 };
  private mirrored = false;
  /** The whole image was fitted to the screen, and nothing has moved it since. */
  private fitted = false;
  private readonly instantly: boolean;
  private readonly resized = new ResizeObserver(() => this.resize());

  constructor(
    private readonly element: HTMLElement,
    paint: (frame: Frame) => void,
  ) {
    this.instantly = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.osd = new OpenSeadragon.Viewer({
      element,
      drawer: drawerClass(paint, (current) => this.transform(current)) as unknown as string,
      showNavigationControl: false,
      autoResize: false, // `resize` keeps the centre and the zoom, also before the first image
      preserveViewport: true,
      visibilityRatio: 0.2,
      constrainDuringPan: false,
      animationTime: this.instantly ? 0 : 0.3,
      springStiffness: 8,
      maxZoomPixelRatio: MAX_ZOOM,
      gestureSettingsMouse: GESTURES,
      gestureSettingsTouch: GESTURES,
      gestureSettingsPen: GESTURES,
      gestureSettingsUnknown: GESTURES,
    } as OpenSeadragon.Options);
    // Keys are the page's own; the picture is reached by Tab and described to screen readers.
    this.osd.addHandler("canvas-key", (event) => Object.assign(event, { preventDefaultAction: true }));
    this.followGestures();
    this.osd.canvas.setAttribute("role", "application");
    this.osd.canvas.setAttribute("aria-roledescription", "image viewer");
    this.resized.observe(element);
  }

  private followGestures(): void {
    this.osd.addHandler("canvas-drag", ({ delta }) => this.moveBy(-delta.x, -delta.y, true));
    this.osd.addHandler("canvas-drag-end", (event) => {
      const { speed, direction } = event as unknown as { speed: number; direction: number };
      const reach = speed < FLICK_SPEED ? 0 : speed * FLICK_SECONDS;
      this.panBy(-reach * Math.cos(direction), -reach * Math.sin(direction));
    });
    this.osd.addHandler("canvas-double-click", ({ position }) => this.zoomBy(ZOOM_PER_DOUBLE_CLICK, position));
    this.osd.addHandler("canvas-pinch", ({ center, lastCenter, distance, lastDistance }) => {
      this.moveBy(lastCenter.x - center.x, lastCenter.y - center.y, true);
      this.zoomBy(distance / lastDistance, center, true);
      // Each finger tells of its own movement: the next one, within this frame too, goes on from here.
      this.osd.viewport.update();
    });
  }

  /** Take the element's size, with the same place in the middle at the same zoom, and draw at once. */
  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    const { width, height } = this.screen;
    if (clientWidth === 0 || clientHeight === 0 || (clientWidth === width && clientHeight === height)) return;
    const { fitted } = this;
    const view = this.view(false);
    this.osd.viewport.resize(new OpenSeadragon.Point(clientWidth, clientHeight), false);
    if (this.osd.world.getItemCount() === 0) return;
    this.limit();
    if (fitted) this.fit(true);
    else this.setView(view, true);
    this.osd.viewport.update();
    this.osd.world.draw();
  }

  /** However large the screen, an image of a few pixels can be seen at 1:1. */
  private limit(): void {
    const smallest = Math.min(1, MIN_ZOOM_OF_FIT * this.fitZoom);
    const viewport = this.osd.viewport as OpenSeadragon.Viewport & { minZoomLevel: number };
    viewport.minZoomLevel = (smallest * this.size.width) / this.screen.width;
  }

  /** Name the picture for screen readers. */
  describe(text: string): void {
    this.osd.canvas.setAttribute("aria-label", text);
  }

  /** Take the keys; by a press of a pointer, which needs no ring to tell where they are. */
  focus(pressed = false): void {
    const options: FocusOptions & { focusVisible?: boolean } = { preventScroll: true, ...(pressed ? { focusVisible: false } : {}) };
    this.osd.canvas.focus(options);
  }

  destroy(): void {
    this.resized.disconnect();
    this.osd.destroy();
  }

  /** Draw again in the next frame. */
  redraw(): void {
    this.osd.forceRedraw();
  }

  get screen(): Size {
    const size = this.osd.viewport.getContainerSize();
    return { width: size.x, height: size.y };
  }

  transform(current = true): Transform {
    return transformOf(this.osd.viewport, this.size.width, this.mirrored, current);
  }

  /** Show an image of a size; resolves when the viewport knows its limits. */
  show(size: Size): Promise<void> {
    const count = this.osd.world.getItemCount();
    return new Promise((resolve, reject) => {
      this.osd.addTiledImage({
        tileSource: emptySource(size),
        ...(count > 0 ? { index: 0, replace: true } : {}),
        success: () => {
          this.size = size;
          this.limit();
          this.resize();
          resolve();
        },
        error: (event) => reject(new Error(String((event as { message?: string }).message))),
      });
    });
  }

  /** Where the viewport is, or is going. */
  view(current = true): View {
    const { width, height } = this.screen;
    const transform = this.transform(current);
    const centre = toDisplay(transform, { x: width / 2, y: height / 2 });
    return { ...fitsFromDisplay(centre, this.size.height), zoom: transform.scale, ...this.orientation };
  }

  get orientation(): Orientation {
    return { turn: this.osd.viewport.getRotation(), mirrored: this.mirrored };
  }

  /** Turn and mirror the picture about the middle of the screen; a fitted one is fitted again. */
  orient(orientation: Orientation): void {
    this.stand(orientation);
    if (this.fitted) this.fit();
  }

  private stand({ turn, mirrored }: Orientation): void {
    this.mirrored = mirrored;
    this.osd.viewport.setRotation(turn, true);
    this.redraw();
  }

  setView(view: View, immediately = false): void {
    this.stand(view);
    this.zoomTo(view.zoom, null, immediately);
    this.panTo(view, immediately);
  }

  /** The zoom at which the whole image is on the screen. */
  get fitZoom(): number {
    const { width, height } = this.screen;
    const turned = transformAt(1, this.orientation, { x: 0, y: 0 }, { x: 0, y: 0 });
    const corners = cornersOf({ x0: 0, y0: 0, x1: this.size.width, y1: this.size.height });
    const { x0, y0, x1, y1 } = boxAround(corners.map((corner) => toScreen(turned, corner)));
    return (1 - 2 * FIT_MARGIN) * Math.min(width / (x1 - x0), height / (y1 - y0));
  }

  fit(immediately = false): void {
    const centre = { x: (this.size.width + 1) / 2, y: (this.size.height + 1) / 2 };
    this.setView({ ...centre, zoom: this.fitZoom, ...this.orientation }, immediately);
    this.fitted = true;
  }

  panTo(fits: Point, immediately = false): void {
    this.fitted = false;
    const { x, y } = displayFromFits(fits, this.size.height);
    const { width } = this.size;
    this.osd.viewport.panTo(new OpenSeadragon.Point(x / width, y / width), immediately || this.instantly);
  }

  /** By screen pixels. */
  panBy(dx: number, dy: number): void {
    this.moveBy(dx, dy, this.instantly);
    this.osd.viewport.applyConstraints();
  }

  /** As `panBy`, and even so far that little of the picture is left. */
  private moveBy(dx: number, dy: number, immediately: boolean): void {
    this.fitted = false;
    const pixels = new OpenSeadragon.Point(this.mirrored ? -dx : dx, dy);
    this.osd.viewport.panBy(this.osd.viewport.deltaPointsFromPixels(pixels, false), immediately);
  }

  /** To screen pixels for one image pixel, keeping a place of the screen where it is. */
  zoomTo(zoom: number, at: Point | null = null, immediately = false): void {
    this.fitted = false;
    const level = (zoom * this.size.width) / this.screen.width;
    this.osd.viewport.zoomTo(level, this.fixed(at), immediately || this.instantly);
    this.osd.viewport.applyConstraints(immediately);
  }

  zoomBy(factor: number, at: Point | null = null, immediately = false): void {
    this.fitted = false;
    this.osd.viewport.zoomBy(factor, this.fixed(at), immediately || this.instantly);
    this.osd.viewport.applyConstraints();
  }

  /** Make a box of the screen fill it. */
  zoomToBox(box: Box): void {
    const transform = this.transform();
    const { width, height } = this.screen;
    const centre = toDisplay(transform, { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2 });
    const factor = Math.min(width / Math.abs(box.x1 - box.x0), height / Math.abs(box.y1 - box.y0));
    const zoom = Math.min(transform.scale * factor, MAX_ZOOM);
    this.setView({ ...fitsFromDisplay(centre, this.size.height), zoom, ...this.orientation });
  }

  private fixed(at: Point | null): OpenSeadragon.Point | undefined {
    if (at === null) return undefined;
    const { x, y } = toDisplay(this.transform(), at);
    return new OpenSeadragon.Point(x / this.size.width, y / this.size.width);
  }
}
