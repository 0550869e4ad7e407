/** The uploads of this page, and what can be done with each. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon } from "../icon";
import { folderOf, formatBytes, nameOf, shownName } from "../panels/format";
import { store } from "../store";
import { glyph } from "../panels/glyph";
import { panelStyles } from "../panels/panel_styles";
import type { Unfinished, Upload } from "./upload";
import { uploads } from "./uploads";

const isWaiting = ({ state }: Upload): boolean => state === "failed" || state === "taken";

export class UploadList extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      .uploads {
        border-bottom: 1px solid var(--line);
        max-height: min(30vh, 208px);
        overflow: auto;
        padding: 4px 12px;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        gap: 2px 8px;
        align-items: center;
        min-height: 36px;
        padding: 2px 0;
      }
      .track {
        grid-column: 1 / -1;
      }
      .state {
        color: var(--muted);
        font-size: 12px;
      }
      .left .state,
      .taken .state,
      .failed .state {
        grid-column: 1 / -1;
        grid-row: 2;
        color: var(--bad);
        overflow-wrap: anywhere;
      }
      .left .state {
        color: var(--muted);
      }
      .taken .state {
        color: var(--text);
      }
      .buttons {
        display: flex;
        gap: 4px;
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
      }
    `,
  ];

  @state() private folded = false;
  private stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    const stops = [uploads.onChange(() => this.requestUpdate()), store.subscribe(["connection"], () => this.requestUpdate())];
    this.stop = () => stops.forEach((stop) => stop());
    void uploads.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  override render(): TemplateResult | typeof nothing {
    const { list, left } = uploads;
    if (list.length + left.length === 0) return nothing;
    const ended = list.some((upload) => upload.ended);
    // What waits for somebody is not looked for below what goes on by itself.
    const first = list.filter(isWaiting);
    const shown = [...first, ...list.filter((upload) => !isWaiting(upload))];
    const fold = this.folded ? "Show the uploads" : "Fold the uploads";
    return html`<section class="uploads" aria-label="Uploads">
      <header><h3>Uploads</h3><span class="grow label">${first.length ? `${first.length} of ${list.length} wait for you` : ""}</span>
        <button class="plain square" title=${fold} aria-label=${fold} aria-expanded=${!this.folded} @click=${() => { this.folded = !this.folded; }}>${icon(this.folded ? "chevron-right" : "chevron-down")}</button>
        ${ended ? html`<button class="plain muted" @click=${() => uploads.clear()}>Clear the finished</button>` : nothing}</header>
      ${this.folded ? nothing : html`<ul>${shown.map((upload) => this.line(upload))}${left.map((one) => this.leftOver(one))}</ul>`}
    </section>`;
  }

  private line(upload: Upload): TemplateResult {
    const name = nameOf(upload.path);
    const share = upload.file.size ? upload.done / upload.file.size : 1;
    const bar = upload.active || upload.state === "paused";
    return html`<li class=${upload.state}>
      <span class="clip" title=${upload.path}>${name}</span>
      <span class="state" role=${upload.ended ? "status" : nothing}>${wordsFor(upload)}</span>
      <span class="buttons">${this.buttons(upload, name)}</span>
      ${bar ? html`<div class="track" role="progressbar" aria-label=${`Upload of ${name}`} aria-valuemin="0" aria-valuemax="100"
        aria-valuenow=${Math.round(100 * share)}><i .style=${`width:${(100 * share).toFixed(1)}%`}></i></div>` : nothing}
    </li>`;
  }

  private leftOver(left: Unfinished): TemplateResult {
    const name = nameOf(left.path);
    return html`<li class="left">
      <span class="clip" title=${left.path}>${name}</span>
      <span class="state">not finished: upload the same file to ${shownPath(folderOf(left.path))} again to go on</span>
      <span class="buttons"><button class="plain square" title="Give it up" aria-label=${`Give it up: ${name}`}
        @click=${() => void uploads.discard(left)}>${icon("x")}</button></span>
    </li>`;
  }

  private buttons(upload: Upload, name: string): unknown {
    const button = (title: string, symbol: unknown, run: () => void): TemplateResult =>
      html`<button class="plain square" title=${title} aria-label=${`${title}: ${name}`} @click=${run}>${symbol}</button>`;
    const end = button(upload.ended ? "Clear" : "Cancel the upload", icon("x"), () => uploads.remove(upload));
    if (upload.active) return [button("Pause", icon("pause"), () => uploads.pause(upload)), end];
    if (upload.state === "paused") return [button("Go on", icon("play"), () => uploads.resume(upload)), end];
    if (upload.state === "taken") {
      return [html`<button title="What is there goes to the trash" @click=${() => uploads.replace(upload)}>Replace it</button>`,
        html`<button @click=${() => uploads.remove(upload)}>Keep the old one</button>`];
    }
    if (upload.state === "failed") return [button("Try again", glyph("refresh-cw"), () => uploads.resume(upload)), end];
    return end;
  }
}

const shownPath = (path: string): string => path.split("/").map(shownName).join("/");

/** How an upload stands, in words. */
export function wordsFor({ state, done, file, problem }: Upload): string {
  const far = `${formatBytes(done)} of ${formatBytes(file.size)}`;
  if ((state === "sending" || state === "waiting") && store.get("connection") === "lost") return `waits for the server, ${far}`;
  if (state === "waiting") return "waiting";
  if (state === "checking") return `checksum, ${far}`;
  if (state === "sending") return done === file.size ? "being checked" : far;
  if (state === "paused") return `paused, ${far}`;
  if (state === "taken") return "A file of this name is there already.";
  if (state === "done") return `done, ${formatBytes(file.size)}`;
  return problem;
}
