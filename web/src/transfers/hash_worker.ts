/** SHA-256 of a file, away from the page; the browser's own needs https and all of the file at once. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const PIECE = 4 << 20;

self.onmessage = (event: MessageEvent<File>): void => {
  void digest(event.data);
};

async function digest(file: File): Promise<void> {
  try {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += PIECE) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
      self.postMessage({ done: Math.min(at + PIECE, file.size) });
    }
    self.postMessage({ sha256: bytesToHex(hash.digest()) });
  } catch {
    self.postMessage({ problem: "The file cannot be read." });
  }
}
