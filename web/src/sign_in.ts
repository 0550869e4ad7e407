/**
 * Signing out, and noticing that one is: a socket that is refused looks like one that is lost, so ask
 * over HTTP whether the login has ended.
 */

import { report } from "./actions";
import { socket } from "./socket";
import { xsrfToken } from "./xsrf";

/** Where the sign-in page keeps the place that a link names, while the browser is at another system to sign in there. */
const PLACE = "toyz-place";

/** Go on to the place of a link that was lost on the way through another system. */
export function restorePlace(): void {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place?.startsWith("#") && !location.hash) history.replaceState(null, "", `${location.pathname}${location.search}${place}`);
}

/** End the login of this page; the sign-in page follows. */
export function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = new URL("logout", document.baseURI).href;
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "_xsrf";
  token.value = xsrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}

const CHECK_EVERY_MS = 4000;

export function watchSignIn(): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let told = false;
  socket.onState(() => {
    if (socket.state === "lost") {
      timer ??= setInterval(() => void check(), CHECK_EVERY_MS);
      return;
    }
    clearInterval(timer);
    timer = undefined;
    told = told && socket.state !== "open";
  });

  async function check(): Promise<void> {
    if (told || !(await isSignedOut())) return;
    told = true;
    report("error", "You are signed out.", { action: { title: "Sign in", run: () => location.reload() } });
  }
}

async function isSignedOut(): Promise<boolean> {
  try {
    const url = new URL("api/files?limit=1", document.baseURI);
    return (await fetch(url, { headers: { Accept: "application/json" } })).status === 401;
  } catch {
    return false; // the server is not there at all
  }
}
