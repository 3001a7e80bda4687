/**
 * The look of the pages that nights write: one file each, without scripts and without anything from elsewhere. Colours are
 * variables, so that charts follow light and dark; wide tables scroll within themselves, so that a phone never scrolls the page.
 */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1d1f24;--soft:#5b606b;--line:#d9dce2;--page:#fbfbfa;--panel:#fff;--main:#2f5fa3;--other:#9aa3b2;--good:#176639;--bad:#a31515;--open:#7a5200}
@media (prefers-color-scheme:dark){:root{--ink:#e9eaee;--soft:#a6acb8;--line:#343842;--page:#15171c;--panel:#1c1f26;--main:#7fb0f5;--other:#697283;--good:#6fd39b;--bad:#ff8f8a;--open:#e6bd66}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:break-word}
h1{font-size:clamp(1.6rem,5vw,2.3rem);line-height:1.15;margin:.3rem 0 .6rem;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.25;margin:2.6rem 0 .5rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.4rem 0 .2rem}
p,ul{max-width:44rem;margin:.5rem 0}ul{padding-left:1.2rem}li{margin:.2rem 0}
small,.soft{color:var(--soft)}a{color:var(--main)}code{font-size:.88em;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;min-width:min(100%,30rem)}
td,th{padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:.9rem}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(2,1fr);gap:.7rem;margin:1.2rem 0;padding:0;list-style:none;max-width:none}
.tiles li{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.8rem .9rem;margin:0}
.tiles b{display:block;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:0 2rem}
.PASS{color:var(--good)}.FAIL{color:var(--bad)}.INCONCLUSIVE{color:var(--open)}.PASS,.FAIL,.INCONCLUSIVE{font-weight:600;white-space:nowrap}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--main)}
figure{margin:1rem 0;max-width:44rem}figcaption{color:var(--soft);font-size:.9rem}
svg{display:block;width:100%;height:auto;max-width:32rem}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft)}
svg .main{fill:var(--main)}svg .other{fill:var(--other)}svg .axis{stroke:var(--line)}svg .range{stroke:var(--ink);stroke-width:1.5}svg .curve{fill:none;stroke:var(--main);stroke-width:2.5}
@media (min-width:44rem){.tiles{grid-template-columns:repeat(3,1fr)}}
@media (max-width:44rem){.stack thead{display:none}.stack tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}.stack td{display:block;border:0;padding:.05rem 0}.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}.stack td:first-child{font-weight:600}}
@media print{details{display:block}}
`;

export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Body text is HTML already; the title is not. */
export function reportDocument(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>${STYLE}</style></head>
<body>
${body}
</body></html>
`;
}

/** Cells are escaped. `numbers`: columns from this one on are set right, as numbers are. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers = Infinity,
): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell, n) => `<${tag}${n >= numbers ? ' class="n"' : ''}>${escape(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  // On a phone it scrolls: the keyboard has to reach it.
  return `<div class="scroll" tabindex="0"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A table of sentences: on a phone each row stands by itself, every cell behind its column's name. */
export function stackedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, n) => `<td${n === 0 ? '' : ` data-label="${escape(head[n] ?? '')}"`}>${escape(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll"><table class="stack"><thead><tr>${head.map((name) => `<th>${escape(name)}</th>`).join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

export const list = (lines: readonly string[]): string =>
  `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;
