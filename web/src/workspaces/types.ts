/** The shapes of the server's module `workspaces`; docs/workspaces.md describes them. */

import type { OpenImage } from "../store";
import type { Component, HduName, LayoutChoice, Match, Style } from "../types";
import type { Changes, Entries } from "./parts";

/** What one may do: look; change entries; rename, share and delete as well. */
export type Level = "view" | "edit" | "own";
export type LinkLevel = Exclude<Level, "own">;

export interface Workspace {
  id: string;
  owner: string;
  /** Empty until it is given one. */
  name: string;
  created: number;
  changed: number;
  opened: number;
  revision: number;
  level: Level;
  /** How many links are valid. */
  links: number;
  /** When it was put into the trash; 0 if it was not. */
  deleted: number;
}

export interface WorkspaceState {
  revision: number;
  entries: Changes;
  /** All there is; otherwise what has changed, where null is what was taken away. */
  whole: boolean;
}

export interface Person {
  id: number;
  name: string;
  level: Level;
  presence?: Presence | null;
}

export interface Opened {
  workspace: Workspace;
  state: WorkspaceState;
  people: Person[];
  me: number;
}

export interface SharedLink {
  id: string;
  level: LinkLevel;
  created: number;
  /** 0 if it is valid until it is revoked. */
  expires: number;
  users: string[];
}

/** Which image, as it is asked for. */
export interface ImageChoice {
  path: string;
  hdu: HduName;
  plane: number;
  layout: LayoutChoice;
  match: Match;
  components?: Component[];
}

/** What somebody does now. */
export interface Presence {
  image?: ImageChoice | null;
  style?: Style | null;
  cuts?: OpenImage["cuts"] | null;
  view?: SharedView | null;
  cursor?: [x: number, y: number] | null;
  leading?: boolean;
}

/** FITS pixels, and the picture's size on that screen. */
export interface SharedView {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
  turn: number;
  mirrored: boolean;
}

export type { Entries };
