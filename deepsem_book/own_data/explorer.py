"""A network as one HTML page that works offline: search a gene, move the threshold, read edges."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from deepsem_minimal.storage import replace

PAGE = Path(__file__).with_name("explorer.html")
OPTIONAL = {
    "sign": "sign",
    "in_top": "members that agree",
    "control": "place in the control's list",
}


def page(
    edges: pd.DataFrame, title: str = "Gene regulatory network", notes: Sequence[str] = (),
    top: int = 5000,
) -> str:  # fmt: skip
    """HTML of the `top` edges (TF, target, importance); it loads nothing else.

    Columns that may be there: sign, in_top (`advice.edge_stability`, whose `attrs["within"]` goes
    into the head of the table) and control (`control.with_ranks`). `notes` are shown on top: has
    each member trained, what does the control say?
    """
    heads = {name: name for name in ("TF", "target", "importance")}
    heads |= {name: head for name, head in OPTIONAL.items() if name in edges}
    if "in_top" in edges and "within" in edges.attrs:
        heads["in_top"] = f"members with the edge among their first {edges.attrs['within']}"
    best = edges.nlargest(top, "importance")[list(heads)]
    # The page shows three digits; more would make it heavier.
    best = best.assign(importance=[float(f"{value:.5g}") for value in best["importance"]])
    data = {
        "columns": list(heads), "heads": list(heads.values()), "notes": list(notes),
        "rows": json.loads(best.to_json(orient="values", double_precision=15)),
    }  # fmt: skip
    text = json.dumps(data, separators=(",", ":"))
    text = text.replace("</", "<\\/")  # a gene name cannot end the script
    safe = title.replace("&", "&amp;").replace("<", "&lt;")
    template = PAGE.read_text(encoding="utf-8")
    return template.replace("__TITLE__", safe).replace("__DATA__", text)


def write(
    edges: pd.DataFrame, path: Path | str, title: str = "Gene regulatory network",
    notes: Sequence[str] = (),
) -> None:  # fmt: skip
    """`page` as a file, there as a whole or not at all."""
    replace(Path(path), page(edges, title, notes).encode())
