/** What is going on, along the upper edge of the picture: one below the other, and beside the compass. */

import { css, html, LitElement } from "lit";

/** How one of them looks. */
export const bannerStyles = css`
  .banner {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 4px 8px;
    padding: 4px 4px 4px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
    box-shadow: var(--shadow);
    overflow-wrap: anywhere;
    pointer-events: auto;
  }
`;

export class Banners extends LitElement {
  static override styles = css`
    :host {
      position: absolute;
      inset: 0 0 auto;
      container-type: inline-size;
      pointer-events: none;
    }
    div {
      display: flex;
      flex-direction: column;
      align-items: center;
      gap: 8px;
      margin: 12px 96px 0 12px;
    }
    /* Where there is room, in the middle. */
    @container (min-width: 600px) {
      div {
        margin-left: 96px;
      }
    }
    ::slotted(*) {
      max-width: 100%;
    }
  `;

  override render() {
    return html`<div><slot></slot></div>`;
  }
}

customElements.define("toyz-banners", Banners);
