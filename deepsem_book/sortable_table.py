"""Tables that a reader can sort and point at: plain HTML and its script, nothing is loaded."""

from __future__ import annotations

import hashlib
import html
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML

# The first click on a column of numbers puts the largest on top; missing values stay at the end.
SCRIPT = """
(table => {
  if (!table) return;
  const heads = [...table.querySelectorAll("thead th")], body = table.tBodies[0];
  heads.forEach((head, column) => head.firstElementChild.onclick = () => {
    const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const numbers = [...body.rows].some(row => row.cells[column].dataset.value !== undefined);
    const was = head.ariaSort;
    const up = was ? was === "descending" : !numbers;
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.ariaSort = up ? "ascending" : "descending";
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (!numbers) return x.localeCompare(y) * (up ? 1 : -1);
      if (x === "" || y === "") return (x === "") - (y === "");
      return (x - y) * (up ? 1 : -1);
    };
    body.append(...[...body.rows].sort(order));
  });
})(document.getElementById("%s"));
"""


def sortable(
    table: pd.DataFrame, hover: pd.DataFrame | None = None, precision: int = 2, caption: str = ""
) -> HTML:
    """`table` with headings to click for sorting; `hover` (same shape) has the tooltips of cells.

    Levels of the index become columns. Numbers are shown with `precision` decimals and sorted as
    they are; NaN is an empty cell that sorts last. Raises ValueError for another shape of `hover`.
    """
    if hover is not None and hover.shape != table.shape:
        raise ValueError(f"hover is {hover.shape}, the table {table.shape}")
    names = [str(name or "") for name in table.index.names]
    heads = "".join(
        f'<th scope="col"><button type="button">{html.escape(str(name))}</button></th>'
        for name in [*names, *table.columns]
    )
    rows = []
    for i, key in enumerate(table.index):
        keys = key if isinstance(key, tuple) else (key,)
        values = [table[column].iloc[i] for column in table]  # keeps whole numbers whole
        tips = [""] * table.shape[1] if hover is None else list(hover.iloc[i])
        cells = [_cell(part, precision) for part in keys]
        cells += [_cell(value, precision, tip) for value, tip in zip(values, tips, strict=True)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    content = (
        f"<caption>{html.escape(caption)}</caption>" if caption else ""
    ) + f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody>"
    name = "sortable-" + hashlib.sha256(content.encode()).hexdigest()[:12]
    return HTML(
        f'<div class="sortable-table"><table class="dataframe" id="{name}">{content}</table></div>'
        f"<script>{SCRIPT % name}</script>"
    )


def _cell(value: Any, precision: int, tip: Any = "") -> str:
    """One entry; numbers carry their full value for the sort."""
    title = f' title="{html.escape(str(tip))}"' if isinstance(tip, str) and tip else ""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        return f"<td{title}>{html.escape(str(value))}</td>"
    if np.isnan(value):
        return f'<td data-value=""{title}></td>'
    whole = isinstance(value, (int, np.integer))
    text = str(value) if whole else f"{value:.{precision}f}"
    return f'<td data-value="{float(value)!r}"{title}>{text}</td>'
