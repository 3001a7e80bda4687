/** Style of /docs: one column to read, a list of operations beside it, light or dark as the reader's system is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1d1b18; --soft: #6a645b; --line: #e4dfd5; --card: #ffffff; --code: #f3f0e9;
  --accent: #a8321f; --get: #1f6f54; --post: #8a4b08; --put: #5b3ea8; --delete: #a8321f;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14130f; --ink: #ece7dc; --soft: #a39b8b; --line: #322f28; --card: #1c1a15; --code: #24211b;
    --accent: #ff9a7d; --get: #6fd1ab; --post: #f0b565; --put: #b9a4ff; --delete: #ff9a7d;
  }
}
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans) }
a { color: var(--accent); text-underline-offset: .2em }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px }
.skip { position: absolute; left: -999px }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem }
code, pre { font: 13.5px/1.55 var(--mono) }
code { background: var(--code); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere }
pre { background: var(--code); padding: .9rem 1.1rem; border-radius: 8px; overflow-x: auto; margin: .6rem 0 }
pre code { background: none; padding: 0; overflow-wrap: normal }
.frame { display: grid; grid-template-columns: minmax(0, 1fr); max-width: 76rem; margin: 0 auto }
nav { padding: 1.5rem 1.25rem 0 }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem .9rem }
nav h2 { font-size: .78rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); margin: 0 0 .2rem; font-weight: 600 }
nav a { color: inherit; text-decoration: none; font-size: .9rem; display: block; padding: .18rem 0 }
nav a:hover { color: var(--accent) }
main { padding: 1.5rem 1.25rem 5rem; min-width: 0 }
h1 { font-size: 2.1rem; line-height: 1.15; margin: 0 0 .3rem; letter-spacing: -.02em }
h1 small { font-size: .95rem; font-weight: 400; color: var(--soft); letter-spacing: 0 }
main > section > h2 { font-size: 1.4rem; margin: 3.2rem 0 .2rem; letter-spacing: -.01em }
.lead, .soft { color: var(--soft) }
.lead { font-size: 1.1rem; margin-top: 0 }
p { margin: .6rem 0; max-width: 46rem }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem 1.25rem; margin: 1rem 0 }
article h3 { margin: 0; font-size: 1.08rem }
article h4 { margin: 1.2rem 0 .1rem; font-size: .78rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft) }
.line { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem .7rem; margin-bottom: .25rem; font: 600 .95rem/1.5 var(--mono); overflow-wrap: anywhere }
.verb { font-weight: 700; min-width: 3.4rem }
.get { color: var(--get) } .post { color: var(--post) } .put { color: var(--put) } .delete { color: var(--delete) }
.access { font-size: .92rem; border-left: 3px solid var(--accent); padding-left: .8rem; color: var(--soft) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .93rem }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .82rem }
th, td { padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 }
td:first-child { white-space: nowrap }
details { border-top: 1px solid var(--line); padding: .5rem 0 }
details:first-of-type { margin-top: .4rem }
summary { cursor: pointer }
.answer { border-top: 1px solid var(--line); padding: .5rem 0; margin: 0 }
summary b, .answer b { font-family: var(--mono); margin-right: .5rem }
.tag { font-size: .75rem; color: var(--soft); border: 1px solid var(--line); border-radius: 99px; padding: 0 .5em; margin-left: .4em }
@media (min-width: 62rem) {
  .frame { grid-template-columns: 17rem minmax(0, 1fr) }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 2.2rem 1rem 2rem 1.25rem; border-right: 1px solid var(--line) }
  nav ul { display: block; margin-bottom: 1.4rem }
  main { padding: 2.2rem 1.25rem 6rem 2.5rem }
}
@media print { nav { display: none } article { break-inside: avoid } }
`;
