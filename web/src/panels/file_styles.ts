/** The look of the file dialog, from a wide window down to 400 px. */
import { css } from "lit";

export const fileStyles = css`
  dialog {
    width: min(1120px, 100vw - 24px);
    height: min(740px, 100dvh - 24px);
    max-width: none;
    max-height: none;
    overflow: hidden;
  }
  :host([inline]) {
    display: block;
    height: 100%;
    background: var(--raised);
  }
  .frame {
    position: relative;
    display: flex;
    flex-direction: column;
    height: 100%;
    container-type: inline-size;
  }
  .dropping::after {
    content: "Drop to upload into this folder";
    position: absolute;
    inset: 4px;
    z-index: 3;
    display: grid;
    place-content: center;
    border: 2px dashed var(--accent);
    border-radius: var(--radius);
    background: color-mix(in srgb, var(--raised) 80%, transparent);
    font-weight: 600;
    pointer-events: none;
  }
  .tools {
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 0 12px 8px;
  }
  .tools button[aria-pressed="true"] {
    background: var(--selected);
  }
  .question {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 8px;
    padding: 8px 12px;
    border-top: 1px solid var(--line);
  }
  .question > .problem {
    flex-basis: 100%;
  }
  .question input {
    height: 30px;
  }
  .top {
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 8px 8px 8px 12px;
  }
  .crumbs {
    display: flex;
    flex: 1;
    min-width: 0;
    align-items: center;
    overflow: hidden;
    justify-content: flex-start;
  }
  .crumbs ol {
    display: flex;
    min-width: 0;
    margin: 0;
    padding: 2px;
    list-style: none;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .crumbs li {
    display: flex;
    align-items: center;
    color: var(--muted);
  }
  .crumbs button {
    border-color: transparent;
    padding: 0 6px;
  }
  .crumbs button[aria-current] {
    font-weight: 600;
    color: var(--text);
  }
  .search {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 0 12px 8px;
  }
  .search input[type="search"] {
    flex: 1;
    height: 30px;
  }
  .count {
    min-width: 96px;
    text-align: right;
    color: var(--muted);
    white-space: nowrap;
  }
  .body {
    flex: 1;
    display: grid;
    grid-template-columns: 176px minmax(0, 1fr) 320px;
    grid-template-rows: minmax(0, 1fr);
    min-height: 0;
    border-top: 1px solid var(--line);
    border-bottom: 1px solid var(--line);
  }
  .places {
    overflow: auto;
    padding: 8px 6px;
    border-right: 1px solid var(--line);
  }
  .places h3 {
    padding: 6px 6px 4px;
  }
  .places button {
    width: 100%;
    justify-content: flex-start;
    border-color: transparent;
    padding: 0 6px;
  }
  .places p {
    padding: 0 6px 8px;
  }
  .list {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto minmax(0, 1fr);
    min-width: 0;
    min-height: 0;
  }
  .list:focus-visible {
    outline-offset: -2px;
  }
  /* The chosen row shows the focus; the whole list only while no row is chosen. */
  .list.chosen:focus-visible {
    outline: none;
  }
  .list:focus-visible .entry[aria-selected="true"] {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
    border-radius: 4px;
  }
  .line {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 76px 84px 132px;
    align-items: center;
    height: 28px;
    padding: 0 12px;
    gap: 8px;
  }
  .line > * {
    min-width: 0;
  }
  .head {
    border-bottom: 1px solid var(--line);
    overflow: hidden;
    scrollbar-gutter: stable;
  }
  .head button {
    width: 100%;
    height: 24px;
    padding: 0;
    border-color: transparent;
    justify-content: flex-start;
    color: var(--muted);
    font-size: 12px;
  }
  .head .number button {
    justify-content: flex-end;
  }
  .number {
    text-align: right;
  }
  .scroll {
    overflow-y: auto;
    overflow-x: hidden;
    scrollbar-gutter: stable;
  }
  .entry {
    position: absolute;
    left: 0;
    right: 0;
    cursor: default;
    user-select: none;
  }
  .entry:hover {
    background: var(--hover);
  }
  .entry[aria-selected="true"] {
    background: var(--selected);
  }
  .name {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .name .icon {
    color: var(--muted);
  }
  .folder .name .icon,
  .share .name .icon {
    color: var(--accent);
  }
  .unreadable .name {
    color: var(--muted);
  }
  .spacer {
    position: relative;
  }
  .over {
    position: absolute;
    inset: 29px 0 0;
    display: grid;
    place-content: center;
    background: var(--raised);
  }
  .busy .spacer {
    opacity: 0.6;
  }
  .foot {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
    min-height: 45px;
  }
  toyz-file-detail {
    overflow: auto;
    border-left: 1px solid var(--line);
  }
  .narrow-only {
    display: none;
  }
  @container (max-width: 980px) {
    .body {
      grid-template-columns: 148px minmax(0, 1fr) 264px;
    }
    .line {
      grid-template-columns: minmax(0, 1fr) 76px 128px;
    }
    .kind {
      display: none;
    }
  }
  @container (max-width: 860px) {
    .tools .word {
      display: none;
    }
    .tools button {
      width: 30px;
      padding: 0;
      justify-content: center;
    }
  }
  @container (max-width: 760px) {
    .body {
      position: relative;
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) auto;
    }
    .narrow-only {
      display: inline-flex;
    }
    .places {
      display: none;
    }
    .places.open {
      display: block;
      position: absolute;
      inset: 0 auto 0 0;
      z-index: 2;
      width: 240px;
      background: var(--raised);
      box-shadow: var(--shadow);
    }
    toyz-file-detail {
      border-left: 0;
      border-top: 1px solid var(--line);
      max-height: 46cqh;
      max-height: min(46vh, 300px);
    }
    toyz-file-detail.idle {
      display: none;
    }
  }
  @container (max-width: 520px) {
    .line {
      grid-template-columns: minmax(0, 1fr) 72px;
    }
    .date {
      display: none;
    }
    .count {
      min-width: 0;
    }
    .hints {
      display: none;
    }
  }
`;
