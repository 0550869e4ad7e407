/**
 * The dock's look. dockview places its boxes by inline styles and brings no style sheet that reaches
 * into a shadow root: what its parts need to stand where they belong is said here as well.
 */

import { css } from "lit";

const host = css`
  :host {
    position: absolute;
    left: 0;
    top: 0;
    pointer-events: none;
    width: 100%;
    height: 100%;
    --bar: 30px;
    --dv-overlay-z-index: 20;
    --dv-tabs-and-actions-container-height: var(--bar);
  }
  :host([away]) {
    visibility: hidden;
  }
  .root,
  .dock,
  .dv-shell,
  .dv-grid-view,
  .dv-branch-node,
  .dv-split-view-container,
  .dv-view-container,
  .dv-sash-container {
    width: 100%;
    height: 100%;
  }
  .dock,
  .dv-split-view-container,
  .dv-view-container,
  .dv-overlay-render-container {
    position: relative;
  }
  .dv-split-view-container {
    overflow: hidden;
  }
  .dv-view {
    position: absolute;
    height: 100%;
    overflow: hidden;
  }
  .dv-vertical > .dv-view-container > .dv-view {
    width: 100%;
  }
  .dv-watermark-container {
    display: none;
  }
`;

const edges = css`
  .dv-view-container > .dv-view:not(:first-child)::before {
    content: "";
    position: absolute;
    z-index: 5;
    left: 0;
    top: 0;
    background: var(--line);
  }
  .dv-horizontal > .dv-view-container > .dv-view:not(:first-child)::before {
    width: 1px;
    height: 100%;
  }
  .dv-vertical > .dv-view-container > .dv-view:not(:first-child)::before {
    width: 100%;
    height: 1px;
  }
  .dv-sash-container {
    position: absolute;
  }
  .dv-sash {
    position: absolute;
    z-index: 15;
    touch-action: none;
    pointer-events: auto;
  }
  .dv-sash.dv-disabled {
    pointer-events: none;
  }
  .dv-horizontal > .dv-sash-container > .dv-sash {
    width: 4px;
    height: 100%;
    border-inline: 1px solid transparent;
    cursor: col-resize;
  }
  .dv-vertical > .dv-sash-container > .dv-sash {
    width: 100%;
    height: 4px;
    cursor: row-resize;
  }
  .dv-sash:hover,
  .dv-sash:active {
    background: var(--accent);
    opacity: 0.5;
    transition: background var(--motion);
  }
  @media (pointer: coarse) {
    .dv-sash::before {
      content: "";
      position: absolute;
      inset: -10px;
    }
  }
`;

const groups = css`
  .dv-groupview {
    display: flex;
    flex-direction: column;
    height: 100%;
    overflow: hidden;
    outline: none;
    background: var(--raised);
    pointer-events: auto;
  }
  .dv-content-container {
    flex: 1;
    min-height: 0;
    outline: none;
  }
  /* The picture shines through its place, and takes the pointer itself. */
  .dv-groupview:has(.picture-place) {
    background: none;
    pointer-events: none;
  }
  .dragging .dv-groupview:has(.picture-place) {
    pointer-events: auto;
  }
  .dragging ::slotted(.content) {
    pointer-events: none;
  }
  .picture-place {
    height: 100%;
  }
  /* One panel, as high as its group at least. */
  ::slotted(.content) {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    height: 100%;
    overflow: auto;
    isolation: isolate;
    contain: layout paint;
  }
  .dv-view:not(.visible) {
    visibility: hidden;
  }
`;

const tabs = css`
  .dv-tabs-and-actions-container {
    display: flex;
    flex: none;
    height: var(--bar);
    border-bottom: 1px solid var(--line);
    background: var(--ground);
    container-type: inline-size;
  }
  /* The three tabs of the inspector find room at its first width, whatever the font. */
  @container (max-width: 340px) {
    .tab > .icon {
      display: none;
    }
  }
  /* In a narrow group the tab in use has its title, and the others their icons, rather than pieces of titles. */
  @container (max-width: 260px) {
    .dv-inactive-tab .tab > .icon {
      display: block;
    }
    .dv-inactive-tab .title {
      position: absolute;
      width: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .dv-inactive-tab .close {
      display: none;
    }
  }
  .dv-scrollable {
    position: relative;
    min-width: 0;
    overflow: hidden;
  }
  .dv-scrollbar {
    display: none;
  }
  .dv-tabs-container {
    position: relative;
    display: flex;
    height: 100%;
    overflow: hidden;
    overscroll-behavior: contain;
  }
  /* Where not all find room, the list of the others lies over the end. */
  .dv-tabs-container.full::after {
    content: "";
    flex: none;
    width: 34px;
  }
  .dv-tab {
    position: relative;
    flex: none;
    height: 100%;
    cursor: pointer;
    user-select: none;
    touch-action: none;
    color: var(--muted);
    outline-offset: -2px;
  }
  .tab {
    position: relative;
    display: flex;
    align-items: center;
    gap: 4px;
    height: 100%;
    padding: 0 7px;
    font-size: 12px;
    border-right: 1px solid var(--line);
    white-space: nowrap;
  }
  .dv-tab:hover,
  .dv-active-tab {
    color: var(--text);
  }
  .dv-active-tab {
    background: var(--raised);
  }
  .dv-active-group .dv-active-tab::after {
    content: "";
    position: absolute;
    inset: 0 0 auto;
    height: 2px;
    background: var(--accent);
  }
  .close {
    display: grid;
    place-content: center;
    width: 18px;
    height: 18px;
    margin-right: -4px;
    border-radius: 4px;
  }
  /* Every tab has its room, so that nothing comes or moves under the mouse between press and release. */
  .dv-inactive-tab:not(:hover) .close {
    visibility: hidden;
  }
  .close:hover {
    color: var(--accent);
  }
  .dv-void-container {
    flex: 1;
    min-width: 4px;
    user-select: none;
    touch-action: none;
    cursor: grab;
  }
  .actions {
    display: flex;
    align-items: center;
    height: 100%;
    padding-right: 2px;
    color: var(--muted);
  }
  .actions button {
    width: 26px;
    height: 24px;
  }
  .dv-right-actions-container,
  .dv-left-actions-container,
  .dv-pre-actions-container {
    display: flex;
    flex: none;
  }
  .dv-tabs-overflow-dropdown-root,
  .dv-tabs-overflow-dropdown-default {
    display: flex;
    align-items: center;
    gap: 2px;
    height: 100%;
    padding: 0 6px;
    color: var(--muted);
    cursor: pointer;
  }
  /* Over the tab that is cut, and without a width: it must not be the reason why tabs do not fit. */
  .dv-tabs-overflow-dropdown-default {
    position: relative;
    z-index: 6;
    width: 34px;
    margin-left: -34px;
    background: var(--ground);
  }
  .dv-tabs-overflow-dropdown-default svg {
    width: 10px;
    height: 10px;
    fill: currentcolor;
    transform: rotate(90deg);
  }
  .dv-popover-anchor,
  .dv-popover-content {
    pointer-events: auto;
  }
  .dv-tabs-overflow-container {
    max-height: 50vh;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
    box-shadow: var(--shadow);
  }
  .dv-tabs-overflow-container .dv-tab {
    height: 30px;
  }
  .dv-tabs-overflow-container .tab {
    border: 0;
  }
`;

const floats = css`
  .dv-floating-overlay-host {
    position: absolute;
    pointer-events: none;
  }
  .dv-resize-container {
    position: absolute;
    z-index: calc(var(--dv-overlay-z-index) - 2);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
    box-shadow: var(--shadow);
    pointer-events: auto;
  }
  /* Still with a size, by which dockview keeps it in sight. */
  .dv-resize-container.dv-hidden {
    visibility: hidden;
    pointer-events: none;
  }
  .dv-resize-container .dv-tabs-and-actions-container {
    border-radius: var(--radius) var(--radius) 0 0;
  }
  .dv-resize-container-dragging {
    opacity: 0.85;
  }
  .dv-resize-container > [class*="dv-resize-handle-"] {
    position: absolute;
    z-index: var(--dv-overlay-z-index);
    touch-action: none;
  }
  .dv-resize-handle-top,
  .dv-resize-handle-bottom {
    left: 6px;
    right: 6px;
    height: 6px;
    cursor: ns-resize;
  }
  .dv-resize-handle-left,
  .dv-resize-handle-right {
    top: 6px;
    bottom: 6px;
    width: 6px;
    cursor: ew-resize;
  }
  .dv-resize-handle-topleft,
  .dv-resize-handle-topright,
  .dv-resize-handle-bottomleft,
  .dv-resize-handle-bottomright {
    width: 10px;
    height: 10px;
  }
  [class*="dv-resize-handle-top"] {
    top: -3px;
  }
  [class*="dv-resize-handle-bottom"] {
    bottom: -3px;
  }
  .dv-resize-handle-left,
  .dv-resize-handle-topleft,
  .dv-resize-handle-bottomleft {
    left: -3px;
  }
  .dv-resize-handle-right,
  .dv-resize-handle-topright,
  .dv-resize-handle-bottomright {
    right: -3px;
  }
  .dv-resize-handle-topleft,
  .dv-resize-handle-bottomright {
    cursor: nwse-resize;
  }
  .dv-resize-handle-topright,
  .dv-resize-handle-bottomleft {
    cursor: nesw-resize;
  }
`;

const drops = css`
  .dv-drop-target-container {
    position: absolute;
    inset: 0;
    z-index: 30;
    overflow: hidden;
    pointer-events: none;
  }
  .dv-drop-target {
    position: relative;
  }
  .dv-drop-target > .dv-drop-target-dropzone {
    position: absolute;
    inset: 0;
    z-index: 10;
    pointer-events: none;
  }
  .dv-drop-target-anchor,
  .dv-drop-target-selection {
    position: relative;
    height: 100%;
    width: 100%;
    border: 1px solid var(--accent);
    background: var(--selected);
  }
`;

export const dockStyles = [host, edges, groups, tabs, floats, drops];
