"""What a notebook shows about itself: its data, profile, versions and the package's source.

Each function displays HTML or Markdown that reads the same in the book, in Jupyter and on Colab,
and adds a record to the output's metadata, from which the build makes the status page.
"""

from __future__ import annotations

import html
import inspect
import platform
import sys
import textwrap
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from anndata import AnnData
from IPython.display import display

from . import STARTED, datasets

RECORD = "deepsem"  # where an output's metadata hold the record
PROFILES = {
    "quick": "few seeds and epochs, so that the page runs on any laptop",
    "full": "the paper's settings",
}
PACKAGES = (
    "deepsem_minimal",
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "anndata",
    "scanpy",
    "scikit-learn",
)


def show(*objects: Any) -> None:
    """Display the source of classes, functions or modules as highlighted Python.

    Raises:
        TypeError: an object has no Python source (say, a number or an instance).
    """
    for obj in objects:
        obj = inspect.unwrap(obj)  # what a decorator wraps, not the wrapper
        try:
            lines, first = inspect.getsourcelines(obj)
            path = Path(inspect.getfile(obj))
        except TypeError:
            raise TypeError(
                f"show() takes classes, functions or modules, not {type(obj).__name__}"
            ) from None
        first = max(first, 1)  # a module starts at "line 0"
        where = f"{inside(path)}, lines {first} to {first + len(lines) - 1}"
        code = textwrap.dedent("".join(lines)).rstrip()
        display({"text/markdown": f"`{where}`\n\n~~~~python\n{code}\n~~~~\n"}, raw=True)


def inside(path: Path) -> str:
    """A file of our packages as the repository names it; another by its name."""
    ours = Path(__file__).parents[1]
    return path.relative_to(ours).as_posix() if path.is_relative_to(ours) else path.name


def say(text: str, **numbers: Any) -> None:
    """Display Markdown with computed numbers in it: `say("EPR is {epr:.2f}.", epr=epr)`."""
    display({"text/markdown": text.format(**numbers)}, raw=True)


def choose(real: str, fallback: str) -> AnnData:
    """Load the data set `real` or, where it is not available, `fallback` with a notice on the page.

    Returns:
        AnnData as `datasets.load` gives it; `uns["source"]["name"]` tells which of the two.

    Raises:
        ValueError: an unknown name.
        DataUnavailable: the fallback is not available either.
    """
    try:
        return datasets.load(real)
    except datasets.DataUnavailable:
        adata = datasets.load(fallback)
    simulated = " It is simulated, with a known network." if fallback.startswith("sim/") else ""
    text = (
        f"<code>{html.escape(real)}</code> could not be reached, so what follows was computed on "
        f"<code>{html.escape(fallback)}</code> instead.{simulated} Go online, or set "
        "<code>DEEPSEM_MIRROR</code> to a folder or address that holds the files, and build again. "
        "Recorded tables are those of the real data."
    )
    notice = (
        '<div class="admonition warning"><p class="admonition-title">'
        f"This page does not show the data it was written for</p><p>{text}</p></div>"
    )
    _display(notice, {"kind": "fallback", "real": real, "used": fallback})
    return adata


def header(profile: str, *adatas: AnnData) -> None:
    """Display the profile and, folded, each data set's size, origin, checksum, licence, citation.

    Raises:
        ValueError: `profile` is neither "quick" nor "full".
    """
    if profile not in PROFILES:
        raise ValueError(f"PROFILE must be one of {', '.join(PROFILES)}, not {profile!r}")
    sources = [_source(adata) for adata in adatas]
    note = f"Profile <strong>{profile}</strong>: {PROFILES[profile]}."
    facts = {"cells × genes": [f"{a.n_obs} × {a.n_vars}" for a in adatas]}
    names = {"from": "url", "checksum": "checksum", "licence": "licence", "citation": "citation"}
    facts |= {name: [source[key] for source in sources] for name, key in names.items()}
    columns = ["data", *(source["name"] for source in sources)]
    rows = [[name, *values] for name, values in facts.items() if any(values)]
    names_of = ", ".join(f"<code>{html.escape(source['name'])}</code>" for source in sources)
    folded = f"<details><summary>{note} Data: {names_of}</summary>{_table(columns, rows)}</details>"
    content = folded if adatas else f"<p>{note}</p>"
    _display(content, {"kind": "header", "profile": profile, "data": sources})


def footer(*adatas: AnnData, seeds: int | Iterable[int] = ()) -> None:
    """Display data and checksums, seeds, versions, machine, and seconds since the first import.

    Args:
        adatas: the data sets of the page.
        seeds: every seed that the page used; a number n means 0 to n - 1, as in `fit`.
    """
    seconds = time.perf_counter() - STARTED
    used = [int(seed) for seed in (range(seeds) if isinstance(seeds, int) else seeds)]
    sources = [_source(adata) for adata in adatas]
    versions = {"python": platform.python_version()}
    versions |= {name: number for name in PACKAGES if (number := _version(name))}
    rows: list[Sequence[str]] = [[f"data {s['name']}", s["checksum"]] for s in sources]
    rows += [
        ["seeds", ", ".join(map(str, used)) or "none"],
        ["versions", ", ".join(f"{name} {value}" for name, value in versions.items())],
        ["machine", f"{platform.system()} {platform.machine()}, {_device()}"],
        ["seconds", f"{seconds:.0f}"],
    ]
    record = {"kind": "footer", "seeds": used, "versions": versions, "seconds": round(seconds, 1)}
    _display(_table(["how this page was made", ""], rows), record)


def _source(adata: AnnData) -> dict[str, str]:
    """The entries of `uns["source"]` as text; a missing one is an empty string."""
    source = adata.uns.get("source")
    if not source or "name" not in source:
        raise KeyError('no uns["source"]["name"]: load the data with deepsem_book.datasets.load')
    keys = ("name", "url", "checksum", "licence", "citation")
    return {key: str(source.get(key) or "") for key in keys}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _device() -> str:
    """CPU or the GPU's name; torch is asked only where the page has imported it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return "CPU"


def _cell(text: str) -> str:
    """HTML of one table entry: an address is a link, a long checksum is cut, its tooltip whole."""
    safe = html.escape(text)
    if text.startswith("https://"):
        return f'<a href="{safe}">{html.escape(text.split("/")[2])}</a>'
    if len(text) >= 40 and " " not in text:
        return f'<code title="{safe}">{safe[:16]}…</code>'
    return safe


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    lines = ["".join(f"<td>{_cell(text)}</td>" for text in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return (
        '<table class="dataframe book-facts">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _display(content: str, record: dict[str, Any]) -> None:
    """Show HTML and attach the record that the build reads."""
    display({"text/html": content}, metadata={RECORD: record}, raw=True)
