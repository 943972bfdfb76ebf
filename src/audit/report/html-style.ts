/**
 * How a report looks: on a screen, on a phone, in the dark, and on paper.
 * Data alone: one style sheet, and its digest for a content security policy that allows no other.
 */
import { sha256Bytes, utf8 } from "../../plan/digest.ts";

/** The style sheet. */
export const reportStyle = `:root{color-scheme:light dark;--ink:#1b1d21;--soft:#5b626d;--line:#dcdfe4;--paper:#fff;--panel:#f6f7f9;--accent:#1f5fbf;--good:#14693a;--goodPaper:#e9f6ee;--bad:#a4161a;--badPaper:#fdecec;--warn:#7a4b00;--warnPaper:#fdf4e0}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8e9ec;--soft:#a4abb6;--line:#353a42;--paper:#15171b;--panel:#1e2126;--accent:#84b3ff;--good:#74d39b;--goodPaper:#15281d;--bad:#ff9a94;--badPaper:#351a1b;--warn:#f2c46d;--warnPaper:#2f2614}}
*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
body{margin:0;overflow-wrap:anywhere;color:var(--ink);background:var(--paper);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:82rem;margin:0 auto;padding:0 1.5rem}header{padding-top:2rem}footer{padding-bottom:4rem;color:var(--soft)}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;letter-spacing:-.01em}h2{font-size:1.2rem;line-height:1.3;margin:0}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.35rem 0 .7rem;max-width:80ch}a{color:var(--accent);text-underline-offset:.15em}a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
.law{color:var(--soft);margin:0 0 1.2rem}.basis{color:var(--soft);font-size:.85rem;margin:.15rem 0 .3rem}
section{margin-top:2.6rem;padding-top:1.2rem;border-top:1px solid var(--line)}
.verdict{border:1px solid;border-left-width:5px;border-radius:6px;padding:.8rem 1rem;margin:1rem 0;max-width:none}
.verdict p{margin:.2rem 0;max-width:none}.verdict>strong{font-size:1.05rem}
.verdict.valid{color:var(--good);background:var(--goodPaper);border-color:currentColor}.verdict.not-valid{color:var(--bad);background:var(--badPaper);border-color:currentColor}.verdict.not-signed{color:var(--warn);background:var(--warnPaper);border-color:currentColor}
.verdict li,.verdict p{color:var(--ink)}.verdict>strong{color:inherit}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:.8rem 2rem;margin:1.2rem 0;padding:0}
.facts div{min-width:0}.facts dt{color:var(--soft);font-size:.8rem}.facts dd{margin:0;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1.4rem 0;padding:0}
.figures div{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;display:flex;flex-direction:column-reverse;justify-content:flex-end}
.figures dt{color:var(--soft);font-size:.8rem;line-height:1.3}.figures dd{margin:0;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
nav ol{columns:3 15rem;margin:.6rem 0;padding-left:1.4rem}nav li{margin:.12rem 0;break-inside:avoid}nav .count{color:var(--soft);font-variant-numeric:tabular-nums}
.table{margin-top:.9rem;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.86rem;line-height:1.42}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:4.5rem}
th:last-child,td:last-child{padding-right:0}thead th{color:var(--soft);font-weight:600;font-size:.92em;border-bottom-color:var(--soft);white-space:nowrap}
td>span{display:block}td>span+span{margin-top:.1rem}
.strong{font-weight:600}.quiet,.undeclared{color:var(--soft)}.undeclared{font-style:italic}.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
code,.code,.digest{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}code{overflow-wrap:anywhere}.digest{color:var(--soft);white-space:nowrap}.item{padding-left:.8em;text-indent:-.8em}.item::before{content:"– ";color:var(--soft)}
time{white-space:nowrap;font-variant-numeric:tabular-nums}.none{color:var(--soft);font-style:italic}
.evidence{min-width:6rem}.evidence a{font-variant-numeric:tabular-nums}
tr:target td{background:var(--warnPaper)}
mark{background:var(--warnPaper);color:var(--warn);border-radius:3px;padding:0 .15em;font-size:.85em}
.limits dt{font-weight:600;margin-top:.7rem}.limits dd{margin:.1rem 0 0;max-width:75ch}
.filters{padding-left:2.6rem}.filters li{overflow-wrap:anywhere;margin:.25rem 0}
@media (max-width:46rem){main,header,footer{padding-left:1rem;padding-right:1rem}body{font-size:15px}h1{font-size:1.45rem}
.table{overflow:visible}.table table,.table tbody,.table tr,.table td{display:block;width:auto}.table thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.table tr{border:1px solid var(--line);border-radius:8px;padding:.35rem .8rem;margin:.7rem 0;background:var(--panel)}
.table td{display:grid;grid-template-columns:6.2rem 1fr;gap:0 .8rem;border:0;padding:.28rem 0;min-width:0}.table td::before{content:attr(data-heading);color:var(--soft);font-size:.8rem;grid-column:1;grid-row:1/span 40}.table td>span{grid-column:2;min-width:0}
nav ol{columns:1}.digest{white-space:normal}}
@media print{:root{color-scheme:light}@page{size:A4 landscape;margin:14mm 12mm 16mm}
@page{@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#555}}
body{font-size:9.5pt}main,header,footer{max-width:none;padding:0}header{padding:0}section{margin-top:1.4rem;padding-top:.8rem}
h1{font-size:18pt}h2{font-size:13pt;break-after:avoid}p{max-width:none;break-inside:avoid}.basis,section>p{break-after:avoid}
.table{overflow:visible}table{font-size:8pt}thead{display:table-header-group}tr,.verdict,.figures div,.limits div{break-inside:avoid}th,td{min-width:0;padding-right:.6rem}
a{color:inherit;text-decoration:none}time{white-space:normal}tr:target td{background:none}.figures{grid-template-columns:repeat(6,1fr)}.figures dd{font-size:14pt}
.verdict,.figures div{print-color-adjust:exact}}`;

/** The source of `style-src` in a policy that allows this style sheet alone. */
export const reportStyleHash = `'sha256-${base64(sha256Bytes(utf8(reportStyle)))}'`;

function base64(bytes: Uint8Array): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    const whole = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63] ?? "").join("");
    text += whole.slice(0, Math.min(4, bytes.length - i + 1)).padEnd(4, "=");
  }
  return text;
}
