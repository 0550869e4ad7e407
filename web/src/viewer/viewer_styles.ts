/** How the picture lies, and what stands in its corners. */

import { css } from "lit";

export const viewerStyles = css`
  :host {
    position: relative;
    display: block;
    overflow: hidden;
    background: var(--sky);
    contain: strict;
    container-type: size;
  }
  .stage {
    position: absolute;
    inset: 0;
    touch-action: none;
    transition: filter 300ms;
  }
  .stage :focus-visible {
    outline: none;
  }
  /* Over the picture, which would cover an outline. */
  .stage:has(:focus-visible)::after {
    content: "";
    position: absolute;
    inset: 0;
    z-index: 1;
    border: 2px solid var(--accent);
    pointer-events: none;
  }
  .stage.lost {
    filter: grayscale(0.6) brightness(0.75);
  }
  .stage.grabbing {
    cursor: ew-resize;
  }
  .markup {
    position: absolute;
    inset: 0;
    overflow: hidden;
    pointer-events: none;
  }
  .markup svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    fill: none;
    stroke-width: 1.5;
    stroke-linejoin: round;
  }
  .markup .regions {
    position: absolute;
    inset: 0;
    transform-origin: 0 0;
    will-change: transform;
  }
  .markup svg {
    overflow: visible;
  }
  .markup svg.plugin {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .markup .halo {
    stroke: rgb(0 0 0 / 65%);
    stroke-width: 4;
  }
  .markup .strong {
    stroke-width: 2.5;
  }
  .markup text {
    stroke: rgb(0 0 0 / 75%);
    stroke-width: 3;
    paint-order: stroke;
    font: 600 12px var(--font);
    text-anchor: middle;
  }
  .markup .text {
    font-size: 14px;
  }
  .markup .handle {
    fill: #ffffff;
    stroke: #000000;
    stroke-width: 1;
  }
  .markup .turn {
    fill: #5aa9ff;
  }
  .corner {
    position: absolute;
    pointer-events: none;
  }
  .corner > * {
    pointer-events: auto;
  }
  .minimap {
    right: 12px;
    bottom: calc(12px + var(--lift, 0px));
  }
  .compass {
    right: 12px;
    top: 12px;
  }
  .scale {
    left: 12px;
    bottom: calc(12px + var(--lift, 0px));
  }
  @media (max-width: 899px) {
    .minimap {
      transform: scale(0.75);
      transform-origin: bottom right;
    }
  }
  /* Beside the scale bar at its longest; what still has no room for both keeps the scale. */
  @container (max-width: 340px) {
    .minimap {
      transform: scale(0.6);
      transform-origin: bottom right;
    }
  }
  @container (max-width: 280px) {
    .minimap {
      display: none;
    }
  }
`;
