/** All colormaps of the server, whole: fetched once, so that to choose another one fetches nothing. */

import { images } from "../../api";

let tables: Map<string, Uint8Array> | null = null;
let coming: Promise<void> | null = null;

/** The 256 colours of a colormap (red, green, blue); null until they have come. */
export function coloursOf(name: string): Uint8Array | null {
  return tables?.get(name) ?? null;
}

/** Have the colours fetched, if they are not here; resolves once they are. */
export function loadColours(): Promise<void> {
  coming ??= images.colourTables().then(
    ({ names, colours }) => {
      tables = new Map(names.map((name, number) => [name, colours.subarray(768 * number, 768 * (number + 1))]));
    },
    (error: unknown) => {
      coming = null; // another time
      throw error;
    },
  );
  return coming;
}
