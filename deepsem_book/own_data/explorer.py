"""A network as one HTML page that works offline: search a gene, move the threshold, read edges."""

import json
from pathlib import Path

import pandas as pd

from deepsem_minimal.storage import replace

PAGE = Path(__file__).with_name("explorer.html")


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
    template = PAGE.read_text(encoding="utf-8")
    filled = template.replace("__AGREED__", agreed).replace("__TITLE__", safe)
    return filled.replace("__EDGES__", text)


def write(edges: pd.DataFrame, path: Path | str, title: str = "Gene regulatory network") -> None:
    """`page` as a file, there as a whole or not at all."""
    replace(Path(path), page(edges, title).encode())
