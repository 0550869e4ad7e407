/**
 * Gives tiles their colours, in textures that are kept: a movement draws them as they are, and only
 * a change of cuts, stretch or colours has them made again.
 */

import { ASINH_STRENGTH } from "../../panels/stretch";
import fragment from "./colouring.frag.glsl?raw";
import vertex from "./colouring.vert.glsl?raw";
import type { DataTile } from "./data_tile";
import type { Lookup } from "./lookup";
import { BRIGHTEST } from "./lupton";
import { scaleOf } from "./scale";
import { Shader } from "./shader";
import { ENTRIES } from "./transfer";

const VERSION = "#version 300 es\n";
/** At least so many are kept; each has four bytes a pixel. */
const FEWEST_KEPT = 64;

/** `codes`: the samples are 16-bit codes, else floats. */
interface Variant {
  bands: 1 | 3;
  codes: boolean;
}

/** A tile in the colours of a look-up. */
interface Picture {
  texture: WebGLTexture;
  lookup: Lookup;
}

export class Colouring {
  private readonly shaders = new Map<string, Shader>();
  private readonly samples = new Map<DataTile, WebGLTexture[]>();
  /** The one drawn last comes last. */
  private readonly pictures = new Map<DataTile, Picture>();
  private readonly frame: WebGLFramebuffer;
  private readonly table: WebGLTexture;
  private shown: Lookup | null = null;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.frame = gl.createFramebuffer();
    this.table = this.texture(gl.RGBA8, ENTRIES, 1);
  }

  /** Colour those of the tiles that are not yet so; then draw on the canvas again. */
  colour(tiles: readonly DataTile[], lookup: Lookup): void {
    const { gl } = this;
    const old = tiles.filter((tile) => this.pictures.get(tile)?.lookup !== lookup);
    if (old.length > 0) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
      for (const tile of old) this.colourOne(tile, lookup);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    }
    this.trim(Math.max(FEWEST_KEPT, 2 * tiles.length));
  }

  /** The colours of a tile, once it has them: a texture of RGBA. */
  pictureOf(tile: DataTile): WebGLTexture | null {
    const picture = this.pictures.get(tile);
    if (!picture) return null;
    this.pictures.delete(tile);
    this.pictures.set(tile, picture);
    return picture.texture;
  }

  destroy(): void {
    for (const tile of [...this.samples.keys()]) this.release(tile);
  }

  private colourOne(tile: DataTile, lookup: Lookup): void {
    const { gl } = this;
    const samples = this.samplesOf(tile);
    const picture = this.pictureFor(tile, lookup); // before the samples: what is made is bound in their place
    const shader = this.shaderFor(tile);
    shader.use();
    this.useTable(lookup, tile.data.bands);
    this.useSamples(shader, tile, samples, lookup);
    gl.uniform4f(shader.place("u_bad"), ...lookup.bad);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, picture, 0);
    gl.viewport(0, 0, tile.width, tile.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private shaderFor({ data: { bands, samples } }: DataTile): Shader {
    const variant: Variant = { bands: bands === 1 ? 1 : 3, codes: samples instanceof Uint16Array };
    const key = `${variant.bands} ${variant.codes}`;
    const known = this.shaders.get(key);
    if (known) return known;
    const shader = colouringShader(this.gl, variant);
    this.shaders.set(key, shader);
    return shader;
  }

  private useTable(lookup: Lookup, unit: number): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, this.table);
    if (this.shown === lookup) return;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ENTRIES, 1, gl.RGBA, gl.UNSIGNED_BYTE, lookup.table);
    this.shown = lookup;
  }

  private useSamples(shader: Shader, tile: DataTile, textures: readonly WebGLTexture[], { slopes, lupton }: Lookup): void {
    const { gl } = this;
    const codes = tile.data.samples instanceof Uint16Array;
    gl.uniform1i(shader.place("u_lupton"), Number(lupton));
    gl.uniform1f(shader.place("u_top"), (lupton ? BRIGHTEST : 1) * (ENTRIES - 1));
    for (const [band, texture] of textures.entries()) {
      const { base, slope: steep, offset } = scaleOf(tile, slopes[band] ?? slopes[0]);
      gl.activeTexture(gl.TEXTURE0 + band);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      if (codes) gl.uniform1i(shader.place(`u_base[${band}]`), base);
      else gl.uniform1f(shader.place(`u_base[${band}]`), base);
      gl.uniform1f(shader.place(`u_slope[${band}]`), steep);
      gl.uniform1f(shader.place(`u_offset[${band}]`), offset);
    }
  }

  private samplesOf(tile: DataTile): WebGLTexture[] {
    const known = this.samples.get(tile);
    if (known) return known;
    const made = Array.from({ length: tile.data.bands }, (_, band) => this.upload(tile, band));
    this.samples.set(tile, made);
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

  private pictureFor(tile: DataTile, lookup: Lookup): WebGLTexture {
    const picture = this.pictures.get(tile) ?? { texture: this.texture(this.gl.RGBA8, tile.width, tile.height), lookup };
    picture.lookup = lookup;
    this.pictures.set(tile, picture);
    return picture.texture;
  }

  /** A texture without smaller ones, which ends at its edges; bound afterwards. */
  private texture(format: number, width: number, height: number): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return texture;
  }

  private trim(most: number): void {
    for (const [tile, { texture }] of this.pictures) {
      if (this.pictures.size <= most) return;
      this.gl.deleteTexture(texture);
      this.pictures.delete(tile);
    }
  }

  private release(tile: DataTile): void {
    for (const texture of this.samples.get(tile) ?? []) this.gl.deleteTexture(texture);
    this.gl.deleteTexture(this.pictures.get(tile)?.texture ?? null);
    this.samples.delete(tile);
    this.pictures.delete(tile);
  }
}

function colouringShader(gl: WebGL2RenderingContext, { bands, codes }: Variant): Shader {
  const softening = `#define SOFTENING ${ASINH_STRENGTH.toFixed(1)}\n`;
  const defines = `#define BANDS ${bands}\n${codes ? "#define CODES\n" : ""}${softening}`;
  const shader = new Shader(gl, vertex, VERSION + defines + fragment);
  shader.use();
  for (let band = 0; band < bands; band++) gl.uniform1i(shader.place(`u_samples[${band}]`), band);
  gl.uniform1i(shader.place("u_table"), bands);
  return shader;
}
