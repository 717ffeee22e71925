/** Everything the page needs: it loads nothing. Light and dark by the reader's choice, and fit for paper. */
export const stylesheet = `
:root{color-scheme:light dark;--page:#fbfaf8;--sheet:#fff;--ink:#1d1f23;--soft:#5b616b;--line:#dedbd4;--accent:#0b5cad;
--P0:#b3261e;--P1:#b45309;--P2:#7a6200;--P3:#2f5f9e;--none:#5b616b;--onLevel:#fff;--blank:#fff6d6;--blankLine:#b98900;--blankInk:#5c4400}
@media (prefers-color-scheme:dark){:root{--page:#14161a;--sheet:#1b1e23;--ink:#e9e7e3;--soft:#a5abb5;--line:#343941;--accent:#82b7f5;
--P0:#f2766d;--P1:#f0a04b;--P2:#d9bc3f;--P3:#84b0ec;--none:#a5abb5;--onLevel:#14161a;--blank:#2c2713;--blankLine:#c39a26;--blankInk:#f0dfae}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{left:1rem;top:1rem;background:var(--sheet);padding:.5rem .75rem}
h1{font-size:1.9rem;line-height:1.2;margin:.35rem 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
.eyebrow{color:var(--soft);margin:0;overflow-wrap:anywhere}
.lead{color:var(--soft);margin:.25rem 0 1.25rem;max-width:46rem}
.level{display:inline-block;min-width:2.2rem;text-align:center;padding:.05rem .5rem;border-radius:.3rem;color:var(--onLevel);background:var(--none);font-weight:700}
.level.P0{background:var(--P0)}.level.P1{background:var(--P1)}.level.P2{background:var(--P2)}.level.P3{background:var(--P3)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0}
.tiles div{background:var(--sheet);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .85rem}
.tiles dt{color:var(--soft);font-size:.85rem}
.tiles dd{margin:.1rem 0 0;font-size:1.2rem;font-weight:650;white-space:nowrap;font-variant-numeric:tabular-nums}
.chart{margin:1.5rem 0 0;background:var(--sheet);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;overflow-x:auto}
.chart svg{display:block;width:100%;min-width:42rem;height:auto}
.chart figcaption{color:var(--soft);font-size:.85rem}
.chart text{font-size:13px;fill:var(--ink)}
.chart .when{fill:var(--soft);font-variant-numeric:tabular-nums}
.chart .rail{fill:var(--line)}
.chart line{stroke:var(--ink);stroke-width:1.5}
.chart .P0 rect{fill:var(--P0)}.chart .P1 rect{fill:var(--P1)}.chart .P2 rect{fill:var(--P2)}.chart .P3 rect{fill:var(--P3)}
.chart .P0 text,.chart .P1 text,.chart .P2 text,.chart .P3 text{fill:var(--onLevel);font-weight:700}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:1rem 0 0}
p{margin:.5rem 0;max-width:50rem;overflow-wrap:anywhere}
.ref{font-size:.8rem;white-space:nowrap;font-variant-numeric:tabular-nums}
.blank{background:var(--blank);color:var(--blankInk);border:1.5px dashed var(--blankLine);border-radius:.4rem;padding:.7rem .9rem;margin:.85rem 0;max-width:50rem;min-height:4.5rem}
.blank strong{display:block}
td .blank{display:inline-block;min-width:8.2rem;min-height:0;padding:.05rem .5rem;margin:0}
.scroll{overflow-x:auto;margin:.85rem 0}
table{border-collapse:collapse;width:100%;background:var(--sheet);font-size:.94rem}
caption{text-align:left;color:var(--soft);padding:.3rem 0;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .65rem;border:1px solid var(--line);overflow-wrap:break-word}
th{font-weight:650}
td.time{white-space:nowrap;font-variant-numeric:tabular-nums}
.log td.type{white-space:nowrap;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.85rem}
.log tr.routine td{color:var(--soft)}
.log tr:target td{background:var(--blank);color:var(--blankInk)}
details ol{margin:.35rem 0;padding-left:1.25rem}
footer{color:var(--soft);padding-top:2rem;padding-bottom:3rem;font-size:.9rem}
@media print{body{background:#fff}.skip,nav{display:none}h2{break-after:avoid}tr,.blank,.tiles div{break-inside:avoid}}
`
