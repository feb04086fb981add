"""Chapter 4: movement, sides of the singular point, and scores of ensembles, by other ways."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

from deepsem_book import benchmark_table, datasets, training
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


def test_how_many_members_reach_nearly_all():
    rows = [("x", "authors", n, v) for n, v in ((1, 0.9), (1, 1.1), (2, 1.97), (3, 2.0))]
    columns = ["network", "start", "members", "AUPRC ratio"]
    row = training.of_members(pd.DataFrame(rows, columns=columns)).loc[("x", "authors")]
    assert row.to_dict() == {"one": "1.00 ± 0.14", "two": "1.97", "all": "2.00 (3)", "98 % by": 2}


def test_single_trainings_are_held_against_their_own_ensemble():
    shares = training.recorded.single_and_ensemble()
    table = benchmark_table.recorded()
    rows = table[(table["method"] == "DeepSEM") & (table["data"] == "beeline/mDC-500")]
    rows = rows[(rows["network"] == "STRING") & (rows["preset"] == "nonspecific")]
    rows = rows.set_index(["n_members", "seed"])["epr"]
    here = shares[(shares["data"] == "beeline/mDC-500") & (shares["network"] == "STRING")]
    for seed, share in zip(here["seed"], here["share"], strict=True):
        assert share == pytest.approx(rows[1, seed] / rows[10, 0])
    assert len(here) == 10


def test_the_answer_of_the_chapter_by_hand():
    shares = pd.DataFrame(
        [("a", "S", 0, 0.5), ("a", "S", 1, 1.0), ("b", "S", 0, 0.8), ("b", "S", 1, 1.2)],
        columns=["data", "network", "seed", "share"],
    )
    answer = training.recorded.answer(shares)
    assert (answer["least"], answer["worst"]) == (0.5, pytest.approx(0.65))
    assert answer["gain"] == pytest.approx(np.sqrt(4 / 3) - 1) and answer["above"] == 1


def test_signs_are_lost_by_distance_from_zero_and_told_by_distance_from_the_offset():
    """W = 0.2 everywhere; an activating edge at 0.5, a repressing one at 0.01."""
    truth = np.zeros((8, 8))
    truth[3, 0], truth[4, 1] = 1, -1
    W = np.full((8, 8), 0.2) + 0.3 * (truth > 0) - 0.19 * (truth < 0)
    adata = AnnData(np.random.default_rng(0).random((9, 8)), varp={"true_W": truth})
    adata.var["tf"] = [True, True, *[False] * 6]
    table = training.few_genes.signs({"x": W}, adata)
    assert (
        table.loc[("x", "|W|"), "repressing"] == 0
        and table.loc[("x", "centred"), "repressing"] == 1
    )
    assert np.isnan(table.loc[("x", "|W|"), "sign"]) and table.loc[("x", "centred"), "sign"] == 1
    kinds = training.few_genes.by_kind(W, adata)
    assert (kinds["activating"], kinds["repressing"]) == (pytest.approx(0.5), pytest.approx(0.01))
    assert len(kinds["no edge"]) == 2 * 7 - 2


def test_settings_of_few_genes_differ_in_one_thing_each():
    authors, safe, larger = training.few_genes.SETTINGS.values()
    assert replace(authors, W_init="safe") == safe and replace(safe, lr_W=larger.lr_W) == larger
    assert safe.alpha / 100**2 == pytest.approx(Config.nonspecific().alpha / 800**2)
