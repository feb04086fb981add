"""A network as one HTML page that works offline: search a gene, move the threshold, read edges."""

import json
from pathlib import Path

import pandas as pd

from deepsem_minimal.storage import replace

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>__TITLE__</title>
<meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark}body{font:16px system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}label{margin-right:1rem}svg{width:100%;height:26rem;border:1px solid #8888}
text{font-size:12px;fill:currentColor;cursor:pointer}line,.out{stroke:#0072B2;color:#0072B2}
line.in,.in{stroke:#E69F00;color:#E69F00}@media(prefers-color-scheme:dark){line,.out{stroke:#56B4E9}}
text{paint-order:stroke;stroke:Canvas;stroke-width:4}
table{border-collapse:collapse}td,th{padding:.1rem .8rem;text-align:left}</style></head><body>
<h1>__TITLE__</h1><p><label>Gene <input id="gene" list="genes"></label><datalist id="genes">
</datalist><label>Best edges <input id="top" type="range" min="1"> <output id="n"></output></label>
</p><p id="said" role="status"></p><svg id="map" role="img" aria-label="Neighbours of the gene"
viewBox="-300 -200 600 400"></svg><table><thead><tr><th>TF</th><th>target</th><th>importance</th>
<th>__AGREED__</th></tr></thead><tbody id="rows"></tbody></table>
<script id="edges" type="application/json">__EDGES__</script><script>
const E=JSON.parse(document.getElementById("edges").textContent),$=i=>document.getElementById(i);
const NS="http://www.w3.org/2000/svg",names=[...new Set(E.flatMap(e=>[e[0],e[1]]))].sort();
for(const g of names){const o=document.createElement("option");o.value=g;$("genes").append(o)}
const el=(tag,at,text)=>{const e=document.createElementNS(NS,tag);
 for(const k in at)e.setAttribute(k,at[k]);if(text)e.textContent=text;$("map").append(e);return e};
function draw(){const q=$("gene").value.trim().toUpperCase(),k=+$("top").value;$("n").value=k;
 const kept=E.slice(0,k),mine=kept.filter(e=>e[0].toUpperCase()===q||e[1].toUpperCase()===q);
 const shown=(q?mine:kept).slice(0,200);$("rows").replaceChildren(...shown.map(e=>{
 const r=document.createElement("tr");e.forEach((v,i)=>{const d=document.createElement("td");
 d.textContent=i>2?Math.round(100*v)+" %":i>1?v.toPrecision(3):v;r.append(d)});return r}));
 const name=names.find(g=>g.toUpperCase()===q);
 $("said").textContent=!q?`The ${k} best edges. Type a gene to see its neighbours.`
 :!name?`No edge of ${$("gene").value} is in this page.`
 :`${mine.length} of the ${k} best edges touch ${name}. Blue: ${name} to its target. `
 +`Orange: a regulator to ${name}. `
 +(E[0].length>3?"Dashed: at most half of the members agree. ":"")
 +"Click a name to go there.";
 $("map").replaceChildren();if(!q)return;
 const near=mine.slice(0,32);near.forEach((e,i)=>{const a=2*Math.PI*i/near.length,
 r=i%2?1:.8,x=250*r*Math.cos(a),y=175*r*Math.sin(a),out=e[0].toUpperCase()===q,g=out?e[1]:e[0];
 el("line",{x1:0,y1:0,x2:x,y2:y,class:out?"out":"in","stroke-width":1+3*e[2]/E[0][2],
 "stroke-dasharray":(e[3]??1)>.5?"none":"6 4"});
 el("text",{x,y,"text-anchor":"middle"},g).onclick=()=>{$("gene").value=g;draw()}});
 el("text",{x:0,y:4,"text-anchor":"middle","font-weight":"bold"},name||"")}
$("top").max=E.length;$("top").value=Math.min(E.length,500);$("gene").oninput=draw;
$("top").oninput=draw;
const n={};for(const e of E)if((e[3]??1)>.5)n[e[0]]=(n[e[0]]||0)+1;  // what most members agree on
$("gene").value=Object.keys(n).sort((a,b)=>n[b]-n[a])[0]||E[0]?.[0]||"";draw();</script></body></html>
"""


def page(edges: pd.DataFrame, title: str = "Gene regulatory network", top: int = 5000) -> str:
    """HTML of the `top` edges (TF, target, importance, maybe in_top); it loads nothing else.

    `edges.attrs["within"]`, which `advice.edge_stability` sets, says in the head of the table how
    long the lists are that the members agree on.
    """
    columns = ["TF", "target", "importance", *(["in_top"] if "in_top" in edges else [])]
    rows = edges.nlargest(top, "importance")[columns].to_numpy().tolist()
    safe = title.replace("&", "&amp;").replace("<", "&lt;")
    text = json.dumps(rows).replace("</", "<\\/")  # a gene name cannot end the script
    agreed = "members that agree"
    if "within" in edges.attrs:
        agreed = f"members with the edge among their first {edges.attrs['within']}"
    filled = PAGE.replace("__AGREED__", agreed).replace("__TITLE__", safe)
    return filled.replace("__EDGES__", text)


def write(edges: pd.DataFrame, path: Path | str, title: str = "Gene regulatory network") -> None:
    """`page` as a file, there as a whole or not at all."""
    replace(Path(path), page(edges, title).encode())
