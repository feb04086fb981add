"""The chapter's control, tables and sentences on small networks whose answers are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book.cortex import (
    ANY,
    OFF,
    OPEN,
    Control,
    page_sizes,
    said,
    said_results,
    said_stories,
    trained,
)
from deepsem_book.cortex.cells import Case
from deepsem_book.cortex.control import enough
from deepsem_book.cortex.evidence import Evidence
from deepsem_book.cortex.null_model import Support
from deepsem_minimal.config import Config

TFS, GENES = ["t0", "t1", "t2", "t3"], [f"g{i}" for i in range(40)]


def case() -> Case:
    """12 cells; four TFs and forty genes of two types."""
    X = np.random.default_rng(0).random((12, 44)).astype(np.float32)
    cells = AnnData(X, var=pd.DataFrame(index=[*TFS, *GENES]))
    return Case("made", cells, TFS, {"first": GENES[:20], "second": GENES[20:]})


def evidence(hits: np.ndarray) -> Evidence:
    """`hits` (genes x TFs) in promoters, the first half of them open in neurons."""
    names = [gene.upper() for gene in GENES]
    places = pd.DataFrame({"chrom": "chr1", "start": 0, "end": 1, "gene": names})
    is_open = np.arange(len(GENES)) < 20
    kinds = {ANY: np.ones(len(GENES), bool), OPEN: is_open, OFF: ~is_open}
    table = pd.DataFrame(hits, columns=[tf.upper() for tf in TFS])
    return Evidence(places, table, kinds, pd.Series(1, index=names), {})


def of_regulators(owner: np.ndarray) -> np.ndarray:
    """(genes x TFs): gene i is regulated by the TF number owner[i]."""
    return owner[:, None] == np.arange(len(TFS))


def support(**fields: float) -> Support:
    """A Support with an effect of 0.1 [0.05, 0.15]."""
    values = {"n_genes": 10, "observed": 0.5, "observed_low": 0.4, "observed_high": 0.6,
              "random": 0.3, "null": 0.4, "effect": 0.1, "low": 0.05, "high": 0.15, "z": 4.0,
              "p": 0.01} | fields  # fmt: skip
    return Support(**values)  # type: ignore[arg-type]


def control(owner: np.ndarray, hits: np.ndarray) -> Control:
    level = np.zeros(len(GENES))
    return Control(evidence(hits), GENES, TFS, level, of_regulators(owner), k=2)


def test_a_control_whose_motifs_are_its_edges_passes_and_exchanged_genes_do_not():
    owner = np.random.default_rng(1).integers(4, size=len(GENES))
    hits = of_regulators(owner)
    right = control(owner, hits)
    comparison = right.judged(ANY, right.known)
    assert comparison.observed == 1.0 and comparison.z > 5
    wrong = right.judged(ANY, of_regulators(np.random.default_rng(2).permutation(owner)))
    assert abs(wrong.z) < 4 and wrong.observed < 0.6
    # lists of two hold the one known regulator and a wrong one
    row = right.at_size(ANY, 30, n_draws=3)
    assert (row["genes"], row["regulators"]) == (30, 2) and row["median z"] > 3
    assert right.at_size(ANY, 30) is row  # not computed again
    assert right.power({ANY: [20], OFF: [10]}, [30])["genes"].tolist() == [20, 30, 10]


def test_sizes_of_the_page_count_targets_with_a_promoter():
    made = evidence(np.ones((40, 4), bool))
    assert page_sizes([case()], made) == {ANY: [40], OPEN: [20], OFF: [20]}
    table = pd.DataFrame({"evidence": [ANY] * 3, "genes": [30, 20, 10],
                          "share of draws with z > 3": [1.0, 0.85, 0.5]})  # fmt: skip
    assert enough(table).to_dict() == {ANY: 20}
    assert "20 genes are the smallest" in said.size_needed(table, ANY, "x")
    weak = table.assign(**{"share of draws with z > 3": 0.1})
    assert "(largest: 30 genes)" in said.size_needed(weak, ANY, "x")


def test_effort_counts_steps_on_w_as_training_alternates():
    config = Config.cell_type_specific(n_epochs=7, batch_size=5)
    row = trained.effort(case(), config)
    # 12 cells make three batches; W is trained in 2 of every 3 epochs: 1, 2, 4, 5
    assert config.K1 == 1 and config.K2 == 2
    assert (row["cells"], row["batches an epoch"], row["steps on W"]) == (12, 3, 12)
    assert row["warnings"] == "none"
    few = trained.effort(case(), Config.cell_type_specific(batch_size=64))
    assert few["warnings"] == "12 cells are fewer than a batch of 64"


def test_seeds_share_what_their_top_edges_share():
    W = np.zeros((2, 44, 44))
    W[0, 10, 0] = W[1, 10, 0] = 2.0
    for i in range(44):  # the rest of the list differs
        W[0, i, 1], W[1, i, 2] = 1.0, 1.0
    results = {"made": SimpleNamespace(seeds=[0, 1], Ws=W)}
    within, between, chance = trained.shared_by_seeds([case()], results, k=1)
    table = [{(10, 0)}, {(10, 0)}]
    for seed in (0, 1):
        table[seed] |= {(i, 1 + seed) for i in range(44) if i != 1 + seed}
        table[seed] = set(sorted(table[seed], key=lambda e: (e[1] != 0, e[0]))[:44])
    assert within == pytest.approx(len(table[0] & table[1]) / len(table[0] | table[1]))
    assert np.isnan(between) and chance == pytest.approx(0.25 / 1.75)
    assert "of one layer" not in said.about_noise((within, between, chance), layers=False)
    assert "mostly noise" in said.about_noise((0.05, 0.04, 0.03), layers=True)


def test_readable_shows_intervals_in_brackets():
    row = trained.as_table({"x": support()}, "evidence").loc["x"]
    assert row["share with a motif"] == "0.500 [0.400, 0.600]"
    assert row["effect"] == "+0.100 [+0.050, +0.150]" and row["genes"] == 10


def test_ranks_and_probability_of_ranks_as_high():
    W = np.zeros((44, 44))
    W[4, :4] = [0.1, -0.9, 0.5, 0.3]  # g0
    order = trained.ranks(W, case(), "g0")
    assert list(order.index) == ["t1", "t2", "t3", "t0"] and list(order) == [1, 2, 3, 4]
    first = said_stories.as_high_by_chance(pd.Series([1]), 4)
    assert first == pytest.approx(1 / 4, abs=0.02)
    pair = said_stories.as_high_by_chance(pd.Series([1, 3]), 4)
    assert pair == pytest.approx(2 / 6, abs=0.02)  # {1, 2} and {1, 3} of six pairs
    assert said_stories.in_layer("g99", ["t0"], case(), W) == ""
    text = said_stories.in_layer("g0", ["t1", "t9"], case(), W)
    assert text == " In made, of 4: t1 1, t9 not there."


def judged(**fields: float) -> dict[str, object]:
    row = {"case": "made", "method": "DeepSEM", "kind": ANY, "n_genes": 20}
    return row | trained.row(support(**fields)) | {"n_genes": 20}


def test_an_interval_without_a_z_is_counted_and_is_no_verdict():
    table = pd.DataFrame([judged(), judged(z=2.0), judged(z=1.0, low=-0.1)])
    assert table["verdict"].tolist()[0] == said.ABOVE
    assert said_results.about_split(table).startswith("In 1 of the 3 cells the interval excludes 0")
    assert said_results.about_split(table[:1]) == ""
    text = said_results.about_method(table, "DeepSEM")
    assert "of 3 comparisons 2 not distinguishable" in text and ", 1 above its matched null" in text


def test_comparisons_at_which_nothing_can_be_seen_are_undecided():
    owner = np.random.default_rng(1).integers(4, size=len(GENES))
    blind = control(owner, np.random.default_rng(3).random((40, 4)) < 0.5)
    text = said_results.about_methods(pd.DataFrame([judged(z=1.0)]), blind, "noise")
    assert "no excess over the matched null was found" in text
    assert "In 1 of the 1 comparisons even a list" in text and "The rest" not in text
    seeing = control(owner, of_regulators(owner))
    text = said_results.about_methods(pd.DataFrame([judged()]), seeing, "noise")
    assert "is above its matched null in 1 of 1 comparisons: made, any promoter" in text
    assert "In 0 of the 1 comparisons" in text and "The rest: made" in text


def test_recorded_rows_know_ensembles_and_single_trainings_outside_of_the_band():
    row = {"data": "Tasic clusters", "method": "DeepSEM/specific", "kind": ANY, "k": 12,
           "type": "all"} | trained.row(support(z=1.0))  # fmt: skip
    table = pd.DataFrame([
        row | {"seed": 0, "n_members": 1, "z": 4.0},
        row | {"seed": 0, "n_members": 10},
        row | {"data": "a", "method": "Pearson", "seed": 0, "n_members": 1},
        row | {"method": "frequent motifs", "seed": 0, "n_members": 1},
        row | {"k": 3, "seed": 0, "n_members": 1},
    ])  # fmt: skip
    kept = trained.recorded_rows(table[::-1], 12)
    assert kept["method"].tolist() == ["DeepSEM/specific"] * 2 + ["Pearson"]
    assert sorted(kept["ensemble"].tolist()) == [False, True, True]
    text = said_results.about_single_trainings(kept)
    assert text.startswith("Of 1 single trainings of DeepSEM 1 is above or below")
    assert "seed 0: z 4.0, its ensemble has 1.0" in text


def test_shares_beside_random_regulators_by_their_interval():
    row = {"data": "a", "method": "DeepSEM/x", "kind": OPEN, "ensemble": True}
    rows = pd.DataFrame([row | trained.row(support()), row | trained.row(support(random=0.5))])
    text = said_results.about_random(rows)
    assert text.count("\n") == 0 and "is **above** that of random regulators" in text
    assert "more frequent" in text
    assert said_results.about_random(rows[1:]).startswith("No share of DeepSEM differs")


def test_medians_below_ten_are_named():
    columns = ["a", "b", "c", "d", "e", "f"]
    rows = said.EXPECTED | {"Mef2c": [50] * 6, "Stat1": [0, 3] + [20] * 4}
    table = pd.DataFrame(rows, index=columns).T
    text = said.about_medians(table)
    assert " agree with the values" in text
    assert "1 of the 2 are below 10" in text and "Stat1 (0 to 20, zero in 1)" in text
    assert "do NOT agree" in said.about_medians(table + 1)


def test_hits_at_the_planted_places_only():
    hits = pd.DataFrame({"strand": ["+"], "p_value": [0.25**12]})
    exact = said.about_hits(hits, pd.Series([100]), [100, 900], [(90, 200)])
    assert "planted strand: **yes**" in exact
    assert "**no**" in said.about_hits(hits, pd.Series([100]), [100, 150], [(90, 200)])
