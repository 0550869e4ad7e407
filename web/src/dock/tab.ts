/** What dockview lets us draw: the tab of a panel, its content, and the button of a group. */

import type {
  DockviewGroupPanel,
  GroupPanelPartInitParameters,
  IContentRenderer,
  IHeaderActionsRenderer,
  ITabRenderer,
} from "dockview-core";
import { html, render } from "lit";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import type { PanelSpec } from "../panel_list";

/** Icon, title, and a cross for the mouse; by key, Delete on the tab closes it. */
export class PanelTab implements ITabRenderer {
  readonly element = document.createElement("div");

  constructor(private readonly spec: PanelSpec) {
    this.element.className = "tab";
    this.element.title = spec.title;
  }

  init({ api }: GroupPanelPartInitParameters): void {
    const close = (event: Event): void => {
      event.preventDefault();
      api.close();
    };
    // The tab would take the press for the begin of a drag.
    const hold = (event: Event): void => event.stopPropagation();
    render(
      html`${icon(this.spec.icon, 14)}<span class="title">${this.spec.title}</span>
        <span class="close" title="Close ${this.spec.title}" @pointerdown=${hold} @click=${close}>${icon("x", 12)}</span>`,
      this.element,
    );
  }
}

let contents = 0;

/**
 * The panel's element, made once and moved by nobody: it stays a child of the dock, and what dockview moves from group to
 * group, or takes away while another tab is in use, is the slot in which it is seen. So it keeps its state, and Tab comes
 * from the tabs of a group to what it holds.
 */
export class PanelContent implements IContentRenderer {
  readonly element = document.createElement("slot");
  private readonly content = document.createElement("div");

  constructor(spec: PanelSpec, dock: HTMLElement) {
    this.element.name = this.content.slot = `content-${++contents}`;
    this.content.className = "content";
    this.content.append(spec.make());
    dock.append(this.content);
  }

  init(): void {}

  dispose(): void {
    this.content.remove();
  }
}

/** The place of the picture: an empty box that says when its size is another. */
export class PicturePlace implements IContentRenderer {
  readonly element = document.createElement("div");

  constructor(private readonly moved: () => void) {
    this.element.className = "picture-place";
  }

  init(): void {}

  layout(): void {
    this.moved();
  }
}

/** At the end of a tab bar: float the panel, or dock it again. */
export class FloatButton implements IHeaderActionsRenderer {
  readonly element = document.createElement("div");
  private stop: { dispose: () => void } | undefined;

  constructor(private readonly group: DockviewGroupPanel) {
    this.element.className = "actions";
  }

  init(): void {
    this.stop = this.group.api.onDidLocationChange(() => this.draw());
    this.draw();
  }

  dispose(): void {
    this.stop?.dispose();
  }

  private draw(): void {
    const floats = this.group.api.location.type === "floating";
    const run = (): void => {
      this.group.api.setActive();
      commands.run("dock.float");
    };
    render(
      html`<button class="plain square" title=${tooltip("dock.float")} aria-label=${floats ? "Dock the panel" : "Float the panel"} @click=${run}>
        ${icon(floats ? "panel-right" : "app-window", 14)}
      </button>`,
      this.element,
    );
  }
}
