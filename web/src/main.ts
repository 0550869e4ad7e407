/** Where the page begins. */

import { forgetUnknownColormaps, reportError } from "./actions";
import { images, server } from "./api";
import "./app";
import { addCommands } from "./keymap";
import { prepareLayout, syncLayout } from "./layout";
import { player } from "./player/player";
import { startSession } from "./session";
import { watchRefusal } from "./refusal";
import { restorePlace, watchSignIn } from "./sign_in";
import { socket } from "./socket";
import { store } from "./store";
import { followTileKind } from "./viewer/tile_kind";

async function loadLists(): Promise<void> {
  const failed = (error: unknown): void => reportError(error);
  await Promise.all([
    images.colormaps().then((colormaps) => {
      store.set({ colormaps });
      forgetUnknownColormaps();
    }, failed),
    server.plugins().then((plugins) => store.set({ plugins }), failed),
  ]);
}

restorePlace();
prepareLayout();
addCommands();
followTileKind();
startSession();
player.start();
watchSignIn();
watchRefusal();
void Promise.all([syncLayout(), loadLists()]).then(() => store.set({ arranged: true }));
void socket.start();
