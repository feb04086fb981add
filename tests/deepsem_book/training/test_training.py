"""Chapter 4: movement, sides of the singular point, and scores of ensembles, by other ways."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from deepsem_book import datasets, training
from deepsem_book.training import said
from deepsem_minimal import Config, edge_table, evaluate, fit
from deepsem_minimal.preprocess import standardise


@pytest.fixture(scope="module")
def adata():
    return datasets.load("sim/nonlinear-20")[:200]


@pytest.fixture(scope="module")
def result(adata):
    config = Config.nonspecific(W_init="safe", n_epochs=5)
    return fit(adata, config, seeds=3, progress=False)


def test_top_holds_the_largest_by_absolute_value():
    W = np.array([[0, -5.0, 1], [4, 0, 2], [-3, 0.5, 0]])
    assert training.top(W, 3) == {1, 3, 6}


def test_overlap_with_the_last_snapshot():
    first, last = (
        SimpleNamespace(W=np.array(rows)) for rows in ([[0.0, 3], [2, 1]], [[0, 3.0], [1, 2]])
    )
    table = training.overlap({1: first, 9: last}, (1, 2))
    assert table.loc[1].tolist() == [1, 0.5] and table.loc[9].tolist() == [1, 1]


def test_distance_is_relative_to_the_start():
    before, after = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    for module, (w, b) in ((before, (3.0, 4.0)), (after, (3.0, 5.0))):
        module.weight.data.fill_(w)
        module.bias.data.fill_(b)
    assert training.distance(before, after) == pytest.approx(1 / 5)


def test_movement_and_slope_of_the_same_member_are_nothing(result):
    member = result.members[0]
    assert set(training.movement(member, member).values()) == {0.0}
    v = torch.tensor([[-3.0, 1.0], [3.0, 1.0]])
    ends = member.model.f1(member.model.f2(v)[:, :1]).ravel()
    assert training.mean_slope([member]) == pytest.approx((ends[1] - ends[0]).item() / 6, abs=1e-6)


def test_the_gradient_is_huge_next_to_the_singular_point(result, adata):
    X = standardise(np.asarray(adata.X)).X[:64]
    far, near = (training.gradient_at(r, result.members[0], X, 1.0) for r in (0.5, 0.999))
    assert near > 100 * far


def test_sides_and_who_can_be_stuck():
    table = pd.DataFrame(
        {"row sum": [1.3, 0.2, 1.05, 0.6, 0.6, 1.2]},
        ["authors, seed 0", "authors, seed 1", "authors, seed 2", "authors, seed 3", "safe, seed 0",
         "no decay, seed 0"],
    )  # fmt: skip
    assert training.sides(table).tolist() == ["above", "below", "stuck", "stuck", "below", "above"]


def test_agreement_pairs_different_seeds_only():
    Ws = [np.diag([9.0, 8, 1, 0]), np.diag([9.0, 1, 8, 0]), np.diag([0, 1.0, 8, 9])]
    members = [SimpleNamespace(seed=seed, W=W) for seed, W in zip((0, 1, 0), Ws, strict=True)]
    correlations = pd.DataFrame(np.arange(9).reshape(3, 3))
    table = training.agreement(members, ["above", "above", "stuck"], correlations, 2)
    assert table["pair"].tolist() == ["same side", "one is stuck"]
    assert table["rank correlation"].tolist() == [1, 5]
    assert table["top 2 in common"].tolist() == [0.5, 0.5]


def test_scores_are_those_of_evaluate(result):
    known = training.known_networks("sim/nonlinear-20", result)["truth"]
    network = datasets.load_network("sim/nonlinear-20/truth")
    for member in result.members:
        expected = evaluate(edge_table(member.W, result.genes, result.tfs), network, result.genes)
        ours = known.scores(member.W)
        assert ours["EPR"] == pytest.approx(expected["epr"])
        assert ours["AUPRC ratio"] == pytest.approx(expected["auprc_ratio"])


def test_ensembles_of_every_size_up_to_the_mean_of_all(result):
    known = training.known_networks("sim/nonlinear-20", result)
    table = training.ensembles({"safe": result.members}, known)
    assert table["members"].value_counts().sort_index().tolist() == [3, 3, 1]
    whole = np.mean([np.abs(W) for W in result.Ws], axis=0)
    last = table[table["members"] == 3].iloc[0]
    assert last["EPR"] == pytest.approx(known["truth"].scores(whole)["EPR"])


def test_a_portrait_shows_the_trained_member(result, adata):
    X = standardise(np.asarray(adata.X)).X
    known = training.known_networks("sim/nonlinear-20", result)
    facts = training.portrait(result.members[1], X, known)
    assert facts["row sum"] == pytest.approx(np.mean(result.Ws[1].sum(axis=1)), rel=1e-5)
    assert facts["MSE"] == result.members[1].history[4]["mse"]  # epochs 0 and 3 train the MLPs
    assert facts["EPR, truth"] == known["truth"].scores(result.Ws[1])["EPR"]


def test_sentence_on_sides_names_the_seeds():
    table = pd.DataFrame(
        {"row sum": [1.3, 0.2, 1.0], "log σ² head": [2.0, -1.0, 0.0],
         "AUPRC ratio, x": [1.5, 1.4, 0.9]},
        [f"authors, seed {seed}" for seed in range(3)],
    )  # fmt: skip
    text = said.sides(table, training.sides(table))
    assert "**above** the singular point: seeds 0; **below**: 1; **stuck**" in text
    assert "AUPRC ratio, x: 0.90 for the stuck, 1.40 to 1.50 for the others" in text
    assert "2 of the 2 members that are not stuck" in text


def test_how_many_members_reach_nearly_all():
    index = pd.MultiIndex.from_product(
        [["x"], ["authors", "safe"], [1, 2, 3]], names=["network", "start", "members"]
    )
    means = pd.DataFrame(
        {("AUPRC ratio", "mean"): [1.0, 1.97, 2.0, 1.5, 1.6, 1.7], ("AUPRC ratio", "std"): 0.1},
        index,
    )
    text = said.how_many(means, 40)
    assert "from 1.00 ± 0.10 for one member to 2.00 for 3; 2 members reach 98 %" in text
    assert said.safe_or_mixed(means).endswith("is one possible reason.")
