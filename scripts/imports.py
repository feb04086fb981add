"""Which files of our packages a source imports, directly or through others."""

import ast
from collections.abc import Iterator
from pathlib import Path

from toc import ROOT

PACKAGES = ("deepsem_minimal", "deepsem_book")


def reached(source: Path) -> set[Path]:
    """Every file of our packages that running `source` may read, `source` itself left out.

    A package counts with all that is not Python in its folder (a page's template, say).
    """
    waiting, files = [source], set()
    while waiting:
        for path in imported(waiting.pop()):
            if path not in files:
                files.add(path)
                waiting.append(path)
    beside = {other for path in files for other in path.parent.iterdir() if other.is_file()}
    return files | {path for path in beside if path.suffix != ".py"}


def imported(source: Path) -> Iterator[Path]:
    """Our files that a source names in its imports, with the packages around them."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = absolute(source, node.level, node.module or "")
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from files_of(name)


def absolute(source: Path, level: int, module: str) -> str:
    """The dotted name of a module that `source` may name relatively."""
    if not level:
        return module
    package = source.relative_to(ROOT).parts[:-level]
    return ".".join([*package, *([module] if module else [])])


def files_of(name: str) -> Iterator[Path]:
    """The files of a dotted name: `__init__.py` of each package on the way, and the module."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return
    for n in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[:n])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path
