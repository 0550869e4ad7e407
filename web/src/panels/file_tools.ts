/** The row of the file dialog that changes files, and the line below it that asks. */
import { html, nothing } from "lit";
import type { LitElement, TemplateResult } from "lit";
import { icon } from "../icon";
import type { FileAction, FileChanges, Question } from "./file_changes";
import { glyph } from "./glyph";

/** The buttons: those of changes only where the share may be written. */
export function fileTools(changes: FileChanges, folder: { path: string; writable: boolean }): TemplateResult | typeof nothing {
  if (folder.path === "") return nothing;
  const button = (action: FileAction, title: string, key: string, symbol: unknown): TemplateResult => {
    const named = key ? `${title} (${key})` : title;
    return html`<button class="plain" title=${named} aria-label=${title} ?disabled=${!changes.can(action)}
      aria-pressed=${action === "trash" ? changes.trash : nothing} @click=${() => changes.do(action)}>${symbol}<span class="word">${title}</span></button>`;
  };
  const saving = button("download", "Download", "", glyph("download"));
  if (!folder.writable) return html`<div class="tools" role="toolbar" aria-label="Files of this folder">${saving}</div>`;
  return html`<div class="tools" role="toolbar" aria-label="Files of this folder">
    ${button("new_folder", "New folder", "", glyph("folder-plus"))}
    ${button("upload", "Upload files", "", glyph("upload"))}
    ${button("upload_folder", "Upload a folder", "", glyph("folder-up"))}
    ${saving}
    ${button("rename", "Rename", "F2", glyph("pencil"))}
    ${button("move", "Move", "", glyph("folder-input"))}
    ${button("delete", "Delete", "Del", glyph("trash-2"))}
    <span class="grow"></span>
    ${button("trash", "Trash", "", glyph("recycle"))}
  </div>`;
}

/** What is asked, and why it did not work. */
export function fileQuestion(changes: FileChanges): TemplateResult | typeof nothing {
  const { question, copied } = changes;
  const problem = changes.problem
    ? html`<p class="problem" role="alert">${icon("circle-alert")}<span>${changes.problem}</span></p>`
    : nothing;
  const cancel = html`<button type="button" class="cancel" @click=${() => changes.dismiss()}>Cancel</button>`;
  if (copied) {
    const percent = Math.round(100 * copied.fraction);
    return html`<div class="question" role="group" aria-label="Move">
      <p>Copying ${copied.name} to another disk</p>
      <div class="track grow" role="progressbar" aria-label="Copied" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}><i style="width:${percent}%"></i></div>
      <span class="muted">${percent} %</span>${cancel}</div>`;
  }
  if (!question) return problem === nothing ? nothing : html`<div class="question">${problem}</div>`;
  if (question.kind === "name") {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const field = (event.target as HTMLFormElement).elements.namedItem("name") as HTMLInputElement;
      if (field.value.trim()) void question.done(field.value.trim());
    };
    return html`<form class="question" @submit=${submit}>
      <label class="row grow">${question.title}
        <input class="grow" name="name" .value=${question.value} maxlength="255" autocomplete="off" spellcheck="false" required /></label>
      <button class="primary">${question.accept}</button>${cancel}${problem}</form>`;
  }
  if (question.kind === "replace") {
    return html`<div class="question" role="alertdialog" aria-label="Replace?">
      <p class="grow">${question.name} is there already. What is there now goes to the trash.</p>
      <button class="primary" @click=${() => void question.done()}>Replace it</button>${cancel}${problem}</div>`;
  }
  return html`<div class="question" role="group" aria-label="Move">
    <p class="grow">Moving ${question.entry.name}: go to the folder where it belongs.</p>
    <button class="primary" ?disabled=${!changes.canMoveHere} @click=${() => void changes.moveHere()}>Move it here</button>${cancel}${problem}</div>`;
}

/** Gives the keys to what is asked, and back to the list when it is answered. */
export class QuestionFocus {
  private asked: Question | null = null;

  constructor(
    private readonly host: LitElement,
    private readonly back: () => void,
  ) {}

  updated(question: Question | null): void {
    if (question === this.asked) return;
    this.asked = question;
    const field = this.host.renderRoot.querySelector<HTMLInputElement>(".question input");
    if (field && question?.kind === "name") {
      field.focus();
      const dot = question.value.indexOf(".", 1);
      field.setSelectionRange(0, dot > 0 ? dot : question.value.length);
    } else if (question?.kind === "replace") this.host.renderRoot.querySelector<HTMLElement>(".question .cancel")?.focus(); // what replaces nothing
    else this.back();
  }
}
