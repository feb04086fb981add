"""Tables of the chapter on hand-made scores, and the answer that it prints."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book import datasets
from deepsem_book.embedding import figures, recorded, tables
from deepsem_book.statistics import holm


def rows(data: str, **aris: list[float]) -> list[dict[str, object]]:
    """Rows of the recorded table: method -> its ARIs by seed; the other scores are the same."""
    return [
        {"data": data, "genes": "sd", "labels": "cell_type", "method": method, "seed": seed,
         "n_cells": 100, "knn": ari, "emd": 0.0, "distance_r": 0.0}
        | dict.fromkeys(recorded.METRICS, ari)
        for method, scores in aris.items() for seed, ari in enumerate(scores)
    ]  # fmt: skip


def table(*of_sets: list[dict[str, object]]) -> pd.DataFrame:
    return recorded.coarse_rows(pd.DataFrame([row for rows in of_sets for row in rows]))


W0 = recorded.WITHOUT


def three_sets() -> pd.DataFrame:
    """DeepSEM gains 0.3 on deng, nothing on li, and loses 0.03 on baron."""
    return table(
        rows("deng", **{"DeepSEM": [0.8, 0.9, 0.85], W0: [0.5, 0.6, 0.55], "FA": [0.8, 0.8, 0.7]}),
        rows("li", **{"DeepSEM": [0.5, 0.6, 0.7], W0: [0.6, 0.6, 0.6], "FA": [0.61, 0.62, 0.6]}),
        rows("baron", **{"DeepSEM": [0.5, 0.51, 0.52], W0: [0.53, 0.541, 0.549], "FA": [0.9] * 3}),
    )


def test_spread_of_none_one_and_two_values():
    assert recorded.spread(pd.Series([np.nan])) == ""
    assert recorded.spread(pd.Series([0.5])) == "0.500 (1)"
    assert recorded.spread(pd.Series([0.4, 0.6, np.nan])) == "0.500 ± 0.141 (2)"


def test_verdicts_count_sets_and_leave_the_most_telling_one_out():
    row = recorded.verdicts(three_sets()).loc[W0]
    assert row["sets"] == 3 and row["median"] == "+0.000"
    assert row["mean without"] == "-0.015 (deng)"
    gains = recorded.gains(three_sets()).set_index("data")
    assert gains["holm"].tolist() == holm(gains["p"]).tolist()
    sure = int((gains["holm"] < 0.05).loc["deng"])
    assert row["better"] == f"1 ({sure})" and row["worse"].startswith("1 (")


def test_a_rival_with_more_seeds_is_taken_with_those_of_deepsem():
    main = table(rows("li", DeepSEM=[0.5, 0.5], FA=[0.4, 0.4, 0.9]))
    assert recorded.means(main, "ari").loc["li", "FA"] == pytest.approx(0.4)


def test_rivals_are_the_papers_and_pca_is_counted_apart():
    main = table(rows("deng", **{"DeepSEM": [0.5, 0.7], "FA": [0.5, 0.5], "PCA, log": [0.6, 0.6]}))
    row = recorded.rivals(main).loc[recorded.METRICS["ari"]]
    assert (row["best on"], row["within 5 %"], row["PCA as good"]) == (1, 0, 1)
    near = table(rows("deng", DeepSEM=[0.96], FA=[1.0]))
    assert recorded.rivals(near)["within 5 %"].drop("the paper").eq(1).all()
    paper = recorded.rivals(near).loc["the paper"]
    assert paper["best on"] == datasets.published()["embedding_best_sets"]


def test_the_answer_by_hand():
    answer = recorded.answer(three_sets())
    assert (answer["sets"], answer["ari"], answer["telling"], answer["cells"]) == (
        3,
        1,
        "deng",
        100,
    )
    assert answer["mean"] == pytest.approx((0.3 + 0 - 0.03) / 3, abs=1e-9)
    assert answer["median"] == pytest.approx(0) and answer["without"] == pytest.approx(-0.015)


def test_the_recorded_numbers_bear_the_chapters_words():
    main = recorded.coarse_rows(datasets.results("embedding"))
    answer = recorded.answer(main)
    assert answer["telling"] == "deng" and answer["without"] < 0.01 and answer["median"] < 0.01
    assert answer["membership"] >= 6 and answer["silhouette"] == 0
    for metric in ("ari", "leiden_ari"):
        low = recorded.verdicts(main, metric)["mean [95 % over sets]"].str.extract(r"\[(.*?),")[0]
        assert (low.astype(float) < 0).all(), "no row supports the network over data sets"
    fine = recorded.level2_table(datasets.results("embedding"))
    assert fine.index[0] == "DeepSEM"


def test_the_first_figure_orders_data_sets_by_their_gain():
    [ax] = figures.answer(recorded.answer_rows(three_sets())).axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["baron", "li", "deng"]


def test_geometry_is_a_mean_over_sets_of_means_over_seeds():
    main = table(
        rows("deng", DeepSEM=[0.2, 0.4], scVI=[0.1]), rows("li", DeepSEM=[0.9], scVI=[1.0])
    )
    row = recorded.geometry(main).loc["DeepSEM"]
    assert row["KNN"] == pytest.approx((0.3 + 0.9) / 2) and row["sets"] == 2


def test_printed_numbers_stand_beside_ours():
    zeisel = pd.DataFrame(rows("zeisel", DeepSEM=[0.5, 0.7])).rename(columns={"nmi": "ami"})
    zeisel = zeisel.assign(unweighted_ari=np.nan, unweighted_ami=np.nan)
    shown = recorded.beside_printed(zeisel)
    assert shown.index.tolist() == [("sd", "yes", "ARI"), ("sd", "yes", "AMI")]
    row = shown.loc[("sd", "yes", "ARI")]
    assert row["printed"] == datasets.published()["embedding_zeisel_ari"]
    assert (row["ours"], row["lowest"], row["seeds"]) == (pytest.approx(0.6), 0.5, 2)


def test_cells_without_types_get_quarters_and_are_thinned():
    X = np.array([[3.0, 1], [3, -1], [-3, 1], [-3, -1]])
    cells = tables.with_types(AnnData(X))
    assert len(set(cells.obs["cell_type"])) == 4
    assert tables.thinned(cells, "quick", most=3).n_obs == 2
    assert tables.thinned(cells, "full", most=3).n_obs == 4


def test_scores_of_two_clear_types_and_depth_of_a_component():
    rng = np.random.default_rng(0)
    E = np.repeat([[0.0, 0], [9, 9]], 40, axis=0) + rng.normal(0, 0.3, (80, 2))
    types = np.repeat(["a", "b"], 40)
    shown = tables.scored({"clear": E, "noise": rng.normal(size=(80, 2))}, types, n_seeds=2)
    assert shown.index[0] == "clear" and shown.loc["clear", "mean"] == 1
    assert shown.loc["clear", "lowest"] == 1 and shown.loc["clear", "clusters"] == 2
    X = np.tril(np.ones((80, 80)))  # cell i has i + 1 genes
    depth = tables.depth({"depth": np.arange(80.0)[:, None]}, X)
    assert depth["depth"] == pytest.approx(1)
