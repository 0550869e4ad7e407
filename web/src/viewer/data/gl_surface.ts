/** The canvas that data tiles are drawn on by shaders, and their textures. */

import type { Point, Transform } from "../geometry";
import { isUpright, toScreen } from "../geometry";
import type { Drawn } from "../layer";
import type { DataTile } from "./data_tile";
import { GlProgram } from "./gl_program";
import type { Lookup } from "./lookup";
import { BRIGHTEST } from "./lupton";
import type { Slope } from "./transfer";
import { ENTRIES } from "./transfer";

/** Larger ones mean "beyond everything" to a shader's floats all the same. */
const HUGE = 1e30;
const TOP_CODE = 65533;

export class GlSurface {
  private programs = new Map<string, GlProgram>();
  private textures = new Map<DataTile, WebGLTexture[]>();
  private table: WebGLTexture | null = null;
  private shown: Lookup | null = null;

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    restored: () => void,
  ) {
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // or it would never come back
      this.forget();
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
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.disable(gl.BLEND);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const tile of drawn) this.drawTile(tile, transform, density, lookup);
  }

  destroy(): void {
    for (const tile of [...this.textures.keys()]) this.release(tile);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private drawTile({ bitmap, level, box }: Drawn<DataTile>, transform: Transform, density: number, lookup: Lookup): void {
    const { gl } = this;
    const program = this.programFor(bitmap);
    program.use();
    this.useTable(lookup, bitmap.data.bands);
    this.useSamples(program, bitmap, lookup);
    const corner = (x: number, y: number): Point => this.clip(toScreen(transform, { x, y }), density, isUpright(transform));
    const [origin, right, down] = [corner(box.x0, box.y0), corner(box.x1, box.y0), corner(box.x0, box.y1)];
    gl.uniform2f(program.place("u_corner"), origin.x, origin.y);
    gl.uniform2f(program.place("u_right"), right.x - origin.x, right.y - origin.y);
    gl.uniform2f(program.place("u_down"), down.x - origin.x, down.y - origin.y);
    gl.uniform2i(program.place("u_size"), bitmap.width, bitmap.height);
    // Pixels are shown as squares once they are as large as the screen's.
    gl.uniform1i(program.place("u_smooth"), Number(level > 0 || transform.scale * density < 1));
    gl.uniform4f(program.place("u_bad"), ...lookup.bad);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** From CSS pixels to clip coordinates; of an upright picture by way of whole device pixels, without seams. */
  private clip({ x, y }: Point, density: number, whole: boolean): Point {
    const device = (value: number): number => (whole ? Math.round(value * density) : value * density);
    return { x: (2 * device(x)) / this.canvas.width - 1, y: 1 - (2 * device(y)) / this.canvas.height };
  }

  private programFor({ data: { bands, samples } }: DataTile): GlProgram {
    const variant = { bands: bands === 1 ? 1 : 3, codes: samples instanceof Uint16Array } as const;
    const key = `${variant.bands} ${variant.codes}`;
    const known = this.programs.get(key);
    if (known) return known;
    const program = new GlProgram(this.gl, variant);
    this.programs.set(key, program);
    return program;
  }

  private useTable(lookup: Lookup, unit: number): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    if (!this.table) {
      this.table = this.texture(gl.RGBA8, ENTRIES, 1);
      this.shown = null;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.table);
    if (this.shown === lookup) return;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ENTRIES, 1, gl.RGBA, gl.UNSIGNED_BYTE, lookup.table);
    this.shown = lookup;
  }

  private useSamples(program: GlProgram, tile: DataTile, { slopes, lupton }: Lookup): void {
    const { gl } = this;
    gl.uniform1i(program.place("u_lupton"), Number(lupton));
    gl.uniform1f(program.place("u_top"), (lupton ? BRIGHTEST : 1) * (ENTRIES - 1));
    for (const [band, texture] of this.texturesOf(tile).entries()) {
      const { base, slope: steep, offset } = scaleOf(tile, slopes[band] ?? slopes[0]);
      gl.activeTexture(gl.TEXTURE0 + band);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      if (program.variant.codes) gl.uniform1i(program.place(`u_base[${band}]`), base);
      else gl.uniform1f(program.place(`u_base[${band}]`), base);
      gl.uniform1f(program.place(`u_slope[${band}]`), steep);
      gl.uniform1f(program.place(`u_offset[${band}]`), offset);
    }
  }

  private texturesOf(tile: DataTile): WebGLTexture[] {
    const known = this.textures.get(tile);
    if (known) return known;
    const { bands } = tile.data;
    const made = Array.from({ length: bands }, (_, band) => this.upload(tile, band));
    this.textures.set(tile, made);
    tile.released = () => this.release(tile);
    return made;
  }

  private upload(tile: DataTile, band: number): WebGLTexture {
    const { gl } = this;
    const { samples } = tile.data;
    const { width, height } = tile;
    const size = width * height;
    const part = samples?.subarray(band * size, (band + 1) * size);
    gl.activeTexture(gl.TEXTURE0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    if (part instanceof Uint16Array) {
      const texture = this.texture(gl.R16UI, width, height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED_INTEGER, gl.UNSIGNED_SHORT, part);
      return texture;
    }
    const texture = this.texture(gl.R32F, width, height);
    const floats = part ?? new Float32Array(size).fill(NaN);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED, gl.FLOAT, floats);
    return texture;
  }

  /** A texture that is read entry by entry; bound afterwards. */
  private texture(format: number, width: number, height: number): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return texture;
  }

  private release(tile: DataTile): void {
    for (const texture of this.textures.get(tile) ?? []) this.gl.deleteTexture(texture);
    this.textures.delete(tile);
  }

  private forget(): void {
    this.programs = new Map();
    this.textures = new Map();
    this.table = null;
  }
}

/** From samples of a tile to positions in the table: `(sample − base) · slope + offset`. */
export function scaleOf(tile: DataTile, { low, k }: Slope): { base: number; slope: number; offset: number } {
  const { zero, quantum, samples } = tile.data;
  const near = (low - zero) / quantum;
  const base = samples instanceof Uint16Array ? Math.min(Math.max(Math.round(near), 0), TOP_CODE) : Math.fround(near);
  const bounded = (value: number): number => Math.min(Math.max(value, -HUGE), HUGE);
  return { base: bounded(base), slope: bounded(k * quantum), offset: bounded((zero + base * quantum - low) * k + 0.5) };
}
