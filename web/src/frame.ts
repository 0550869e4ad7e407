/** A message as the text of a frame. */

/** Half a character of two, as is left where a text was cut between them: there is no such text on the wire. */
const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function encode(message: object): string {
  const text = JSON.stringify(message);
  // Halves are written as escapes; most messages have none, and are not looked through.
  return text.includes("\\ud") ? JSON.stringify(message, whole) : text;
}

function whole(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(HALVES, "\ufffd") : value;
}
