/**
 * `<toyz-dock>`: the panels around and above the picture. It lies over the picture and lets the
 * pointer through wherever there is no panel; where the picture has its place is told by the event
 * `picture`, so that the picture itself is never moved in the page.
 */

import type { DockviewApi, DockviewGroupPanel, DockviewWillDropEvent, IDockviewPanel, Position } from "dockview-core";
import { createDockview, LayoutPriority } from "dockview-core";
import { html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { saveLayout } from "../layout";
import { inspectorSpecs, panelSpec, titleOf } from "../panel_list";
import { store } from "../store";
import { shared } from "../styles";
import { setDock, takeStoredDock } from "./handle";
import type { DockHandle } from "./handle";
import { shiftedFromTab } from "./commands";
import { dockStyles } from "./dock_styles";
import type { Box, Held, Side } from "./sides";
import { gapBetween, isBeside, sideOf, sizeAt } from "./sides";
import type { Berth, StoredDock } from "./stored";
import { firstDock, PANEL_WIDTH, PICTURE, placeIn, readStored } from "./stored";
import { showActiveTab } from "./tab_row";
import { FloatButton, PanelContent, PanelTab, PicturePlace } from "./tab";

const PANEL_HEIGHT = 260;
const FLOAT = { width: PANEL_WIDTH, height: 420, margin: 24 };
const SMALLEST = { minimumWidth: 180, minimumHeight: 96 };
const RESIZE_STEP = 32;
const POSITIONS: Record<Side, Position> = { left: "left", right: "right", above: "top", below: "bottom" };
const SIDE_OF: Partial<Record<Position, Side>> = { left: "left", right: "right", top: "above", bottom: "below" };

@customElement("toyz-dock")
export class Dock extends LitElement implements DockHandle {
  static override styles = [shared, dockStyles];

  /** Not shown, as beside the sheets of a narrow window: it keeps its size, and with it where everything lies. */
  @property({ type: Boolean, reflect: true }) away = false;

  @query(".root") private root!: HTMLElement;
  private api!: DockviewApi;
  private berths: Record<string, Berth> = {};
  private held = new Map<DockviewGroupPanel, Held>();
  private readonly resized = new ResizeObserver(() => this.fill());
  private stops: (() => void)[] = [];

  override render() {
    return html`<div class="root"></div>`;
  }

  protected override updated(): void {
    this.style.width = this.away ? `${this.api.width}px` : "";
    this.style.height = this.away ? `${this.api.height}px` : "";
  }

  protected override firstUpdated(): void {
    this.api = createDockview(this.root, {
      className: "dock",
      disableAutoResizing: true,
      proportionalLayout: false,
      floatingGroupDragHandle: "tabbar",
      floatingGroupBounds: "boundedWithinViewport",
      theme: { name: "toyz", className: "toyz-theme", dndPanelOverlay: "group", tabGroupIndicator: "none" },
      createComponent: ({ name }) => this.content(name),
      createTabComponent: ({ id }) => {
        const spec = panelSpec(id);
        return spec && new PanelTab(spec);
      },
      createRightHeaderActionComponent: (group) => new FloatButton(group),
    });
    this.api.onDidAddGroup((group) => {
      // What the window gains or loses in size, the picture does.
      if (group.id !== PICTURE) return group.api.setConstraints(SMALLEST);
      Object.defineProperty(group, "priority", { get: () => LayoutPriority.High });
      group.element.setAttribute("aria-hidden", "true"); // an empty place
    });
    this.api.onWillMutateLayout(({ kind }) => (this.held = kind === "load" || kind === "clear" ? new Map() : this.measure()));
    this.api.onDidMutateLayout(() => this.keepSizes());
    // A tab takes the arrows for itself, also with Shift.
    this.root.addEventListener("keydown", shiftedFromTab, true);
    this.api.onWillDrop((event) => this.drop(event));
    this.api.onWillDragPanel(({ nativeEvent }) => this.drag(nativeEvent));
    this.api.onWillDragGroup(({ nativeEvent }) => this.drag(nativeEvent));
    this.arrange();
    this.api.onDidLayoutChange(() => this.changed());
    this.api.onDidRemovePanel(() => this.forgetInspector());
    this.stops.push(store.subscribe(["inspector", "current"], () => this.showInspector()));
    this.resized.observe(this);
    setDock(this);
    this.changed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    setDock(null);
    this.resized.disconnect();
    this.stops.forEach((stop) => stop());
    this.api?.dispose();
  }

  // ---- what others may ask (DockHandle) -----------------------------------------------------

  get current(): string | null {
    return this.focused?.title ?? null;
  }

  get stored(): StoredDock {
    return { version: 1, view: this.api.toJSON(), berths: this.berths };
  }

  isShown(id: string): boolean {
    const panel = this.api.getPanel(id);
    return panel !== undefined && panel.api.isVisible && panel.group.api.isVisible;
  }

  use(tab: Element): void {
    this.api.panels.find((panel) => tab.contains(panel.view.tab.element))?.api.setActive();
  }

  open(id: string): void {
    const spec = panelSpec(id);
    if (!spec) return;
    if (spec.ofImage) store.set({ inspector: true });
    if (!this.api.getPanel(id)) this.add(id);
    this.showInspector();
    this.api.getPanel(id)?.api.setActive();
  }

  close(id?: string): void {
    const panel = id === undefined ? this.focused : this.api.getPanel(id);
    if (!panel) return;
    this.remember(panel);
    panel.api.close();
  }

  toggleFloat(): void {
    const panel = this.focused;
    if (!panel) return;
    this.remember(panel);
    if (panel.api.location.type === "floating") this.dock(panel);
    else this.float(panel, this.berths[panel.id]?.box);
    panel.api.setActive();
  }

  move(side: Side): void {
    const panel = this.focused;
    if (!panel) return;
    const there = this.groupAt(side);
    if (there && there !== panel.group) panel.api.moveTo({ group: there });
    else if (!there || panel.group.panels.length > 1) this.split(panel, side);
    panel.api.setActive();
  }

  unstack(): void {
    const panel = this.focused;
    if (!panel || panel.group.panels.length < 2) return;
    panel.api.moveTo({ group: panel.group, position: "bottom" });
  }

  resize(wider: number, taller: number): void {
    const group = this.focused?.group;
    if (wider) group?.api.setSize({ width: group.api.width + wider * RESIZE_STEP });
    if (taller) group?.api.setSize({ height: group.api.height + taller * RESIZE_STEP });
  }

  reset(): void {
    this.berths = {};
    store.set({ inspector: true });
    this.apply(this.first(), true);
    this.changed();
  }

  restore(value: unknown): void {
    const stored = readStored(value, titleOf);
    this.berths = stored?.berths ?? {};
    if (stored && this.apply(stored.view)) return;
    this.apply(this.first());
  }

  // ---- arranging ----------------------------------------------------------------------------

  private content(name: string): PanelContent | PicturePlace {
    const spec = panelSpec(name);
    return spec ? new PanelContent(spec, this) : new PicturePlace(() => this.placePicture());
  }

  private arrange(): void {
    this.api.layout(this.clientWidth, this.clientHeight);
    this.restore(takeStoredDock());
  }

  private first(): StoredDock["view"] {
    const inspector = inspectorSpecs().map((spec) => spec.id);
    return firstDock(inspector, titleOf, this.clientWidth, this.clientHeight);
  }

  /** False if dockview refuses the arrangement; then there is none. */
  private apply(view: StoredDock["view"], reuse = false): boolean {
    try {
      this.api.fromJSON(view, { reuseExistingPanels: reuse });
      this.api.layout(this.clientWidth, this.clientHeight, true);
      this.showInspector();
      return true;
    } catch {
      this.api.clear();
      return false;
    }
  }

  private fill(): void {
    const { clientWidth, clientHeight } = this;
    if (this.away) return;
    this.api.layout(clientWidth, clientHeight);
    this.placePicture();
  }

  private changed(): void {
    this.placePicture();
    const shown = this.api.panels.filter((panel) => this.isShown(panel.id)).map((panel) => panel.id);
    for (const { element } of this.api.groups) showActiveTab(element);
    if (shown.join() !== store.get("shown").join()) store.set({ shown });
    saveLayout();
  }

  private placePicture(): void {
    const place = this.api?.getPanel(PICTURE)?.group;
    if (!place) return;
    this.dispatchEvent(new CustomEvent<Box>("picture", { detail: this.boxOf(place) }));
  }

  private measure(): Map<DockviewGroupPanel, Held> {
    const picture = this.picture;
    const around = this.api.groups.filter((group) => group.id !== PICTURE && group.api.location.type === "grid" && group.api.isVisible);
    return new Map(
      around.map((group) => {
        const side = sideOf(this.boxOf(group), picture);
        return [group, { side, size: sizeAt(side, group.api) }];
      }),
    );
  }

  /**
   * A panel that comes or goes takes its room from the picture, and gives it back, not from the other
   * panels. One that is at another side now shares its width or height with the picture there.
   */
  private keepSizes(): void {
    const now = this.measure();
    for (const [group, { side, size }] of this.held) {
      if (now.get(group)?.side === side) group.api.setSize(size);
    }
  }

  // ---- the inspector: the groups that only tell of the image --------------------------------

  private get inspectors(): DockviewGroupPanel[] {
    return this.api.groups.filter((group) => group.panels.length > 0 && group.panels.every(({ id }) => panelSpec(id)?.ofImage));
  }

  private showInspector(): void {
    const wanted = store.get("inspector") && store.image !== null;
    if (wanted && !this.api.panels.some(({ id }) => panelSpec(id)?.ofImage)) this.add("display");
    const inspectors = this.inspectors;
    for (const group of this.api.groups) {
      const visible = wanted || !inspectors.includes(group);
      if (group.api.isVisible !== visible) group.api.setVisible(visible);
    }
  }

  /** Once its last panel is closed the inspector counts as hidden, so that its key brings it back. */
  private forgetInspector(): void {
    queueMicrotask(() => {
      if (!this.api.panels.some(({ id }) => panelSpec(id)?.ofImage)) store.set({ inspector: false });
    });
  }

  // ---- one panel ----------------------------------------------------------------------------

  /** The panel that was used last. */
  private get focused(): IDockviewPanel | undefined {
    const active = this.api.activePanel;
    if (active && active.id !== PICTURE && this.isShown(active.id)) return active;
    return this.api.panels.find((panel) => panel.id !== PICTURE && this.isShown(panel.id));
  }

  private berthOf(id: string): Berth {
    const home = panelSpec(id)?.home ?? "left";
    return this.berths[id] ?? { mates: [], side: home, size: PANEL_WIDTH };
  }

  private remember(panel: IDockviewPanel): void {
    const { group, id } = panel;
    const mates = group.panels.filter((mate) => mate !== panel).map((mate) => mate.id);
    const place = group.panels.indexOf(panel);
    const box = this.boxOf(group);
    if (panel.api.location.type === "floating") this.berths[id] = { ...this.berthOf(id), mates, box };
    else {
      const side = sideOf(box, this.picture);
      const { box: floated } = this.berthOf(id);
      this.berths[id] = { mates, place, side, size: isBeside(side) ? box.width : box.height, ...(floated ? { box: floated } : {}) };
    }
  }

  private add(id: string): void {
    const berth = this.berthOf(id);
    const mate = berth.mates.map((other) => this.api.getPanel(other)).find((other) => other !== undefined);
    const there = mate?.group ?? this.groupAt(berth.side);
    const group = there ?? this.pictureGroup;
    const size = isBeside(berth.side) ? { initialWidth: berth.size } : { initialHeight: berth.size };
    this.api.addPanel({
      id,
      component: id,
      tabComponent: "tab",
      title: titleOf(id) ?? id,
      position: there
        ? { referenceGroup: group, direction: "within", index: placeIn(berth, group.panels.length) }
        : { referenceGroup: group, direction: berth.side },
      ...(there ? {} : size),
    } as Parameters<DockviewApi["addPanel"]>[0]);
  }

  private dock(panel: IDockviewPanel): void {
    const berth = this.berthOf(panel.id);
    const mate = berth.mates.map((id) => this.api.getPanel(id)).find((other) => other?.api.location.type === "grid");
    const there = mate?.group ?? this.groupAt(berth.side);
    if (there) panel.api.moveTo({ group: there, index: placeIn(berth, there.panels.length) });
    else this.split(panel, berth.side);
  }

  private float(item: IDockviewPanel | DockviewGroupPanel, box?: Box): void {
    const picture = this.picture;
    const step = FLOAT.margin * (1 + this.api.groups.filter((group) => group.api.location.type === "floating").length);
    const height = Math.min(FLOAT.height, this.clientHeight - 2 * FLOAT.margin);
    const { left, top, ...size } = box ?? { left: picture.left + step, top: picture.top + step, width: FLOAT.width, height };
    this.api.addFloatingGroup(item, { x: left, y: top, ...size });
  }

  /** Beside the picture, taking only what a panel needs of it. */
  private split(item: IDockviewPanel | DockviewGroupPanel, side: Side): void {
    item.api.moveTo({ group: this.pictureGroup, position: POSITIONS[side] });
    this.slim(item, side);
  }

  private slim(item: IDockviewPanel | DockviewGroupPanel, side: Side): void {
    const group = "group" in item ? item.group : item;
    group.api.setSize(sizeAt(side, { width: PANEL_WIDTH, height: PANEL_HEIGHT }));
  }

  // ---- the mouse ----------------------------------------------------------------------------

  /** While something is dragged, the place of the picture takes the pointer too. */
  private drag(event: Event): void {
    this.root.classList.add("dragging");
    // After dockview, which still needs to find what is below the pointer.
    const end = (): void => void setTimeout(() => this.root.classList.remove("dragging"));
    const ends = event instanceof DragEvent ? ["dragend", "drop"] : ["pointerup", "pointercancel"];
    for (const name of ends) addEventListener(name, end, { capture: true, once: true });
  }

  /** On the picture a panel floats where it is let go; at its sides it takes only what a panel needs. */
  private drop(event: DockviewWillDropEvent): void {
    const data = event.getData();
    const item = data?.panelId ? this.api.getPanel(data.panelId) : this.api.groups.find(({ id }) => id === data?.groupId);
    const side = SIDE_OF[event.position];
    if (!item || (event.group !== this.pictureGroup && event.kind !== "edge")) return;
    event.preventDefault();
    if (event.kind === "edge" && side) this.toEdge(item, side);
    else if (side) this.split(item, side);
    else this.floatAt(item, event.nativeEvent);
  }

  private toEdge(item: IDockviewPanel | DockviewGroupPanel, side: Side): void {
    const group = this.api.addGroup({ direction: side });
    item.api.moveTo({ group });
    this.slim(group, side);
  }

  private floatAt(item: IDockviewPanel | DockviewGroupPanel, { clientX, clientY }: MouseEvent): void {
    const frame = this.getBoundingClientRect();
    const height = Math.min(FLOAT.height, this.clientHeight - 2 * FLOAT.margin);
    const left = Math.min(Math.max(clientX - frame.left - FLOAT.margin, 0), this.clientWidth - FLOAT.width);
    const top = Math.min(Math.max(clientY - frame.top - 14, 0), this.clientHeight - height);
    this.float(item, { left, top, width: FLOAT.width, height });
  }

  // ---- places -------------------------------------------------------------------------------

  private get pictureGroup(): DockviewGroupPanel {
    return (this.api.getPanel(PICTURE) as IDockviewPanel).group;
  }

  private get picture(): Box {
    return this.boxOf(this.pictureGroup);
  }

  /** In pixels of this element. */
  private boxOf(group: DockviewGroupPanel): Box {
    const frame = this.getBoundingClientRect();
    const { left, top, width, height } = group.element.getBoundingClientRect();
    return { left: left - frame.left, top: top - frame.top, width, height };
  }

  /** The docked group next to the picture at a side. */
  private groupAt(side: Side): DockviewGroupPanel | undefined {
    const picture = this.picture;
    const gap = (group: DockviewGroupPanel): number => gapBetween(this.boxOf(group), picture, side);
    return this.api.groups
      .filter((group) => group.id !== PICTURE && group.api.location.type === "grid" && group.api.isVisible)
      .filter((group) => sideOf(this.boxOf(group), picture) === side)
      .sort((a, b) => gap(a) - gap(b))[0];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "toyz-dock": Dock;
  }
}
