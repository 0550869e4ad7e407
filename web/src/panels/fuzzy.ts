/** Fuzzy matching of what is typed against the names of commands. */

export interface Match {
  /** Higher is better. */
  score: number;
  /** Which characters of the text were matched. */
  positions: number[];
}

const starts = (text: string, at: number): boolean => at === 0 || /[\s:/._–-]/.test(text[at - 1] ?? "");

/** Where `character` stands best from `from` on: at the start of a word if the rest still fits, else the next one. */
function find(character: string, text: string, from: number, rest: string): number {
  const next = text.indexOf(character, from);
  for (let at = next; at >= 0; at = text.indexOf(character, at + 1)) {
    if (starts(text, at) && follows(rest, text, at + 1)) return at;
  }
  return next;
}

function follows(rest: string, text: string, from: number): boolean {
  let at = from;
  for (const character of rest) {
    at = text.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Match every character of `query`, in order; null if `text` does not hold them. An empty query matches all. */
export function fuzzyMatch(query: string, text: string): Match | null {
  const wanted = query.toLowerCase().replace(/\s+/g, "");
  const lower = text.toLowerCase();
  const whole = lower.indexOf(query.trim().toLowerCase());
  if (wanted && whole >= 0) {
    const length = query.trim().length;
    const bonus = starts(lower, whole) ? 40 : 20;
    return { score: length * 4 + bonus - whole * 0.1, positions: Array.from({ length }, (_, i) => whole + i) };
  }
  const positions: number[] = [];
  let score = 0;
  let from = 0;
  for (let i = 0; i < wanted.length; i += 1) {
    const at = find(wanted[i] ?? "", lower, from, wanted.slice(i + 1));
    if (at < 0) return null;
    score += starts(lower, at) ? 4 : positions.at(-1) === at - 1 ? 3 : 1;
    positions.push(at);
    from = at + 1;
  }
  return { score: score - lower.length * 0.01, positions };
}

/** The items that match, best first; equal ones keep their order. */
export function fuzzyFilter<T>(query: string, items: readonly T[], text: (item: T) => string): { item: T; match: Match }[] {
  const found: { item: T; match: Match }[] = [];
  for (const item of items) {
    const match = fuzzyMatch(query, text(item));
    if (match) found.push({ item, match });
  }
  return query.trim() ? found.sort((a, b) => b.match.score - a.match.score) : found;
}

/** Cut `text` into runs that are matched or not, for highlighting. */
export function matchedRuns(text: string, positions: readonly number[]): { text: string; hit: boolean }[] {
  const hits = new Set(positions);
  const runs: { text: string; hit: boolean }[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const hit = hits.has(i);
    const last = runs.at(-1);
    if (last && last.hit === hit) last.text += text[i];
    else runs.push({ text: text[i] ?? "", hit });
  }
  return runs;
}
