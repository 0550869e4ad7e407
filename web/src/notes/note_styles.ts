/** How Markdown looks in a panel. */

import { css } from "lit";

export const noteStyles = css`
  .markdown {
    overflow-wrap: anywhere;
    line-height: 19px;
  }
  .markdown > * {
    margin: 0 0 8px;
  }
  .markdown > :last-child {
    margin-bottom: 0;
  }
  .markdown :is(h1, h2, h3, h4, h5, h6) {
    font: 600 14px/20px var(--font);
    color: var(--text);
  }
  .markdown :is(ul, ol) {
    padding-left: 20px;
    list-style: revert;
  }
  .markdown a {
    color: var(--accent);
  }
  .markdown code {
    font: 12px/17px var(--mono);
  }
  .markdown blockquote {
    padding-left: 10px;
    border-left: 2px solid var(--line);
    color: var(--muted);
  }
  .markdown table {
    border-collapse: collapse;
  }
  .markdown :is(th, td) {
    padding: 2px 8px;
    border: 1px solid var(--line);
  }
`;
