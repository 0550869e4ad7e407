/** Styles that elements share: buttons, fields, focus, numbers, scroll bars. */

import { css } from "lit";

export const shared = css`
  :host {
    font: 13px/18px var(--font);
    color: var(--text);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  .icon {
    flex: none;
    display: block;
  }
  .mono {
    font-family: var(--mono);
    font-variant-numeric: tabular-nums;
  }
  .muted {
    color: var(--muted);
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    height: 28px;
    padding: 0 10px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: transparent;
    cursor: pointer;
    white-space: nowrap;
  }
  /* Only here, so that a change of theme is not drawn out. */
  button:hover:not(:disabled) {
    background: var(--hover);
    transition: background var(--motion);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  button.plain {
    border-color: transparent;
    padding: 0 6px;
  }
  button.square {
    width: 28px;
    padding: 0;
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: color-mix(in srgb, var(--accent) 85%, var(--text));
  }
  button[aria-pressed="true"],
  button[aria-selected="true"] {
    background: var(--selected);
    color: var(--accent);
  }
  input[type="text"],
  input[type="password"],
  input[type="search"],
  input[type="number"],
  input:not([type]),
  select,
  textarea {
    height: 28px;
    padding: 0 8px;
    border: 1px solid var(--control);
    border-radius: var(--radius);
    background: var(--ground);
    min-width: 0;
  }
  textarea {
    height: auto;
    padding: 6px 8px;
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 1px;
  }
  :focus:not(:focus-visible) {
    outline: none;
  }
  kbd {
    font: 11px/16px var(--mono);
    min-width: 18px;
    padding: 0 4px;
    border: 1px solid var(--line);
    border-radius: 4px;
    color: var(--muted);
    text-align: center;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  * {
    scrollbar-width: thin;
    scrollbar-color: var(--control) transparent;
  }
`;
