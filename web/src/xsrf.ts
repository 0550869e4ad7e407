/** The token that proves to the server that it was this page that had the browser send something. */

/**
 * Read it from the cookies: under a prefix its name carries the server's instance, and of several the one of the
 * longest path, which is this server's, comes first.
 */
export function xsrfToken(cookies: string = document.cookie): string {
  return /(?:^|; )_xsrf(?:-[0-9a-f]+)?=([^;]*)/.exec(cookies)?.[1] ?? "";
}
