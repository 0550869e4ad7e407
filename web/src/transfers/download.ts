/** Downloads, which the browser does itself. */
import { addressOf } from "./upload";

/** Save a file of the server, or a folder as an archive. */
export function download(path: string): void {
  const link = document.createElement("a");
  link.href = addressOf(`api/download/${path.split("/").map(encodeURIComponent).join("/")}`);
  link.download = "";
  link.click();
}
