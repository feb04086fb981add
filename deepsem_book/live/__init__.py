"""W trains in the page: the linear SEM and DeepSEM in plain JavaScript, as HTML that loads nothing.

    from deepsem_book import live

    live.linear_sem(preset="mirror")  # IPython.display.HTML, for a cell of a notebook
    live.page()                       # a whole page with both parts, as text

The sources beside this file are classic scripts; each runs in a browser and under Node.
"""

import json
from pathlib import Path

from IPython.display import HTML

FOLDER = Path(__file__).parent
CORE = ("rng", "algebra")
PARTS = {
    "linear": (*CORE, "linear_sem", "plot", "ui", "ui_linear"),
    "deepsem": (*CORE, "truth", "scores", "deepsem", "plot", "ui", "ui_deepsem"),
}


def linear_sem(preset: str = "fit") -> HTML:
    """The linear SEM on 2 to 12 genes; `preset` is a key of PRESETS in ui_linear.js."""
    return HTML(element("linear", preset) + script("linear"))


def deepsem(preset: str = "few") -> HTML:
    """DeepSEM on 10 to 40 genes; `preset` is a key of PRESETS in ui_deepsem.js."""
    return HTML(element("deepsem", preset) + script("deepsem"))


def page() -> str:
    """A whole HTML page with both parts, at most 80 kB; it needs no server and no other file."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>W trains in the page</title><meta name="viewport" content="width=device-width">
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:90rem;padding:0 .6rem}}</style>
</head><body><h1>W trains in the page</h1>
<h2>The linear SEM</h2>{element("linear")}<h2>DeepSEM</h2>{element("deepsem")}
{script()}</body></html>
"""


def element(part: str, preset: str = "") -> str:
    """Where a part is drawn; the text shows where no script runs."""
    return (
        f'<deepsem-live part="{part}" preset="{preset}">This place is alive in the book and in '
        "Colab; where you read this, scripts do not run.</deepsem-live>"
    )


def script(*parts: str) -> str:
    """Style sheet and sources of `parts` (default: all), without indentation and comments."""
    files = [name for part in parts or PARTS for name in PARTS[part]]
    code = "\n".join(_lines(FOLDER / f"{name}.js") for name in dict.fromkeys(files))
    style = json.dumps(_lines(FOLDER / "live.css")).replace("</", "<\\/")
    start = f"globalThis.deepsemLive ??= {{}};\ndeepsemLive.css = {style};"
    return f"<script>{start}\n{code}\ndeepsemLive.ui.define();</script>"


def _lines(path: Path) -> str:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
