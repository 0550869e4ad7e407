/** The line below the picture: fixed fields, so that nothing jumps as numbers change. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { commands } from "../commands";
import type { OpenImage, TileKind } from "../store";
import { signInAgain } from "../sign_in";
import { store, StoreController } from "../store";
import { copyText } from "./clipboard";
import { formatZoom, NOTHING } from "./format";
import { jobList } from "./job_list";
import { panelStyles } from "./panel_styles";
import { copyable, FRAME_NAMES, nextFrame, pixelText, positionText, spoken, styleText, valueHint, valueText } from "./readout";

interface Work {
  title: string;
  /** 0 to 1, or null where nobody knows. */
  progress: number | null;
}

/** Letters; a longer unit is cut and stands whole in the tooltip. */
const LONGEST_UNIT = 13;
const KINDS: Record<TileKind, { name: string; hint: string }> = {
  data: { name: "values", hint: "Tiles hold values: a change of contrast is seen at once. Change to JPEG (v)" },
  jpeg: { name: "JPEG", hint: "Tiles are JPEG pictures, made by the server. Change to values (v)" },
};
const SAVED = { saved: "saved", saving: "saving", unsaved: "not saved", local: "view only" } as const;
const CONNECTION = { open: "connected", connecting: "connecting", lost: "offline" } as const;

export class StatusLine extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      :host {
        container-type: inline-size;
        background: var(--raised);
        border-top: 1px solid var(--line);
      }
      .line {
        display: flex;
        align-items: center;
        min-height: 27px;
        padding: 0 12px;
        gap: 0 14px;
        font: 12px/16px var(--mono);
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
        overflow: hidden;
      }
      .line > * {
        flex: none;
      }
      .right {
        display: inline-block;
        text-align: right;
      }
      i {
        font-style: normal;
        color: var(--muted);
      }
      button {
        height: 22px;
        padding: 0 4px;
        margin: 0 -4px;
        border: 0;
        font: inherit;
      }
      button.position {
        min-width: 28ch;
        justify-content: flex-start;
      }
      button.frame {
        width: 7ch;
        justify-content: flex-start;
        color: var(--muted);
      }
      .x {
        width: 8ch;
      }
      .x + i {
        margin-left: 8px;
      }
      /* A number of seven figures, and the unit of this image whole. */
      .value {
        flex: 0 1 auto;
        width: calc(11ch + var(--unit));
        min-width: 11ch;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .value.channels {
        width: 26ch;
      }
      .ccd {
        width: 9ch;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .zoom {
        width: 7ch;
      }
      .style {
        width: 16ch;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      button.kind {
        width: 7ch;
        justify-content: flex-start;
        color: var(--muted);
      }
      .gap {
        flex: 1 1 0;
        min-width: 0;
        display: flex;
        justify-content: flex-end;
      }
      .work {
        display: grid;
        grid-template-columns: minmax(0, auto) 84px;
        align-items: center;
        gap: 8px;
        min-width: 0;
        color: var(--muted);
      }
      .track.unknown > i {
        width: 35%;
        animation: pass 1.2s linear infinite;
      }
      @keyframes pass {
        from {
          transform: translateX(-100%);
        }
        to {
          transform: translateX(300%);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .track.unknown > i {
          animation: none;
          width: 100%;
          opacity: 0.6;
        }
      }
      .saving {
        width: 9ch;
        text-align: right;
        color: var(--muted);
      }
      .saving.unsaved {
        color: var(--bad);
      }
      .connection {
        display: flex;
        align-items: center;
        justify-content: flex-end;
        gap: 6px;
        min-width: 19ch;
      }
      .dot {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--good);
      }
      .connecting .dot {
        background: var(--warn);
      }
      .lost .dot {
        background: var(--bad);
      }
      .lost {
        color: var(--bad);
      }
      @container (max-width: 1180px) {
        .style {
          display: none;
        }
      }
      @container (max-width: 1040px) {
        .kind,
        .ccd {
          display: none;
        }
      }
      @container (max-width: 920px) {
        .latency {
          display: none;
        }
        .connection {
          min-width: 12ch;
        }
        .work .clip,
        .saving:not(.unsaved) {
          display: none;
        }
        .work {
          grid-template-columns: 60px;
        }
      }
      @container (max-width: 760px) {
        .word {
          display: none;
        }
        .connection {
          min-width: 0;
        }
        .line {
          gap: 0 10px;
        }
      }
      /* Two lines: the pixel and its value; then where it lies on the sky. */
      @container (max-width: 740px) {
        .line {
          flex-wrap: wrap;
          align-content: center;
          padding-block: 3px;
        }
        .line::after {
          content: "";
          flex-basis: 100%;
          order: 1;
        }
        .position,
        .frame,
        .zoom {
          order: 2;
        }
      }
      @container (max-width: 480px) {
        .work {
          display: none;
        }
      }
    `,
  ];

  @state() private said = "";
  private stop: (() => void) | undefined;

  constructor() {
    super();
    new StoreController(this, ["readout", "view", "frame", "images", "current", "connection", "latency", "loading", "opening", "tileKind", "workspace", "signedOut"]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = jobList.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  /** Say what is under the cursor to those who listen. */
  announce(): void {
    const text = spoken(store.get("readout"), store.image?.info.unit ?? "", store.get("frame"));
    // The same words twice would not be said again.
    this.said = this.said === text ? `${text}\u00a0` : text;
  }

  override render(): TemplateResult {
    return html`<div class="line" role="group" aria-label="Status">
      ${store.image ? this.readout(store.image) : nothing}
      <span class="gap">${this.work()}</span>
      ${this.saved()}
      ${this.connection()}
      <span class="unseen" role="status">${this.said}</span>
    </div>`;
  }

  private readout(image: OpenImage): TemplateResult {
    const readout = store.get("readout");
    const frame = store.get("frame");
    const [x, y] = pixelText(readout);
    const position = positionText(readout, frame);
    const view = store.get("view");
    const { unit, wcs } = image.info;
    const value = valueText(readout, unit);
    return html`
      <span title="FITS pixels: the centre of the first pixel is 1, 1"><i>x</i> <span class="right x">${x}</span> <i>y</i> <span class="right x">${y}</span></span>
      <span class="value right ${image.info.components?.length ? "channels" : ""}" .style=${`--unit:${Math.min(unit ? unit.length + 1 : 0, LONGEST_UNIT) + (image.info.match === "none" ? 0 : 4)}ch`} title=${valueHint(readout, unit)}>${value}</span>
      <button class="position" title="Copy the position" ?disabled=${position === null}
        @click=${() => position && void copyText(copyable(position), `Copied ${position}.`)}>${position ?? (wcs ? NOTHING : "no sky position")}</button>
      ${wcs ? html`<button class="frame" title="Change the frame: sexagesimal, degrees, Galactic"
        @click=${() => store.set({ frame: nextFrame(frame) })}>${FRAME_NAMES[frame]}</button>` : nothing}
      <span class="ccd" title=${readout?.ccd ? `CCD ${readout.ccd.name}, HDU ${readout.ccd.hdu}, pixel ${readout.ccd.x.toFixed(1)} ${readout.ccd.y.toFixed(1)}` : "CCD"}>${
        readout?.ccd ? html`<i>CCD</i> ${readout.ccd.name}` : nothing}</span>
      <span class="zoom" title="Zoom: screen pixels to image pixels">${view ? formatZoom(view.zoom) : NOTHING}</span>
      <span class="style" title="Stretch and cuts">${styleText(image)}</span>
      <button class="kind" title=${KINDS[store.get("tileKind")].hint} @click=${() => commands.run("picture.tiles")}>${KINDS[store.get("tileKind")].name}</button>
    `;
  }

  private get doing(): Work | null {
    const opening = store.get("opening");
    if (opening !== null) return { title: "Opening", progress: null };
    const job = jobList.active.find((one) => one.phase === "EXECUTING");
    if (job) return { title: job.message || `${job.module} ${job.task}`, progress: job.progress ?? 0 };
    const info = store.image?.info;
    if (info && !info.complete) return { title: "Unpacking", progress: info.progress };
    if (store.get("loading") > 0) return { title: "Tiles", progress: null };
    return info?.pyramid === "building" ? { title: "Overview", progress: info.progress || null } : null;
  }

  private work(): TemplateResult | typeof nothing {
    const work = this.doing;
    if (!work) return nothing;
    const percent = work.progress === null ? null : Math.round(work.progress * 100);
    return html`<span class="work"><span class="clip">${work.title}</span>
      <span class="track ${percent === null ? "unknown" : ""}" role="progressbar" aria-label=${work.title} aria-valuemin="0" aria-valuemax="100"
        aria-valuenow=${percent ?? nothing}><i .style=${percent === null ? "" : `width:${percent}%`}></i></span></span>`;
  }

  private saved(): TemplateResult | typeof nothing {
    const { id, saving } = store.get("workspace");
    if (id === null) return nothing;
    return html`<span class="saving ${saving}" role="status" title="The workspace, and what you change in it">${SAVED[saving]}</span>`;
  }

  private connection(): TemplateResult {
    if (store.get("signedOut")) {
      return html`<button class="connection lost" title="You are signed out. Sign in again, and come back to this page" @click=${signInAgain}>
        <span class="dot"></span>Sign in</button>`;
    }
    const state = store.get("connection");
    const latency = store.get("latency");
    return html`<span class="connection ${state}" role="status" title="Connection to the server, and its round trip">
      <span class="dot"></span><span class="word">${CONNECTION[state]}</span>
      <span class="latency right" aria-hidden="true">${state === "open" && latency !== null ? `${Math.round(latency)} ms` : ""}</span></span>`;
  }
}
