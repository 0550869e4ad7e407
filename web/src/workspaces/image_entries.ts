/**
 * The images of the page as entries of the workspace: `image/ID` which image, `style/ID` how it is
 * shown, `view/ID` what is seen of it, `shown` the one in front, `overlays` what lies over it.
 *
 * An image that a workspace names is opened in the background. One that cannot be (it is gone, or
 * not for this user) stays in the workspace, and is listed with the reason.
 */

import { addImage, closeImage, dropImage, selectImage, updateImage, viewer } from "../actions";
import { images as imagesApi } from "../api";
import { isCancelled, messageOf } from "../errors";
import type { AbsentImage, OpenImage, Overlays, View } from "../store";
import { store, whichOf } from "../store";
import type { Json, Style } from "../types";
import { UPRIGHT } from "../viewer/geometry";
import type { Entries, Part, Parts } from "./parts";
import type { ImageChoice } from "./types";

const VIEW_AFTER_MS = 400;

interface ImageValue extends ImageChoice {
  order: number;
}

interface StyleValue {
  style: Style;
  cuts: OpenImage["cuts"];
}

/** The id of an image: the same for everybody who opens the same. */
export function idOf(choice: ImageChoice): string {
  const { path, hdu, plane, layout, match, components = [] } = choice;
  const text = JSON.stringify([path, hdu, plane, layout, match, ...components.map((part) => [part.path, part.hdu, part.plane])]);
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  return [one, two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Which image is open, in the words of an entry. */
export function choiceOf(image: OpenImage): ImageChoice {
  const { path, hdu, plane, layout, match, components } = whichOf(image);
  return { path, hdu: hdu as ImageChoice["hdu"], plane, layout, match, ...(components?.length ? { components } : {}) };
}

function sharesOf({ path, components = [] }: ImageChoice): string[] {
  return [path, ...components.map((part) => part.path)].map((each) => each.split("/", 1)[0]!);
}

export class ImageEntries {
  /** Those that are to be opened, or could not be, by id. */
  private readonly wanted = new Map<string, { value: ImageValue; problem: string | null }>();
  private readonly orders = new Map<string, number>();
  private front: string | null = null;
  private opening = false;

  constructor(private readonly parts: Parts) {}

  /** Make the parts known. */
  start(): void {
    this.parts.add(this.part("image", ["images"], () => this.imageEntries(), (id, value) => this.applyImage(id, value as ImageValue | null)));
    this.parts.add(this.part("style", ["images"], () => this.of("style", styleOf), (id, value) => this.applyStyle(id, value as StyleValue | null)));
    this.parts.add(this.viewPart());
    this.parts.add(this.shownPart());
    this.parts.add(overlaysPart);
  }

  /** Bring an image to the front, or as soon as it is open. */
  show(id: string): void {
    this.front = id;
    const image = this.find(id);
    if (image && store.get("current") !== image.info.image) selectImage(image.info.image);
  }

  /** Try again to open what could not be opened. */
  retry(id: string): void {
    const wanted = this.wanted.get(id);
    if (!wanted) return;
    this.wanted.set(id, { ...wanted, problem: null });
    this.tellAbsent();
    void this.openWanted();
  }

  /** Close what lies in shares that are seen no longer; it stays in the workspace, and is listed with the reason. */
  withdraw(shares: readonly string[], problem: string): void {
    for (const image of store.get("images")) {
      const choice = choiceOf(image);
      if (!sharesOf(choice).some((share) => shares.includes(share))) continue;
      const id = idOf(choice);
      this.wanted.set(id, { value: { ...choice, order: this.orderOf(id) }, problem });
      dropImage(image.info.image);
    }
    this.tellAbsent();
  }

  /** Open what lies in shares that are seen again. */
  regain(shares: readonly string[]): void {
    for (const [id, { value }] of this.wanted) if (sharesOf(value).some((share) => shares.includes(share))) this.retry(id);
  }

  /** Take an image out that could not be opened. */
  remove(id: string): void {
    this.parts.enact({ [`image/${id}`]: null, [`style/${id}`]: null, [`view/${id}`]: null });
  }

  find(id: string): OpenImage | undefined {
    return store.get("images").find((image) => idOf(choiceOf(image)) === id);
  }

  // ---- what there is --------------------------------------------------------------------------

  private imageEntries(): Entries {
    const entries: Entries = {};
    for (const [id, { value }] of this.wanted) entries[`image/${id}`] = value as unknown as Json;
    for (const image of store.get("images")) {
      const id = idOf(choiceOf(image));
      entries[`image/${id}`] = { ...choiceOf(image), order: this.orderOf(id) } as unknown as Json;
    }
    return entries;
  }

  private orderOf(id: string): number {
    const known = this.orders.get(id);
    if (known !== undefined) return known;
    const order = Math.max(0, ...this.orders.values()) + 1;
    this.orders.set(id, order);
    return order;
  }

  /** What images that are open have, and images that are not open had. */
  private of(word: string, valueOf: (image: OpenImage) => Json | null): Entries {
    const entries: Entries = {};
    for (const id of this.wanted.keys()) {
      const value = this.parts.get(`${word}/${id}`);
      if (value !== null) entries[`${word}/${id}`] = value;
    }
    for (const image of store.get("images")) {
      const value = valueOf(image);
      if (value !== null) entries[`${word}/${idOf(choiceOf(image))}`] = value;
    }
    return entries;
  }

  private part(prefix: string, keys: Parameters<typeof store.subscribe>[0], entries: () => Entries, apply: (id: string, value: Json | null) => void): Part {
    return {
      prefix,
      entries,
      apply: (key, value) => apply(key.slice(prefix.length + 1), value),
      onChange: (changed) => store.subscribe(keys, () => changed()),
    };
  }

  private viewPart(): Part {
    return {
      prefix: "view",
      personal: true,
      entries: () => this.of("view", viewOf),
      apply: (key, value) => this.applyView(key.slice(5), value as unknown as View | null),
      onChange: (changed) => {
        // A long drag is told on its way, and another picture at once: the page may be left at any moment.
        let timer: ReturnType<typeof setTimeout> | undefined;
        const now = (): void => {
          clearTimeout(timer);
          timer = undefined;
          changed();
        };
        addEventListener("pagehide", now, { capture: true });
        const stops = [store.subscribe(["view"], () => (timer ??= setTimeout(now, VIEW_AFTER_MS))), store.subscribe(["images"], now)];
        return () => stops.forEach((stop) => stop());
      },
    };
  }

  private shownPart(): Part {
    return {
      prefix: "shown",
      personal: true,
      entries: (): Entries => {
        const id = store.image ? idOf(choiceOf(store.image)) : this.front !== null && this.wanted.has(this.front) ? this.front : null;
        return id === null ? {} : { shown: id };
      },
      apply: (_, value) => (typeof value === "string" ? this.show(value) : (this.front = null)),
      onChange: (changed) => store.subscribe(["current"], () => changed()),
    };
  }

  // ---- what is said elsewhere -----------------------------------------------------------------

  private applyImage(id: string, value: ImageValue | null): void {
    if (value === null) {
      this.wanted.delete(id);
      this.orders.delete(id);
      const image = this.find(id);
      if (image) closeImage(image.info.image);
      this.tellAbsent();
      return;
    }
    this.orders.set(id, value.order ?? 0);
    if (this.find(id)) return;
    this.wanted.set(id, { value: { ...value, plane: value.plane ?? 0, layout: value.layout ?? "auto", match: value.match ?? "none" }, problem: null });
    // After the entries that say how it is shown.
    queueMicrotask(() => void this.openWanted());
  }

  private applyStyle(id: string, value: StyleValue | null): void {
    const image = this.find(id);
    if (image && value) updateImage({ style: { ...image.style, ...value.style }, cuts: value.cuts ?? { method: "manual" } }, image.info.image);
  }

  private applyView(id: string, value: View | null): void {
    const image = this.find(id);
    if (!image || !value) return;
    const view = { ...UPRIGHT, ...value };
    updateImage({ view }, image.info.image);
    if (store.get("current") === image.info.image) viewer()?.setView(view);
  }

  /** Open what is wanted, one after the other, what is to be seen first. */
  private async openWanted(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    try {
      for (let id = this.next(); id !== null; id = this.next()) await this.openOne(id);
    } finally {
      this.opening = false;
    }
  }

  private next(): string | null {
    const left = [...this.wanted].filter(([, { problem }]) => problem === null);
    if (this.front !== null && left.some(([id]) => id === this.front)) return this.front;
    left.sort(([, one], [, other]) => one.value.order - other.value.order);
    return left[0]?.[0] ?? null;
  }

  private async openOne(id: string): Promise<void> {
    const wanted = this.wanted.get(id);
    if (!wanted) return;
    const first = store.get("current") === null && store.get("opening") === null;
    if (first) store.set({ opening: wanted.value.path });
    try {
      const info = await imagesApi.open(wanted.value);
      if (!this.wanted.has(id)) return void imagesApi.close(info.image).catch(() => undefined);
      const { style, cuts } = (this.parts.get(`style/${id}`) ?? {}) as Partial<StyleValue>;
      const view = this.parts.get(`view/${id}`) as unknown as View | null;
      const select = store.get("opening") === null || first ? this.front === id || store.get("current") === null : false;
      this.wanted.delete(id);
      addImage(info, { layout: wanted.value.layout, ...(style ? { style } : {}), ...(cuts ? { cuts } : {}), view: view ? { ...UPRIGHT, ...view } : null }, select);
      this.sort();
    } catch (error) {
      if (this.wanted.has(id)) this.wanted.set(id, { ...wanted, problem: isCancelled(error) ? "It was not opened." : messageOf(error) });
    } finally {
      if (first && store.get("opening") === wanted.value.path) store.set({ opening: null });
      this.tellAbsent();
    }
  }

  /** In the order of the workspace, whichever came first. */
  private sort(): void {
    const images = store.get("images");
    const order = new Map(images.map((image) => [image, this.orderOf(idOf(choiceOf(image)))]));
    const sorted = [...images].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0));
    if (sorted.some((image, at) => image !== images[at])) store.set({ images: sorted });
  }

  private tellAbsent(): void {
    const absent: AbsentImage[] = [];
    for (const [id, { value, problem }] of this.wanted) if (problem !== null) absent.push({ id, path: value.path, problem });
    store.set({ absent });
  }
}

function styleOf({ style, cuts }: OpenImage): Json {
  return { style, cuts } as unknown as Json;
}

function viewOf(image: OpenImage): Json | null {
  const view = image.info.image === store.get("current") ? (store.get("view") ?? image.view) : image.view;
  return view as unknown as Json | null;
}

const overlaysPart: Part = {
  prefix: "overlays",
  personal: true,
  entries: () => ({ overlays: { ...store.get("overlays") } }),
  apply: (_, value) => {
    if (value) store.set({ overlays: { ...store.get("overlays"), ...(value as unknown as Partial<Overlays>) } });
  },
  onChange: (changed) => store.subscribe(["overlays"], () => changed()),
};
