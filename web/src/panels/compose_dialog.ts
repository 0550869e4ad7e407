/** Which images are red, green and blue of a composite. */
import { css, html, LitElement, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { openImage } from "../actions";
import { images } from "../api";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import type { Band } from "./bands";
import { bandsFor, presetOf, wavelengthIn } from "./bands";
import { whenClosed } from "./dialog";
import { panelStyles } from "./panel_styles";

const CHANNELS = ["Red", "Green", "Blue"] as const;
/** Headers that are looked at for a wavelength. */
const MOST_HEADERS = 24;

export class ComposeDialog extends LitElement {
  static override styles = [
    ...panelStyles,
    css`
      dialog {
        width: min(460px, 100vw - 24px);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      header {
        display: flex;
        align-items: center;
        padding: 8px 8px 8px 16px;
        border-bottom: 1px solid var(--line);
      }
      h2 {
        flex: 1;
        font-size: 14px;
        color: var(--text);
      }
      form {
        display: grid;
        gap: 12px;
        padding: 16px;
      }
      label {
        display: grid;
        grid-template-columns: 8px 7ch minmax(0, 1fr);
        align-items: center;
        gap: 8px;
      }
      .dot {
        width: 8px;
        height: 8px;
        border-radius: 50%;
      }
      .ends {
        justify-content: flex-end;
      }
    `,
  ];

  @state() private bands: Band[] = [];
  @state() private chosen: [number, number, number] = [0, 0, 0];
  private touched = false;
  private wasOpen = false;

  constructor() {
    super();
    new StoreController(this, ["dialog"]);
  }

  private get open(): boolean {
    return store.get("dialog") === "compose";
  }

  override willUpdate(): void {
    if (this.open && !this.wasOpen) this.begin();
    this.wasOpen = this.open;
  }

  override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog || dialog.open === this.open) return;
    if (this.open) dialog.showModal();
    else dialog.close();
  }

  /** Offer what there is; the wavelengths of the headers come a moment later. */
  private begin(): void {
    const shown = store.image?.info;
    const bands = (this.bands = shown ? bandsFor(shown, store.get("images")) : []);
    this.touched = false;
    this.chosen = presetOf(bands, []);
    void Promise.all(bands.slice(0, MOST_HEADERS).map(wavelengthOfBand)).then((wavelengths) => {
      if (bands === this.bands && !this.touched) this.chosen = presetOf(bands, wavelengths);
    });
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const components = this.chosen.map((at) => this.bands[at]?.component).filter((part) => part !== undefined);
    const [red] = components;
    if (red) void openImage(red.path, { components });
  };

  override render(): TemplateResult {
    const close = (): void => {
      if (this.open) store.set({ dialog: null });
    };
    return html`<dialog aria-labelledby="title" @close=${whenClosed(close)}>
      ${this.open ? html`<header><h2 id="title">Compose RGB</h2>
        <button class="plain square" title="Close (Esc)" aria-label="Close" @click=${close}>${icon("x")}</button></header>
        <form @submit=${this.submit}>
          ${this.bands.length > 1 ? CHANNELS.map((name, channel) => this.select(name, channel)) : html`<p>There is nothing to compose:
            open the images of the other bands first. They must be of the size of this one.</p>`}
          <div class="row ends"><button type="button" @click=${close}>Cancel</button>
            <button class="primary" type="submit" ?disabled=${this.bands.length < 2}>Compose</button></div>
        </form>` : nothing}
    </dialog>`;
  }

  private select(name: string, channel: number): TemplateResult {
    const choose = (event: Event): void => {
      this.touched = true;
      this.chosen = this.chosen.with(channel, Number((event.target as HTMLSelectElement).value)) as [number, number, number];
    };
    return html`<label><span class="dot" style=${`background:${name.toLowerCase()}`}></span>${name}
      <select @change=${choose}>${this.bands.map(({ title }, at) => html`<option value=${at} .selected=${at === this.chosen[channel]}>${title}</option>`)}</select></label>`;
  }
}

/** What the header of a band says of its wavelength. A plane has none of its own. */
async function wavelengthOfBand({ image, component: { hdu } }: Band): Promise<number | null> {
  const { cards } = await images.header(image, hdu === "mosaic" ? undefined : hdu).catch(() => ({ cards: [] }));
  return wavelengthIn(cards);
}
