"""What the sentence of each preset says happens, in many draws of cells or seeds, under Node."""

import re
from pathlib import Path

import numpy as np
import pytest
from test_numbers import NODE, covariance, run

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")
DRAWS = 20


def linear(key, **changes):
    """W (drawn), fits (draws x genes x genes), shares of arrows that point the right way."""
    outcome = run("linearPreset", key=key, changes=changes, draws=DRAWS)
    m = outcome["m"]
    fits = np.array([fit["fit"] for fit in outcome["fits"]]).reshape(DRAWS, m, m)
    W, sd = np.reshape(outcome["W"], (m, m)), np.array(outcome["noiseSd"])
    return W, sd, fits, np.array([fit["right"] for fit in outcome["fits"]], dtype=float)


def kinds(W):
    """Masks of the arrows, of the arrows turned round, and of the pairs without an arrow."""
    drawn, back = W != 0, W.T != 0
    return drawn, back & ~drawn, ~(drawn | back | np.eye(len(W), dtype=bool))


def reverse(W, sd, target, regulator):
    mirror = run("reverse", W=W.ravel(), sd=sd, target=target, regulator=regulator)
    other, noise = np.reshape(mirror["W"], W.shape), np.array(mirror["sd"])
    np.testing.assert_allclose(covariance(other, noise), covariance(W, sd), atol=1e-12)
    return other, noise


@pytest.mark.parametrize("key", ["fit", "mirror"])
def test_with_equal_noise_arrows_signs_and_directions_are_found(key):
    W, _, fits, right = linear(key)
    drawn, back, none = kinds(W)
    assert right.min() == 1
    assert np.all(np.sign(fits[:, drawn]) == np.sign(W[drawn]))
    assert np.abs(fits[:, drawn]).min() > 3 * np.abs(fits[:, back | none]).max()


def test_a_loop_is_found_in_nearly_every_draw():
    W, _, fits, right = linear("loop")
    drawn, back, none = kinds(W)
    assert np.linalg.matrix_power(W, 4)[0, 0] != 0, "it is a loop"
    assert np.mean(right == 1) >= 0.9
    assert np.median(np.abs(fits[:, drawn]).min(axis=1)) > 0.4
    assert np.median(np.abs(fits[:, back | none]).max(axis=1)) < 0.1


def test_z_scored_both_directions_get_the_same_weight():
    _, _, fits, right = linear("scaled")
    np.testing.assert_allclose(fits[:, 0, 1], fits[:, 1, 0], atol=1e-9)
    assert np.all(right == 0.5)
    assert linear("scaled", scaled=0)[3].min() == 1, "without z-score it knows the direction again"


def test_other_units_turn_the_arrow_round():
    _, _, fits, right = linear("units")
    assert right.max() == 0 and np.abs(fits[:, 0, 1]).min() > 2 * np.abs(fits[:, 1, 0]).max()
    assert np.all(linear("units", scaled=1)[3] == 0.5)


def test_a_chain_turns_without_a_new_arrow_and_becomes_a_fork():
    W, sd, _, _ = linear("chain")
    fork, noise = reverse(W, sd, 1, 0)
    assert {*map(tuple, np.argwhere(fork))} == {(0, 1), (2, 1)}
    chain, _ = reverse(fork, noise, 2, 1)
    assert {*map(tuple, np.argwhere(chain))} == {(0, 1), (1, 2)}


def test_a_collider_pays_with_an_arrow_and_the_fit_gets_it_wrong():
    W, sd, fits, right = linear("collider")
    other, _ = reverse(W, sd, 1, 0)
    assert np.count_nonzero(other) == 3 and (other[0, 2] or other[2, 0])
    assert right.max() == 0
    between = np.maximum(np.abs(fits[:, 0, 2]), np.abs(fits[:, 2, 0]))
    assert between.min() > 0.1, "A and C are linked"


def test_more_cells_say_which_pairs_and_not_which_way():
    gaps, shares = [], []
    for cells in (50, 20_000):
        W, _, fits, right = linear("cells", cells=cells)
        drawn, _, none = kinds(W)
        linked = np.maximum(np.abs(fits), np.abs(fits.transpose(0, 2, 1)))[:, drawn].min(axis=1)
        gaps.append(np.mean(linked - np.abs(fits[:, none]).max(axis=1)))
        shares.append(right.mean())
    assert gaps[0] < 0 < gaps[1]
    assert max(shares) < 0.6 and abs(shares[0] - shares[1]) < 0.2
    assert linear("cells", cells=20_000, scaled=0)[3].min() == 1


def test_a_hub_is_guessed_right_although_its_mirror_image_has_the_same_covariance():
    W, sd, _, right = linear("hub")
    assert right.min() == 1
    other, _ = reverse(W, sd, 1, 0)
    assert np.count_nonzero(other) == np.count_nonzero(W)


def test_l1_removes_pairs_without_an_arrow_first():
    def kept(alpha):
        W, _, fits, _ = linear("sparse", alpha=alpha)
        drawn, back, none = kinds(W)
        return [np.mean(np.abs(fits[:, mask]) > 0.05) for mask in (drawn, back | none)]

    (at_0, others_0), (at_01, others_01), (at_05, _) = kept(0), kept(0.1), kept(0.5)
    assert at_0 == 1 and others_0 > 0.3
    assert at_01 > 0.98 and others_01 < others_0 / 3
    assert at_05 < 0.95


def deepsem(key, **changes):
    outcome = run("deepsemPreset", key=key, changes=changes)
    return outcome, outcome["history"][-1]


OTHER = dict(seed=3, network=2)


@pytest.mark.parametrize("changes", [{}, OTHER])
def test_few_genes_are_learned(changes):
    _, last = deepsem("few", **changes)
    assert min(last["raw"].values()) > 0.7 and min(last["centred"].values()) > 0.7


def test_the_curves_open():
    outcome, last = deepsem("curves")
    mse = [row["mse"] for row in outcome["history"][1:]]
    assert abs(outcome["start"]) < 0.1 and outcome["slope"] > 0.3
    assert mse[0] > 0.9 and last["mse"] < 0.6 and mse[14] < 0.7


def test_an_empty_W_does_not_harm_the_reconstruction():
    outcome, last = deepsem("empty")
    _, usual = deepsem("few")
    assert outcome["largest"] < 0.01
    assert abs(last["raw"]["activating"] - 0.5) < 0.12
    assert last["mse"] < usual["mse"] + 0.05


def test_a_charge_too_high_silences_the_encoder():
    outcome, last = deepsem("silent")
    assert last["mse"] > 0.9 and last["kl"] < 0.02 and abs(outcome["slope"]) < 0.05
    assert max(last["raw"].values()) < 0.65


def test_the_printed_start_is_next_to_singular_and_finds_nothing():
    outcome, last = deepsem("printed")
    assert outcome["history"][0]["pivot"] < 1e-2 < deepsem_start("few")["pivot"]
    assert last["mse"] > 0.85 and max(last["raw"].values()) < 0.65


def deepsem_start(key):
    return run("deepsemPreset", key=key, changes={"epochs": 0})["history"][0]


def test_at_the_wall_members_get_stuck_on_both_sides():
    ends = [deepsem("wall", seed=seed)[1] for seed in range(6)]
    row_sums = [np.mean(last["rows"]) for last in ends]
    assert min(row_sums) < 1 < max(row_sums)
    assert sum(last["mse"] > 0.9 for last in ends) >= 4


@pytest.mark.parametrize("changes", [{}, OTHER])
@pytest.mark.parametrize(
    ("key", "hidden", "shift"), [("offset", "repressing", 1), ("specific", "activating", -1)]
)
def test_an_offset_hides_one_sign_and_the_centred_score_shows_it(key, hidden, shift, changes):
    _, last = deepsem(key, **changes)
    assert shift * last["offset"] > 0
    assert last["raw"][hidden] < 0.35
    assert last["centred"][hidden] > 0.55
    assert key == "offset" or min(last["centred"].values()) > 0.75


@pytest.mark.parametrize("changes", [{}, OTHER])
def test_the_rules_for_own_data_find_both_signs(changes):
    outcome, last = deepsem("own", **changes)
    assert min(last["raw"].values()) > 0.75 and min(last["centred"].values()) > 0.75
    assert abs(last["offset"]) < 0.003
    assert max(max(row["rows"]) for row in outcome["history"]) < 0.8, "far from the wall"
    _, deep = deepsem("own", depth=0.8, **changes)
    assert deep["offset"] > 0.008 and deep["raw"]["repressing"] < 0.65
    assert deep["centred"]["repressing"] > deep["raw"]["repressing"] + 0.15


def test_depth_hides_repression_and_the_centred_score_shows_it():
    _, last = deepsem("depth")
    assert last["offset"] > 0.005
    assert last["raw"]["repressing"] < last["raw"]["activating"] - 0.2
    assert last["centred"]["repressing"] > last["raw"]["repressing"] + 0.1
    assert min(last["centred"].values()) > 0.75


@pytest.mark.parametrize("changes", [{}, {"entries": "nonzero", "beta": 0.1}])
def test_few_knots_are_enough_for_the_tables(changes):
    assert 0 < run("tableError", changes=changes) < 1e-5


def test_the_page_links_each_preset_by_its_title():
    text = (Path(__file__).parents[3] / "book" / "live.md").read_text(encoding="utf-8")
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', " ".join(text.split()))
    titles = {
        f"{part}-{key}": preset["title"]
        for part, presets in run("presets").items()
        for key, preset in presets.items()
    }
    assert dict(links) == titles and len(links) == len(titles)
