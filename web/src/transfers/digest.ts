/** The checksum of a file, which the server compares when all of it has come. */

type Told = { done: number } | { sha256: string } | { problem: string };

/** Give the SHA-256 of a file in hexadecimal; `progress` is told how many bytes were read. */
export function digestOf(file: File, progress: (done: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./hash_worker.ts", import.meta.url), { type: "module" });
    const end = (finish: () => void): void => {
      worker.terminate();
      finish();
    };
    signal.addEventListener("abort", () => end(() => reject(new DOMException("given up", "AbortError"))), { once: true });
    worker.onerror = () => end(() => reject(new Error("The file cannot be read.")));
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("done" in data) progress(data.done);
      else if ("sha256" in data) end(() => resolve(data.sha256));
      else end(() => reject(new Error(data.problem)));
    };
    worker.postMessage(file);
  });
}
