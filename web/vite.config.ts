import { defineConfig, type Plugin } from 'vite'

/** The first paint waits for the script, so that nobody sees an empty page; Vite drops the attribute that says so. */
const firstPaintWaits: Plugin = {
  name: 'first-paint-waits',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
}

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the console works below any path prefix.
  base: './',
  plugins: [firstPaintWaits],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the console allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
})
