"""The house: the core knows no book, shared rooms know no subject, subjects not each other."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = {"numpy", "pandas", "scipy", "torch", "anndata", "h5py", "tqdm", "deepsem_minimal"}
ROOMS = {"datasets", "baselines", "live"}  # shared by all subjects, as the files at the top are
EXCEPTIONS = {"scorecard", "__main__"}  # judges all subjects; is the door of the command


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports, anywhere in it."""
    package, names = path.relative_to(ROOT).parts, set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            stem = [*(package[: -node.level] if node.level else ()), *filter(None, [node.module])]
            for name in (".".join([*stem, alias.name]) for alias in node.names):
                place = ROOT.joinpath(*name.split("."))
                is_module = place.is_dir() or place.with_suffix(".py").exists()
                names.add(name if is_module else name.rpartition(".")[0])
    return {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}


def test_arrows_point_down_and_there_is_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in [*ROOT.glob("deepsem_minimal/**/*.py"), *ROOT.glob("deepsem_book/**/*.py")]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        graph[module] = names = {n for n in imported(path) if n != module}
        if module.startswith("deepsem_minimal"):
            assert {name.split(".")[0] for name in names} <= CORE, module
        places = {name.split(".")[1] for name in names if name.startswith("deepsem_book.")}
        subjects = {p for p in places - ROOMS if (ROOT / "deepsem_book" / p).is_dir()}
        own = set(module.split(".")[1:2])
        assert own & EXCEPTIONS or subjects <= own, f"{module} imports {subjects}"
    TopologicalSorter(graph).prepare()  # CycleError names a circle
