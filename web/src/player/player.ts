/**
 * Plays the planes of a cube, the open images, or the files of a folder: what comes next is fetched
 * ahead, and a frame is shown when it is due and all of it is here, or as soon as it is.
 *
 * A frame passes in the place of the image that is shown: nothing else in the page takes notice of
 * it. One that stays for a second takes that place itself, and only then is it described, and may
 * a pyramid be built for it.
 */

import { report, reportError, selectImage, takePlace, viewer } from "../actions";
import type { AskedImage } from "../api";
import { images } from "../api";
import { socket } from "../socket";
import { store, whichOf } from "../store";
import type { FrameInfo } from "../types";
import type { Coming } from "../viewer/layers";
import { Clock } from "./clock";
import type { Course, Turn } from "./course";
import { advance, ahead } from "./course";
import { filesLike } from "./folder";
import { OpenedFrames } from "./opened";
import type { Place, Reel } from "./reel";
import { filesOf, fits, imagesOf, planesOf } from "./reel";
import type { PlayerState, ReelKind } from "./state";
import { RATES } from "./state";

/** Frames that are looked for ahead; memory is the other bound. */
const AHEAD = 64;
/** Frames that are open, and not yet here, at once. */
const BEHIND = 4;
/** Milliseconds after which a frame that was asked for is shown as far as it is here. */
const PATIENCE_MS = 400;
/** What came within so many milliseconds is looked at together. */
const GATHER_MS = 8;
/** Milliseconds after which a frame that stands is looked at, and not past. */
const STAY_MS = 1000;
const SPEEDS: Record<ReelKind, number> = { planes: 10, files: 10, images: 2 };

export class Player {
  private reel: Reel | null = null;
  private chosen: ReelKind | null = null;
  private paths: string[] = [];
  /** The shown image in whose place frames pass. */
  private base: string | null = null;
  /** All images that the window has open. */
  private images: ReadonlySet<string> = new Set();
  private course: Course = { at: 0, forward: true };
  private turn: Turn = "loop";
  private readonly rates = { ...SPEEDS };
  private clock: Clock | null = null;
  /** A frame that is to be shown by itself. */
  private goal: { at: number; since: number } | null = null;
  private opened = this.nothingOpened();
  private request = 0;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private staying: ReturnType<typeof setTimeout> | undefined;

  /** Follow what the page shows, from now on. */
  start(): void {
    store.subscribe(["images", "current"], () => this.follow());
    socket.on("images", "progress", (data) => this.arrived(data as { image: string; complete: boolean }));
    socket.onHello((hello, first) => first || hello.resumed || this.opened.lost());
    this.follow();
  }

  get playing(): boolean {
    return this.clock !== null;
  }

  // ---- what people do ---------------------------------------------------------------------------

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (!this.reel || this.playing) return;
    clearTimeout(this.staying);
    this.goal = null;
    this.clock = new Clock(this.rates[this.reel.kind]);
    this.clock.start(performance.now());
    this.publish();
    this.run();
  }

  /** False if nothing was playing. */
  pause(): boolean {
    if (!this.playing) return false;
    this.clock = null;
    this.rest();
    this.publish();
    this.stay();
    return true;
  }

  step(by: 1 | -1): void {
    if (!this.reel) return;
    const from = this.goal?.at ?? this.course.at;
    this.seek(advance({ at: from, forward: by > 0 }, this.reel.count, "loop").at);
  }

  /** Show one frame, and stay there. */
  seek(at: number): void {
    if (!this.reel || at < 0 || at >= this.reel.count) return;
    this.pause();
    clearTimeout(this.staying);
    this.goal = { at, since: performance.now() };
    this.publish();
    this.run();
  }

  setRate(rate: number): void {
    if (!this.reel) return;
    this.rates[this.reel.kind] = rate;
    if (this.clock) this.clock.rate = rate;
    this.publish();
  }

  changeRate(by: 1 | -1): void {
    const now = this.reel ? this.rates[this.reel.kind] : 0;
    const next = by > 0 ? RATES.find((rate) => rate > now) : RATES.findLast((rate) => rate < now);
    if (next !== undefined) this.setRate(next);
  }

  reverse(): void {
    this.course = { ...this.course, forward: !this.course.forward };
    this.publish();
  }

  changeTurn(): void {
    this.turn = this.turn === "loop" ? "bounce" : "loop";
    this.publish();
  }

  /** Show the open images of this size one after the other; or stop that. */
  blink(): void {
    if (this.reel?.kind === "images" && this.pause()) return;
    this.choose("images");
    if (this.reel?.kind === "images") this.play();
    else this.refuse("No other open image has the size of this one.");
  }

  /** Play the files of the folder that are of the kind and size of the one that is shown. */
  async playFiles(): Promise<void> {
    const info = store.image?.info;
    if (!info) return;
    try {
      this.paths = await filesLike(info);
    } catch (error) {
      reportError(error, "files");
      return;
    }
    if (store.get("current") !== info.image) return;
    this.choose("files");
    if (this.reel?.kind === "files") this.play();
    else this.refuse(`No other file of this folder is of the kind of ${info.name}.`);
  }

  /** Back to the planes, if there are some. */
  async dismiss(): Promise<void> {
    this.pause();
    const frame = store.get("passing");
    if (frame) await this.describe(frame);
    this.choose(null);
  }

  private refuse(why: string): void {
    this.chosen = null;
    this.follow();
    report("info", why);
  }

  private choose(kind: ReelKind | null): void {
    this.pause();
    this.chosen = kind;
    this.follow();
  }

  // ---- following the page -----------------------------------------------------------------------

  private follow(): void {
    const image = store.image;
    const left = this.images;
    this.images = new Set(store.get("images").map(({ info }) => info.image));
    for (const id of left) if (!this.images.has(id)) this.opened.closed(id);
    const reel = this.reelOf();
    const before = this.reel;
    this.reel = reel;
    if (!reel || !before || !image || reel.kind !== before.kind || before.find(image.info) < 0) this.begin();
    else if (image.info.image !== this.base) this.land();
    this.base = image?.info.image ?? null;
    this.publish();
  }

  private reelOf(): Reel | null {
    const image = store.image;
    if (!image) return null;
    if (this.chosen === "images") return imagesOf(store.get("images"), image) ?? planesOf(image.info);
    const files = this.chosen === "files" ? filesOf(this.paths, image.info) : null;
    return files && files.find(image.info) >= 0 ? files : planesOf(image.info);
  }

  /** Another reel, or none. */
  private begin(): void {
    this.opened.close();
    this.opened = this.nothingOpened();
    viewer()?.hold(new Set());
    this.land();
  }

  /** Another image of the reel is shown. */
  private land(): void {
    this.clock = null;
    this.goal = null;
    this.rest();
    clearTimeout(this.staying);
    const info = store.image?.info;
    const at = info && this.reel ? Math.max(this.reel.find(info), 0) : 0;
    this.course = { ...this.course, at };
    if (info && this.reel && !this.reel.known(at)) this.opened.adopt(at, info);
    if (!store.get("passing")) return;
    store.set({ passing: null });
    viewer()?.pass(null);
  }

  private nothingOpened(): OpenedFrames {
    return new OpenedFrames({
      api: images,
      changed: () => this.openedAnother(),
      isOpen: (id) => this.images.has(id),
    });
  }

  private openedAnother(): void {
    viewer()?.hold(this.opened.images);
    this.gather();
    if (!this.playing && store.get("passing")) this.paint();
  }

  /** More of a frame's file is there: once it is whole, it is opened anew. */
  private arrived({ image, complete }: { image: string; complete: boolean }): void {
    if (complete && this.opened.images.has(image)) this.opened.forget(image);
  }

  // ---- playing ----------------------------------------------------------------------------------

  private run(): void {
    if (this.request === 0) this.request = requestAnimationFrame((now) => this.tick(now));
  }

  private tick(now: number): void {
    this.request = 0;
    const upcoming = this.upcoming();
    const [next] = upcoming;
    if (!next || !this.reel) {
      this.pause();
      this.goal = null;
      return;
    }
    const ready = this.prepare(upcoming.map(({ at }) => at));
    if (this.clock) {
      if (this.clock.isDue(now) && ready) {
        this.clock.tick(now);
        this.show(next);
      } else if (this.clock.isDue(now)) this.publish();
    } else if (this.goal && (ready || (now - this.goal.since > PATIENCE_MS && this.infoOf(next.at)))) {
      this.goal = null;
      this.show(next);
      this.rest();
      this.stay();
    }
    if (this.clock || this.goal) this.run();
  }

  private upcoming(): Course[] {
    const { refused } = this.opened;
    if (this.goal) return refused.has(this.goal.at) ? [] : [{ ...this.course, at: this.goal.at }];
    return this.reel && this.clock ? ahead(this.course, this.reel.count, this.turn, AHEAD, refused) : [];
  }

  /** Have frames opened and fetched, in this order; true if the first one is here. */
  private prepare(numbers: number[]): boolean {
    const unknown = numbers.findIndex((number) => this.infoOf(number) === null);
    const known = unknown < 0 ? numbers : numbers.slice(0, unknown);
    const ready = viewer()?.foresee(known.map((number) => this.coming(number)), () => this.gather()) ?? [];
    const missing = known.filter((_, rank) => !ready[rank]);
    // Those that the session has closed meanwhile, and then the next ones, are opened as they are needed.
    const wanted = [...missing, ...(unknown < 0 ? [] : numbers.slice(unknown))].slice(0, BEHIND);
    for (const number of wanted) this.open(number);
    return unknown !== 0 && ready[0] === true && this.infoOf(numbers[0] as number)?.complete === true;
  }

  /** More has come: the next is asked for at once, however slowly the screen is drawn. */
  private gather(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      const upcoming = this.upcoming();
      if (upcoming.length > 0) this.prepare(upcoming.map(({ at }) => at));
    }, GATHER_MS);
  }

  private open(number: number): void {
    const { reel } = this;
    const shown = store.image?.info;
    if (reel && shown && !reel.known(number)) this.opened.want(number, this.asked(reel.place(number)), (info) => fits(info, shown));
  }

  /** How a frame is opened: as the shown image was. */
  private asked({ path, hdu, plane }: Place): AskedImage {
    return { ...(store.image && whichOf(store.image)), path, hdu, plane };
  }

  private infoOf(number: number): FrameInfo | null {
    return this.reel?.known(number)?.info ?? this.opened.info(number);
  }

  private coming(number: number): Coming {
    const known = this.reel?.known(number);
    if (known) return { ...known, open: true };
    const style = store.image?.style;
    return { info: this.opened.info(number), style, open: this.opened.isOpen(number) } as Coming;
  }

  private show(course: Course): void {
    const info = this.infoOf(course.at);
    if (!info) return;
    this.course = course;
    store.set({ passing: info.image === this.base ? null : info });
    this.paint();
    this.publish();
  }

  private paint(): void {
    const frame = store.get("passing");
    const known = this.reel?.known(this.course.at);
    const open = known !== null || this.opened.isOpen(this.course.at);
    viewer()?.pass(frame && { info: frame, style: known?.style ?? null, open });
  }

  /** Nothing is fetched ahead any more. */
  private rest(): void {
    this.opened.stop();
    viewer()?.foresee([]);
  }

  // ---- staying ----------------------------------------------------------------------------------

  /** A frame that stands takes the place of the image that was shown before. */
  private stay(): void {
    clearTimeout(this.staying);
    const frame = store.get("passing");
    if (!frame) return;
    this.open(this.course.at);
    if (this.reel?.kind === "images") selectImage(frame.image);
    else this.staying = setTimeout(() => void this.describe(frame), STAY_MS);
  }

  private async describe(frame: FrameInfo): Promise<void> {
    try {
      const info = await images.open(this.asked(frame));
      if (store.get("passing") !== frame || this.playing || this.goal) return;
      const left = store.image?.info;
      takePlace(info);
      const at = left && this.reel ? this.reel.find(left) : -1;
      if (left && at >= 0) this.opened.adopt(at, left);
      viewer()?.hold(this.opened.images);
    } catch (error) {
      reportError(error, "images");
    }
  }

  private publish(): void {
    const { reel } = this;
    if (!reel) {
      store.set({ player: null });
      return;
    }
    const { forward } = this.course;
    const at = this.goal?.at ?? this.course.at;
    const achieved = this.clock?.achieved(performance.now()) ?? null;
    const { kind, count } = reel;
    const state: PlayerState = {
      kind,
      count,
      at,
      label: reel.label(at),
      playing: this.playing,
      forward,
      turn: this.turn,
      rate: this.rates[kind],
      achieved: achieved && Math.round(achieved),
    };
    if (JSON.stringify(state) !== JSON.stringify(store.get("player"))) store.set({ player: state });
  }
}

/** The player of this page. */
export const player = new Player();
