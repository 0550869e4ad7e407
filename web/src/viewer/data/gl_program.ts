/** One variant of the shader that draws tiles, with the places of its uniforms. */

import { ASINH_STRENGTH } from "../../panels/stretch";
import fragment from "./tile.frag.glsl?raw";
import vertex from "./tile.vert.glsl?raw";

const VERSION = "#version 300 es\n";

/** `codes`: the samples are 16-bit codes, else floats. */
export interface Variant {
  bands: 1 | 3;
  codes: boolean;
}

export class GlProgram {
  private readonly program: WebGLProgram;
  private readonly places = new Map<string, WebGLUniformLocation | null>();

  constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly variant: Variant,
  ) {
    const softening = `#define SOFTENING ${ASINH_STRENGTH.toFixed(1)}\n`;
    const defines = `#define BANDS ${variant.bands}\n${variant.codes ? "#define CODES\n" : ""}${softening}`;
    this.program = gl.createProgram();
    gl.attachShader(this.program, this.compile(gl.VERTEX_SHADER, vertex));
    gl.attachShader(this.program, this.compile(gl.FRAGMENT_SHADER, VERSION + defines + fragment));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`the picture's shader cannot be used: ${gl.getProgramInfoLog(this.program) ?? ""}`);
    }
    gl.useProgram(this.program);
    for (let band = 0; band < variant.bands; band++) gl.uniform1i(this.place(`u_samples[${band}]`), band);
    gl.uniform1i(this.place("u_table"), variant.bands);
  }

  use(): void {
    this.gl.useProgram(this.program);
  }

  place(name: string): WebGLUniformLocation | null {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const found = this.gl.getUniformLocation(this.program, name);
    this.places.set(name, found);
    return found;
  }

  private compile(kind: number, source: string): WebGLShader {
    const { gl } = this;
    const shader = gl.createShader(kind) as WebGLShader;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    return shader;
  }
}
