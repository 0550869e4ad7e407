/**
 * Data tiles as they travel; the counterpart of `toyz_tiles.data_tile`, which describes them.
 *
 * What is drawn as codes stays codes. A tile with escaped values (saturated stars, infinities)
 * becomes floats, so that they are drawn and read like any other.
 */

import { decompress } from "fzstd";

export const BAD_CODE = 65535;
const ESCAPED_CODE = 65534;
const HEAD_BYTES = 32;
const ESCAPE_BYTES = 8;
const MAGIC = 0x31545a54; // "TZT1", little-endian
const EXACT = 1;
const ITEM_BYTES = { empty: 0, codes: 2, floats: 4 } as const;
const ENCODINGS = ["empty", "codes", "floats"] as const;
const ZSTD = 1;
/** No tile has more values. */
const MOST = 1 << 20;

/** A value is `zero + quantum · sample`. */
export interface Samples {
  width: number;
  height: number;
  bands: number;
  /** Band by band and row by row; null where no pixel has a value. A `Uint16Array` has `BAD_CODE` for such pixels, floats NaN. */
  samples: Uint16Array | Float32Array | null;
  zero: number;
  quantum: number;
  /** The pixels are as they are in the image. */
  exact: boolean;
}

/** Undoes gzip; browsers do that only asynchronously. */
export type Gunzip = (packed: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

export const gunzip: Gunzip = async (packed) => {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** Decode a tile. Throws a RangeError if it is none. */
export async function decodeTile(tile: Uint8Array<ArrayBuffer>): Promise<Samples> {
  if (tile.length < HEAD_BYTES) throw new RangeError("a data tile is too short");
  const head = new DataView(tile.buffer, tile.byteOffset, HEAD_BYTES);
  const encoding = ENCODINGS[head.getUint8(4)];
  const [packing, bands, flags] = [head.getUint8(5), head.getUint8(6), head.getUint8(7)];
  const [width, height, escapes] = [head.getUint16(8, true), head.getUint16(10, true), head.getUint32(12, true)];
  const [zero, quantum] = [head.getFloat64(16, true), head.getFloat64(24, true)];
  const size = bands * width * height;
  if (head.getUint32(0, true) !== MAGIC || encoding === undefined || size > MOST || escapes > size) {
    throw new RangeError("not a data tile");
  }
  const common = { width, height, bands, exact: (flags & EXACT) !== 0 };
  if (encoding === "empty") return { ...common, samples: null, zero: 0, quantum: 1 };
  const packed = tile.subarray(HEAD_BYTES);
  const length = size * ITEM_BYTES[encoding] + escapes * ESCAPE_BYTES;
  const body = packing === ZSTD ? decompress(packed, new Uint8Array(length)) : await gunzip(packed);
  if (body.length !== length) throw new RangeError("a data tile has another length than it says");
  if (encoding === "floats") return { ...common, samples: joinFloats(body, size), zero, quantum: 1 };
  const codes = joinCodes(body, size);
  if (escapes === 0) return { ...common, samples: codes, zero, quantum };
  return { ...common, samples: spellOut(codes, new DataView(body.buffer, body.byteOffset + 2 * size), { escapes, zero, quantum }), zero, quantum: 1 };
}

/** The bytes of the samples come sorted by their place in the sample. */
function joinCodes(body: Uint8Array, size: number): Uint16Array {
  const codes = new Uint16Array(size);
  for (let i = 0; i < size; i++) codes[i] = (body[i] as number) | ((body[size + i] as number) << 8);
  return codes;
}

function joinFloats(body: Uint8Array, size: number): Float32Array {
  const bytes = new Uint8Array(4 * size);
  for (let place = 0; place < 4; place++) {
    const from = place * size;
    for (let i = 0; i < size; i++) bytes[4 * i + place] = body[from + i] as number;
  }
  return new Float32Array(bytes.buffer);
}

interface Scale {
  escapes: number;
  zero: number;
  quantum: number;
}

/** Codes as floats relative to zero, and what was escaped in its place. */
function spellOut(codes: Uint16Array, list: DataView, { escapes, zero, quantum }: Scale): Float32Array {
  const floats = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    floats[i] = code >= ESCAPED_CODE ? NaN : code * quantum;
  }
  for (let number = 0; number < escapes; number++) {
    const at = ESCAPE_BYTES * number;
    const index = list.getUint32(at, true);
    if (index >= codes.length) throw new RangeError("a data tile escapes what it does not hold");
    floats[index] = list.getFloat32(at + 4, true) - zero;
  }
  return floats;
}
