/** Begins the regions of the page: what they put into the workspace, and what lies over the picture. */

import { markups } from "../viewer/markup";
import { parts } from "../workspaces/parts";
import "./hint";
import { regionMarkup } from "./region_markup";
import { regions } from "./regions";

let started = false;

export function startRegions(): void {
  if (started) return;
  started = true;
  parts.add(regions);
  markups.add(regionMarkup);
}
