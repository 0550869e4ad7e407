/** How files come into the file dialog: picked, or dropped onto it. */
import { html } from "lit";
import type { LitElement, TemplateResult } from "lit";
import type { Picked } from "../transfers/picked";
import { droppedIn, pickedIn } from "../transfers/picked";

export class FileIntake {
  /** Files are dragged over the dialog. */
  dropping = false;

  constructor(
    private readonly host: LitElement,
    private readonly allowed: () => boolean,
    private readonly take: (picked: Picked[]) => void,
  ) {}

  /** Have the user pick files, or a folder. */
  pick(folders: boolean): void {
    this.host.renderRoot.querySelector<HTMLInputElement>(folders ? "input[webkitdirectory]" : "input[type=file]")?.click();
  }

  /** The fields by which browsers let files be picked; the buttons that press them are elsewhere. */
  fields(): TemplateResult {
    return html`<input type="file" multiple hidden @change=${this.onPick} /><input type="file" webkitdirectory hidden @change=${this.onPick} />`;
  }

  readonly onDrag = (event: DragEvent): void => {
    if (!this.allowed() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.show(event.type === "dragover");
  };

  readonly onDrop = (event: DragEvent): void => {
    if (!this.allowed() || !event.dataTransfer) return;
    event.preventDefault();
    this.show(false);
    void droppedIn(event.dataTransfer).then(this.take);
  };

  private readonly onPick = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    this.take(pickedIn(field));
    field.value = "";
  };

  private show(dropping: boolean): void {
    if (this.dropping === dropping) return;
    this.dropping = dropping;
    this.host.requestUpdate();
  }
}
