/**
 * Signing out, and noticing that one is: a socket that is refused looks like one that is lost, so ask
 * over HTTP whether the login has ended.
 */

import { report } from "./actions";
import { SIGNED_OUT } from "./refusal";
import { socket } from "./socket";
import { store } from "./store";
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

/** Sign in again, and come back to this page. */
export const signInAgain = (): void => location.reload();

export function watchSignIn(): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  socket.onState(() => {
    if (socket.state === "lost") {
      timer ??= setInterval(() => void check(), CHECK_EVERY_MS);
      if (socket.refusal === SIGNED_OUT && !store.get("signedOut")) void check();
      return;
    }
    clearInterval(timer);
    timer = undefined;
    if (socket.state === "open" && store.get("signedOut")) store.set({ signedOut: false });
  });

  async function check(): Promise<void> {
    if (!(await isSignedOut())) return;
    // Who signs in in another tab comes back to this one: that tries again.
    socket.hold();
    clearInterval(timer);
    timer = undefined;
    if (store.get("signedOut")) return;
    store.set({ signedOut: true });
    report("error", "You are signed out.", { action: { title: "Sign in", run: signInAgain } });
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
