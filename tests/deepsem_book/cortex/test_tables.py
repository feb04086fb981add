"""The chapter's control and tables on small networks whose answers are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book import datasets
from deepsem_book.cortex import (
    ANY,
    OFF,
    OPEN,
    Control,
    figures,
    recorded,
    setting,
    stories,
    trained,
)
from deepsem_book.cortex.cells import CORTEX_TYPES, Case
from deepsem_book.cortex.control import page_sizes
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


def test_readable_shows_intervals_in_brackets():
    row = trained.as_table({"x": support()}, "evidence").loc["x"]
    assert row["share with a motif"] == "0.500 [0.400, 0.600]"
    assert row["effect"] == "+0.100 [+0.050, +0.150]" and row["genes"] == 10


def test_steps_on_w_are_counted_as_training_alternates():
    config = Config.cell_type_specific(n_epochs=7, batch_size=5)
    # 12 cells make three batches; W is trained in 2 of every 3 epochs: 1, 2, 4, 5
    assert config.K1 == 1 and config.K2 == 2
    assert trained.steps_on_W(case(), config) == 12


def test_health_of_w_sees_a_common_shift_and_what_seeds_share():
    W = np.full((2, 44, 44), 0.5)
    W[0, 10, 0] = W[1, 10, 0] = 2.0
    W[1, 40, 1] = 2.0  # takes the place of the last of equal edges
    results = {"made": SimpleNamespace(Ws=W, config=Config.cell_type_specific())}
    row = trained.health([case()], results, k=1).loc["made"]
    off = W[0][~np.eye(44, dtype=bool)]
    assert row["positive"] == 1 and row["sd / mean"] == pytest.approx(
        off.std() / off.mean(), abs=1e-3
    )
    assert row["mean |W| / start"] == pytest.approx(43 * off.mean(), abs=1e-3)
    assert row["by chance"] == pytest.approx(0.25 / 1.75, abs=1e-3)
    assert row["shared by two seeds"] == pytest.approx(43 / 45, abs=1e-3)


def test_hubs_stand_beside_their_expression():
    W = np.zeros((44, 44))
    W[4:, 2] = 1.0  # t2 regulates all genes
    medians = pd.DataFrame(0.0, ["t2"], list(CORTEX_TYPES))
    table = trained.hubs(case(), W, medians, k=1)
    assert table.index[0] == "t2" and table.loc["t2", "highest median"] == 0
    assert table.loc["t2", "targets"] >= 40
    assert "highest median" not in trained.hubs(case(), W, None, k=1)


def test_ranks_and_probability_of_ranks_as_high():
    W = np.zeros((44, 44))
    W[4, :4] = [0.1, -0.9, 0.5, 0.3]  # g0
    order = stories.ranks(W, case(), "g0")
    assert list(order.index) == ["t1", "t2", "t3", "t0"] and list(order) == [1, 2, 3, 4]
    assert stories.as_high_by_chance(pd.Series([1]), 4) == pytest.approx(1 / 4, abs=0.02)
    pair = stories.as_high_by_chance(pd.Series([1, 3]), 4)
    assert pair == pytest.approx(2 / 6, abs=0.02)  # {1, 2} and {1, 3} of six pairs


def test_a_simulated_page_says_what_is_missing():
    made = setting.Setting([case()], evidence(np.ones((40, 4), bool)), None, TFS, None, None)
    assert made.k == 3 and not made.real
    for shown in (
        stories.table(made, {}),
        stories.medians(made),
        stories.tracks(made, "Rorb", "x"),
    ):
        assert "needs the real data" in shown.data


def test_recorded_rows_know_ensembles():
    row = {"data": "Tasic clusters", "method": "DeepSEM/specific", "kind": ANY, "k": 12,
           "type": "all"} | trained.row(support(z=1.0))  # fmt: skip
    table = pd.DataFrame([
        row | {"seed": 0, "n_members": 1, "z": 4.0},
        row | {"seed": 0, "n_members": 10},
        row | {"data": "a", "method": "Pearson", "seed": 0, "n_members": 1},
        row | {"method": "frequent motifs", "seed": 0, "n_members": 1},
        row | {"k": 3, "seed": 0, "n_members": 1},
    ])  # fmt: skip
    kept = recorded.recorded_rows(table[::-1], 12)
    assert kept["method"].tolist() == ["DeepSEM/specific"] * 2 + ["Pearson"]
    assert sorted(kept["ensemble"].tolist()) == [False, True, True]


def test_verdicts_count_by_kind_and_method_and_correct_p():
    base = {"method": "DeepSEM", "kind": ANY} | trained.row(support())
    table = pd.DataFrame([
        base | {"p": 0.001}, base | {"z": 1.0, "p": 0.5},
        base | {"kind": OPEN, "z": -4.0, "low": -0.2, "high": -0.1, "p": 1.0},
    ])  # fmt: skip
    shown = recorded.verdicts(table)
    row = shown.loc[(ANY, "DeepSEM")]
    assert (row["networks"], row["above"], row["below"], row["z, highest"]) == (2, 1, 0, 4.0)
    assert shown.loc[(OPEN, "DeepSEM"), "below"] == 1
    assert recorded.verdicts(table.assign(p=0.02))["smallest p, Holm"].eq(0.06).all()


def test_the_recorded_numbers_bear_the_chapters_words():
    kept = recorded.recorded_rows(datasets.results("cortex"), 12)
    power = datasets.results("cortex_power")
    answer = recorded.answer(kept, power)
    assert answer["above"] == 0 and answer["known"] > 3 > max(answer["deepsem"], answer["genie3"])
    assert 0 < answer["blind"] < answer["sizes"] == len(kept[["kind", "n_genes"]].drop_duplicates())
    assert (recorded.verdicts(kept[kept["ensemble"]])["smallest p, Holm"] > 0.05).all()
    [ax] = figures.answer(kept, power, ANY).axes
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[-1].startswith("Tasic clusters") and len(names) == 5
