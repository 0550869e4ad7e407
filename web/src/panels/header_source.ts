/**
 * The cards that the header panel shows: of one HDU, of the CCD under the cursor, or what is found in
 * all HDUs. A search in one HDU also counts what the others hold, so that nobody takes it for all there is.
 */
import type { images } from "../api";
import { isCancelled, messageOf } from "../errors";
import { CardIndex } from "./cards";
import type { CardText } from "./cards";

/** An HDU by its number, or how it is chosen. */
export type Where = number | "ccd" | "all";

export interface HeaderRow {
  card: CardText;
  /** The HDU that holds it, where the rows come from several. */
  hdu?: { index: number; name: string };
}

/** More is read by narrowing the search. */
export const MOST_FOUND = 500;
const TYPING_PAUSE_MS = 150;

export class HeaderSource {
  /** null until the server has said which header comes first. */
  where: Where | null = null;
  hdu: number | null = null;
  query = "";
  rows: HeaderRow[] = [];
  /** Cards in the header that is shown; 0 while several are searched. */
  total = 0;
  loading = false;
  problem = "";

  private image = "";
  private hdus = 1;
  private index = new CardIndex([]);
  /** What all HDUs hold, and of which words. */
  private everywhere: { query: string; rows: HeaderRow[] } = { query: "", rows: [] };
  private generation = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Pick<typeof images, "header" | "searchHeader">,
    private readonly changed: () => void,
  ) {}

  /** Cards in the other HDUs that hold what is searched in this one; 0 also while nobody knows. */
  get elsewhere(): number {
    const { query, rows } = this.everywhere;
    if (this.where === "all" || query !== this.query.trim()) return 0;
    return rows.filter((row) => row.hdu?.index !== this.hdu).length;
  }

  /** So many cards were found in all HDUs that there may be more. */
  get cutShort(): boolean {
    return this.everywhere.rows.length === MOST_FOUND;
  }

  /** Show the header of another image, whose file has so many HDUs. */
  show(image: string, hdus: number): void {
    this.hdus = hdus;
    if (image === this.image) return;
    this.drop();
    this.image = image;
    this.everywhere = { query: "", rows: [] };
    this.hdu = null;
    this.where = null;
    if (image) void this.load(undefined);
  }

  look(where: Where): void {
    this.where = where;
    this.drop();
    if (typeof where === "number") void this.load(where);
    else this.search(this.query);
  }

  /** The cursor is over this HDU. */
  under(hdu: number | null): void {
    if (this.where === "ccd" && hdu !== null && hdu !== this.hdu) void this.load(hdu);
  }

  search(query: string): void {
    this.query = query;
    clearTimeout(this.timer);
    const words = query.trim();
    const unknown = words !== "" && words !== this.everywhere.query && (this.where === "all" || this.hdus > 1);
    if (unknown) this.timer = setTimeout(() => void this.searchAll(words), TYPING_PAUSE_MS);
    if (this.where !== "all") this.pick();
    else if (unknown) this.loading = true;
    else {
      this.drop();
      this.put(words ? this.everywhere.rows : [], 0);
    }
    this.changed();
  }

  private pick(): void {
    const { cards } = this.index;
    this.put(this.index.find(this.query).map((i) => ({ card: cards[i] as CardText })), cards.length);
  }

  private put(rows: HeaderRow[], total: number): void {
    Object.assign(this, { rows, total, problem: "" });
  }

  /** Whatever is on its way is not wanted any more. */
  private drop(): void {
    clearTimeout(this.timer);
    this.generation += 1;
    this.loading = false;
  }

  private async load(hdu: number | undefined): Promise<void> {
    await this.ask(async () => {
      const header = await this.api.header(this.image, hdu);
      return () => {
        this.hdu = header.hdu;
        this.where ??= header.hdu;
        this.index = new CardIndex(header.cards);
        if (this.where !== "all") this.search(this.query);
      };
    });
  }

  /** To show what all HDUs hold, or to count it beside what one of them holds. */
  private async searchAll(words: string): Promise<void> {
    if (this.where === "all") return this.ask(() => this.find(words));
    const { image } = this;
    // Without the count, the cards of this HDU still stand.
    const apply = await this.find(words).catch(() => () => undefined);
    if (image !== this.image || words !== this.query.trim()) return;
    apply();
    this.changed();
  }

  private async find(words: string): Promise<() => void> {
    const found = await this.api.searchHeader(this.image, words, MOST_FOUND);
    const rows = found.map(({ hdu, name, keyword, value, comment }): HeaderRow => ({
      card: [keyword, value, comment],
      hdu: { index: hdu, name },
    }));
    return () => {
      this.everywhere = { query: words, rows };
      if (this.where === "all") this.put(rows, 0);
    };
  }

  /** What was asked for last is what is shown, whichever answer comes last. */
  private async ask(answer: () => Promise<() => void>): Promise<void> {
    const generation = ++this.generation;
    this.loading = true;
    this.problem = "";
    this.changed();
    try {
      const apply = await answer();
      if (generation !== this.generation) return;
      apply();
    } catch (error) {
      if (generation !== this.generation || isCancelled(error)) return;
      this.put([], 0);
      this.problem = messageOf(error);
    }
    this.loading = false;
    this.changed();
  }
}
