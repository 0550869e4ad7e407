import { expect, test } from "vitest";

import { xsrfToken } from "./xsrf";

test("the token is found among the cookies of other programs of the host", () => {
  expect(xsrfToken("_xsrf=2|a|b|1")).toBe("2|a|b|1");
  expect(xsrfToken("other=1; _xsrf-cef2a65f=ours; _xsrf=jupyter's")).toBe("ours");
  expect(xsrfToken("not_xsrf=1; _xsrfy=2")).toBe("");
  expect(xsrfToken("")).toBe("");
});
