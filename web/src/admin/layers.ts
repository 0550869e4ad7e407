/** What an administrator is told of the layers of the sandbox without asking. */
import { report } from "../actions";
import { account, admin } from "../api";
import type { ShownSandbox } from "../api";

/** Layers that a server goes without unless it asks for them. */
export const OPTIONAL: ReadonlySet<string> = new Set(["Namespaces", "Accounts"]);
const TOLD = "toyz-sandbox-told";

/** Say in one sentence what is missing; empty if nothing is. */
export function warningOf(sandbox: ShownSandbox): string {
  if (!sandbox.on) return "The sandbox is off: a hostile file reaches all that the server may.";
  const missing = sandbox.layers.filter((layer) => !layer.in_force && !OPTIONAL.has(layer.name));
  if (missing.length === 0) return "";
  return `The sandbox has not all of its layers: ${missing.map(({ name }) => name).join(", ")}.`;
}

/** Tell an administrator, once in a tab, that a layer is missing. */
export async function tellOfSandbox(): Promise<void> {
  try {
    if (sessionStorage.getItem(TOLD) || !(await account.show()).admin) return;
    sessionStorage.setItem(TOLD, "1");
    const warning = warningOf(await admin.sandbox());
    if (warning) report("warning", `${warning} Administration, Sandbox says more.`, { module: "server" });
  } catch {
    // Whoever may not know it, or is not connected, is not told.
  }
}
