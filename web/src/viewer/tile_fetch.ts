/** Gets a tile over the websocket and decodes it off the main thread. */

import { socket } from "../socket";
import type { TileAddress } from "../types";

export async function fetchTile(tile: TileAddress, priority: number, signal: AbortSignal): Promise<ImageBitmap> {
  const { format, payload } = await socket.requestTile(tile, priority, signal);
  const blob = new Blob([payload], { type: `image/${format}` });
  return createImageBitmap(blob, { colorSpaceConversion: "none" });
}
