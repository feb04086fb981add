"""The book's build: notebooks run again only when needed, faults of the site found."""

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from packaging.requirements import Requirement

import check_site
import execute
import imports
import stage
import sync_notebooks
import toc
from source import notebook_of

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = """\
# %% [markdown]
# # A page
#
# $x^2$, see {{numref}}`fig-{name}` and [the introduction](../book/intro).

# %% tags=["setup", "remove-cell"]

# %% tags=["parameters", "remove-cell"]
PROFILE = "quick"

# %%
print("profile", PROFILE)

# %% mystnb={{"figure": {{"caption": "Up", "name": "fig-{name}"}}, "image": {{"alt": "A line"}}}}
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(1, 1))
plt.close(fig)
fig

# %%
{last}
"""


def run(root, script, *arguments):
    command = [sys.executable, str(root / "scripts" / script), *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A small book: introduction, one notebook, status page, with this repository's scripts."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "scripts", root / "scripts")
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    for folder in ("notebooks", "deepsem_minimal", "data"):
        (root / folder).mkdir()
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copy(ROOT / "data" / "paper_items.csv", root / "data")
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\n"
        "chapters: [{file: notebooks/01_good}, {file: book/status}]\n"
    )
    (root / "book/intro.md").write_text("# Introduction\n\n$$ y = x $$ (eq-y)\n")
    (root / "book/references.bib").write_text("")
    (root / "notebooks/01_good.py").write_text(NOTEBOOK.format(name="good", last="1 + 1"))
    return root


def test_build_from_nothing_then_again(house):
    """Executed, staged, built with warnings as errors, checked; then kept, and still whole."""
    first = run(house, "execute.py")
    assert "done   notebooks/01_good" in first.stdout, first.stderr
    assert run(house, "stage.py").returncode == 0
    jupyter_book = str(Path(sys.executable).with_name("jupyter-book"))
    book = [jupyter_book, "build", "_build/stage", "--path-output", "."]
    built = subprocess.run([*book, "-W", "--keep-going"], cwd=house, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    finished = run(house, "finish.py")
    assert finished.returncode == 0, finished.stderr
    checked = run(house, "check_site.py")
    assert checked.returncode == 0, checked.stdout
    assert "3 pages checked" in checked.stdout
    download = (house / "_build/html/_sources/notebooks/01_good.ipynb").read_text()
    assert "profile quick" in download and "**Fig. 1.** Up" in download
    assert "{numref}" not in download and "papermill" not in download

    page = (house / "_build/html/notebooks/01_good.html").read_text()
    owner_and_name = toc.repository_url().removeprefix("https://github.com/")
    assert f"/github/{owner_and_name}/blob/main/notebooks/01_good.ipynb" in page
    assert "profile quick" in page and "PROFILE =" not in page
    assert 'alt="A line"' in page
    assert "mathjax/tex-svg-full.js" in page and "THEBE" not in page
    head = soup(page).head
    address = f"{toc.site_url()}/notebooks/01_good.html"
    assert head.find("link", rel="canonical")["href"] == address
    assert head.find("meta", property="og:title")["content"] == "A page"
    status = (house / "_build/html/book/status.html").read_text()
    assert "A page" in status and "quick" in status

    again = run(house, "execute.py")
    assert again.stdout == "kept   notebooks/01_good\n"
    (house / "_build/html/notebooks/01_good.html").unlink()
    missing = run(house, "check_site.py")
    assert missing.returncode == 1
    assert "notebooks/01_good.html: was not built" in missing.stdout
    assert "link to a missing file" in missing.stdout


def test_profile_reaches_the_notebook(house):
    assert run(house, "execute.py", "--profile", "full").returncode == 0
    (file,) = (house / "_build/cache").glob("01_good.full.*.ipynb")
    notebook = nbformat.read(file, as_version=4)
    injected = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert "remove-cell" in injected[0].metadata.tags
    texts = [o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])]
    assert "profile full\n" in texts
    assert str(house) not in json.dumps(notebook.metadata)


def test_failing_notebook_stops_the_build(house):
    """Non-zero exit, the traceback's end on stderr, nothing cached of it, the others kept."""
    bad = house / "notebooks/02_bad.py"
    bad.write_text(NOTEBOOK.format(name="bad", last='raise RuntimeError("singular at epoch 3")'))
    toc = (house / "_toc.yml").read_text()
    (house / "_toc.yml").write_text(toc.replace("01_good}", "01_good}, {file: notebooks/02_bad}"))
    result = run(house, "execute.py")
    assert result.returncode == 1
    assert "FAILED notebooks/02_bad" in result.stderr
    assert "RuntimeError: singular at epoch 3" in result.stderr
    assert not list((house / "_build/cache").glob("02_bad*"))
    assert list((house / "_build/cache").glob("01_good.quick.*"))
    assert "singular" in (house / "_build/reports/02_bad.ipynb").read_text()


def test_fingerprint_covers_what_an_output_depends_on_and_no_more(tmp_path, monkeypatch):
    text = {
        "notebooks/a.py": "from deepsem_book import page, subject",
        "deepsem_minimal/__init__.py": "",
        "deepsem_minimal/model.py": "from .engine import Solve",
        "deepsem_minimal/engine.py": "",
        "deepsem_book/__init__.py": "",
        "deepsem_book/page.py": "",
        "deepsem_book/subject/__init__.py": "from .. import statistics\nfrom . import figures",
        "deepsem_book/subject/figures.py": "def f():\n    import deepsem_minimal.model",
        "deepsem_book/subject/page.html": "",
        "deepsem_book/statistics.py": "",
        "data/results/c.csv": "",
        "mirror/manifest.csv": "",
    }
    text |= {f"scripts/{name}": "" for name in execute.SCRIPTS}
    others = {"deepsem_minimal/sem.py": "", "deepsem_book/other/figures.py": ""}
    for name, content in (text | others).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    old = execute.fingerprint("notebooks/a", "quick")
    assert execute.fingerprint("notebooks/a", "quick") == old
    assert execute.fingerprint("notebooks/a", "full") != old
    for name, content in (text | others).items():
        (tmp_path / name).write_text(f"{content}\n# new")
        assert (execute.fingerprint("notebooks/a", "quick") != old) == (name in text), name
        (tmp_path / name).write_text(content)


def test_a_kernel_that_does_not_start_is_started_again_and_other_errors_are_not(
    tmp_path, monkeypatch
):
    (tmp_path / "a.py").write_text("# %%\n1\n")
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "SCRATCH", tmp_path)
    errors = []

    def executed(source, output, **options):
        if errors:
            raise errors.pop(0)
        notebook = nbformat.read(source, as_version=4)
        notebook.metadata.papermill = {}
        nbformat.write(notebook, output)

    monkeypatch.setattr(execute.papermill, "execute_notebook", executed)
    not_started = RuntimeError(execute.NOT_STARTED)
    errors += [not_started] * (execute.STARTS - 1)
    execute.run("a", "quick", tmp_path / "done.ipynb")
    assert (tmp_path / "done.ipynb").exists()
    for raised, left in (
        ([not_started] * execute.STARTS, 0),
        ([RuntimeError("x"), not_started], 1),
    ):
        errors[:] = raised
        with pytest.raises(RuntimeError):
            execute.run("a", "quick", tmp_path / "b.ipynb")
        assert len(errors) == left
    assert not (tmp_path / "b.ipynb").exists()


@pytest.mark.parametrize(
    "changed, chapters",
    [
        ("foundations/figures.py", ["01", "02"]),
        ("layers/probes.py", ["03"]),
        ("training/figures.py", ["04"]),
        ("embedding/figures.py", ["10", "A1"]),
    ],
)
def test_a_change_in_one_subject_executes_its_chapters_only(changed, chapters):
    file = imports.ROOT / "deepsem_book" / changed
    sources = sorted((imports.ROOT / "notebooks").glob("*.py"))
    assert [s.name[:2] for s in sources if file in imports.reached(s)] == chapters


def test_the_kernel_is_this_python_whatever_a_reader_has(tmp_path, monkeypatch):
    """A foreign python3 in JUPYTER_PATH, and users' kernels before those of the environment."""
    from jupyter_client.kernelspec import KernelSpecManager

    foreign = tmp_path / "foreign" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/foreign/python", "-f", "{connection_file}"], "display_name": "Foreign"}
    (foreign / "kernel.json").write_text(json.dumps(spec | {"language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "foreign"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    assert KernelSpecManager().get_kernel_spec("python3").argv[0] == "/foreign/python"
    monkeypatch.setattr(execute, "SCRATCH", tmp_path / "scratch")
    execute.own_kernel()
    assert KernelSpecManager().get_kernel_spec("python3").argv[0] == sys.executable


def test_pip_installs_into_the_environment_whatever_a_reader_has_set(tmp_path):
    """scripts/venv.sh with a stand-in for pip that records what it sees of such settings."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "venv.sh", tmp_path / "scripts")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PIP_USER ${PIP_TARGET-unset}" >> seen\n')
    python.chmod(0o755)
    settings = {"PIP_USER": "1", "PIP_TARGET": str(tmp_path / "elsewhere")}
    subprocess.run(["sh", "scripts/venv.sh"], cwd=tmp_path, env=os.environ | settings, check=True)
    assert set((tmp_path / "seen").read_text().splitlines()) == {"0 unset"}


@pytest.mark.parametrize("reachable", [True, False])
def test_a_fallback_page_is_run_again_once_its_data_can_be_had(tmp_path, monkeypatch, reachable):
    record = {"kind": "fallback", "real": "beeline/hESC-500", "used": "sim/linear-20"}
    output = nbformat.v4.new_output("display_data", {"text/html": ""}, metadata={"deepsem": record})
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    asked = []
    monkeypatch.setattr(
        "deepsem_book.datasets.is_available", lambda name: asked.append(name) or reachable
    )
    assert execute.better_data(tmp_path / "a.ipynb") is reachable
    assert asked == ["beeline/hESC-500"]


def soup(html):
    return BeautifulSoup(html, "html.parser")


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://host.example/a.js"></script>',
        '<link rel="stylesheet" href="//host.example/a.css">',
        '<link rel="preload" as="font" href="https://host.example/a.woff2">',
        '<img alt="x" src="http://host.example/a.png">',
        '<img alt="x" src="a.png" srcset="a.png 1x, https://host.example/b.png 2x">',
        '<iframe src="https://host.example/"></iframe>',
        "<div style=\"background: url('https://host.example/a.png')\"></div>",
        '<style>@import "https://host.example/a.css";</style>',
    ],
)
def test_remote_loads_are_found(html):
    (remote,) = check_site.loads(soup(html))
    assert "host.example" in remote


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://host.example/">out</a>',
        '<link rel="canonical" href="https://host.example/">',
        '<script src="../_static/a.js"></script>',
        '<img alt="x" src="data:image/png;base64,AAAA">',
        '<div style="background: url(a.png)"></div>',
    ],
)
def test_local_loads_and_outward_links_are_fine(html):
    assert list(check_site.loads(soup(html))) == []


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ('<img src="../_images/ab12.png">', "alt text"),
        ('<img src="../_images/ab12.png" alt="">', "alt text"),
        ('<img src="../_images/ab12.png" alt="_images/ab12.png">', "alt text"),
        ('<img src="../_images/ab12.webp" alt="_images/ab12.png">', "alt text"),
        (
            '<div class="cell_output"><img src="a.png" alt="x"><img src="a.png" alt="x"></div>',
            "twice",
        ),
    ],
)
def test_image_faults_are_found(html, word):
    (fault,) = check_site.image_faults(soup(html))
    assert word in fault
    assert not list(check_site.image_faults(soup('<img src="a.png" alt="A rising line">')))


def test_tracebacks_in_outputs_are_found_and_prose_is_not():
    text = "<pre>Traceback (most recent call last): ...</pre>"
    assert list(check_site.error_faults(soup(f'<div class="cell_output">{text}</div>')))
    assert not list(check_site.error_faults(soup(f"<div>{text}</div>")))


def test_a_link_may_press_a_preset_of_a_live_part(tmp_path):
    path = tmp_path / "live.html"
    path.touch()
    links = "".join(f'<a href="#linear-{key}">x</a>' for key in ("fit", "no"))
    page = soup(f'<deepsem-live part="linear"></deepsem-live>{links}')
    anchors = {path: check_site.live_states(page)}
    missing = "link to a missing anchor: #linear-no"
    assert list(check_site.link_faults(path, page, anchors)) == [missing]


def test_formula_in_computed_text_is_a_fault() -> None:
    text = "the slope of $f_1(x)$ is <code>$HOME and $PATH</code>"
    inside = f'<div class="cell_output"><p>{text}</p></div>'
    assert list(check_site.formula_faults(soup(inside))) == ["formula as text: $f_1(x)$"]
    assert not list(check_site.formula_faults(soup('<div class="cell_output"><p>5 $</p></div>')))
    assert not list(check_site.formula_faults(soup("<p>rendered by MathJax: $x$</p>")))


def test_an_object_shown_by_its_name_is_a_fault() -> None:
    page = "<div class='cell_output'><pre>{}</pre></div><pre>{}</pre>"
    name = "&lt;IPython.core.display.Markdown object&gt;"
    assert len(list(check_site.display_faults(soup(page.format(name, "fine"))))) == 1
    assert not list(check_site.display_faults(soup(page.format("fine", name))))


def test_dead_links_and_anchors_are_found(tmp_path):
    page, other = (tmp_path / "a.html").resolve(), (tmp_path / "b.html").resolve()
    for path in (page, other):
        path.write_text("")
    links = ["#here", "#gone", "b.html#there", "b.html#gone", "c.html", "https://host.example/x#y"]
    html = soup("".join(f'<a href="{link}">x</a>' for link in links))
    faults = list(check_site.link_faults(page, html, {page: {"here"}, other: {"there"}}))
    assert [fault.split(": ")[1] for fault in faults] == ["#gone", "b.html#gone", "c.html"]


def test_a_page_weighs_all_that_it_loads_once(tmp_path):
    sizes = {"a.css": 0, "b.css": 10, "icons.ttf": 100, "a.png": 1000, "a.js": 10_000, "no.js": 1}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b" " * size)
    (tmp_path / "a.css").write_text('@import "b.css"; i { src: url(icons.ttf?v=1), url("data:x") }')
    html = (
        '<link rel="stylesheet" href="a.css?digest=1"><link rel="next" href="no.js">'
        '<img src="a.png"><img src="./a.png"><script src="a.js"></script><a href="no.js">x</a>'
        '<script src="https://host.example/no.js"></script><script src="gone.js"></script>'
    )
    page = tmp_path / "page.html"
    page.write_text(html)
    names = {file.name for file in check_site.loaded_files(page.resolve(), soup(html))}
    assert names == {"page.html"} | set(sizes) - {"no.js"}


@pytest.mark.parametrize("formula", ["", '<span class="math">x</span>'])
def test_a_heavy_page_is_a_fault(tmp_path, formula):
    limit = check_site.LIMIT_WITH_FORMULAS if formula else check_site.LIMIT
    html = f'{formula}<img src="a.png">'
    page = (tmp_path / "page.html").resolve()
    page.write_text(html)
    for more, n_faults in ((0, 0), (1, 1)):
        (tmp_path / "a.png").write_bytes(b" " * (limit - len(html) + more))
        assert len(list(check_site.weight_faults(page, soup(html)))) == n_faults


def test_mathjax_is_the_published_file_or_nothing(monkeypatch):
    assert b"MathJax" in stage.mathjax()
    monkeypatch.setattr(stage, "MATHJAX_SHA256", "0" * 64)
    with pytest.raises(SystemExit, match=r"0\.0\.2"):
        stage.mathjax()


@pytest.mark.parametrize(
    "numbers, words", [([], ""), ([4], "4"), ([0, 1, 2, 7], "0–2, 7"), ([3, 1, 2], "3, 1–2")]
)
def test_seeds_on_the_status_page(numbers, words):
    assert stage.ranges(numbers) == words


def test_jupyter_book_2_is_refused(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "2.1.0")
    with pytest.raises(SystemExit, match="<2"):
        stage.main()


def test_notebooks_are_in_step():
    result = run(ROOT, "sync_notebooks.py", "--check")
    assert result.returncode == 0, result.stderr


def test_setup_cell_is_written_once_and_the_source_read_alike():
    source = sync_notebooks.with_setup(
        NOTEBOOK.format(name="a", last="1"), "https://host.example/r"
    )
    assert sync_notebooks.with_setup(source, "https://host.example/r") == source
    notebook = notebook_of(source)
    assert notebook == notebook_of(source)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert 'ADDRESS = "https://host.example/r"' in code[0].source
    assert code[1].source == 'PROFILE = "quick"'
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert code[3].metadata["mystnb"]["image"]["alt"] == "A line"


def test_missing_cells_are_named():
    source = NOTEBOOK.format(name="a", last="header(PROFILE)\nbook.footer()")
    assert sync_notebooks.problems(source) == []
    assert "header" in sync_notebooks.problems(source.replace("header(", "head("))[0]
    assert "parameters" in sync_notebooks.problems(source.replace('"quick"', '"full"'))[0]
    assert "set-up" in sync_notebooks.problems(source.replace('"setup", ', ""))[0]
    assert "title" in sync_notebooks.problems(source.replace("# # A page", "# A page"))[0]


class Pip:
    """In place of subprocess.run: lists two packages, and installs unless told to fail."""

    PRESENT = "numpy==2.1.3\ntorch==2.11.0+cu128\n"

    def __init__(self, fails=False):
        self.fails, self.commands, self.kept = fails, [], ""

    def __call__(self, command, **settings):
        self.commands.append(command)
        if "list" in command:
            return subprocess.CompletedProcess(
                command, 0, "numpy==2.1.3\ntorch==2.11.0+cu128\n", ""
            )
        self.kept = Path(command[command.index("-c") + 1]).read_text()
        return subprocess.CompletedProcess(command, int(self.fails), "", "fatal: no answer")


def run_setup(monkeypatch, pip, installed=False):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr("subprocess.run", pip)
    exec(sync_notebooks.SETUP.format(url="https://host.example/r"), {})


def test_setup_cell_adds_the_package_and_replaces_nothing(monkeypatch):
    pip = Pip()
    run_setup(monkeypatch, pip)
    _, command = pip.commands
    assert command[-1] == "deepsem_minimal[chapters] @ git+https://host.example/r"
    assert "--upgrade" not in command
    assert pip.kept == pip.PRESENT  # every package that was there


def test_setup_cell_does_nothing_where_the_package_is(monkeypatch):
    pip = Pip()
    run_setup(monkeypatch, pip, installed=True)
    assert not pip.commands


def test_setup_cell_says_what_to_do_when_the_address_fails(monkeypatch, capsys):
    with pytest.raises(RuntimeError, match=r"(?s)host\.example/r.*placeholder.*older.*run this"):
        run_setup(monkeypatch, Pip(fails=True))
    assert "fatal: no answer" in capsys.readouterr().out


def test_repository_address_is_one_setting(house):
    run(house, "sync_notebooks.py")
    unknown = run(house, "set_repository.py", "https://host.example/new/")
    assert unknown.returncode and "SITE=" in unknown.stderr
    new = ["https://host.example/new/", "--site", "https://book.example/"]
    assert run(house, "set_repository.py", *new).returncode == 0
    run(house, "sync_notebooks.py")
    config = (house / "_config.yml").read_text()
    assert "url: https://host.example/new #" in config
    assert "baseurl: https://book.example/ #" in config
    for suffix in ("py", "ipynb"):
        text = (house / f"notebooks/01_good.{suffix}").read_text()
        assert re.search(r"ADDRESS = .?\"https://host\.example/new\b", text)
        assert toc.repository_url() not in text and toc.site_url() not in text
    assert "https://book.example/notebooks/01_good.html" in text


def requirements(lines):
    listed = [Requirement(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]
    return {re.sub("[-_.]+", "-", item.name).lower(): item for item in listed}


def test_every_dependency_is_listed_and_pinned_within_its_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"]]
    for group in project["optional-dependencies"].values():
        named += group
    direct = requirements((ROOT / "requirements.txt").read_text().splitlines())
    pins = requirements((ROOT / "constraints.txt").read_text().splitlines())
    assert set(requirements(named)) == set(direct)
    for name, requirement in direct.items():
        (pin,) = pins[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), name
        assert any(s.operator == "<" for s in requirement.specifier), f"{name} has no upper bound"


def test_every_import_is_a_listed_dependency():
    """A package that somebody installed by hand must not hide a missing line."""
    listed = {}
    for path in ROOT.glob("requirements*.txt"):
        listed |= requirements(path.read_text().splitlines())
    sources = [*ROOT.glob("deepsem_*/**/*.py"), *ROOT.glob("notebooks/*.py")]
    imported = set()
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    provides = importlib.metadata.packages_distributions()
    modules = {"IPython": "ipykernel", "dask": "distributed", "scvi": "scvi-tools"}
    for module in imported - sys.stdlib_module_names - {"deepsem_minimal", "deepsem_book", "BLRun"}:
        names = [modules.get(module, module), *provides.get(module, [])]
        assert {re.sub("[-_.]+", "-", name).lower() for name in names} & set(listed), module


def test_a_figure_is_shown_at_half_its_pixels():
    cells = [nbformat.v4.new_code_cell("figure"), nbformat.v4.new_code_cell("1 + 1")]
    size = {"image/png": {"width": 620, "height": 300}}
    cells[0].outputs = [nbformat.v4.new_output("execute_result", {"image/png": ""}, metadata=size)]
    cells[0].metadata["mystnb"] = {"image": {"alt": "A line"}}
    first, second = stage.with_widths(nbformat.v4.new_notebook(cells=cells)).cells
    assert first.metadata["mystnb"]["image"] == {"alt": "A line", "width": "620px"}
    assert "mystnb" not in second.metadata
