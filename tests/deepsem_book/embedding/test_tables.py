"""Tables and sentences of the chapter on hand-made scores."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book.embedding import said, said_recorded, tables


def test_rounded_scores_have_whole_numbers_of_clusters():
    table = pd.DataFrame({name: [0.12345] for name in tables.SHOWN}).assign(n_clusters=7.0)
    shown = tables.rounded(table.assign(leiden_n_clusters=3.0)).iloc[0]
    assert (shown["ari"], shown["n_clusters"], shown["leiden_n_clusters"]) == (0.123, 7, 3)


def test_spread_of_none_one_and_two_values():
    assert tables.spread(pd.Series([np.nan])) == ""
    assert tables.spread(pd.Series([0.5])) == "0.500 (1)"
    assert tables.spread(pd.Series([0.4, 0.6, np.nan])) == "0.500 ± 0.141 (2)"


def test_circled_types_are_the_papers_or_the_largest():
    assert tables.circled_types(["a", "b", "b", "c", "c", "c"]) == ["c", "b"]
    both = ["x"] * 5 + tables.PAPER_TYPES
    assert tables.circled_types(both) == tables.PAPER_TYPES


def test_rings_of_a_type_in_two_pieces():
    points = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [9, 9], [8, 9], [9, 8], [8, 8]])
    types = np.array(["a"] * 4 + ["b"] * 4)
    clusters = [0, 0, 1, 1, 2, 2, 2, 2]
    table = tables.rings({"E": points}, {"E": points}, {"E": clusters}, types, ["a", "b"])
    assert table["pieces"].tolist() == [2, 1]
    assert table["shares of the pieces"].tolist() == ["50% + 50%", "100%"]
    assert table["in ring"].tolist() == [1.0, 1.0]
    text = said.about_rings(table, ["a", "b"])
    assert "both types are clear clusters for none of the 1" in text


def test_stages_of_cells_with_and_without_subtypes():
    obs = pd.DataFrame({"cell_type": ["b", "a", "a"]})
    X = np.array([[5.0, 0], [0, 0], [1, 0]])
    on_path, names, order = tables.stages(obs, X)
    assert on_path.all() and names.tolist() == ["b", "a", "a"] and set(order) == {"a", "b"}
    fine = obs.assign(cell_type_level2=["Oligo4", "Int1", "Oligo6"])
    on_path, names, order = tables.stages(fine, X)
    assert on_path.tolist() == [True, False, True] and names.tolist() == ["Oligo4", "Oligo6"]
    assert order == tables.PATH and tables.n_subtypes(obs) == 12 and tables.n_subtypes(fine) == 0


def gain(method: str, data: str, low: float, high: float) -> dict[str, object]:
    return {"data": data, "method": method, "n": 5, "mean": (low + high) / 2, "low": low,
            "high": high}  # fmt: skip


def gains() -> dict[str, pd.DataFrame]:
    """Two sets: on x both clusterings see DeepSEM ahead of all, on y they disagree."""
    rows = {"ari": [], "leiden_ari": [], "silhouette": []}
    for method in said_recorded.CHAIN:
        for metric, y in (("ari", 0.1), ("leiden_ari", -0.3), ("silhouette", -0.3)):
            rows[metric] += [gain(method, "x", 0.1, 0.3), gain(method, "y", y, y + 0.2)]
    return {metric: pd.DataFrame(r) for metric, r in rows.items()}


def test_a_set_counts_where_both_clusterings_agree():
    assert tables.agreed(gains(), "no GRN").to_dict() == {"x": 1, "y": 0}
    assert said_recorded.tally(gains(), "no GRN") == "better on 1 of 2 sets (x), worse on 0"
    by_leiden = said_recorded.by_interval(gains()["leiden_ari"], "no GRN")
    assert by_leiden.startswith("better on 1 of 2 (x), worse on 1 (y), undecided on 0")
    assert "**not supported as a general one**" in said_recorded.about_network(gains())
    everywhere = {name: table.assign(low=0.1, high=0.2) for name, table in gains().items()}
    assert "**holds on most of these sets**" in said_recorded.about_network(everywhere)


def recorded(**scores: dict[str, list[float]]) -> pd.DataFrame:
    """Rows of `data` "deng": method -> its ARIs by seed."""
    return pd.DataFrame([
        {"data": "deng", "genes": "sd", "labels": "cell_type", "method": method, "seed": seed,
         "ari": ari, "knn": ari, "emd": 0.0, "distance_r": 0.0, "membership": 0.0}
        for method, aris in scores["of"].items() for seed, ari in enumerate(aris)
    ])  # fmt: skip


def test_rivals_are_the_papers_and_pca_is_counted_apart():
    table = recorded(of={"DeepSEM": [0.5, 0.7], "FA": [0.5, 0.5], "PCA, log": [0.6, 0.6]})
    text = said_recorded.about_rivals(tables.coarse_rows(table))
    assert text.startswith("Against FA (on 1 sets), DeepSEM's mean ARI is the best on 1 of 1 sets")
    assert text.endswith("at least as good as DeepSEM on 1.")


def test_geometry_is_a_mean_over_sets_of_means_over_seeds():
    first = recorded(of={"DeepSEM": [0.2, 0.4], "scVI": [0.1]})
    second = recorded(of={"DeepSEM": [0.9], "scVI": [1.0]}).assign(data="li")
    main = tables.coarse_rows(pd.concat([first, second]))
    table = tables.geometry(main)
    assert table.loc["DeepSEM", "KNN"] == pytest.approx((0.3 + 0.9) / 2)
    assert table.loc["DeepSEM", "sets"] == 2
    assert "Here it does so on 1 of 2 sets. " in said_recorded.about_geometry(main)


def test_a_value_of_the_authors_beside_ours():
    assert said_recorded.beside(pd.Series([0.5]), 0.6) == "0.500, one seed only; printed 0.6."
    values = pd.Series([0.5, 0.7])
    for value, place in ((0.6, "inside"), (0.8, "above"), (0.4, "below")):
        assert f"which is {place} our range" in said_recorded.beside(values, value)


def test_links_show_a_path_or_not():
    names = ["a", "b", "c"]
    links = pd.DataFrame([[0, 0.9, 0.1], [0.9, 0, 0.8], [0.1, 0.8, 0]], names, names)
    text = said.about_links(links, names, {"DeepSEM": 0.2, "PCA": 0.5})
    assert "above the strongest other link (a–c, 0.10): the path is visible" in text
    assert text.endswith("PCA 0.50, DeepSEM 0.20. DeepSEM is number 2 of 2.")
    broken = links.mask(links == 0.1, 0.85)
    assert "no stronger than 1 of 1 others: a–c 0.85" in said.about_links(
        broken, names, {"DeepSEM": 0.2}
    )


def test_edges_within_a_type_are_counted_against_luck():
    edges = pd.DataFrame({"TF": ["a", "a"], "target": ["b", "c"]})
    highest = {"a": "x", "b": "x", "c": "y", "d": "y"}
    text = said.about_hubs(edges, highest)
    assert text.startswith("The 2 edges join 3 of 4 genes; 50% of them")
    assert "(random pairs of genes: 50%)" in text and "do not follow" in text


def test_nearer_part_of_w_by_both_scores():
    near, far = {"distance_r": 0.9, "knn": 0.5}, {"distance_r": 0.1, "knn": 0.2}
    assert said.nearer_by_both({"strong": near, "rest": far}).endswith("both scores: strong.")
    mixed = far | {"knn": 0.9}
    assert said.nearer_by_both({"strong": near, "rest": mixed}) == "The two scores disagree."
