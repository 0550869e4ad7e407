/** Binary frames: a 4-byte big-endian header length, a JSON header, then the payload. */

import type { BinaryHeader } from "./types";

export interface BinaryFrame {
  header: BinaryHeader;
  payload: Uint8Array<ArrayBuffer>;
}

/** Split a binary frame. Throws a RangeError or a SyntaxError if it is not one. */
export function decodeBinary(frame: ArrayBuffer): BinaryFrame {
  const length = new DataView(frame).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length))) as BinaryHeader;
  return { header, payload: new Uint8Array(frame, 4 + length) };
}

/** Join a header and a payload; the counterpart of `decodeBinary`. */
export function encodeBinary(header: BinaryHeader, payload: Uint8Array): ArrayBuffer {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(4 + head.length + payload.length);
  new DataView(frame.buffer).setUint32(0, head.length);
  frame.set(head, 4);
  frame.set(payload, 4 + head.length);
  return frame.buffer;
}
