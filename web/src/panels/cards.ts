/** Header cards: finding them and cutting out what was found. */

/** Keyword, value as text, comment. */
export type CardText = readonly [keyword: string, value: string, comment: string];

/** A searchable header: the lower-case text of each card is made once. */
export class CardIndex {
  private readonly texts: string[];

  constructor(readonly cards: readonly CardText[]) {
    this.texts = cards.map((card) => card.join("\n").toLowerCase());
  }

  /** Indices of the cards that hold every word of `query`, in order. */
  find(query: string): number[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found: number[] = [];
    this.texts.forEach((text, i) => {
      if (words.every((word) => text.includes(word))) found.push(i);
    });
    return found;
  }
}

/** Cut a text into runs that match a word of the query and runs that do not. */
export function highlighted(text: string, query: string): { text: string; hit: boolean }[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  // Lower-casing can change the length of a text (İ); then nothing can be marked by position.
  if (words.length === 0 || lower.length !== text.length) return [{ text, hit: false }];
  const hits = new Uint8Array(text.length);
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) hits.fill(1, at, at + word.length);
  }
  const runs: { text: string; hit: boolean }[] = [];
  for (let start = 0, i = 1; i <= text.length; i += 1) {
    if (i < text.length && hits[i] === hits[start]) continue;
    runs.push({ text: text.slice(start, i), hit: hits[start] === 1 });
    start = i;
  }
  return runs;
}

/** A card as it is copied: `KEYWORD = value / comment`; commentary has no equals sign. */
export function cardLine([keyword, value, comment]: CardText): string {
  if (["COMMENT", "HISTORY", ""].includes(keyword)) return `${keyword} ${value}`.trim();
  const text = /^[-+]?[\d.]|^[TF]$/.test(value) || value === "" ? value : `'${value.replace(/'/g, "''")}'`;
  return `${keyword.padEnd(8)}= ${text}${comment ? ` / ${comment}` : ""}`;
}
