"""Executes the notebooks of _toc.yml with papermill; one whose inputs did not change is kept.

A finished notebook lies in _build/cache under a name that hashes all it depends on: its source,
the files of our packages that it imports (directly or through others), the registry and tables of
data/, the profile, the mirror and the installed packages.
`_build/executed.json` tells scripts/stage.py which file belongs to which page. The first notebook
that fails ends the run: those that finished stay cached, and the failed one lies in _build/reports.
"""

import argparse
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

import nbformat
import papermill

from imports import reached
from source import as_json, notebook_of
from toc import BUILD, ROOT, notebooks

CACHE, REPORTS, SCRATCH = BUILD / "cache", BUILD / "reports", BUILD / "scratch"
RECORD = "deepsem"  # where an output's metadata hold what deepsem_book.page recorded
SCRIPTS = ("execute.py", "source.py")  # they shape a notebook too
TRACEBACK_LINES = 40
STARTS = 3  # of a kernel; two that start at the same time may draw the same port, and one dies
NOT_STARTED = "Kernel died before replying to kernel_info"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def fingerprint(page: str, profile: str) -> str:
    """Hash of everything that the outputs of a notebook depend on."""
    source = ROOT / f"{page}.py"
    files = [source, *(ROOT / "scripts" / name for name in SCRIPTS), *sorted(reached(source))]
    files += sorted(path for path in (ROOT / "data").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    for text in (profile, mirror(), platform.python_version(), *installed()):
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()[:16]


@functools.cache
def installed() -> list[str]:
    """name==version of every installed package."""
    return sorted({f"{d.name}=={d.version}" for d in importlib.metadata.distributions()})


def mirror() -> str:
    """The mirror's identity: the hash of its manifest where there is one, else its address."""
    address = os.environ.get("DEEPSEM_MIRROR", "")
    manifest = Path(address) / "manifest.csv"
    if address and manifest.is_file():
        return hashlib.sha256(manifest.read_bytes()).hexdigest()
    return address


def own_kernel() -> None:
    """Let the kernel's name python3 mean this Python, whatever other kernels JUPYTER_PATH and the
    home folder offer: JUPYTER_PATH is looked up first."""
    folder = SCRATCH / "jupyter"
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": words, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] = str(folder)


def better_data(file: Path) -> bool:
    """Whether a kept notebook fell back to other data although the real data can be reached now."""
    cells = nbformat.read(file, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    records = [output.get("metadata", {}).get(RECORD, {}) for output in outputs]
    missing = [record["real"] for record in records if record.get("kind") == "fallback"]
    if not missing:
        return False
    from deepsem_book import datasets

    return any(datasets.is_available(name) for name in missing)


def run(page: str, profile: str, target: Path) -> float:
    """Execute one notebook into `target`; returns seconds, raises what papermill raises."""
    start = time.perf_counter()
    source, output = SCRATCH / f"{target.stem}.in.ipynb", SCRATCH / f"{target.stem}.ipynb"
    source.write_text(as_json(notebook_of((ROOT / f"{page}.py").read_text())))
    for start_number in range(1, STARTS + 1):
        try:
            papermill.execute_notebook(
                source,
                output,
                parameters={"PROFILE": profile},
                kernel_name="python3",
                cwd=SCRATCH,
                progress_bar=False,
                start_timeout=120,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # crashes are raised anyway
            )
            break
        except RuntimeError as error:  # no cell has run yet
            if NOT_STARTED not in str(error) or start_number == STARTS:
                raise
    nbformat.write(tidy(nbformat.read(output, as_version=4)), output)
    output.replace(target)  # only a finished notebook gets the final name
    return time.perf_counter() - start


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Hide the cell that papermill injected and drop this machine's paths."""
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata.tags.append("remove-cell")
    for key in ("input_path", "output_path"):
        notebook.metadata.papermill.pop(key, None)
    return notebook


def report(page: str, target: Path, error: BaseException) -> None:
    """Print the end of the traceback and keep the notebook as far as it ran."""
    print(f"FAILED {page}", file=sys.stderr)
    print("\n".join(ANSI.sub("", str(error)).splitlines()[-TRACEBACK_LINES:]), file=sys.stderr)
    output = SCRATCH / f"{target.stem}.ipynb"
    if output.exists():
        REPORTS.mkdir(exist_ok=True)
        output.replace(REPORTS / f"{Path(page).name}.ipynb")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", choices=("quick", "full"), default="quick")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    options = parser.parse_args()
    for folder in (CACHE, SCRATCH):
        folder.mkdir(parents=True, exist_ok=True)
    cores = os.cpu_count() or 1
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):  # numba's number becomes torch's too
        os.environ.setdefault(name, str(max(1, cores // options.jobs)))
    os.environ.setdefault("TQDM_DISABLE", "1")
    own_kernel()
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # silences the debugger's start message

    targets = {
        page: CACHE
        / ".".join([Path(page).name, options.profile, fingerprint(page, options.profile), "ipynb"])
        for page in notebooks()
    }
    todo = []
    for page, target in targets.items():
        if target.exists() and not better_data(target):
            print(f"kept   {page}", flush=True)
        else:
            todo.append(page)
    failed = execute(todo, targets, options.profile, options.jobs)
    if failed:
        return 1
    files = {page: target.name for page, target in targets.items()}
    (BUILD / "executed.json").write_text(json.dumps({"profile": options.profile, "files": files}))
    return 0


def execute(todo: list[str], targets: dict[str, Path], profile: str, jobs: int) -> bool:
    """Run notebooks side by side, nothing new after a failure; returns whether one failed."""
    failed = False
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        running: dict[Future[float], str] = {}
        waiting = list(todo)
        while running or (waiting and not failed):
            while waiting and len(running) < jobs and not failed:
                page = waiting.pop(0)
                print(f"start  {page}", flush=True)
                running[pool.submit(run, page, profile, targets[page])] = page
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                page = running.pop(future)
                target = targets[page]
                if error := future.exception():
                    report(page, target, error)
                    failed = True
                    continue
                print(f"done   {page} ({future.result():.0f} s)", flush=True)
                for old in CACHE.glob(f"{Path(page).name}.{profile}.*.ipynb"):
                    if old != target:
                        old.unlink()
    return failed


if __name__ == "__main__":
    sys.exit(main())
