/** Which images are red, green and blue of a composite. */
import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { openImage } from "../actions";
import { images } from "../api";
import { store } from "../store";
import type { Band } from "./bands";
import { bandsFor, presetOf, wavelengthIn } from "./bands";
import { TitledDialog } from "./dialog";

const CHANNELS = ["Red", "Green", "Blue"] as const;
/** Headers that are looked at for a wavelength. */
const MOST_HEADERS = 24;

export class ComposeDialog extends TitledDialog {
  static override styles = [
    ...TitledDialog.styles,
    css`
      dialog {
        width: min(460px, 100vw - 24px);
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

  protected readonly dialogName = "compose";
  protected readonly heading = "Compose RGB";

  override willUpdate(): void {
    if (this.open && !this.wasOpen) this.begin();
    this.wasOpen = this.open;
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

  protected body(): TemplateResult {
    return html`<form @submit=${this.submit}>
      ${this.bands.length > 1 ? CHANNELS.map((name, channel) => this.select(name, channel)) : html`<p>There is nothing to compose:
        open the images of the other bands first. They must be of the size of this one.</p>`}
      <div class="row ends"><button type="button" @click=${this.close}>Cancel</button>
        <button class="primary" type="submit" ?disabled=${this.bands.length < 2}>Compose</button></div>
    </form>`;
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
