/** The look that panels share, on top of the styles of every element. */
import { css } from "lit";
import { shared } from "../styles";

export const panelStyles = [
  shared,
  css`
    :host {
      display: block;
      min-width: 0;
    }
    h2,
    h3 {
      margin: 0;
      font: 600 12px/16px var(--font);
      color: var(--muted);
    }
    p {
      margin: 0;
    }
    ul,
    ol {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    .stack {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 12px;
      padding: 12px;
      align-content: start;
    }
    .row {
      display: flex;
      align-items: center;
      gap: 8px;
      min-width: 0;
    }
    .grow {
      flex: 1;
      min-width: 0;
    }
    .clip {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
      min-width: 0;
    }
    .segments {
      display: flex;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      overflow: hidden;
    }
    .segments > button {
      flex: 1;
      border: 0;
      border-radius: 0;
      padding: 0 6px;
      min-width: 0;
    }
    .segments > button + button {
      border-left: 1px solid var(--line);
    }
    .segments > button:focus-visible {
      outline-offset: -2px;
    }
    .label {
      color: var(--muted);
      font-size: 12px;
      line-height: 16px;
    }
    .empty {
      display: grid;
      gap: 8px;
      justify-items: center;
      padding: 24px 16px;
      color: var(--muted);
      text-align: center;
    }
    .problem,
    p.warning {
      display: flex;
      gap: 8px;
      align-items: flex-start;
      overflow-wrap: anywhere;
    }
    .problem {
      color: var(--bad);
    }
    .warning {
      color: var(--warn);
    }
    .track {
      height: 3px;
      border-radius: 2px;
      background: var(--line);
      overflow: hidden;
    }
    .track > i {
      display: block;
      height: 100%;
      background: var(--accent);
    }
    pre {
      margin: 0;
      padding: 8px;
      max-height: 320px;
      overflow: auto;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--ground);
      font: 12px/17px var(--mono);
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    mark {
      background: color-mix(in srgb, var(--warn) 38%, transparent);
      color: inherit;
      border-radius: 2px;
    }
    .unseen {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    input[type="checkbox"],
    input[type="radio"] {
      accent-color: var(--accent);
      width: 15px;
      height: 15px;
      margin: 0;
      flex: none;
    }
    input[type="range"] {
      accent-color: var(--accent);
      width: 100%;
      margin: 0;
    }
    input[aria-invalid="true"],
    select[aria-invalid="true"],
    textarea[aria-invalid="true"] {
      border-color: var(--bad);
    }
  `,
];
