/** A connection that the server refuses is not merely lost: its reason is shown, once. */

import { report } from "./actions";
import { socket } from "./socket";

/** What the server says to who is not signed in any more; `watchSignIn` sees to it. */
export const SIGNED_OUT = "signed out";

export function watchRefusal(): void {
  let told = "";
  socket.onState(() => {
    if (socket.state === "open") told = "";
    if (socket.state !== "lost" || !socket.refusal || socket.refusal === told || socket.refusal === SIGNED_OUT) return;
    told = socket.refusal;
    report("warning", `The server refuses the connection: ${told}.`, { module: "server" });
  });
}
