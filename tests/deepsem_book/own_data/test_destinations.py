"""Where results may go: nothing is lost that was there, and nothing fails after the training."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pytest
import torch  # noqa: F401  (in the texts of errors below)
from anndata import AnnData
from command import OPTIONS, counts, run

from deepsem_book.errors import BadInput
from deepsem_book.own_data import cli, destinations
from deepsem_minimal import parallel

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def untrained(monkeypatch):
    for name in ("training.fit", "commands.fit_groups"):
        monkeypatch.setattr(
            f"deepsem_book.own_data.{name}", lambda *_, **__: pytest.fail("trained")
        )


def linked(path: str, to: str) -> str:
    Path(path).symlink_to(to)
    return path


def hard_linked(path: str, to: str) -> str:
    os.link(to, path)
    return path


def fifo(path: str) -> str:
    os.mkfifo(path)
    return path


def protected(path: str) -> str:
    Path(path).write_text("precious")
    Path(path).chmod(0o444)
    return path


def folder_named(path: str) -> str:
    Path(path).mkdir()
    return path


INFER, EMBED = ["infer", "x.csv"], ["embed", "x.csv"]
REFUSED = {
    "the input": (lambda: [*INFER, "--out", "x.csv"], "is an input"),
    "the input by another path": (lambda: [*INFER, "--out", "../here/x.csv"], "is an input"),
    "the input by a link": (lambda: [*INFER, "--out", linked("l.csv", "x.csv")], "is an input"),
    "the input by a hard link": (
        lambda: [*INFER, "--out", hard_linked("h.csv", "x.csv")], "is an input"
    ),
    "the list of TFs": (
        lambda: [*INFER, "--tfs", "tfs.txt", "--out", "tfs.txt"], "is an input"
    ),
    "the input of embed": (lambda: ["embed", "x.h5ad", "--out", "x.h5ad"], "is an input"),
    "the saved ensemble": (
        lambda: ["infer", "x.h5ad", "--out", "e.csv", "--save", "x.h5ad"], "is an input"
    ),
    "a folder": (lambda: [*INFER, "--out", folder_named("d.csv")], "give a file name"),
    "no such folder": (lambda: [*INFER, "--out", "no/e.csv"], "folder that exists"),
    "a pipe": (lambda: [*INFER, "--out", fifo("p.csv")], "a device or a pipe"),
    "a device": (lambda: [*INFER, "--out", "/dev/null"], "a device or a pipe"),
    "a link to a device": (
        lambda: [*INFER, "--out", linked("n.csv", "/dev/null")], "a device or a pipe"
    ),
    "a link in a circle": (lambda: [*INFER, "--out", linked("o.csv", "o.csv")], "o.csv"),
    "a long name": (lambda: [*INFER, "--out", "e" * 300 + ".csv"], "no file of this name"),
    "a suffix that is not written": (lambda: [*INFER, "--out", "e.xlsx"], ".xlsx is not written"),
    "no suffix": (lambda: [*INFER, "--out", "e"], "without a suffix is not written"),
    "packed otherwise": (lambda: [*INFER, "--out", "e.csv.bz2"], "is not written"),
    "csv from embed": (lambda: [*EMBED, "--out", "e.csv"], "is not written; use .h5ad"),
    "html of another name": (
        lambda: [*INFER, "--out", "e.csv", "--html", "p.pdf"], "is not written; use .html"
    ),
    "an .h5ad on standard output": (lambda: [*EMBED, "--out", "-"], "only edges can go"),
    "edges and JSON on standard output": (
        lambda: [*INFER, "--out", "-", "--json"], "leave out --json"
    ),
}  # fmt: skip


@posix
@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_any_work(tmp_path, monkeypatch, capsys, untrained, case):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    counts().to_csv("x.csv")
    Path("tfs.txt").write_text("G1\ng2\n")
    AnnData(counts().to_numpy(np.float32), counts()[[]], counts().iloc[:0].T).write("x.h5ad")
    words, said = REFUSED[case]
    words = words()
    before = {name: os.lstat(name) for name in sorted(os.listdir())}
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("deepsem:") == 1 and "Traceback" not in error
    after = {name: os.lstat(name) for name in sorted(os.listdir())}
    assert {k: (v.st_ino, v.st_size, v.st_mode) for k, v in before.items()} == {
        k: (v.st_ino, v.st_size, v.st_mode) for k, v in after.items()
    }


@posix
def test_a_protected_file_is_refused(tmp_path, monkeypatch):
    """For root too nothing is protected, so the answer of the system is made."""
    path = tmp_path / "e.csv"
    protected(str(path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BadInput, match="write-protected"):
        destinations.writable(path)


def test_two_outputs_of_one_name(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "e.csv")
    for other in ("e.csv", "E.CSV", "link"):
        outputs = {"--out": (tmp_path / "e.csv", ""), "--save": (tmp_path / other, "")}
        with pytest.raises(BadInput, match="--save and --out name the same file"):
            destinations.checked(outputs, [])


def test_files_of_a_10x_folder_and_what_is_in_a_zarr(tmp_path):
    folder = tmp_path / "a.zarr"
    folder.mkdir()
    with pytest.raises(BadInput, match="is an input"):
        destinations.checked({"--out": (folder / "e.csv", "edges")}, [folder])


@posix
def test_a_link_is_written_through(folder):
    Path("real.csv").write_text("old")
    linked("l.csv", "real.csv")
    assert run("infer", "x.csv", "--out", "l.csv") == 0
    assert Path("l.csv").is_symlink() and len(pd.read_csv("real.csv")) == 12 * 11


def test_standard_output(folder, capsys):
    assert run("infer", "x.csv", "--out", "-") == 0
    assert run("infer", "x.csv", "--out", "e.csv") == 0
    assert capsys.readouterr().out == Path("e.csv").read_text()
    assert not Path("-").exists()


def test_upper_case_suffixes(folder):
    assert run("infer", "x.csv", "--out", "E.TSV") == 0
    assert len(pd.read_csv("E.TSV", sep="\t")) == 12 * 11


def test_a_full_disk_is_said_before_training(folder, capsys, monkeypatch, untrained):
    monkeypatch.setattr(
        destinations.shutil, "disk_usage", lambda _: SimpleNamespace(free=100), raising=True
    )
    assert run("infer", "x.csv", "--out", "e.csv") == 2
    assert "make room" in capsys.readouterr().err
    assert run("embed", "x.csv", "--out", "e.h5ad") == 2


LABELS = [
    ["T cell", "T_cell", "CD4/CD8", "CD4_CD8"],
    ["T", "t"],
    ["a b", "a/b", "a\\b", "a:b", "a\tb", "a  b"],
    ["", "_", "/"],
    ["x" * 300, "x" * 299 + "y", "é" * 200],
    [".", "..", "...", "a.", "a"],
    ["-", "--out", 'q"q', "q<q", "q>q", "q|q", "q?q", "q*q"],
    ["1", "1.0", "01"],
]


@pytest.mark.parametrize("labels", LABELS)
def test_labels_give_different_names_that_can_be_made(tmp_path, labels):
    parts = destinations.file_parts(labels)
    assert len({part.casefold() for part in parts.values()}) == len(labels) == len(parts)
    for part in parts.values():
        path = destinations.of_group(tmp_path / "my.edges.csv.gz", part)
        assert path.parent == tmp_path and path.name.startswith("my.edges-")
        assert path.name.endswith(".csv.gz") and destinations.writable(path) == path
    assert destinations.file_parts(reversed(labels)) == parts


def test_labels_that_need_no_change_keep_their_name():
    parts = destinations.file_parts(["B", "T cell", "T_cell"])
    assert parts["B"] == "B" and parts["T_cell"] == "T_cell" and parts["T cell"] != "T_cell"


def grouped(labels: list) -> AnnData:
    adata = AnnData(np.log1p(counts().to_numpy(np.float32)), var=counts().iloc[:0].T)
    adata = anndata.concat([adata] * 6, index_unique="_")
    adata.obs["kind"] = labels
    return adata


def test_groups_that_differ_get_files_that_differ(folder, capsys):
    labels = ["T cell"] * 60 + ["T_cell"] * 60 + ["T/cell"] * 60 + [None] * 60
    grouped(pd.Categorical(labels, ["T cell", "T_cell", "T/cell", "unused"])).write("x.h5ad")
    words = [word for word in OPTIONS if word != "--quiet"]
    from deepsem_book.own_data import cli

    assert cli.main(["infer", "x.h5ad", "--groupby", "kind", "--out", "e.csv", *words]) == 0
    error = capsys.readouterr().err
    assert "60 cells without a value of 'kind' belong to no group" in error
    assert "unused" not in error
    assert len(list(Path().glob("e-*.csv"))) == 3


def test_a_column_that_is_missing_is_said_before_training(folder, capsys, untrained):
    grouped(["a"] * 240).write("x.h5ad")
    assert run("infer", "x.h5ad", "--groupby", "sex", "--out", "e.csv") == 2
    assert "obs has no column 'sex'; it has kind" in capsys.readouterr().err


OUT_OF_MEMORY = [
    "RuntimeError('[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can\\'t allocate "
    "memory: you tried to allocate 8 bytes. Error code 12')",
    "RuntimeError('not enough memory: you tried to allocate 8 bytes.')",
    "torch.cuda.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')",
    "RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)')",
    "MemoryError()",
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_torch_out_of_memory_is_one_line(folder, capsys, monkeypatch, error):
    def full(*_, **__):
        raise eval(error)

    monkeypatch.setattr("deepsem_book.own_data.training.fit", full)
    assert run("infer", "x.csv", "--out", "e.csv") == 1
    error = capsys.readouterr().err
    assert error.startswith("deepsem: not enough memory") and error.count("\n") == 1


def test_what_was_trained_before_memory_ended_is_written(folder, capsys, monkeypatch):
    trained = parallel.train

    def train(expression, config, seed=0, *rest):
        if seed:
            raise MemoryError
        return trained(expression, config, seed, *rest)

    monkeypatch.setattr(parallel, "train", train)
    assert cli.main(["infer", "x.csv", "--out", "e.csv", *OPTIONS, "--seeds", "3"]) == 1
    error = capsys.readouterr().err
    assert "going on with the 1 seed(s) that were finished" in error
    assert error.endswith("not enough memory for seed 1: use fewer genes or jobs\n")
    assert len(pd.read_csv("e.csv")) == 12 * 11


def test_another_fault_of_torch_is_not_called_memory(folder, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr("deepsem_book.own_data.training.fit", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        run("infer", "x.csv", "--out", "e.csv")


@posix
def test_device_files_survive_root(tmp_path):
    """A real process, in a folder with a fifo: it is still one after the command."""
    node = tmp_path / "out.csv"
    os.mkfifo(node)
    words = ["infer", "none.csv", "--out", str(node)]
    done = subprocess.run([sys.executable, "-m", "deepsem_book", *words], capture_output=True)
    assert done.returncode == 2 and node.is_fifo()
