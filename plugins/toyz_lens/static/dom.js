// @ts-check
/** Elements in one line each: of HTML, and of SVG. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element of HTML: `on…` are listeners, what the element has is set, and all else are attributes; null and false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} given @param {...Child} children @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else if (name in element && !name.includes("-")) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...shown(children));
  return element;
}

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Record<string, string | number>} attributes @param {...Child} children @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
  element.append(...shown(children));
  return element;
}

/** @param {Child[]} children */
const shown = (children) => /** @type {(Node | string)[]} */ (children.filter((child) => child !== null && child !== undefined && child !== false));

/** A number for people: so many digits, a real minus, and a dash for what is none. @param {number | null | undefined} value @param {number} digits */
export function written(value, digits = 2) {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits).replace("-", "−");
}

/** A median with its band, as "1.21 (+0.02 −0.01)". @param {readonly (number | null)[]} band @param {number} digits */
export function banded([low, middle, high], digits = 2) {
  if (low == null || middle == null || high == null) return written(middle, digits);
  return `${written(middle, digits)} (+${written(high - middle, digits)} −${written(middle - low, digits)})`;
}
