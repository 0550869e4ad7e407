/**
 * OpenSeadragon moves the viewport (springs, gestures, limits); this drawer puts our own tiles
 * under it. The world holds one image without tiles, which only gives the viewport its size, so
 * OpenSeadragon's own loading, which neither cancels nor orders by distance, is never used.
 */

import OpenSeadragon from "openseadragon";
import { GlSurface } from "./data/gl_surface";
import type { Orientation, Size, Transform } from "./geometry";
import { transformAt } from "./geometry";
import type { Surfaces } from "./image_layer";

export interface Frame extends Surfaces {
  /** Now, and where the movement ends. */
  transform: Transform;
  target: Transform;
  screen: Size;
  density: number;
}

/** An image of a size and without tiles. */
export function emptySource(size: Size): OpenSeadragon.TileSource {
  const source = new OpenSeadragon.TileSource({
    width: size.width,
    height: size.height,
    tileSize: Math.max(size.width, size.height),
    minLevel: 0,
    maxLevel: 0,
  } as OpenSeadragon.TileSourceOptions);
  source.tileExists = () => false;
  source.getTileUrl = () => "";
  return source;
}

/**
 * Where the viewport stands, for an image that fills the world's width 1. OpenSeadragon knows of
 * the turn, but not of the mirror, which it heeds in some gestures and not in others.
 */
export function transformOf(viewport: OpenSeadragon.Viewport, width: number, mirrored: boolean, current: boolean): Transform {
  const screen = viewport.getContainerSize();
  const { x, y } = viewport.getCenter(current);
  const scale = (viewport.getZoom(current) * screen.x) / width;
  const orientation: Orientation = { turn: viewport.getRotation(current), mirrored };
  return transformAt(scale, orientation, { x: x * width, y: y * width }, { x: screen.x / 2, y: screen.y / 2 });
}

/** Make a drawer class that calls `paint` for each frame. */
export function drawerClass(
  paint: (frame: Frame) => void,
  transform: (current: boolean) => Transform,
): typeof OpenSeadragon.DrawerBase {
  return class TileDrawer extends OpenSeadragon.DrawerBase {
    // Declared only: a field would overwrite what the base's constructor has had made.
    declare private lower: HTMLCanvasElement;
    declare private upper: HTMLCanvasElement;
    declare private gl: GlSurface | null;

    static override isSupported(): boolean {
      return true;
    }
    override getType(): string {
      return "toyz";
    }
    override getSupportedDataFormats(): string[] {
      return ["imageBitmap"];
    }
    override canRotate(): boolean {
      return true;
    }
    override setImageSmoothingEnabled(): void {
      // the painter decides by the zoom
    }
    /** Two canvases: shaders draw values on the lower one, the upper one takes pictures and marks. */
    _createDrawingElement(): HTMLElement {
      const element = document.createElement("div");
      this.lower = document.createElement("canvas");
      this.upper = document.createElement("canvas");
      for (const canvas of [this.lower, this.upper]) {
        canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%";
        element.append(canvas);
      }
      this.gl = GlSurface.on(this.lower, () => this.viewer.forceRedraw());
      return element;
    }
    draw(): void {
      const density = window.devicePixelRatio || 1;
      const size = this.viewport.getContainerSize();
      const [width, height] = [Math.round(size.x * density), Math.round(size.y * density)];
      for (const canvas of [this.lower, this.upper]) {
        if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      }
      const context = this.upper.getContext("2d", { alpha: true });
      if (!context || width === 0 || height === 0) return;
      paint({
        context,
        gl: this.gl,
        transform: transform(true),
        target: transform(false),
        screen: { width: size.x, height: size.y },
        density,
      });
    }
    override destroy(): void {
      this.gl?.destroy();
      this.lower.width = this.lower.height = this.upper.width = this.upper.height = 0;
      super.destroy();
    }
  };
}
