import { defineConfig } from "vitest/config";

/**
 * The page is served at the base prefix and its files under `static/`. The server writes
 * `<base href="/prefix/">` into the head, so index.html names its files as `static/assets/…`;
 * modules find each other relative to themselves.
 */
export default defineConfig({
  base: "./",
  experimental: {
    renderBuiltUrl(filename, { hostType }) {
      return hostType === "html" ? `static/${filename}` : { relative: true };
    },
  },
  build: {
    outDir: "toyz_web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
  },
});
