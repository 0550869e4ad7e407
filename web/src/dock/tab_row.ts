/** The row of a group's tabs, where there are more than find room. */

/** The list of the tabs that are out of sight lies over so much of the row's end (`dock_styles.ts`). */
const LIST_WIDTH = 34;

/** Scroll the row until the tab in use is wholly in sight; dockview is content when it would fit. */
export function showActiveTab(group: HTMLElement): void {
  const row = group.querySelector<HTMLElement>(".dv-tabs-container");
  const tabs = [...(row?.querySelectorAll<HTMLElement>(":scope > .dv-tab") ?? [])];
  const active = tabs.find((tab) => tab.classList.contains("dv-active-tab"));
  if (!row || !active || row.clientWidth === 0) return;
  const full = rightOf(tabs.at(-1)!) > row.clientWidth;
  row.classList.toggle("full", full);
  const visible = row.clientWidth - (full ? LIST_WIDTH : 0);
  row.scrollLeft = Math.min(Math.max(row.scrollLeft, rightOf(active) - visible), active.offsetLeft);
}

function rightOf({ offsetLeft, offsetWidth }: HTMLElement): number {
  return offsetLeft + offsetWidth;
}
