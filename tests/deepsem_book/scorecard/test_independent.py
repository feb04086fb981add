"""Every number of chapter 14 and of the introduction, recomputed from the files of data/.

With the csv module, plain loops and textbook formulas: nothing of the package computes here but
the numbers that are checked.
"""

import csv
import math
import re
from collections import defaultdict
from pathlib import Path
from statistics import fmean, median

import numpy as np
import pytest
from scipy.stats import beta, t

from deepsem_book.scorecard import board, claims

DATA = Path(__file__).parents[3] / "data"
PRESET = {"STRING": "nonspecific", "Non-Specific": "nonspecific"}  # the other kinds: "specific"
SEVEN = ["DeepSEM", "PIDC", "GENIE3/n_trees=50", "GRNBoost2", "ppcor", "SCODE", "SINCERITIES"]
CONTROLS = ["Pearson-APC", "Pearson2-APC", "Pearson-detection", "TF-degree"]
COLUMNS = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}
FIVE = ["DeepSEM", "scVI", "DCA", "ZIFA", "FA"]


def rows(name):
    with open(DATA / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


PUBLISHED = {row["name"]: float(row["value"]) for row in rows("published.csv")}


def cells_of(data):
    """beeline/mDC-500 and beeline/mDC-1000 are the same cells."""
    return re.sub(r"-\d+$", "", data)


def grouped(pairs):
    """(set, value) as lists by set."""
    sets = defaultdict(list)
    for name, value in pairs:
        sets[name].append(value)
    return list(sets.values())


def cluster_error(sets):
    """Standard error of the mean of all values, sets as clusters (Cochran 1977, 9A.1)."""
    values = [value for values in sets for value in values]
    mean, k = fmean(values), len(sets)
    squares = sum((sum(values) - mean * len(values)) ** 2 for values in sets)
    return math.sqrt(k / (k - 1) * squares) / len(values)


def interval(pairs):
    """Mean, Student's interval over sets, the p of 0, median of sets, mean without one."""
    sets = grouped(pairs)
    mean, error, df = fmean(v for s in sets for v in s), cluster_error(sets), len(sets) - 1
    half = t.ppf(0.975, df) * error
    p = 2 * t.sf(abs(mean) / error, df)
    return mean, mean - half, mean + half, p, median(map(fmean, sets)), without_one(sets)


def without_one(sets):
    """The mean of all values without the set that changes it most; NaN for fewer than three."""
    if len(sets) < 3:
        return math.nan
    mean = fmean(v for s in sets for v in s)
    left = [fmean(v for s in sets if s is not out for v in s) for out in sets]
    return max(left, key=lambda value: abs(value - mean))


def draws(sets):
    """Independent draws that tell as much of a share as these sets (Korn and Graubard 1998)."""
    values = [value for values in sets for value in values]
    n, share = len(values), fmean(values)
    if share in (0, 1):
        flipped = [[[1 - s[0], *s[1:]] if s is one else s for s in sets] for one in sets]
        return min(draws(other) for other in flipped)
    ratio = (t.ppf(0.975, n - 1) / t.ppf(0.975, len(sets) - 1)) ** 2
    error = cluster_error(sets)
    return min(n, ratio * share * (1 - share) / error**2) if error else n


def share(pairs, nothing):
    """As `interval`, of a share in per cent by Clopper and Pearson with `draws`; no median."""
    sets = grouped((name, int(value)) for name, value in pairs)
    p = fmean(v for s in sets for v in s)
    n = draws(sets)
    x, rest = n * p, n - n * p
    low = beta.ppf(0.025, x, rest + 1) if x else 0
    high = beta.ppf(0.975, x + 1, rest) if rest > 1e-12 else 1
    tails = [beta.cdf(nothing / 100, x, rest + 1) if x else 1,
             beta.sf(nothing / 100, x + 1, rest) if rest > 1e-12 else 1]  # fmt: skip
    return 100 * p, 100 * low, 100 * high, min(1, 2 * min(tails)), math.nan, 100 * without_one(sets)


def scores(column, folder="."):
    """{(data, network): {method: median}} as in Fig. 3: DeepSEM is the largest ensemble."""
    runs = defaultdict(list)
    for row in rows(f"results/{folder}/beeline.csv"):
        wanted = row["preset"] in ("", PRESET.get(row["network"], "specific"))
        single = row["method"].startswith("DeepSEM") and int(row["n_members"]) == 1
        if wanted and not row["error"] and not single:
            key = row["data"], row["network"], row["method"]
            runs[key].append((int(row["n_members"]), float(row[column])))
    table = defaultdict(dict)
    for (data, network, method), values in runs.items():
        most = max(members for members, _ in values)
        table[data, network][method] = median(v for members, v in values if members == most)
    return table


def beside(table, methods):
    """(set of cells, scores) of the benchmarks with all methods."""
    return [
        (cells_of(data), [of[m] for m in methods])
        for (data, _), of in table.items()
        if all(m in of for m in methods)
    ]


def inference():
    for score, column in COLUMNS.items():
        table = scores(column)
        seven = beside(table, SEVEN)
        best = [(s, v[0] > max(v[1:])) for s, v in seven]
        yield f"best {score}, % of benchmarks", share(best, 100 / 7)
        led = [sorted(v)[-1] >= 1.1 * sorted(v)[-2] for _, v in seven]
        ahead = [(s, v[0] >= 1.1 * max(v[1:])) for s, v in seven]
        chance = 100 * fmean(led) / 7
        yield f"{score} at least 10% above the next, % of benchmarks", share(ahead, chance)
        for rival in SEVEN[1:4]:
            name = rival.replace("/n_trees=50", " (50 trees)")
            gain = [(s, 100 * (a / b - 1)) for s, (a, b) in beside(table, ["DeepSEM", rival])]
            yield f"mean gain in {score} over {name}, %", interval(gain)
            hits = [(s, value >= 0) for s, value in gain]
            yield f"{score} equal to or above {name}, % of benchmarks", share(hits, 50)
        for control in CONTROLS:
            both = beside(table, ["DeepSEM", control])
            gain = [(s, 100 * (a / b - 1)) for s, (a, b) in both]
            yield f"mean gain in {score} over {control}, %", interval(gain)
            above = [(s, a > b) for s, (a, b) in both]
            yield f"{score} above {control}, % of benchmarks", share(above, 50)


def few_cells():
    ensemble, single = {}, defaultdict(list)
    for row in rows("results/cells/beeline.csv"):
        kind, (data, n) = row["network"], row["data"].split("@")
        if row["preset"] == PRESET.get(kind, "specific") and not row["error"]:
            if row["n_members"] != "1":
                ensemble[kind, data, n] = float(row["epr"])
            else:
                single[kind, data, n].append(float(row["epr"]))
    kinds = {
        "STRING": "STRING", "Non-Specific": "non-specific ChIP-seq",
        "Specific": "cell-type-specific ChIP-seq",
    }  # fmt: skip
    matrices = sorted({data for kind, data, _ in ensemble if kind in kinds})
    change = {
        (k, d): 100 * (ensemble[k, d, "50"] / ensemble[k, d, "400"] - 1)
        for k in kinds for d in matrices
    }  # fmt: skip
    what = "change of EPR with 50 instead of 400 cells, {}, %"
    means = [(d, fmean(change[k, d] for k in kinds)) for d in matrices]
    yield what.format("all three kinds of network"), interval(means)
    for k in kinds:
        yield what.format(kinds[k]), interval((d, change[k, d]) for d in matrices)
    gain = {
        (k, d): 100 * (ensemble[k, d, "50"] / median(single[k, d, "50"]) - 1)
        for k in kinds for d in matrices
    }  # fmt: skip
    gains = [(d, fmean(gain[k, d] for k in kinds)) for d in matrices]
    yield (
        "gain of the ensemble over one training, 50 cells (paper: 3.8 to 12.8), %",
        interval(gains),
    )


def embedding_means(column):
    """{data: {method: mean over the seeds that DeepSEM has}}."""
    main = [
        r for r in rows("results/embedding.csv") if (r["genes"], r["labels"]) == ("sd", "cell_type")
    ]
    seeds = {(r["data"], r["seed"]) for r in main if r["method"] == "DeepSEM"}
    values = defaultdict(lambda: defaultdict(list))
    for r in main:
        if (r["data"], r["seed"]) in seeds and r[column]:
            values[r["data"]][r["method"]].append(float(r[column]))
    return {d: {m: fmean(v) for m, v in of.items()} for d, of in values.items() if "DeepSEM" in of}


def gain_over(means, rival):
    return interval((d, of["DeepSEM"] - of[rival]) for d, of in means.items() if rival in of)


def embedding():
    for score, column in {"ARI": "ari", "NMI": "nmi"}.items():
        means = embedding_means(column)
        best = {d: max(of[m] for m in FIVE[1:] if m in of) for d, of in means.items()}
        chance = fmean(100 / sum(m in of for m in FIVE) for of in means.values())
        won = [(d, of["DeepSEM"] > best[d]) for d, of in means.items()]
        yield f"best {score} beside scVI, DCA, ZIFA and FA, % of data sets", share(won, chance)
        behind = [(d, 100 * (1 - of["DeepSEM"] / best[d])) for d, of in means.items()
                  if of["DeepSEM"] <= best[d]]  # fmt: skip
        yield f"{score} behind the best where it is not DeepSEM, %", interval(behind)
    ari = embedding_means("ari")
    for rival in FIVE[1:]:
        yield f"gain in ARI over {rival}", gain_over(ari, rival)
    yield "gain in ARI over the same model trained without W", gain_over(ari, "trained without W")
    yield "gain in ARI over PCA, same input", gain_over(ari, "PCA, same input")
    yield "gain in KNN preservation over scVI", gain_over(embedding_means("knn"), "scVI")
    weight = embedding_means("membership")
    gain = [
        (d, of["DeepSEM"] - max(of[m] for m in FIVE[1:] if m in of)) for d, of in weight.items()
    ]
    yield "gain in membership weight over the best of the four rivals", interval(gain)
    fine = {
        (r["method"], r["seed"]): float(r["path"])
        for r in rows("results/embedding.csv")
        if (r["genes"], r["labels"]) == ("sd", "cell_type_level2") and r["path"]
    }
    for rival in ("scVI", "DCA"):
        gaps = [(s, v - fine[rival, s]) for (m, s), v in fine.items()
                if m == "DeepSEM" and (rival, s) in fine]  # fmt: skip
        yield f"τ of the oligodendrocytes' path above that of {rival}", interval(gaps)


def cortex():
    own = [
        r for r in rows("results/cortex.csv")
        if r["method"] == "DeepSEM/specific" and int(r["n_members"]) > 1 and r["k"] == "12"
        and r["type"] == "all" and r["kind"] == "open in excitatory neurons"
    ]  # fmt: skip
    what = "share of regulators with a motif near the target, over {}"
    gap = [(r["data"], float(r["observed"]) - float(r["random"])) for r in own]
    yield what.format("random regulators"), interval(gap)
    effect = [(r["data"], float(r["effect"])) for r in own]
    yield what.format("the same TFs with other targets"), interval(effect)


def simulated_means(column):
    values = defaultdict(list)
    for r in rows("results/simulation.csv"):
        if r[column]:
            values[r["data"], r["simulator"]].append(float(r[column]))
    return {key: fmean(v) for key, v in values.items()}


def converged():
    """(data, GAN) whose errors are no worse than those of shuffled genes."""
    errors = [simulated_means(name) for name in ("marginal", "correlation")]
    pairs = [key for key in errors[0] if key[1] in ("scGAN", "cscGAN")]
    return [(d, gan) for d, gan in pairs if all(e[d, gan] <= e[d, "shuffle"] for e in errors)]


def simulation():
    auc = simulated_means("auc")
    change = [(d, 100 * (auc[d, "DeepSEM, posterior"] / auc[d, "copy"] - 1))
              for d, name in auc if name == "copy"]  # fmt: skip
    yield "change of the forest's AUC from copies of real cells to DeepSEM, %", interval(change)
    few = defaultdict(list)
    for r in rows("results/augmentation.csv"):
        if float(r["share"]) <= 0.01 and r["rare"] == "CD56+ NK":
            few[r["run"], r["training"]].append(float(r["aupr"]))
    for other, name in (
        ("upsampling", "upsampling"),
        ("Gaussian", "cells of a multivariate normal"),
    ):
        gains = [(run, fmean(v) - fmean(few[run, other])) for (run, of), v in few.items()
                 if of == "DeepSEM"]  # fmt: skip
        what = f"gain in AUPR for a rare type over {name}, at most 1% of it kept"
        yield what, interval(gains)


@pytest.fixture(scope="module")
def recomputed():
    parts = (inference, few_cells, embedding, cortex, simulation)
    return {claim: numbers for part in parts for claim, numbers in part()}


@pytest.fixture(scope="module")
def table():
    return claims.scorecard().set_index("claim")


def test_every_interval_is_that_of_the_files(recomputed, table):
    with_p = table[np.isfinite(table["p"])]
    assert set(with_p.index) == set(recomputed)
    for claim, row in with_p.iterrows():
        ours = row[["measured", "low", "high", "p", "median", "without"]].to_numpy(float)
        wanted = pytest.approx(np.array(recomputed[claim]), rel=1e-9, abs=1e-12, nan_ok=True)
        assert ours == wanted, claim


def test_published_values_are_those_of_the_file(table):
    of_44 = {"best": "{}_best", "at least": "{}_best_by_margin", "equal": "not_below_{}"}
    keys = {
        f"{score} equal to or above {name}, % of benchmarks": f"not_below_{key}"
        for score in COLUMNS
        for name, key in (
            ("PIDC", "pidc"), ("GENIE3 (50 trees)", "genie3"), ("GRNBoost2", "grnboost2"),
        )
    }  # fmt: skip
    for score, column in COLUMNS.items():
        keys[f"best {score}, % of benchmarks"] = of_44["best"].format(column)
        at_least = f"{score} at least 10% above the next, % of benchmarks"
        keys[at_least] = of_44["at least"].format(column)
    for claim, key in keys.items():
        assert table["published"][claim] == pytest.approx(100 * PUBLISHED[key] / 44)
    gains = {c: p for c, p in table["published"].items() if c.startswith("mean gain")}
    for claim, value in gains.items():
        rival = claim.split(" over ")[1].split(",")[0].split(" ")[0].lower()
        assert value == PUBLISHED.get(f"gain_over_{rival}", math.inf)
    assert table["published"]["best ARI beside scVI, DCA, ZIFA and FA, % of data sets"] == (
        pytest.approx(500 / 9)
    )


def test_without_a_converged_gan_nothing_is_said_of_gans(table):
    gans = table[table.index.str.contains("GAN")]
    assert len(gans) == 5
    for claim, row in gans.iterrows():
        of = "cscGAN" if "cscGAN" in claim else "scGAN"
        tested = of in {gan for _, gan in converged()}
        assert (row["verdict"] == "not testable") != tested or "AUPR" in claim


def test_counts_of_sorted_cells(table):
    cells = defaultdict(dict)
    for r in rows("results/clusters.csv"):
        cells[r["cluster"]][r["type"]] = int(r["cells"])
    nk = sum(of["CD56+ NK"] for of in cells.values())
    lost = sum(of["CD56+ NK"] for of in cells.values() if max(of, key=of.get) == "CD8+ Cytotoxic T")
    row = table.loc["CD56+ NK cells in a cluster of CD8+ Cytotoxic T cells, %"]
    assert row["measured"] == pytest.approx(100 * lost / nk) and row["published"] == 47


def test_holm_and_the_counts_of_the_first_sentences(recomputed, table):
    """Holm as a sequential rule: the i-th smallest of n p-values is decided if all before are."""
    for by in ("the paper", "a control"):
        own = table[(table["asked_by"] == by) & np.isfinite(table["p"])]
        p = sorted(recomputed[claim][3] for claim in own.index)
        decided = 0
        while decided < len(p) and p[decided] * (len(p) - decided) < 0.05:
            decided += 1
        counted = board.after_holm(table.reset_index()).loc[by]
        assert counted["after Holm"] == decided and counted["intervals"] == len(p)
        assert counted["p < 0.05"] == sum(value < 0.05 for value in p)
    numbers = board.answer(table.reset_index())
    control = table[table["asked_by"] == "a control"]
    lows = {claim: recomputed[claim][1:3] for claim in control.index}
    up = {claim: np.isposinf(control["published"][claim]) for claim in lows}
    nothing = {claim: 50 if "% of benchmarks" in claim else 0 for claim in lows}
    better = sum((lo > nothing[c]) if up[c] else (hi < nothing[c]) for c, (lo, hi) in lows.items())
    worse = sum((hi < nothing[c]) if up[c] else (lo > nothing[c]) for c, (lo, hi) in lows.items())
    assert (numbers["better"], numbers["worse"], numbers["controls"]) == (better, worse, len(lows))
    below = 100 - recomputed["EPR above TF-degree, % of benchmarks"][0]
    assert numbers["below_degree"] == pytest.approx(below)


def test_share_of_the_lead():
    for score, column in COLUMNS.items():
        methods = ["DeepSEM", "Pearson", *CONTROLS[:3]]
        both = beside(scores(column), methods)
        lead = [fmean(math.log(v[i] / v[1]) for _, v in both) for i in range(len(methods))]
        shown = board.share_of_lead().loc[score]
        assert int(shown["benchmarks"]) == len(both)
        for control, value in zip(CONTROLS[:3], lead[2:], strict=True):
            assert shown[control] == f"{100 * value / lead[0]:.0f} %"


def test_every_number_of_the_introduction_is_that_of_the_files(recomputed, table):
    """Its column "here" holds mean and interval to three digits, "paper" a published number."""
    rows = board.introduction(table.reset_index())
    claims_of = table.index[rows.index]  # the scorecard's rows that have a headline
    assert len(rows) >= 15
    for claim, row in zip(claims_of, rows.itertuples(), strict=True):
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", row.here)]
        if claim not in recomputed:
            assert row.verdict == "not testable" and not numbers
            continue
        assert numbers == pytest.approx(recomputed[claim][:3], rel=5e-3)
    printed = {str(row.paper) for row in rows.itertuples()} - {"higher", "lower"}
    known = {f"{sign * value * scale:.4g}" for value in PUBLISHED.values() for sign in (1, -1)
             for scale in (1, 100 / 44, 100 / 9)}  # fmt: skip
    assert printed <= known
