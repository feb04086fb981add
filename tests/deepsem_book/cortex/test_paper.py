"""Cells, markers, and the paper's procedure from its files to one bar."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from made_genome import TFS, reverse, write_2bit, write_jaspar

from deepsem_book import datasets
from deepsem_book.cortex import paper
from deepsem_book.cortex.cells import CORTEX_TYPES, markers, seqfish_cases, subclass_medians
from deepsem_book.cortex.evidence import judge
from deepsem_book.datasets.download import Entry
from deepsem_book.errors import BadInput
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

FAR = 199_990  # bases from the start of a gene to its element


def test_geo_counts_as_in_the_methods(tmp_path: Path) -> None:
    cells = [f"F{i}" for i in range(12)]
    kept = ["L4"] * 6 + ["L6 CT"] * 4
    counts = pd.DataFrame(
        [[10] * 12, [30] * 12, [0] * 11 + [5], [1] + [0] * 11],
        index=["Actb", "NA", "Rare", "Edge"],
        columns=cells,
    )
    counts.rename_axis("").to_csv(tmp_path / "c.csv.gz")
    labels = pd.DataFrame({"sample_name": cells, "cell_subclass": [*kept, "Low Quality", "Sst"]})
    labels["source_name"] = paper.VISP
    elsewhere = {"sample_name": "F10", "cell_subclass": "L4", "source_name": "ALM"}
    labels = pd.concat([labels[labels["sample_name"] != "F10"], pd.DataFrame([elsewhere])])
    labels.to_csv(tmp_path / "m.csv.gz", index=False)
    adata = paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz")
    assert adata.obs_names.tolist() == cells[:10]
    assert adata.obs["cell_type"].tolist() == kept
    assert adata.var_names.tolist() == ["Actb", "NA", "Edge"]  # Edge: exactly 10 % of the cells
    assert np.isclose(adata.X[0, 0], np.log1p(1e6 * 10 / 41))
    assert adata.layers["counts"][0, 2] == 1
    with pytest.raises(BadInput, match="Nope"):
        paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz", ["Nope"])
    labels.drop(columns="cell_subclass").to_csv(tmp_path / "m.csv.gz", index=False)
    with pytest.raises(BadInput, match="cell_subclass"):
        paper.read_geo(tmp_path / "c.csv.gz", tmp_path / "m.csv.gz")


def test_markers_are_the_genes_that_were_raised() -> None:
    rng = np.random.default_rng(0)
    X = rng.poisson(3, (90, 20)).astype(np.float32)
    types = np.repeat(["L4", "L6 CT", "Sst"], 30)
    X[types == "L4", :3] += 5
    X[types == "L6 CT", 3:5] += 5
    adata = AnnData(np.log1p(X), obs=pd.DataFrame({"cell_type": types}, index=map(str, range(90))))
    adata.var_names = [f"g{i}" for i in range(20)]
    by_type = markers(adata, ["L4", "L6 CT"], 2, tfs=["G0"])  # a TF is no marker gene
    assert set(by_type["L4"]) == {"g1", "g2"} and set(by_type["L6 CT"]) == {"g3", "g4"}


@pytest.fixture
def paper_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A mirror that holds what the paper used, small: 60 cells of two types, nine genes, one
    chromosome of 3.2 Mb. Gene i starts at 450 kb * (i + 1); even ones have a site of Xtf in an
    element at the edge of the window, odd ones of Ytf, in peaks of L4 and regions of L6 CT."""
    rng = np.random.default_rng(0)
    others = [f"G{i}" for i in range(6)]
    genes, types = [*TFS, *others], np.repeat(["L4", "L6 CT"], 30)
    counts = rng.poisson(20, (len(genes), 60))
    counts[3:6, types == "L4"] += 60
    counts[6:9, types == "L6 CT"] += 60
    cells = [f"F{i}" for i in range(60)]
    labels = pd.DataFrame({
        "sample_name": cells, "source_name": paper.VISP, "cell_subclass": types
    })  # fmt: skip
    letters = np.array(list("AC" * 1_600_000))
    starts, lines = [], []
    for i, gene in enumerate(others):
        start = 450_000 * (i + 1)
        starts.append(f"chr1\t{start - 1000}\t{start + 1000}\tE{i}\t.\t+\t{gene}\tx")
        site = TFS["Xtf" if i % 2 == 0 else "Ytf"]
        at = start + (FAR if i % 2 == 0 else -FAR)
        letters[at : at + len(site)] = list(site if i < 3 else reverse(site))
        lines.append((at - 5, at + 20))
    files = {
        "cortex/geo/counts": gzip.compress(
            pd.DataFrame(counts, index=genes, columns=cells).to_csv().encode()
        ),
        "cortex/geo/metadata": gzip.compress(labels.to_csv(index=False).encode()),
        "cortex/tss": ("\n".join(starts) + "\n").encode(),
    }
    write_2bit(tmp_path / "g.2bit", {"chr1": "".join(letters)})
    write_jaspar(tmp_path / "j.sqlite")
    files["cortex/genome"] = (tmp_path / "g.2bit").read_bytes()
    files["jaspar2018/sqlite"] = (tmp_path / "j.sqlite").read_bytes()
    for name, content in files.items():
        old = datasets.registry()[name]
        url = old.url if old.url.startswith("https") else "https://example.org/j.sqlite"
        sha = hashlib.sha256(content).hexdigest() if old.checksum else ""
        entry = Entry(name, url, sha256=sha)
        monkeypatch.setitem(datasets.registry(), name, entry)
        path = tmp_path / "mirror" / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    peaks, dmrs = tmp_path / "L4.narrowPeak", tmp_path / "dmr.tsv"
    peaks.write_text("".join(f"chr1\t{a}\t{b}\tp\t0\t.\t1\t1\t1\t9\n" for a, b in lines))
    head = "#chr\tstart\tend\tnumber_of_dms\thypermethylated_samples\thypomethylated_samples\n"
    dmrs.write_text(head + "".join(f"chr1\t{a}\t{b}\t3\t\tmL6-2,mDL\n" for a, b in lines))
    return {"peaks": peaks, "dmrs": dmrs}


def test_the_paper_from_its_files_to_one_bar(paper_files: dict[str, Path]) -> None:
    cases = paper.read_paper(
        {"L4": paper_files["peaks"]}, paper_files["dmrs"], {"L6 CT": "mL6-2"}, n_markers=3
    )
    assert [case.name for case, _ in cases] == ["Tasic L4", "Tasic L6 CT"]
    for (case, evidence), kind, genes in zip(
        cases, ("peaks", "DMRs"), (["G0", "G1", "G2"], ["G3", "G4", "G5"]), strict=True
    ):
        [(name, targets)] = case.targets.items()
        assert case.cells.n_obs == 30 and set(case.tfs) == set(TFS)
        assert set(targets) - {"Rorb"} == set(genes)  # Rorb: a story of L4, though it is a TF
        assert ("Rorb" in targets) == (name == "L4")
        there, has = evidence.table(kind, genes, ["Xtf", "Ytf"])
        even = np.array([int(gene[1:]) % 2 == 0 for gene in genes])
        assert has.all() and there.tolist() == np.column_stack([even, ~even]).tolist()
        assert evidence.near(genes).tolist() == [1, 1, 1]
        assert evidence.near(["Rorb"]).tolist() == [0]  # it has no start in the file
        missing = evidence.left_out[f"{kind}: gene without start"]
        assert missing == len(targets) - 3
    case, evidence = cases[0]
    W = np.zeros((len(case.genes),) * 2)
    row, column = case.genes.index, {tf: case.genes.index(tf) for tf in TFS}
    for gene, tf in (("G0", "Xtf"), ("G1", "Ytf"), ("G2", "Xtf")):
        W[row(gene), column[tf]] = 1  # a network that is right
    support = judge(case, W, evidence, "peaks", k=1)
    assert support.n_genes == 3 and support.observed == 1.0 and support.null < 1.0
    assert np.isclose(support.random, 1 / 3)  # each of the three genes has one of three motifs
    trained = fit(case.cells, Config(n_epochs=3, W_init="safe"), seeds=1, progress=False)
    assert 0 <= judge(case, trained.W, evidence, "peaks", k=1).observed <= 1
    with pytest.raises(BadInput, match="L7"):
        paper.read_paper({"L7": paper_files["peaks"]})
    with pytest.raises(BadInput, match="neither peaks nor"):
        paper.paper_evidence(case, {}, pd.DataFrame(), pd.Series(), "", [])
    paper_files["peaks"].write_text("1\t10\t20\n")
    with pytest.raises(BadInput, match="add or remove 'chr'"):
        paper.read_paper({"L4": paper_files["peaks"]}, n_markers=3)
    paper_files["peaks"].write_text("chr1\t10\t20\n")
    with pytest.raises(BadInput, match="within 200 kb"):
        paper.read_paper({"L4": paper_files["peaks"]}, n_markers=3)


def test_the_paper_is_measured_and_not_twice(
    paper_files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script on the paper's files: a row a method, kind and k; a second run adds nothing."""
    from deepsem_book.cortex import measure

    for name, value in (("TABLE", tmp_path / "t.csv"), ("KEPT", (1, 2)), ("K", 1)):
        monkeypatch.setattr(measure, name, value)
    monkeypatch.setattr(paper, "N_MARKERS", 3)
    arguments = ["x", "--peaks", f"L4={paper_files['peaks']}", f"L6 CT={paper_files['peaks']}"]
    arguments += ["--dmrs", str(paper_files["dmrs"]), "--dmr", "L4=mL6-2"]
    monkeypatch.setattr("sys.argv", [*arguments, "--seeds", "2", "--methods", "Pearson", "random"])
    measure.main()
    first = pd.read_csv(tmp_path / "t.csv")
    counts = first.groupby(["data", "kind", "method"]).size().to_dict()
    kinds = [("Tasic L4", "DMRs"), ("Tasic L4", "peaks"), ("Tasic L6 CT", "peaks")]
    expected = {
        (*kind, method): n for kind in kinds for method, n in (("Pearson", 2), ("random", 4))
    }
    assert counts == expected
    measure.main()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), first)
    first.assign(input="other").to_csv(tmp_path / "t.csv", index=False)
    measure.main()  # rows of other cells are measured again
    assert len(pd.read_csv(tmp_path / "t.csv")) == len(first)


def test_layers_of_seqfish_take_the_markers_of_their_types() -> None:
    """Each gene leads in one type; a layer of several types takes the markers of all of them."""
    genes = [f"M{i}" for i in range(6)] + ["Rorb", "Tf1", "Never"]
    medians = pd.DataFrame(np.eye(9, 6) * 100, index=genes, columns=list(CORTEX_TYPES))
    medians.loc["Rorb", "L4"], medians.loc["Never"] = 50, 900
    kinds = np.repeat(["L2/3", "L4", "L5/6", "Astro"], 5)
    X = np.ones((20, 9), dtype=np.float32)
    X[:, 8] = 0
    obs = pd.DataFrame({"cell_type": kinds, "region": ["Cortex"] * 19 + ["SVZ"]})
    adata = AnnData(X, obs=obs.set_index(obs.index.astype(str)), var=pd.DataFrame(index=genes))
    upper, middle, lower = seqfish_cases(adata, medians, {"RORB", "TF1"}, 2)
    assert [c.name for c in (upper, middle, lower)] == [
        "seqFISH+ L2/3",
        "seqFISH+ L4",
        "seqFISH+ L5/6",
    ]
    assert upper.targets == {"L2/3": ["M0"]} and middle.targets == {"L4": ["Rorb", "M1"]}
    assert set(lower.targets["L5/6"]) <= {"M2", "M3", "M4", "M5"}
    assert len(lower.targets["L5/6"]) == 2 and upper.cells.n_obs == 5
    assert upper.tfs == middle.tfs == ["Rorb", "Tf1"] and upper.genes == lower.genes
    assert "Never" not in upper.genes


@pytest.mark.skipif(not os.environ.get("DEEPSEM_MIRROR"), reason="no mirror")
def test_medians_are_those_that_were_published() -> None:
    medians = subclass_medians(datasets.fetch("cortex/tasic/medians"))
    types = list(CORTEX_TYPES)
    assert medians.loc["Rorb", types].tolist() == [0, 396, 129, 0, 0, 0]
    assert medians.loc["Syt6", types].tolist() == [0, 0, 0, 0, 0, 118]
