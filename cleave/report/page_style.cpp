#include "cleave/report/html.h"

namespace cleave::report {

std::string_view page_style() {
  return R"css(
:root { --paper: #fff; --ink: #1b1f24; --quiet: #5b6570; --rule: #e1e5ea; --wash: #f5f7f9; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e4e7eb; --quiet: #9aa5b1; --rule: #2c333b; --wash: #1c2127; --accent: #6cb2f7; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0 auto; padding: 0 28px 80px; max-width: 1080px; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
header { padding: 40px 0 8px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: 6px 0 0; color: var(--quiet); overflow-wrap: anywhere; }
nav { border-block: 1px solid var(--rule); padding: 8px 0; margin: 16px 0 8px; font-size: 14px; }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0; padding: 0; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
section { padding-top: 22px; }
h2 { font-size: 21px; line-height: 1.3; margin: 14px 0 8px; font-weight: 620; }
h3 { font-size: 16px; margin: 22px 0 6px; font-weight: 620; }
p { margin: 8px 0; max-width: 84ch; overflow-wrap: anywhere; }
figure { margin: 14px 0 22px; }
figcaption { color: var(--quiet); font-size: 14px; line-height: 1.5; max-width: 96ch; margin-top: 8px; }
svg { max-width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px 24px; }
.side-by-side.small { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.side-by-side > div { min-width: 0; }
.key-figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; margin: 18px 0; }
.key-figures div { background: var(--wash); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; }
.key-figures b { display: block; font-size: 22px; font-weight: 620; line-height: 1.3; white-space: nowrap; }
.key-figures span { display: block; font-size: 14px; font-weight: 550; }
.key-figures small { display: block; font-size: 13px; line-height: 1.4; color: var(--quiet); }
.note { border-left: 3px solid #e07b00; background: var(--wash); padding: 6px 14px; border-radius: 0 6px 6px 0; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 0 32px; margin: 8px 0;
  font-size: 14px; }
dl.facts div { display: flex; justify-content: space-between; gap: 16px; border-bottom: 1px solid var(--rule);
  padding: 4px 0; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { color: var(--quiet); font-weight: 550; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
@media (min-width: 900px) { td:nth-child(-n+2) { white-space: nowrap; } }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { background: var(--wash); border: 1px solid var(--rule); border-radius: 8px; padding: 10px 14px; margin: 10px 0;
  white-space: pre-wrap; }
.grids { display: flex; gap: 18px; min-width: 860px; }
.grids .part { flex: 0 1 auto; min-width: 0; display: flex; flex-direction: column; }
.grids .names { flex: 0 0 150px; }
.grids .heading { font-size: 13px; color: var(--quiet); white-space: pre; height: 22px; }
.grids .sheet { position: relative; }
.grids img { display: block; width: 100%; height: auto; image-rendering: pixelated; image-rendering: crisp-edges;
  image-rendering: pixelated; }
.grids .labels { flex: 1; contain: size; display: grid; grid-auto-rows: minmax(0, 1fr); font-size: 13px; line-height: 1.3; }
.grids .labels div { display: flex; align-items: center; overflow: hidden; }
.grids .labels small { display: block; color: var(--quiet); font-size: 12px; }
.grids .veils { position: absolute; inset: 0; display: grid; grid-auto-rows: 1fr; }
.map { display: grid; grid-template-columns: minmax(0, 1fr) 150px; gap: 16px; min-width: 560px; color: var(--ink); }
.map .stage { position: relative; height: min(70vh, 640px); border: 1px solid var(--rule); border-radius: 8px;
  overflow: hidden; }
.map .stage > canvas { width: 100%; height: 100%; display: block; cursor: crosshair; touch-action: none; }
.map .card { display: none; position: absolute; pointer-events: none; padding: 8px 10px; font-size: 13px;
  line-height: 1.4; background: var(--paper); border: 1px solid var(--rule); border-radius: 8px;
  box-shadow: 0 4px 16px rgb(0 0 0 / .18); white-space: nowrap; }
.map .card canvas { display: block; margin: 0 auto 6px; max-width: 128px; }
.map .side { font-size: 13px; max-height: min(70vh, 640px); overflow-y: auto; }
.map button { font: inherit; color: inherit; background: none; border: 0; padding: 2px 4px; cursor: pointer;
  border-radius: 4px; }
.map button:hover { background: var(--wash); }
.map .tabs { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 8px; }
.map .tabs button { border: 1px solid var(--rule); padding: 3px 8px; }
.map .tabs .chosen { background: var(--wash); font-weight: 620; }
.map .legend button { display: flex; align-items: center; gap: 7px; width: 100%; text-align: left; }
.map .legend i { flex: none; width: 11px; height: 11px; border-radius: 50%; }
.map .legend span { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.map .legend small { color: var(--quiet); font-variant-numeric: tabular-nums; }
.map .legend .quiet { opacity: .45; }
.veil { background: var(--paper); opacity: .62; }
.quiet { color: var(--quiet); }
@page { margin: 16mm 14mm; }
@media print {
  :root { --paper: #fff; --ink: #000; --quiet: #444; --rule: #ccc; --wash: #fff; --accent: #000; }
  body { font-size: 10.5pt; padding: 0; max-width: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  header { padding-top: 0; }
  nav, .map .tabs, .map .card { display: none; }
  .map { min-width: 0; grid-template-columns: minmax(0, 1fr) 120px; break-inside: avoid; }
  .map .stage { height: 120mm; }
  .map .side { max-height: none; }
  h1 { font-size: 20pt; }
  h2 { font-size: 14pt; }
  h2, h3 { break-after: avoid; }
  figure, table, .grids, dl.facts div, .key-figures div { break-inside: avoid; }
  .key-figures { grid-template-columns: repeat(4, 1fr); }
  .side-by-side { grid-template-columns: 1fr 1fr; }
  .side-by-side.small { grid-template-columns: repeat(4, 1fr); }
  .grids { min-width: 0; gap: 10px; }
  .grids .names { flex-basis: 112px; }
  .grids .labels, .grids .labels small { font-size: 7pt; line-height: 1.12; }
  .scroll { overflow: visible; }
}
)css";
}

}  // namespace cleave::report
