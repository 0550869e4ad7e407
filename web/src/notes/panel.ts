/** The panel of notes: what was written, by whom and when; search; and an editor. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { openImage, selectImage } from "../actions";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import { formatDate, nameOf } from "../panels/format";
import { focusSoon, KeptFocus } from "../panels/kept_focus";
import { panelStyles } from "../panels/panel_styles";
import { zoomToRegion } from "../regions/commands";
import { describeShape } from "../regions/described";
import { regionImage, regions } from "../regions/regions";
import { store, StoreController } from "../store";
import { setNotesPanel } from "./commands";
import { noteStyles } from "./note_styles";
import type { About, KeptNote } from "./notes";
import { MAX_NOTE, notes, searched, usualAbout } from "./notes";

/** More are shown when they are asked for. */
const PAGE = 50;

/** What the editor is about: a note that is there, or a new one. */
interface Draft {
  id: string | null;
  about: About;
}

export class NotesPanel extends LitElement {
  static override styles = [
    ...panelStyles,
    noteStyles,
    css`
      :host {
        height: 100%;
        overflow-y: auto;
      }
      article {
        display: grid;
        gap: 6px;
        padding: 10px 0;
        border-top: 1px solid var(--line);
      }
      article:focus-within .label,
      article:hover .label {
        color: var(--text);
      }
      button.grow {
        justify-content: flex-start;
      }
      textarea {
        width: 100%;
        min-height: 110px;
        resize: vertical;
      }
      form {
        display: grid;
        gap: 8px;
      }
    `,
  ];

  @state() private words = "";
  @state() private draft: Draft | null = null;
  @state() private shown = PAGE;
  /** Elements of the notes' Markdown, made when they are first shown. */
  private toElements: ((text: string) => DocumentFragment) | null = null;
  /** The note that was written or edited last, or stands beside one that was deleted: the keys go there. */
  private lately: string | null = null;
  private stops: (() => void)[] = [];

  constructor() {
    super();
    new StoreController(this, ["current", "images", "user"]);
    new KeptFocus(this, () => this.renderRoot.querySelector<HTMLElement>(`[data-note="${this.lately}"]`) ?? this.renderRoot.querySelector("button"));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    setNotesPanel(this);
    this.stops = [notes.subscribe(() => this.requestUpdate()), regions.subscribe(() => this.requestUpdate())];
    void import("./markdown").then(({ rendered }) => {
      this.toElements = rendered;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    setNotesPanel(null);
    this.stops.forEach((stop) => stop());
  }

  /** Begin a note about what is selected. */
  begin(): void {
    this.lately = null;
    this.draft = { id: null, about: usualAbout() };
    void this.focusText();
  }

  /** Before the next key arrives, which would be a command elsewhere. */
  private async focusText(): Promise<void> {
    await this.updateComplete;
    focusSoon(this.renderRoot.querySelector("textarea"));
  }

  override render(): TemplateResult {
    const found = searched(notes.all, this.words);
    return html`<div class="stack">
      <div class="row">
        <input class="grow" type="search" aria-label="Search the notes" placeholder="Search" .value=${this.words}
          @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)} />
        <button class="primary" title=${tooltip("notes.new")} @click=${() => commands.run("notes.new")}>${icon("plus", 14)} New note</button>
      </div>
      ${this.draft?.id === null ? this.editor(this.draft, "") : nothing}
      ${found.length === 0 && this.draft === null ? this.empty() : nothing}
      <div role="feed" aria-label="Notes">${repeat(found.slice(0, this.shown), ({ id }) => id, (note, index) => this.note(note, index, found.length))}</div>
      ${found.length > this.shown ? html`<button @click=${() => (this.shown += PAGE)}>${found.length - this.shown} more</button>` : nothing}
    </div>`;
  }

  private empty(): TemplateResult {
    if (this.words) return html`<p class="empty">No note holds these words.</p>`;
    return html`<div class="empty">${icon("notebook-pen", 24)}<p>No notes yet. Write one about the image, a region or the whole workspace; Markdown works.</p></div>`;
  }

  private note(note: KeptNote, index: number, total: number): TemplateResult {
    if (this.draft?.id === note.id) return html`<article>${this.editor(this.draft, note.text)}</article>`;
    const edited = note.modified - note.created > 1 ? ", edited" : "";
    return html`<article tabindex="0" data-note=${note.id} aria-posinset=${index + 1} aria-setsize=${total} aria-label=${`Note by ${note.author}`}
      @keydown=${(event: KeyboardEvent) => this.key(event, note)}>
      <div class="row">
        ${this.about(note.about)}
        <button class="square plain" aria-label="Edit the note" title="Edit (Enter)" @click=${() => this.edit(note)}>${icon("pencil", 14)}</button>
        <button class="square plain" aria-label="Delete the note" title="Delete (Delete)" @click=${() => this.drop(note)}>${icon("trash", 14)}</button>
      </div>
      <div class="markdown">${guard([note.text, this.toElements], () => this.toElements?.(note.text) ?? note.text)}</div>
      <p class="label">${note.author} · <time datetime=${new Date(note.modified * 1000).toISOString()}>${formatDate(note.modified)}</time>${edited}</p>
    </article>`;
  }

  private key(event: KeyboardEvent, note: KeptNote): void {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter") this.edit(note);
    else if (event.key === "Delete") this.drop(note);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private drop({ id }: KeptNote): void {
    const found = searched(notes.all, this.words).map((note) => note.id);
    const at = found.indexOf(id);
    this.lately = found[at + 1] ?? found[at - 1] ?? null;
    notes.remove(id);
  }

  private edit({ id, about }: KeptNote): void {
    this.lately = id;
    this.draft = { id, about };
    void this.focusText();
  }

  /** What a note is about, and the way there. */
  private about(about: About): TemplateResult {
    const name = nameOfAbout(about);
    if (about.type === "workspace") return html`<span class="grow label clip">${name}</span>`;
    return html`<button class="plain grow clip" title=${`Go to: ${name}`} @click=${() => void goToAbout(about)}>${icon(about.type === "region" ? "shapes" : "file-image", 14)} <span class="clip">${name}</span></button>`;
  }

  private editor(draft: Draft, text: string): TemplateResult {
    const choices = aboutChoices(draft.about);
    return html`<form aria-label="Note" @submit=${(event: Event) => this.save(event, draft)} @keydown=${(event: KeyboardEvent) => this.editing(event, draft)}>
      ${draft.id === null
        ? html`<select aria-label="About" @change=${(event: Event) => (this.draft = { ...draft, about: choices[(event.target as HTMLSelectElement).selectedIndex] ?? draft.about })}>
            ${choices.map((choice) => html`<option ?selected=${choice === draft.about}>${nameOfAbout(choice)}</option>`)}
          </select>`
        : nothing}
      <textarea aria-label="Text of the note" maxlength=${MAX_NOTE} placeholder="Markdown" .value=${text}></textarea>
      <div class="row">
        <button class="primary" type="submit" title="Save (Ctrl Enter)">Save</button>
        <button type="button" @click=${() => (this.draft = null)}>Cancel</button>
        <span class="label">Ctrl Enter saves, Esc cancels</span>
      </div>
    </form>`;
  }

  private editing(event: KeyboardEvent, draft: Draft): void {
    if (event.key === "Escape") this.draft = null;
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.save(event, draft);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private save(event: Event, draft: Draft): void {
    event.preventDefault();
    const text = (this.renderRoot.querySelector("textarea")?.value ?? "").trim();
    if (text && draft.id) notes.rewrite(draft.id, text);
    else if (text) this.lately = notes.write(draft.about, text, store.get("user"));
    this.draft = null;
  }
}

/** What a note can be about now, with what it is about among them. */
function aboutChoices(about: About): About[] {
  const usual = usualAbout();
  const image: About[] = store.image ? [{ type: "image", image: regionImage(store.image.info) }] : [];
  const all: About[] = [...(usual.type === "region" ? [usual] : []), ...image, { type: "workspace" }];
  return [about, ...all.filter((other) => nameOfAbout(other) !== nameOfAbout(about))];
}

export function nameOfAbout(about: About): string {
  if (about.type === "workspace") return "The workspace";
  if (about.type === "image") return `${nameOf(about.image.path)}${about.image.hdu === "mosaic" || about.image.hdu === 0 ? "" : `, HDU ${about.image.hdu}`}`;
  const region = regions.get(about.region);
  return region ? `${region.label || describeShape(region.shape)} on ${nameOf(region.image.path)}` : "A region that was deleted";
}

async function goToAbout(about: Exclude<About, { type: "workspace" }>): Promise<void> {
  const region = about.type === "region" ? regions.get(about.region) : undefined;
  const image = about.type === "image" ? about.image : region?.image;
  if (!image) return;
  const open = store.get("images").find(({ info }) => info.path === image.path && info.hdu === image.hdu);
  if (open) selectImage(open.info.image);
  else await openImage(image.path, { hdu: image.hdu, layout: image.layout === "single" ? "auto" : image.layout });
  if (!region) return;
  regions.select([region.id]);
  zoomToRegion(region.id);
}
