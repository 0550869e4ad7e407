/** Over the picture: where the others point. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { store, StoreController } from "../store";
import { shared } from "../styles";
import { displayFromFits, toScreen, transformAt } from "../viewer/geometry";
import { choiceOf, idOf } from "./image_entries";
import { colourOf, others, viewerSize } from "./presence";
import type { ImageChoice, Person } from "./types";

export class Cursors extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        position: absolute;
        inset: 0;
        overflow: hidden;
        pointer-events: none;
      }
      .cursor {
        position: absolute;
        left: 0;
        top: 0;
        display: flex;
        align-items: flex-start;
        will-change: transform;
      }
      .cursor svg {
        flex: none;
        filter: drop-shadow(0 0 1.5px rgb(0 0 0 / 85%));
      }
      .cursor span {
        margin: 12px 0 0 -2px;
        padding: 0 6px;
        border-radius: 8px;
        background: rgb(0 0 0 / 72%);
        color: var(--colour);
        font: 600 12px/17px var(--font);
        white-space: nowrap;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["people", "me", "view", "current", "images"]);
  }

  override render(): TemplateResult {
    return html`${others().map((person) => this.cursor(person))}`;
  }

  private cursor(person: Person): TemplateResult | typeof nothing {
    const { image, cursor } = person.presence ?? {};
    const [own, view, size] = [store.image, store.get("view"), viewerSize()];
    if (!image || !cursor || !own || !view || !size || idOf(whole(image)) !== idOf(choiceOf(own))) return nothing;
    const { height } = own.info;
    const middle = { x: size.width / 2, y: size.height / 2 };
    const transform = transformAt(view.zoom, view, displayFromFits(view, height), middle);
    const { x, y } = toScreen(transform, displayFromFits({ x: cursor[0], y: cursor[1] }, height));
    if (x < 0 || y < 0 || x > size.width || y > size.height) return nothing;
    return html`<div class="cursor" style="--colour: ${colourOf(person)}; transform: translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)">
      <svg width="14" height="20" viewBox="0 0 14 20" aria-hidden="true"><path d="M1 1v15.5l4-3.6 2.6 6 2.6-1.1-2.6-5.9H13z" fill=${colourOf(person)} stroke="#000" stroke-width="1.2" stroke-linejoin="round"></path></svg>
      <span>${person.name}</span></div>`;
  }
}

/** What is left out on the way is as it is by itself. */
function whole(image: ImageChoice): ImageChoice {
  return { ...image, plane: image.plane ?? 0, layout: image.layout ?? "auto", match: image.match ?? "none" };
}

customElements.define("toyz-cursors", Cursors);
