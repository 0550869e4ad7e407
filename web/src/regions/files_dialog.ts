/** Regions from files and to files: of DS9 (and CASA, to read), pasted, from this computer or from a share. */

import type { TemplateResult } from "lit";
import { css, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { files } from "../api";
import { messageOf } from "../errors";
import { icon } from "../icon";
import { copyText } from "../panels/clipboard";
import { TitledDialog } from "../panels/dialog";
import { folderOf, nameOf } from "../panels/format";
import { knownFolders } from "../panels/known_paths";
import { store } from "../store";
import type { ReadRegions, System } from "./api";
import { MAX_TEXT, regionTasks, SYSTEMS } from "./api";
import { shownRegions } from "./commands";
import type { Placed } from "./regions";
import { regionImage, regions } from "./regions";

const ENDINGS = /\.(reg|crtf|txt)$/i;
/** Folders in which files of regions are looked for. */
const MOST_FOLDERS = 6;

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
  private begun = false;

  override updated(): void {
    super.updated();
    if (this.open === this.begun) return;
    this.begun = this.open;
    if (this.open) void this.begin();
  }

  private async begin(): Promise<void> {
    this.written = this.problem = this.told = "";
    this.found = (await Promise.all(knownFolders(MOST_FOLDERS).map(regionFilesIn))).flat();
  }

  protected body(): TemplateResult {
    const image = store.image?.info;
    if (!image) return html`<p class="empty">Open an image first: regions lie on its pixels.</p>`;
    return html`<div class="stack">
      <section aria-labelledby="import">
        <h3 id="import">Import onto ${nameOf(image.path)}</h3>
        <textarea id="text" rows="5" aria-label="DS9 or CASA regions" placeholder="fk5; circle(3:56:21.6, -52:48:40, 5&quot;)"></textarea>
        <div class="row">
          <button class="primary" aria-disabled=${this.busy} @click=${() => void this.import({ text: this.pasted })}>${icon("download")} Import the text</button>
          <button aria-disabled=${this.busy} @click=${() => this.chooser.click()}>From this computer …</button>
          <input id="chooser" type="file" hidden accept=".reg,.crtf,.txt" aria-label="A file of regions" @change=${() => void this.importFile()} />
        </div>
        <div class="row">
          <input id="path" type="text" list="found" aria-label="A file in a share" placeholder=${`${folderOf(image.path)}/regions.reg`} />
          <datalist id="found">${this.found.map((path) => html`<option value=${path}></option>`)}</datalist>
          <button aria-disabled=${this.busy} @click=${() => void this.import({ path: this.path })}>From a share</button>
        </div>
        ${this.found.length ? html`<p class="label">${this.found.length === 1 ? "The field offers the file" : `The field offers the ${this.found.length} files`} of regions beside your images.</p>` : nothing}
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${this.told ? html`<p role="status">${this.told}</p>` : nothing}
      </section>
      <section aria-labelledby="export">
        <h3 id="export">${exported(this.selected.length, shownRegions().length)}</h3>
        <div class="row">
          <select aria-label="Coordinates" @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value as System)}>
            ${Object.entries(SYSTEMS).map(([value, name]) => html`<option value=${value} ?disabled=${value !== "image" && !image.wcs} ?selected=${value === this.system}>${name}</option>`)}
          </select>
          ${this.exporter("Show the text", () => undefined)}
          ${this.exporter(html`${icon("copy")} Copy`, (text) => void copyText(text, "The regions are copied."))}
          ${this.exporter(html`${icon("download")} Download`, (text) => download(text, nameOf(image.path)))}
        </div>
        ${this.written ? html`<textarea rows="6" readonly aria-label="The DS9 file" .value=${this.written}></textarea>` : nothing}
      </section>
    </div>`;
  }

  private get selected(): readonly Placed[] {
    return shownRegions().filter(({ id }) => regions.selected.has(id));
  }

  /** What is exported. */
  private get chosen(): readonly Placed[] {
    return this.selected.length ? this.selected : shownRegions();
  }

  private exporter(name: TemplateResult | string, use: (text: string) => void): TemplateResult {
    return html`<button aria-disabled=${this.busy} ?disabled=${this.chosen.length === 0} @click=${() => void this.export(use)}>${name}</button>`;
  }

  /** What was written is in other coordinates. */
  private choose(system: System): void {
    this.system = system;
    this.written = "";
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
      this.written = "";
    });
  }

  private async export(use: (text: string) => void): Promise<void> {
    const info = store.image?.info;
    this.problem = this.told = "";
    if (!info) return;
    await this.working(async () => {
      this.written = await regionTasks.write(info.image, this.chosen, this.system);
      use(this.written);
    });
  }

  /** One thing at a time. Its button is not disabled, which would take the focus from it. */
  private async working(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.busy = false;
  }

}

async function regionFilesIn(folder: string): Promise<string[]> {
  const { entries } = await files.list(folder, { filter: "*.reg", limit: 100 }).catch(() => ({ entries: [] }));
  return entries.filter(({ kind }) => kind === "file").map(({ path }) => path);
}

function download(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = `${name.replace(/\.(fits|fit|fts)(\.(fz|gz))?$/i, "")}.reg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What an export would hold, as its heading says it. */
export function exported(selected: number, all: number): string {
  if (all === 0) return "Export as a DS9 file";
  if (selected === 0) return `Export ${all === 1 ? "the only region" : `all ${all} regions`} as a DS9 file`;
  return `Export ${selected === 1 ? "the selected region" : `the ${selected} selected regions`} as a DS9 file`;
}

/** What came of an import, in a sentence or two. */
export function outcome({ regions: read, skipped }: ReadRegions): string {
  const came = read.length === 1 ? "1 region was imported." : `${read.length} regions were imported.`;
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  if (left === 0) return came;
  const reasons = skipped.map(({ reason, count }) => (count === 1 ? reason : `${reason} (${count} times)`)).join("; ");
  return `${came} ${left === 1 ? "One was" : `${left} were`} left out: ${reasons}.`;
}
