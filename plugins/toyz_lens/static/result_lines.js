// @ts-check
/** The lines of a model, as paths: contours of the arrival time, and the critical curves. */

/** @typedef {readonly [number, number]} Pair arcsec from the lens centre */
/** @typedef {{ readonly x: number, readonly y: number }} Place */

const LOOKS = /** @type {const} */ ([
  ["arrival", "#9ad0ff", "none"],
  ["saddle", "#f0e442", "none"],
  ["critical", "#ff8c8c", "4 3"],
]);

/**
 * @param {{ lines: Record<string, readonly (readonly Pair[])[]> }} result @param {(pair: Pair) => Place} map
 * @param {readonly string[]} wanted kinds of lines
 * @returns {{ kind: string, d: string, stroke: string, dash: string }[]}
 */
export function linesOf({ lines }, map, wanted) {
  return LOOKS.filter(([kind]) => wanted.includes(kind)).flatMap(([kind, stroke, dash]) =>
    (lines[kind] ?? []).length ? [{ kind, d: (lines[kind] ?? []).map((line) => pathOf(line, map)).join(""), stroke, dash }] : [],
  );
}

/** @param {readonly Pair[]} line @param {(pair: Pair) => Place} map */
function pathOf(line, map) {
  return line.map((pair, number) => {
    const { x, y } = map(pair);
    return `${number ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join("");
}
