"""The page "The paper, item by item", from data/paper_items.csv."""

import csv
from collections import Counter
from pathlib import Path

VERDICTS = {
    "full": "the same analysis of the same data",
    "partly": "the same analysis of some of the data",
    "substitute": "the same analysis of other data",
    "none": "not done",
}
KINDS = ("Fig.", "Supp. Fig.", "Supp. Table")
HEAD = """# The paper, item by item

Every figure, panel, supplementary figure and table of {cite:t}`shu2021`: where this book repeats
it, and what is missing. The supplement was not at hand; what its items show is inferred from the
sentences of the text that cite them. Whether the *claims* hold is the subject of
{doc}`/notebooks/14_what_reproduces`.
"""


def items(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def link(place: str) -> str:
    """A page of the book, or with "#label" behind it the section that has the label."""
    name, _, section = place.partition("#")
    return f"{{ref}}`{section}`" if section else f"{{doc}}`/{name}`"


def counted(rows: list[dict[str, str]]) -> list[str]:
    """A table of verdicts by kind of item."""
    lines = ["| | " + " | ".join(VERDICTS) + " |", "| --- |" + " --- |" * len(VERDICTS)]
    for kind in KINDS:
        counts = Counter(row["verdict"] for row in rows if row["item"].startswith(kind))
        lines.append(f"| {kind} | " + " | ".join(str(counts[v]) for v in VERDICTS) + " |")
    return lines


def page(rows: list[dict[str, str]]) -> str:
    """The page as MyST Markdown."""
    meaning = [f"- **{verdict}**: {text}" for verdict, text in VERDICTS.items()]
    table = ["| item | what the paper shows | verdict | where | what is missing or different |"]
    table.append("| --- | --- | --- | --- | --- |")
    for row in rows:
        where = ", ".join(map(link, row["pages"].split()))
        cells = [row["item"], row["shows"], f"**{row['verdict']}**", where, row["missing"]]
        table.append("| " + " | ".join(cells) + " |")
    return "\n".join([HEAD, *meaning, "", *counted(rows), "", *table, ""])
