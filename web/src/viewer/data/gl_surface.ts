/** The canvas that data tiles are drawn on by shaders. */

import type { Point, Transform } from "../geometry";
import { isUpright, toScreen } from "../geometry";
import type { Drawn } from "../layer";
import { Colouring } from "./colouring";
import type { DataTile } from "./data_tile";
import type { Lookup } from "./lookup";
import fragment from "./quad.frag.glsl?raw";
import vertex from "./quad.vert.glsl?raw";
import { Shader } from "./shader";

/** What is made on a graphics card, and lost with its context. */
interface Means {
  colouring: Colouring;
  quads: Shader;
  smooth: WebGLSampler;
}

export class GlSurface {
  private means: Means | null = null;

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    restored: () => void,
  ) {
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // or it would never come back
      this.means = null;
    });
    canvas.addEventListener("webglcontextrestored", restored);
  }

  /** Null where the browser cannot draw so. */
  static on(canvas: HTMLCanvasElement, restored: () => void): GlSurface | null {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, stencil: false });
    return gl && new GlSurface(canvas, gl, restored);
  }

  hide(): void {
    this.canvas.style.visibility = "hidden";
  }

  /** Draw tiles, coarse ones first; `transform` leads to CSS pixels, `density` from there to device pixels. */
  draw(drawn: readonly Drawn<DataTile>[], transform: Transform, density: number, lookup: Lookup): void {
    const { gl, canvas } = this;
    canvas.style.visibility = "visible";
    if (gl.isContextLost()) return;
    const means = (this.means ??= meansOn(gl));
    means.colouring.colour(drawn.map(({ bitmap }) => bitmap), lookup);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.disable(gl.BLEND);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    means.quads.use();
    gl.activeTexture(gl.TEXTURE0);
    for (const tile of drawn) this.drawTile(means, tile, transform, density);
    gl.bindSampler(0, null); // it would hold for the samples too
  }

  destroy(): void {
    this.means?.colouring.destroy();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private drawTile({ colouring, quads, smooth }: Means, { bitmap, level, box }: Drawn<DataTile>, transform: Transform, density: number): void {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, colouring.pictureOf(bitmap));
    // Pixels are shown as squares once they are as large as the screen's.
    gl.bindSampler(0, level > 0 || transform.scale * density < 1 ? smooth : null);
    const corner = (x: number, y: number): Point => this.clip(toScreen(transform, { x, y }), density, isUpright(transform));
    const [origin, right, down] = [corner(box.x0, box.y0), corner(box.x1, box.y0), corner(box.x0, box.y1)];
    gl.uniform2f(quads.place("u_corner"), origin.x, origin.y);
    gl.uniform2f(quads.place("u_right"), right.x - origin.x, right.y - origin.y);
    gl.uniform2f(quads.place("u_down"), down.x - origin.x, down.y - origin.y);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** From CSS pixels to clip coordinates; of an upright picture by way of whole device pixels, without seams. */
  private clip({ x, y }: Point, density: number, whole: boolean): Point {
    const device = (value: number): number => (whole ? Math.round(value * density) : value * density);
    return { x: (2 * device(x)) / this.canvas.width - 1, y: 1 - (2 * device(y)) / this.canvas.height };
  }
}

function meansOn(gl: WebGL2RenderingContext): Means {
  const smooth = gl.createSampler();
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.samplerParameteri(smooth, filter, gl.LINEAR);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.samplerParameteri(smooth, side, gl.CLAMP_TO_EDGE);
  return { colouring: new Colouring(gl), quads: new Shader(gl, vertex, fragment), smooth };
}
