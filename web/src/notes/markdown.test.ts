import { describe, expect, it } from "vitest";
import { toHtml } from "./markdown";

describe("Markdown", () => {
  it("is what people know", () => {
    expect(toHtml("# M 13\n\n*faint* **star** `x`\nnext")).toBe("<h1>M 13</h1>\n<p><em>faint</em> <strong>star</strong> <code>x</code><br>next</p>\n");
    expect(toHtml("- [x] done")).toContain("☑");
    expect(toHtml("| a | b |\n|---|---|\n| 1 | 2 |")).toContain("<td>2</td>");
  });

  it.each([
    "<script>alert(1)</script>",
    "text <script>alert(1)</script> text",
    '<img src=x onerror="alert(1)">',
    "<div>\n<style>*{display:none}</style>\n</div>",
    "<iframe src='//evil'></iframe>",
    "<svg onload=alert(1)>",
  ])("has no HTML of others in it: %s", (text) => {
    const html = toHtml(text);
    expect(html).not.toMatch(/<(script|img|style|iframe|svg|div)/i);
    expect(html).toContain("&lt;");
  });

  it("has links where there would be images", () => {
    expect(toHtml("![a \"b\" <c>](https://example.org/x.png)")).toContain('<a href="https://example.org/x.png">');
    expect(toHtml("![x](https://example.org/x.png)")).not.toContain("<img");
  });
});
