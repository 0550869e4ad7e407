/** The images of this window, and the HDUs and planes of the one that is shown. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { closeImage, openHdu, selectImage } from "../actions";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import type { AbsentImage, OpenImage } from "../store";
import { store, StoreController } from "../store";
import type { HduInfo, HduName, ImageInfo } from "../types";
import { images as workspaceImages } from "../workspaces/current";
import { formatShape, hduName, nameOf } from "./format";
import { panelStyles } from "./panel_styles";
import { goToPlane } from "./planes";

const LAYOUTS: Record<ImageInfo["layout"], string> = {
  detsec: "placed by DETSEC", wcs: "placed by the WCS", grid: "in a grid", single: "",
};

/** What an image is called in a list: the HDU matters when a file has several. */
export function imageTitle(info: Pick<ImageInfo, "hdu" | "hdus" | "plane" | "planes" | "components">): string {
  if (info.components?.length) return "RGB";
  const name = info.hdu === "mosaic" ? "mosaic" : (info.hdus.find((hdu) => hdu.index === info.hdu)?.name || `HDU ${info.hdu}`);
  return info.planes > 1 ? `${name}, plane ${info.plane + 1}` : name;
}

export class ImagesPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      section + section {
        border-top: 1px solid var(--line);
      }
      h3 {
        padding: 12px 12px 6px;
      }
      li {
        display: flex;
        align-items: center;
      }
      .item {
        flex: 1;
        min-width: 0;
        height: auto;
        min-height: 28px;
        padding: 4px 12px;
        border: 0;
        border-radius: 0;
        justify-content: flex-start;
        text-align: left;
      }
      .item:focus-visible {
        outline-offset: -2px;
      }
      .item[aria-current="true"] {
        background: var(--selected);
      }
      .two {
        display: grid;
        min-width: 0;
        flex: 1;
      }
      .index {
        width: 3ch;
        text-align: right;
        color: var(--muted);
      }
      .planes {
        padding: 0 12px 12px;
      }
      .note {
        flex-wrap: wrap;
        padding: 0 12px 8px;
      }
      .hdus {
        padding-bottom: 8px;
      }
    `,
  ];

  @state() private filter = "";

  constructor() {
    super();
    new StoreController(this, ["images", "current", "absent"]);
  }

  override render(): TemplateResult {
    const images = store.get("images");
    const image = store.image;
    if (images.length === 0 && store.get("absent").length === 0) {
      return html`<div class="empty">${icon("file-image", 20)}<p>No image is open.</p>
        <button class="primary" @click=${() => store.set({ dialog: "files" })}>${icon("folder-open")} Open a file</button></div>`;
    }
    return html`
      <section aria-label="Open images"><h3>Open images</h3><ul>${images.map((one) => this.image(one))}${store.get("absent").map((one) => absentItem(one))}</ul>${this.steps(images.length)}
        <div class="row note"><button title="Show three images, HDUs or planes of one size as red, green and blue" @click=${() => commands.run("image.compose")}>${icon("layers")} Compose RGB…</button></div></section>
      ${image && image.info.planes > 1 ? this.planes(image.info) : nothing}
      ${image && image.info.hdus.length > 1 ? this.hdus(image.info) : nothing}
    `;
  }

  private image({ info }: OpenImage): TemplateResult {
    const current = info.image === store.get("current");
    return html`<li><button class="item" aria-current=${current} title=${info.path} @click=${() => selectImage(info.image)}>
        ${icon("file-image")}<span class="two"><span class="clip">${info.name}</span><span class="label clip">${imageTitle(info)} · ${info.width} × ${info.height}</span></span></button>
      <button class="plain square" title=${`Close ${info.name}`} aria-label=${`Close ${info.name}, ${imageTitle(info)}`} @click=${() => closeImage(info.image)}>${icon("x")}</button></li>`;
  }

  private steps(count: number): TemplateResult | typeof nothing {
    if (count < 2) return nothing;
    const step = (id: string, inside: unknown, look = ""): TemplateResult =>
      html`<button class=${look} title=${tooltip(id)} aria-label=${commands.get(id)?.title ?? ""} @click=${() => commands.run(id)}>${inside}</button>`;
    return html`<div class="row note">
      ${step("image.previous", icon("chevron-left"), "square")} ${step("image.next", icon("chevron-right"), "square")} ${step("image.blink", "Blink the images")}</div>`;
  }

  private planes(info: ImageInfo): TemplateResult {
    const go = (event: Event): void => void goToPlane(info, Number((event.target as HTMLInputElement).value) - 1);
    return html`<section aria-label="Planes"><h3>Plane ${info.plane + 1} of ${info.planes}</h3>
      <div class="planes row">
        <input type="range" min="1" max=${info.planes} step="1" aria-label="Plane" title="Plane ( [ and ] )" .value=${String(info.plane + 1)} @input=${go} />
        <toyz-plane-field .info=${info}></toyz-plane-field>
      </div></section>`;
  }

  private hdus(info: ImageInfo): TemplateResult {
    const wanted = this.filter.trim().toLowerCase();
    const shown = info.hdus.filter((hdu) => `${hdu.index} ${hdu.name ?? ""} ${hdu.kind}`.toLowerCase().includes(wanted));
    const pictures = info.hdus.filter((hdu) => hdu.kind === "image" && !hdu.problem).length;
    return html`<section aria-label="HDUs"><h3>${info.hdus.length} HDUs of ${info.name}</h3>
      ${info.hdus.length > 12 ? html`<div class="note row"><input class="grow" type="search" aria-label="Filter the HDUs" placeholder="Filter the HDUs"
        .value=${this.filter} @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)} /></div>` : nothing}
      <ul class="hdus">
        ${pictures > 1 ? html`<li>${this.item(info, "mosaic", html`${icon("layers")}<span class="two"><span>Mosaic of all images</span>
          ${LAYOUTS[info.layout] ? html`<span class="label">${LAYOUTS[info.layout]}</span>` : nothing}</span>`)}</li>` : nothing}
        ${shown.map((hdu) => html`<li>${this.hdu(info, hdu)}</li>`)}
      </ul></section>`;
  }

  private hdu(info: ImageInfo, hdu: HduInfo): TemplateResult {
    const inside = html`<span class="index mono">${hdu.index}</span>
      <span class="grow clip">${hduName(hdu)}</span>
      <span class="label mono">${hdu.kind === "image" ? formatShape(hdu.shape) : hdu.kind}</span>`;
    if (hdu.kind === "image" && !hdu.problem) return this.item(info, hdu.index, inside);
    return html`<span class="item row muted" title=${hdu.problem ?? ""}>${inside}</span>`;
  }

  private item(info: ImageInfo, hdu: HduName, inside: TemplateResult): TemplateResult {
    return html`<button class="item" aria-current=${info.hdu === hdu} @click=${() => void openHdu(hdu)}>${inside}</button>`;
  }
}

/** An image of the workspace that is gone, or not for this user. */
function absentItem({ id, path, problem }: AbsentImage): TemplateResult {
  const name = nameOf(path);
  return html`<li><button class="item muted" title="${path}: try again" @click=${() => workspaceImages.retry(id)}>
      ${icon("triangle-alert")}<span class="two"><span class="clip">${name}</span><span class="label clip" title=${problem}>${problem}</span></span></button>
    <button class="plain square" title="Take ${name} out of the workspace" aria-label="Take ${name} out of the workspace" @click=${() => workspaceImages.remove(id)}>${icon("x")}</button></li>`;
}
