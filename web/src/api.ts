/** The server's tasks as typed functions. */

import type { CallOptions } from "./socket";
import { socket } from "./socket";
import type {
  BinaryResult,
  Colormap,
  Cuts,
  CutsMethod,
  Directions,
  FileDescription,
  FileListing,
  FileSort,
  FoundCard,
  FrameInfo,
  HeaderCards,
  Histogram,
  ImageInfo,
  Job,
  PixelReadout,
  PluginList,
  Position,
  Statistics,
  Which,
} from "./types";

/** Display pixels: x0, y0, x1, y1. */
export type Region = [number, number, number, number];

/** Which image; what is left out is as the server finds best. */
export type AskedImage = Partial<Which> & Pick<Which, "path">;

export interface ListOptions {
  offset?: number;
  limit?: number;
  sort?: FileSort;
  descending?: boolean;
  filter?: string;
  hidden?: boolean;
}

export const files = {
  list: (path: string, listing: ListOptions = {}, options?: CallOptions) =>
    socket.call<FileListing>("files", "list", { path, ...listing }, options),
  describe: (path: string, options?: CallOptions) =>
    socket.call<FileDescription>("files", "describe", { path }, options),
  createFolder: (path: string) => socket.call<null>("files", "create_folder", { path }),
  /** Gives the new path; `overwrite` has what is there go to the trash. */
  rename: (path: string, name: string, overwrite: boolean) => socket.call<string>("files", "rename", { path, name, overwrite }),
  move: (path: string, to: string, overwrite = false, options?: CallOptions) =>
    socket.call<string>("files", "move", { path, to, overwrite }, options),
  /** Gives the id that restores it. */
  delete: (path: string) => socket.call<string>("files", "delete", { path }),
  trash: (share: string) => socket.call<Trashed[]>("files", "trash", { share }),
  restore: (share: string, id: string) => socket.call<string>("files", "restore", { share, id }),
  emptyTrash: (share: string, ids?: string[]) => socket.call<number>("files", "empty_trash", compact({ share, ids })),
};

/** Something in the trash; when it was deleted in epoch seconds. */
export interface Trashed {
  id: string;
  share: string;
  path: string;
  name: string;
  kind: "file" | "folder";
  size: number;
  deleted: number;
}

export const images = {
  open: ({ path, hdu = "auto", plane = 0, layout = "auto", match = "none", components = [] }: AskedImage, options?: CallOptions) => {
    const [red, green, blue] = components;
    if (red && green && blue) return socket.call<ImageInfo>("images", "compose", { red, green, blue }, options);
    return socket.call<ImageInfo>("images", "open", { path, hdu, plane, layout, match }, options);
  },
  /** Open what may only pass by: nothing is described, and nothing built to improve it. */
  frame: ({ path, hdu = "auto", plane = 0, layout = "auto", match = "none" }: AskedImage, options?: CallOptions) =>
    socket.call<FrameInfo>("images", "frame", { path, hdu, plane, layout, match }, options),
  close: (image: string) => socket.call<null>("images", "close", { image }),
  pixel: (image: string, x: number, y: number, options?: CallOptions) =>
    socket.call<PixelReadout>("images", "pixel", { image, x, y }, options),
  /** Quantiles of a sample, evenly spaced in rank. */
  quantiles: async (image: string): Promise<Float64Array> => {
    const { payload } = await socket.call<BinaryResult>("images", "quantiles", { image });
    return new Float64Array(payload.slice().buffer);
  },
  /** All colormaps, 256 × (red, green, blue) each. */
  colourTables: async (): Promise<{ names: string[]; colours: Uint8Array }> => {
    const { payload, result } = await socket.call<BinaryResult>("images", "colour_tables");
    return { names: (result as { names: string[] }).names, colours: payload };
  },
  position: (image: string, ra: number, dec: number) =>
    socket.call<Position>("images", "position", { image, ra, dec }),
  directions: (image: string, x: number, y: number) =>
    socket.call<Directions>("images", "directions", { image, x, y }),
  locate: (image: string, text: string) => socket.call<Position>("images", "locate", { image, text }),
  cuts: (image: string, method: CutsMethod, percent?: number, region?: Region) =>
    socket.call<Cuts>("images", "cuts", compact({ image, method, percent, region })),
  histogram: (image: string, bins = 256, low?: number, high?: number, options?: CallOptions, channel?: number) =>
    socket.call<Histogram>("images", "histogram", compact({ image, bins, low, high, channel }), options),
  header: (image: string, hdu?: number) =>
    socket.call<HeaderCards>("images", "header", compact({ image, hdu })),
  searchHeader: (image: string, text: string, limit: number) =>
    socket.call<FoundCard[]>("images", "search_header", { image, text, limit }),
  pixels: (image: string, x: number, y: number, width: number, height: number, step = 1) =>
    socket.call<BinaryResult>("images", "pixels", { image, x, y, width, height, step }),
  statistics: (image: string, region?: Region) =>
    socket.call<Statistics>("images", "statistics", compact({ image, region })),
  colormaps: () => socket.call<Colormap[]>("images", "colormaps", {}),
};

export const settings = {
  get: <T = unknown>(key: string) => socket.call<T | null>("settings", "get", { key }),
  set: (key: string, value: unknown) => socket.call<null>("settings", "set", { key, value }),
};

/** What a token may do: look; all that its user may; see to the account as well. */
export type Scope = "read" | "write" | "admin";

export interface Account {
  name: string;
  groups: string[];
  admin: boolean;
  /** Whether there is one. */
  password: boolean;
  /** Whether one came by a link that signs in once, and has no way yet to come again. */
  invited: boolean;
}

/** Times are epoch seconds. */
export interface OwnLogin {
  id: string;
  created: number;
  expires: number;
  address: string;
  agent: string;
  /** Whether it is the one of this page. */
  here: boolean;
}

export interface OwnToken {
  name: string;
  scope: Scope;
  created: number;
  expires: number;
  /** 0 if it never was. */
  used: number;
}

export const account = {
  show: () => socket.call<Account>("account", "show"),
  setPassword: (wanted: string, old: string) => socket.call<null>("account", "set_password", { new: wanted, old }),
  logins: () => socket.call<OwnLogin[]>("account", "logins"),
  endLogin: (login: string) => socket.call<null>("account", "end_login", { login }),
  endOtherLogins: () => socket.call<null>("account", "end_other_logins"),
  tokens: () => socket.call<OwnToken[]>("account", "tokens"),
  createToken: (name: string, scope: Scope, days: number) => socket.call<string>("account", "create_token", { name, scope, days }),
  endToken: (name: string) => socket.call<null>("account", "end_token", { name }),
};

export interface ShownUser {
  name: string;
  admin: boolean;
  disabled: boolean;
  password: boolean;
  created: number;
  groups: string[];
}

/** A user, and the ticket that signs it in once. */
export interface Invited {
  name: string;
  ticket: string;
}

export type Level = "view" | "write";

export interface ShownShare {
  name: string;
  /** Whether anybody may be granted to write. */
  write: boolean;
  granted: { share: string; subject: string; level: Level }[];
}

export interface AuditEntry {
  id: number;
  time: number;
  user: string;
  action: string;
  subject: string;
  detail: string;
}

/** A layer of the sandbox. */
export interface Layer {
  name: string;
  there: boolean;
  in_force: boolean;
  found: string;
  without: string;
  advice: string;
}

export interface ShownSandbox {
  on: boolean;
  spawner: string;
  layers: Layer[];
}

/** How many bytes may be on their way at a time, and be uploaded in all. */
export interface Quota {
  unfinished: number;
  finished: number;
}

export interface ShownQuotas {
  everybody: Quota;
  own: Record<string, Quota>;
  used: Record<string, Quota>;
}

export const admin = {
  users: () => socket.call<ShownUser[]>("admin", "users"),
  addUser: (name: string, isAdmin: boolean) => socket.call<Invited>("admin", "add_user", { name, admin: isAdmin }),
  invite: (name: string) => socket.call<Invited>("admin", "invite", { name }),
  setDisabled: (name: string, disabled: boolean) => socket.call<null>("admin", "set_disabled", { name, disabled }),
  setAdmin: (name: string, isAdmin: boolean) => socket.call<null>("admin", "set_admin", { name, admin: isAdmin }),
  deleteUser: (name: string) => socket.call<null>("admin", "delete_user", { name }),
  quotas: () => socket.call<ShownQuotas>("admin", "quotas"),
  setQuota: (name: string, quota: Quota | null) => socket.call<null>("admin", "set_quota", { name, quota }),
  groups: () => socket.call<Record<string, string[]>>("admin", "groups"),
  addGroup: (name: string) => socket.call<null>("admin", "add_group", { name }),
  deleteGroup: (name: string) => socket.call<null>("admin", "delete_group", { name }),
  join: (group: string, user: string) => socket.call<null>("admin", "join", { group, user }),
  leave: (group: string, user: string) => socket.call<null>("admin", "leave", { group, user }),
  shares: () => socket.call<ShownShare[]>("admin", "shares"),
  grant: (share: string, who: string, level: Level) => socket.call<null>("admin", "grant", { share, who, level }),
  withdraw: (share: string, who: string) => socket.call<null>("admin", "withdraw", { share, who }),
  sandbox: () => socket.call<ShownSandbox>("admin", "sandbox"),
  audit: (limit: number, text: string, before?: number) =>
    socket.call<AuditEntry[]>("admin", "audit", compact({ limit, text, before })),
};

export const jobs = {
  list: (offset = 0, limit = 100) => socket.call<Job[]>("jobs", "list", { offset, limit }),
  show: (id: string) => socket.call<Job>("jobs", "show", { id }),
  cancel: (id: string) => socket.call<Job | null>("jobs", "cancel", { id }),
  submit: (module: string, task: string, parameters: object) =>
    socket.call<Job>("jobs", "submit", { module, task, parameters }),
};

/** A window, or what answers a user's requests without one (whose name is empty). */
export interface ShownSession {
  user: string;
  window: string;
  connected: boolean;
  resting: boolean;
  /** Seconds since it was used. */
  idle: number;
  /** Bytes. */
  memory: number;
  images: number;
  /** On the server's machine; 0 while it has no process. */
  pid: number;
}

export interface Load {
  users: number;
  windows: number;
  sessions: number;
  sessions_limit: number;
  jobs_running: number;
  jobs_queued: number;
  builders_running: number;
  builders_queued: number;
  /** 1 is busy. */
  processors: number;
  memory_used: number;
  memory_total: number;
}

/** What administrators see; sizes in bytes. */
export interface Installation {
  server_memory: number;
  forkserver_memory: number;
  sessions_memory: number;
  tile_cache: number;
  tile_cache_limit: number;
  pyramids: number;
  pyramids_limit: number;
  unpacked: number;
  unpacked_limit: number;
  database: number;
  schema: number;
  sandbox: string;
  last_backup: number | null;
}

export interface ServerStatus {
  version: string;
  started: number;
  draining: boolean;
  load: Load;
  sessions: ShownSession[];
  installation: Installation | null;
}

export const server = {
  plugins: () => socket.call<PluginList>("server", "plugins", {}),
  status: () => socket.call<ServerStatus>("server", "status"),
  endSession: (user: string, window: string) => socket.call<null>("server", "end_session", { user, window }),
};

/** Leave out what is undefined, because the server refuses null where it declares a default. */
function compact(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}
