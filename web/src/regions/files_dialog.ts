/** Regions from files and to files: of DS9 (and CASA, to read), pasted, from this computer or from a share. */

import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { report } from "../actions";
import { files } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { copyText } from "../panels/clipboard";
import { TitledDialog } from "../panels/dialog";
import { folderOf, nameOf } from "../panels/format";
import { store } from "../store";
import type { ReadRegions, System } from "./api";
import { MAX_TEXT, regionTasks, SYSTEMS } from "./api";
import { shownRegions } from "./commands";
import { regionImage, regions } from "./regions";

const ENDINGS = /\.(reg|crtf|txt)$/i;

export class RegionFiles extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    css`
      dialog {
        width: min(560px, calc(100vw - 24px));
      }
      section {
        display: grid;
        gap: 8px;
      }
      textarea {
        width: 100%;
        font: 12px/17px var(--mono);
        resize: vertical;
      }
      .row {
        flex-wrap: wrap;
      }
      input[type="text"] {
        flex: 1 1 200px;
      }
    `,
  ];

  protected readonly dialogName = "regions" as const;
  protected readonly heading = "Region files";
  @state() private problem = "";
  @state() private told = "";
  @state() private busy = false;
  @state() private system: System = "image";
  @state() private written = "";
  @state() private found: readonly string[] = [];
  private listed = "";

  override updated(): void {
    super.updated();
    const folder = this.open && store.image ? folderOf(store.image.info.path) : "";
    if (!this.open) this.listed = "";
    else if (folder !== this.listed) void this.list(folder);
  }

  private async list(folder: string): Promise<void> {
    this.listed = folder;
    this.written = this.problem = this.told = "";
    const { entries } = await files.list(folder, { filter: "*.reg", limit: 100 }).catch(() => ({ entries: [] }));
    this.found = entries.filter(({ kind }) => kind === "file").map(({ path }) => path);
  }

  protected body(): TemplateResult {
    const image = store.image?.info;
    if (!image) return html`<p class="empty">Open an image first: regions lie on its pixels.</p>`;
    return html`<div class="stack">
      <section aria-labelledby="import">
        <h3 id="import">Import onto ${nameOf(image.path)}</h3>
        <textarea id="text" rows="5" aria-label="DS9 or CASA regions" placeholder="fk5; circle(3:56:21.6, -52:48:40, 5&quot;)"></textarea>
        <div class="row">
          <button class="primary" ?disabled=${this.busy} @click=${() => void this.import({ text: this.pasted })}>${icon("download")} Import the text</button>
          <button ?disabled=${this.busy} @click=${() => this.chooser.click()}>From this computer …</button>
          <input id="chooser" type="file" hidden accept=".reg,.crtf,.txt" aria-label="A file of regions" @change=${() => void this.importFile()} />
        </div>
        <div class="row">
          <input id="path" type="text" list="found" aria-label="A file in a share" placeholder="share/folder/regions.reg" />
          <datalist id="found">${this.found.map((path) => html`<option value=${path}></option>`)}</datalist>
          <button ?disabled=${this.busy} @click=${() => void this.import({ path: this.path })}>From a share</button>
        </div>
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${this.told ? html`<p role="status">${this.told}</p>` : nothing}
      </section>
      <section aria-labelledby="export">
        <h3 id="export">Export ${this.count === 1 ? "1 region" : `${this.count} regions`} as a DS9 file</h3>
        <div class="row">
          <select aria-label="Coordinates" @change=${(event: Event) => (this.system = (event.target as HTMLSelectElement).value as System)}>
            ${Object.entries(SYSTEMS).map(([value, name]) => html`<option value=${value} ?disabled=${value !== "image" && !image.wcs} ?selected=${value === this.system}>${name}</option>`)}
          </select>
          <button ?disabled=${this.busy || this.count === 0} @click=${() => void this.export()}>Write</button>
          <button ?disabled=${!this.written} @click=${() => void copyText(this.written, "The regions are copied.")}>${icon("copy")} Copy</button>
          <button ?disabled=${!this.written} @click=${() => this.download(nameOf(image.path))}>${icon("download")} Download</button>
        </div>
        ${this.written ? html`<textarea rows="6" readonly aria-label="The DS9 file" .value=${this.written}></textarea>` : nothing}
      </section>
    </div>`;
  }

  private get chosen() {
    const all = shownRegions();
    const selected = all.filter(({ id }) => regions.selected.has(id));
    return selected.length ? selected : all;
  }

  private get count(): number {
    return this.chosen.length;
  }

  private get pasted(): string {
    return this.renderRoot.querySelector<HTMLTextAreaElement>("#text")?.value ?? "";
  }

  private get path(): string {
    return this.renderRoot.querySelector<HTMLInputElement>("#path")?.value.trim() ?? "";
  }

  private get chooser(): HTMLInputElement {
    return this.renderRoot.querySelector("#chooser") as HTMLInputElement;
  }

  private async importFile(): Promise<void> {
    const { chooser } = this;
    const file = chooser.files?.[0];
    if (!file) return;
    const large = file.size > MAX_TEXT;
    this.problem = large ? `The file has more than ${MAX_TEXT / 1000} kB: put it into a share, and import it from there.` : "";
    if (!large) await this.import({ text: await file.text() });
    chooser.value = "";
  }

  private async import(source: { text: string } | { path: string }): Promise<void> {
    const info = store.image?.info;
    this.problem = this.told = "";
    if (!info) return;
    if ("text" in source && !source.text.trim()) this.problem = "There is no text yet: paste the lines of a DS9 or CASA file.";
    else if ("text" in source && source.text.length > MAX_TEXT) this.problem = `The text has more than ${MAX_TEXT / 1000} kB: put it into a share, and import it from there.`;
    else if ("path" in source && !ENDINGS.test(source.path)) this.problem = "Name a file that ends in .reg, .crtf or .txt.";
    if (this.problem) return;
    await this.working(async () => {
      const read = await regionTasks.read(info.image, source);
      const image = regionImage(info);
      const ids = regions.add(read.regions.length === 1 ? "Import region" : `Import ${read.regions.length} regions`, read.regions.map((one) => ({ ...one, image })));
      regions.select(ids);
      this.told = outcome(read);
      report("info", this.told);
    });
  }

  private async export(): Promise<void> {
    const info = store.image?.info;
    this.problem = this.told = "";
    if (info) await this.working(async () => void (this.written = await regionTasks.write(info.image, this.chosen, this.system)));
  }

  private async working(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.busy = false;
  }

  private download(name: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.written], { type: "text/plain" }));
    link.download = `${name.replace(/\.(fits|fit|fts)(\.(fz|gz))?$/i, "")}.reg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

/** What came of an import, in a sentence or two. */
export function outcome({ regions: read, skipped }: ReadRegions): string {
  const came = read.length === 1 ? "1 region was imported." : `${read.length} regions were imported.`;
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  if (left === 0) return came;
  const reasons = skipped.map(({ reason, count }) => (count === 1 ? reason : `${reason} (${count} times)`)).join("; ");
  return `${came} ${left === 1 ? "One was" : `${left} were`} left out: ${reasons}.`;
}
