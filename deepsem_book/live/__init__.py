"""W trains in the page: the linear SEM and DeepSEM in plain JavaScript, as HTML that loads nothing.

    from deepsem_book import live

    live.linear_sem(preset="mirror")  # IPython.display.HTML, for a cell of a notebook
    live.page()                       # a whole page with both parts, as text

The sources beside this file are classic scripts; each runs in a browser and under Node.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IPython.display import HTML

FOLDER = Path(__file__).parent
CORE = ("rng", "algebra", "plot", "ui")
PARTS = {
    "linear": (*CORE, "linear_sem", "presets_linear", "network", "ui_linear"),
    "deepsem": (
        *CORE, "truth", "scores", "tables", "deepsem", "train", "member", "ui_deepsem",
    ),
}  # fmt: skip
PRESETS = {
    "linear": (
        "fit", "mirror", "scaled", "units", "chain", "collider", "cells", "hub", "sparse", "loop",
    ),
    "deepsem": (
        "few", "curves", "empty", "silent", "printed", "wall", "offset", "specific", "depth", "own",
    ),
}  # fmt: skip


def linear_sem(preset: str = "fit") -> HTML:
    """The linear SEM on 2 to 12 genes, in the state of one of PRESETS["linear"].

    Raises ValueError for another preset.
    """
    return HTML(element("linear", preset) + script("linear"))


def deepsem(preset: str = "few") -> HTML:
    """DeepSEM on 10 to 40 genes, in the state of one of PRESETS["deepsem"].

    Raises ValueError for another preset.
    """
    return HTML(element("deepsem", preset) + script("deepsem"))


def page() -> str:
    """A whole HTML page with both parts, at most 80 kB; it needs no server and no other file."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>W trains in the page</title><meta name="viewport" content="width=device-width">
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:90rem;padding:0 .6rem}}</style>
</head><body><h1>W trains in the page</h1>
<h2>The linear SEM</h2>{element("linear", "fit")}<h2>DeepSEM</h2>{element("deepsem", "few")}
{script()}</body></html>
"""


def element(part: str, preset: str, presets: Sequence[str] = ()) -> str:
    """Where a part is drawn, in one of its presets; the text shows where no script runs."""
    presets = presets or PRESETS[part]
    if preset not in presets:
        raise ValueError(f"No preset {preset!r}; choose one of {', '.join(presets)}.")
    return (
        f'<deepsem-live part="{part}" preset="{preset}">This place is alive in the book and in '
        "Colab; where you read this, scripts do not run.</deepsem-live>"
    )


def script(*parts: str) -> str:
    """Style sheet and sources of `parts` (default: all), without indentation and comments."""
    names = [name for part in parts or PARTS for name in PARTS[part]]
    return assembled([FOLDER / f"{name}.js" for name in dict.fromkeys(names)])


def assembled(files: Sequence[Path], **values: Any) -> str:
    """A script of these files in their order; `values` are there as `deepsemLive.<name>`."""
    code = "\n".join(_code(file) for file in files)
    css = (FOLDER / "live.css").read_text(encoding="utf-8")
    style = json.dumps(re.sub(r"\s*([{};,])\s*|(?<=:)\s+", r"\1", css)).replace("</", "<\\/")
    start = f"globalThis.deepsemLive ??= {{}};\ndeepsemLive.css = {style};"
    for name, value in values.items():
        text = json.dumps(value, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
        start += f"\ndeepsemLive.{name} = {text};"
    return f"<script>{start}\n{code}\ndeepsemLive.ui.define();</script>"


def _code(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [re.sub(r"(^|\s)// .*", "", line).strip() for line in lines]
    return "\n".join(line for line in lines if line)
