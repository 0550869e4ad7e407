/** Copying text, also where the page is served without TLS and the browser withholds its clipboard. */
import { report } from "../actions";

function copyOldWay(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.style.cssText = "position:fixed;opacity:0";
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** Copy, and say so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    if (!navigator.clipboard) throw new Error("no clipboard");
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyOldWay(text)) {
      report("warning", "The browser does not let this page copy; select the text and copy it by hand.");
      return;
    }
  }
  report("info", said);
}
