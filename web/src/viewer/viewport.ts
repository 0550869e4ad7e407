/** OpenSeadragon as a moving window onto an image: springs, drags, pinches and their limits. */

import OpenSeadragon from "openseadragon";
import type { View } from "../store";
import type { Frame } from "./drawer";
import { drawerClass, emptySource, transformOf } from "./drawer";
import type { Box, Point, Size, Transform } from "./geometry";
import { displayFromFits, fitsFromDisplay, toDisplay } from "./geometry";

/** Screen pixels for one image pixel, at most. */
const MAX_ZOOM = 64;
/** Of the zoom at which the whole image fits. */
const MIN_ZOOM_OF_FIT = 0.5;
const FIT_MARGIN = 0.02;

const GESTURES: OpenSeadragon.GestureSettings = {
  clickToZoom: false,
  dblClickToZoom: true,
  dragToPan: true,
  flickEnabled: true,
  flickMinSpeed: 120,
  flickMomentum: 0.2,
  pinchToZoom: true,
  scrollToZoom: false,
};

export class ImageViewport {
  private readonly osd: OpenSeadragon.Viewer;
  private size: Size = { width: 1, height: 1 };
  private readonly instantly: boolean;
  private readonly resized = new ResizeObserver(() => this.resize());

  constructor(
    private readonly element: HTMLElement,
    paint: (frame: Frame) => void,
  ) {
    this.instantly = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.osd = new OpenSeadragon.Viewer({
      element,
      drawer: drawerClass(paint, () => this.size.width) as unknown as string,
      showNavigationControl: false,
      autoResize: false, // `resize` keeps the centre and the zoom, also before the first image
      preserveViewport: true,
      visibilityRatio: 0.2,
      constrainDuringPan: false,
      animationTime: this.instantly ? 0 : 0.3,
      springStiffness: 8,
      zoomPerDoubleClick: 2,
      maxZoomPixelRatio: MAX_ZOOM,
      minZoomImageRatio: MIN_ZOOM_OF_FIT,
      gestureSettingsMouse: GESTURES,
      gestureSettingsTouch: GESTURES,
      gestureSettingsPen: GESTURES,
      gestureSettingsUnknown: GESTURES,
    } as OpenSeadragon.Options);
    // Keys are the page's own; the picture is reached by Tab and described to screen readers.
    this.osd.addHandler("canvas-key", (event) => Object.assign(event, { preventDefaultAction: true }));
    this.osd.canvas.setAttribute("role", "application");
    this.osd.canvas.setAttribute("aria-roledescription", "image viewer");
    this.resized.observe(element);
  }

  /** Take the element's size, with the same place in the middle at the same zoom, and draw at once. */
  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    const { width, height } = this.screen;
    if (clientWidth === 0 || clientHeight === 0 || (clientWidth === width && clientHeight === height)) return;
    const view = this.view(false);
    this.osd.viewport.resize(new OpenSeadragon.Point(clientWidth, clientHeight), false);
    if (this.osd.world.getItemCount() === 0) return;
    this.setView(view, true);
    this.osd.viewport.update();
    this.osd.world.draw();
  }

  /** Name the picture for screen readers. */
  describe(text: string): void {
    this.osd.canvas.setAttribute("aria-label", text);
  }

  focus(): void {
    this.osd.canvas.focus({ preventScroll: true });
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
    return transformOf(this.osd.viewport, this.size.width, current);
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
    return { ...fitsFromDisplay(centre, this.size.height), zoom: transform.scale };
  }

  setView(view: View, immediately = false): void {
    this.zoomTo(view.zoom, null, immediately);
    this.panTo(view, immediately);
  }

  /** The zoom at which the whole image is on the screen. */
  get fitZoom(): number {
    const { width, height } = this.screen;
    return (1 - 2 * FIT_MARGIN) * Math.min(width / this.size.width, height / this.size.height);
  }

  fit(immediately = false): void {
    const centre = { x: (this.size.width + 1) / 2, y: (this.size.height + 1) / 2 };
    this.setView({ ...centre, zoom: this.fitZoom }, immediately);
  }

  panTo(fits: Point, immediately = false): void {
    const { x, y } = displayFromFits(fits, this.size.height);
    const { width } = this.size;
    this.osd.viewport.panTo(new OpenSeadragon.Point(x / width, y / width), immediately || this.instantly);
  }

  /** By screen pixels. */
  panBy(dx: number, dy: number): void {
    const delta = this.osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(dx, dy), false);
    this.osd.viewport.panBy(delta, this.instantly);
    this.osd.viewport.applyConstraints();
  }

  /** To screen pixels for one image pixel, keeping a place of the screen where it is. */
  zoomTo(zoom: number, at: Point | null = null, immediately = false): void {
    const level = (zoom * this.size.width) / this.screen.width;
    this.osd.viewport.zoomTo(level, this.fixed(at), immediately || this.instantly);
    this.osd.viewport.applyConstraints(immediately);
  }

  zoomBy(factor: number, at: Point | null = null): void {
    this.osd.viewport.zoomBy(factor, this.fixed(at), this.instantly);
    this.osd.viewport.applyConstraints();
  }

  /** Make a box of the screen fill it. */
  zoomToBox(box: Box): void {
    const transform = this.transform();
    const a = toDisplay(transform, { x: Math.min(box.x0, box.x1), y: Math.min(box.y0, box.y1) });
    const b = toDisplay(transform, { x: Math.max(box.x0, box.x1), y: Math.max(box.y0, box.y1) });
    const { width } = this.size;
    const bounds = new OpenSeadragon.Rect(a.x / width, a.y / width, (b.x - a.x) / width, (b.y - a.y) / width);
    this.osd.viewport.fitBoundsWithConstraints(bounds, this.instantly);
  }

  private fixed(at: Point | null): OpenSeadragon.Point | undefined {
    return at === null ? undefined : this.osd.viewport.pointFromPixel(new OpenSeadragon.Point(at.x, at.y), true);
  }
}
