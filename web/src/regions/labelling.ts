/** Leads the keys to the label of the selected region, in the panel where that is written. */

import { showPanel } from "../dock/handle";

export interface LabelPlace {
  /** Put the caret into the label of the region that is selected. */
  writeLabel(): void;
}

/** The panel that is there; it registers itself. */
let place: LabelPlace | null = null;
let wanted = false;

export function writeLabel(): void {
  showPanel("regions");
  if (place) place.writeLabel();
  else wanted = true;
}

/** Called by the panel when it comes. Returns the function to call when it goes. */
export function offerLabel(value: LabelPlace): () => void {
  place = value;
  if (wanted) place.writeLabel();
  wanted = false;
  return () => {
    if (place === value) place = null;
  };
}
