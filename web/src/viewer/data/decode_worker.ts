/** Decodes data tiles off the main thread. */

import { decodeTile } from "./codec";

export interface Order {
  number: number;
  tile: Uint8Array<ArrayBuffer>;
}

addEventListener("message", ({ data: { number, tile } }: MessageEvent<Order>) => {
  decodeTile(tile).then(
    (decoded) => postMessage({ number, decoded }, { transfer: decoded.samples ? [decoded.samples.buffer] : [] }),
    (error: unknown) => postMessage({ number, problem: String(error) }),
  );
});
