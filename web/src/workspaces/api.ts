/** The server's module `workspaces` as typed functions. */

import { ToyzError } from "../errors";
import { socket } from "../socket";
import type { ErrorInfo } from "../types";
import type { Changes } from "./parts";
import type { LinkLevel, Opened, SharedLink, Workspace, WorkspaceState } from "./types";

export const workspaces = {
  list: () => socket.call<Workspace[]>("workspaces", "list"),
  latest: () => socket.call<{ workspace: Workspace | null; elsewhere: Workspace | null }>("workspaces", "latest"),
  create: (name: string, entries: Changes) => socket.call<Workspace>("workspaces", "create", { name, entries, opened: true }),
  rename: (workspace: string, name: string) => socket.call<null>("workspaces", "rename", { workspace, name }),
  duplicate: (workspace: string, name: string) => socket.call<Workspace>("workspaces", "duplicate", { workspace, name }),
  delete: (workspace: string) => socket.call<null>("workspaces", "delete", { workspace }),
  restore: (workspace: string) => socket.call<null>("workspaces", "restore", { workspace }),
  /** Go into one; with the last revision that is known here, only what has changed since comes. */
  open: (workspace: string, since?: number) => socket.call<Opened>("workspaces", "open", { workspace, ...(since === undefined ? {} : { since }) }),
  openLink: (link: string) => socket.call<Opened>("workspaces", "open_link", { link }),
  close: () => socket.call<null>("workspaces", "close"),
  /** Resolves with the revision, once the change is on the server's disk. */
  change: (workspace: string, entries: Changes) => socket.call<number>("workspaces", "change", { workspace, entries }),
  changes: (workspace: string, since: number) => socket.call<WorkspaceState>("workspaces", "changes", { workspace, since }),
  share: (workspace: string, level: LinkLevel, lifetime: number) =>
    socket.call<{ token: string; id: string; expires: number }>("workspaces", "share", { workspace, level, lifetime }),
  links: (workspace: string) => socket.call<SharedLink[]>("workspaces", "links", { workspace }),
  revoke: (workspace: string, link: string) => socket.call<null>("workspaces", "revoke", { workspace, link }),
  leave: (workspace: string) => socket.call<null>("workspaces", "leave", { workspace }),
  /** Make one of an exported file; it is more than a frame of the websocket takes. */
  importFile: async (file: Blob): Promise<Workspace> => {
    const token = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
    const headers = { "Content-Type": "application/json", "X-XSRFToken": decodeURIComponent(token) };
    const answer = await fetch(new URL("api/workspaces", document.baseURI), { method: "POST", headers, body: file });
    const body = (await answer.json()) as Workspace | ErrorInfo;
    if (!answer.ok) throw new ToyzError(body as ErrorInfo);
    return body as Workspace;
  },
};

export type WorkspaceApi = typeof workspaces;

/** Where the file of a workspace is. */
export function exportUrl(workspace: string): string {
  return new URL(`api/workspaces/${encodeURIComponent(workspace)}`, document.baseURI).href;
}
