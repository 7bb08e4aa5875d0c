// The look of the API's page: the console's tokens, in as few rules as a page of text needs.

export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f8f9f7, #111517);
  --sunk: light-dark(#eef1ee, #191e21);
  --ink: light-dark(#14181b, #e9ece8);
  --ink2: light-dark(#474f56, #b3bbbe);
  --ink3: light-dark(#646d75, #8f999e);
  --line: light-dark(#dbe0dd, #2a3135);
  --needle: light-dark(#c0360e, #ff8157);
  font: 0.9375rem/1.5rem -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans",
    "DejaVu Sans Condensed", sans-serif;
}
body { margin: 0; background: var(--paper); color: var(--ink); }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1.25rem 4rem; }
h1, h2 { font-family: "Iowan Old Style", Charter, "Sitka Text", Cambria, "Noto Serif",
  "DejaVu Serif Condensed", Georgia, serif; font-weight: 400; }
h1 { font-size: 1.75rem; line-height: 2.25rem; }
h1 small { font-size: 0.8125rem; color: var(--ink3); }
.needle { display: inline-block; width: 2px; height: 1.5rem; margin: 0 2px -0.25rem; background: var(--needle); }
h2 { margin: 3rem 0 0; font-size: 1.25rem; line-height: 1.75rem; }
h3 { margin: 0; font-size: 1rem; }
p { max-width: 44rem; color: var(--ink2); }
a { color: var(--ink); }
:focus-visible { outline: 2px solid var(--needle); outline-offset: 3px; }
article { padding: 1.25rem 0; border-top: 1px solid var(--line); }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", "Roboto Mono", Menlo,
  Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875rem; }
pre { overflow-x: auto; padding: 0.75rem; background: var(--sunk); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: var(--ink3); font-size: 0.75rem; }
td { color: var(--ink2); overflow-wrap: anywhere; }
.answers { color: var(--ink3); font-size: 0.8125rem; }
`
