"""Whatever is wrong with a reader's file or machine: one message that helps, and an exit code."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from command import OPTIONS, counts, run
from scipy import sparse

from deepsem_book.datasets import DataUnavailable
from deepsem_book.errors import BadInput
from deepsem_book.own_data import cli, prepare, read

FILES = ["tfs.txt", "x.csv"]
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


def refused(capsys, *words: str) -> str:
    """What the command says when it ends with code 2 and writes nothing."""
    before = sorted(os.listdir())
    assert run("infer", *words, "--out", "e.csv") == 2
    error = capsys.readouterr().err
    assert error.count("deepsem:") == 1 and "Traceback" not in error
    assert sorted(os.listdir()) == before
    return error


def put(table: pd.DataFrame, value) -> pd.DataFrame:
    table = table.astype(object)
    table.iat[2, 1] = value
    return table


BAD = {
    "NaN": (lambda t: put(t, "nan"), "line 4, column 'g1'|NaN or infinite"),
    "inf": (lambda t: put(t, "inf"), "NaN or infinite values: replace or remove"),
    "negative": (lambda t: put(t, -1), "negative values.*--layer"),
    "text": (lambda t: put(t, "n.d."), "line 4, column 'g1': 'n.d.' is not a number"),
    "nothing": (lambda t: put(t, ""), "line 4, column 'g1': it is empty"),
    "all zero": (lambda t: t * 0, "All values are zero: choose another matrix"),
    "all the same": (lambda t: t * 0 + 50, "same value in all cells"),
    "no cells": (lambda t: t.iloc[:0], "is empty"),
    "one gene": (lambda t: t.iloc[:, 1:2], "at least 2 cells and 3 genes"),
    "one cell": (lambda t: t.iloc[:1], "at least 2 cells and 3 genes"),
    "twin genes": (lambda t: t.rename(columns={"g3": "g2"}), "gene names .* --sum-duplicates"),
    "twin cells": (lambda t: t.rename(index={"c3": "c2"}), "cell names occur more .*: rename"),
    "integer log": (lambda t: np.rint(np.log1p(t)).astype(int), "--scale counts or --scale log"),
    "no TF": (lambda t: t.rename(columns=lambda g: f"ENSG{g}"), "None of the TFs.*--tfs mouse"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_table(folder, capsys, case):
    spoil, message = BAD[case]
    spoil(counts()).to_csv("x.csv")
    assert re.search(message, refused(capsys, "x.csv", "--tfs", "tfs.txt"))


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize("value, message", [(np.nan, "NaN"), (np.inf, "NaN"), (-1, "negative")])
def test_bad_h5ad(folder, capsys, layout, value, message):
    values = counts().to_numpy(np.float32)
    values[3, 3] = value
    AnnData(layout(values)).write_h5ad("x.h5ad")
    assert message in refused(capsys, "x.h5ad")


LINES = {
    "one field more": ("c99" + ",1" * 13, "line 42"),
    "fields missing": ("c99,1,2", "line 42, column 'g2': it is empty"),
    "a word alone": ("the end", "line 42, column 'g0': it is empty"),
}


@pytest.mark.parametrize("case", LINES)
def test_text_file_with_a_bad_line(folder, capsys, case):
    line, message = LINES[case]
    with open("x.csv", "a") as file:
        file.write(f"{line}\n")
    assert message in refused(capsys, "x.csv")


def test_text_file_cut_off_or_compressed_wrongly(folder, capsys):
    counts().to_csv("x.csv.gz")
    Path("cut.csv.gz").write_bytes(Path("x.csv.gz").read_bytes()[:300])
    assert "cannot be read" in refused(capsys, "cut.csv.gz")
    Path("empty.csv").write_text("")
    assert "is empty" in refused(capsys, "empty.csv")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_truncated_h5ad(folder, capsys, share):
    AnnData(counts()).write_h5ad("whole.h5ad")
    content = Path("whole.h5ad").read_bytes()
    Path("x.h5ad").write_bytes(content[: int(share * len(content))])
    assert "x.h5ad cannot be read" in refused(capsys, "x.h5ad")


@pytest.mark.parametrize("name", ["x.loom", "x.h5"])
def test_truncated_hdf5(folder, capsys, name):
    AnnData(counts()).write_h5ad("whole.h5ad")
    Path(name).write_bytes(Path("whole.h5ad").read_bytes()[:2000])
    assert "copy or download it again" in refused(capsys, name)


def test_files_that_are_not_there(folder, capsys):
    assert "does not exist" in refused(capsys, "none.csv")
    assert "none.txt: No such file" in refused(capsys, "x.csv", "--tfs", "none.txt")
    Path("empty.txt").write_text("\n")
    assert "is empty: one name per line" in refused(capsys, "x.csv", "--tfs", "empty.txt")
    assert run("infer", "x.csv", "--out", "no/such/e.csv") == 2
    assert "in a folder that exists" in capsys.readouterr().err


def test_strict_refuses_what_would_be_mended_or_warned_of(folder, capsys):
    """Empty cells and genes, and fewer cells than a batch: said and used, but not if strict."""
    table = counts()
    table.iloc[3], table["g5"] = 0, 0
    table.to_csv("x.csv")
    error = refused(capsys, "x.csv", "--strict")
    for said in ("1 cells without any expression", "1 genes without", "fewer than a batch of 64"):
        assert said in error
    words = [word for word in OPTIONS if word != "--quiet"]
    assert cli.main(["infer", "x.csv", "--out", "e.csv", *words]) == 0
    error = capsys.readouterr().err
    assert "1 cells without any expression left out" in error
    assert "warning: 39 cells are fewer than a batch" in error
    assert len(pd.read_csv("e.csv")) == 11 * 10


def test_names_differ_in_case_only(folder):
    assert run("infer", "x.csv", "--tfs", "tfs.txt", "--out", "e.csv") == 0
    assert set(pd.read_csv("e.csv")["TF"]) == {"g1", "g2"}  # as the data write them


@pytest.fixture
def lists(monkeypatch):
    known = {"human": {"GATA1", "ZNF1", "ZNF2", "ZNF3"}, "mouse": {"GATA1", "ZFP1", "ZFP2"}}
    monkeypatch.setattr(
        "deepsem_book.datasets.transcription_factors",
        lambda name, quiet: known[name.removeprefix("beeline-")],
    )


def test_wrong_species(folder, capsys, lists):
    names = ["Gata1", "Zfp1", "Zfp2", *(f"Gene{i}" for i in range(9))]
    counts().set_axis(names, axis=1).to_csv("x.csv")
    error = refused(capsys, "x.csv", "--tfs", "human")
    assert "look like mouse: 2 of them" in error and "Use --tfs mouse" in error
    assert run("infer", "x.csv", "--tfs", "mouse", "--out", "e.csv") == 0
    assert set(pd.read_csv("e.csv")["TF"]) == {"Gata1", "Zfp1", "Zfp2"}
    prepare.check_species(["GATA1", "other"], "human")  # says nothing where nothing is known


def test_lists_that_cannot_be_had(folder, capsys, monkeypatch):
    def away(*_, **__):
        raise DataUnavailable("Tried:\n - many places")

    monkeypatch.setattr("deepsem_book.datasets.transcription_factors", away)
    error = refused(capsys, "x.csv", "--tfs", "human")
    assert "Go online once" in error and "--tfs my_tfs.txt" in error and len(error) < 500


def test_device_and_cluster_that_are_not_there(folder, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "no such GPU here" in refused(capsys, "x.csv", "--device", "cuda")
    pytest.importorskip("distributed")
    monkeypatch.setattr("deepsem_book.cluster.TIMEOUT", 1.0)
    assert "no Dask scheduler answers" in refused(capsys, "x.csv", "--dask", "tcp://127.0.0.1:9")


def test_options_that_contradict(tmp_path):
    AnnData(np.ones((3, 4)), layers={"counts": np.ones((3, 4))}).write_h5ad(tmp_path / "a.h5ad")
    counts().to_csv(tmp_path / "x.csv")
    for name, choice, message in [
        ("a.h5ad", {"layer": "x"}, "no layer 'x'; it has counts"),
        ("a.h5ad", {"raw": True}, r"no \.raw"),
        ("a.h5ad", {"raw": True, "layer": "counts"}, "not both"),
        ("a.h5ad", {"gene_names": "symbol"}, "no column 'symbol'"),
        ("x.csv", {"layer": "counts"}, "--layer needs"),
        ("x.csv", {"raw": True}, "--raw needs"),
    ]:
        with pytest.raises(BadInput, match=message):
            read.read(tmp_path / name, **choice)


COMMANDS = {
    "infer": ["--out", "e.csv"],
    "infer --html": ["--out", "e.csv", "--html", "n.html"],
    "infer --save": ["--out", "e.csv", "--save", "r.h5ad"],
    "embed": ["--out", "e.h5ad"],
    "simulate": ["--out", "s.h5ad"],
}
SMALL = "import resource, sys; {}; resource.setrlimit({}); {}".format(
    "from deepsem_book.own_data import cli",
    "resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2",
    "sys.exit(cli.main(sys.argv[2:]))",
)


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_no_space_left(folder, command):
    """A real process whose files may not grow beyond a limit: nothing half written stays."""
    limit = 2000 if command in ("infer", "embed", "simulate") else 4000  # the edges have 3 kB
    words = [command.split()[0], "x.csv", *COMMANDS[command], *OPTIONS]
    process = [sys.executable, "-B", "-c", SMALL, str(limit), *words]
    done = subprocess.run(process, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert re.search(r"deepsem: .*(too large|No space left).*with --out", done.stderr)
    assert done.stderr.startswith(f"deepsem: {COMMANDS[command][-1]}: ")
    assert done.stderr.count("\n") == 1
    whole = ["e.csv"] if limit == 4000 else []
    assert sorted(os.listdir()) == sorted([*FILES, *whole])
    assert not whole or len(pd.read_csv("e.csv")) == 12 * 11


def test_disk_full_at_the_last_step(folder, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("deepsem_minimal.storage.os.fsync", full)
    assert run("infer", "x.csv", "--out", "e.csv") == 1
    assert "No space left on device. No file was left half written" in capsys.readouterr().err
    assert sorted(os.listdir()) == FILES


@posix
@pytest.mark.parametrize("option", ["--out", "--html", "--save"])
def test_no_permission_is_said_before_training(folder, capsys, monkeypatch, option):
    """A read-only folder; root, who may write anywhere, is nobody for the time of the command."""
    monkeypatch.setattr(
        "deepsem_book.own_data.training.fit", lambda *_, **__: pytest.fail("trained in vain")
    )
    target = folder / "locked"
    target.mkdir()
    target.chmod(0o555)
    files = {"--out": "e.csv"} | {option: str(target / "file")}
    if root := os.geteuid() == 0:
        folder.chmod(0o777)
        for part in folder.parents:  # pytest's own folders are closed to others
            if "pytest-of-" in str(part):
                part.chmod(0o755)
        os.seteuid(65534)
    try:
        words = [word for pair in files.items() for word in pair]
        code = run("infer", "x.csv", *words)
    finally:
        if root:
            os.seteuid(0)
    error = capsys.readouterr().err
    assert code == 2 and "locked" in error and "no permission to write there" in error
    assert not list(target.iterdir()) and not Path("e.csv").exists()


def shown(command: list[str], **settings: int) -> subprocess.Popen:
    """A process with progress bars, which listens to Ctrl-C: whatever started the tests."""
    environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    old = signal.signal(signal.SIGINT, signal.default_int_handler)  # a child inherits "ignore"
    try:
        return subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=environment, **settings
        )
    finally:
        signal.signal(signal.SIGINT, old)


@posix
def test_ctrl_c_in_a_real_process_keeps_the_finished_seeds(folder):
    """Exit code 130; edges and ensemble are whole and no temporary file is left."""
    words = ["infer", "x.csv", "--out", "e.csv", "--save", "r.h5ad", "--json", "--jobs", "1"]
    words += ["--epochs", "20", "--seeds", "100000", "--orientation", "cells"]
    command = [sys.executable, "-m", "deepsem_book", *words]
    process = shown(command, stdout=subprocess.PIPE)
    said = ""
    while not (done := re.findall(r"(\d+)/2000000", said)) or int(done[-1]) < 50:
        said += process.stderr.read(1)  # until two seeds are through
        assert process.poll() is None, said
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 130, error
    seeds = [member["seed"] for member in json.loads(out)["health"]]  # also of those left out
    assert seeds == list(range(len(seeds))) and 2 <= len(seeds) < 100000
    assert list(anndata.read_h5ad("r.h5ad").obs["seed"]) == seeds
    assert len(pd.read_csv("e.csv")) == 12 * 11
    assert sorted(os.listdir()) == ["e.csv", "r.h5ad", *FILES] and "Traceback" not in error


@posix
def test_ctrl_c_before_the_first_seed_writes_nothing(folder):
    words = ["infer", "x.csv", "--out", "e.csv", "--epochs", "1000000", "--orientation", "cells"]
    command = [sys.executable, "-m", "deepsem_book", *words]
    process = shown(command)
    said = ""
    while not re.search(r"\d\d/", said):
        said += process.stderr.read(1)
        assert process.poll() is None, said
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 130 and "deepsem: interrupted" in error
    assert sorted(os.listdir()) == FILES and "Traceback" not in error
