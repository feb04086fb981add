"""Checks pass with the book's solution and fail on empty and wrong answers."""

import inspect
from functools import cache

import pytest
from contexts import context

import course_notebooks
from deepsem_book import datasets

NEEDS_DATA = {("05", 5): ["beeline/hHEP-500", "beeline/hHEP-500/STRING"]}
CHECKED = [
    (key, exercise.number)
    for key, page in course_notebooks.taught().items()
    for exercise in course_notebooks.exercises_of(page)
    if course_notebooks.check_of(key, exercise.number)
]
READ_BY_THE_TEACHER = {("11", 3)}  # needs a genome and cells that a class does not have
WRONG = {  # a typical wrong answer, run after the book's solution
    ("01", 3): [
        "def early(t, s): return t[np.argsort(-s, kind='stable')[:t.sum()]].mean()",
        "def early(t, s): return t[s >= np.sort(s)[::-1][t.sum() - 1]].mean()",
        "def early(t, s): return 2 / 3",
    ],
    ("01", 4): [
        "rounded = exact",
        "broken = [rounded] * 20",
        "broken = [rounded.assign(importance=rng.random(len(rounded))) for _ in range(20)]",
    ],
    ("02", 4): [
        "fits = {alpha: fits[0.05] for alpha in fits}",
        "best = as_many",
        "Z = X / X.std(axis=0)\n"
        "fits = {a: ds.sem.fit_linear_sem(Z, alpha=a, n_steps=300) for a in fits}",
    ],
    ("02", 5): [
        "W4 = np.diag([0.8, 0.8, 0.8], -1)",
        "W4 = np.zeros((4, 4)); W4[1, 0] = 0.01",
        "W4 = np.zeros((4, 4)); W4[[1, 0, 2, 3], [0, 1, 0, 1]] = 0.9, 0.6, 0.7, 0.7",
    ],
    ("03", 3): ["kl_fixed = kl_learned * 1.5", "kl_learned, kl_fixed = 64 * kl_learned, kl_fixed"],
    ("03", 4): [
        "def paths(z, W): return z @ np.linalg.inv(np.eye(len(W)) - W.T)",
        "def paths(z, W): return z + z @ W.T + z @ W.T @ W.T",
        "def paths(z, W): return z + z @ (W + W @ W + W @ W @ W).T",
        "def paths(z, W):\n for _ in range(3): z += z @ W.T\n return z",
    ],
    ("03", 6): [
        "W5 = np.zeros((5, 5))",
        "_f = forward\ndef forward(x, e, W, *fs): return _f(x, e, W.T, *fs)",
        "_g = forward\ndef forward(x, e, W, *fs): return _g(x, 0 * e, W, *fs)",
    ],
    ("04", 1): [
        "drawn = members[0]",
        "drawn = ds.train(cells, preset(n_epochs=9), seed=0)",
        "drawn = ds.train(cells, preset(n_epochs=9, K1=0), seed=1)",
    ],
    ("04", 2): [
        "by_rank = result.W",
        "by_rank = by_rank / off_diagonal.sum()",
        "by_rank = np.where(off_diagonal, off_diagonal.sum() + 1 - by_rank, 0)",
    ],
    ("04", 5): [
        "more_seeds = members[:2]",
        "more_seeds = ds.parallel.train_ensemble(cells, preset(n_epochs=2), [20, 21])",
        "their_ends = ['sideways', 'sideways']",
        "in_common = [[0.5] * len(members)] * 2",
    ],
    ("05", 1): [
        "eprs_of_size = {1: eprs_of_size[1]}",
        "eprs_of_size[len(members)] = [np.mean(eprs_of_size[1])] * 3",
        "eprs_of_size[1] = [1.0, 1.0, 1.0]",
    ],
    ("05", 2): [
        "def signed_epr(W, kind, largest_first): return beeline.live.epr_of(problem, kind, W)",
        "def signed_epr(W, kind, largest_first):\n"
        " order = W.clip(0) if largest_first else (-W).clip(0)\n"
        " return beeline.live.epr_of(problem, kind, order)",
    ],
    ("05", 3): [
        "by_preset = {pair: [eprs[0]] for pair, eprs in by_preset.items()}",
        "by_preset = {(k, p): by_preset[k, 'nonspecific'] for k, p in by_preset}",
        "by_preset = {k: eprs for (k, p), eprs in by_preset.items()}",
    ],
    ("05", 5): [
        "mine_of = 'beeline/mDC-500'",
        "mine = mine[mine['method'] != 'TF-degree']",
        "mine = mine.assign(epr=mine['epr'] * 1.1)",
        "sentence = ''",
    ],
    ("05b", 1): [
        "def lead_count(t, margin): return int((t['DeepSEM'] > t['X'] * (1 + margin)).sum())",
        "def lead_count(t, margin): return 1",
    ],
    ("05b", 2): [
        "interval_by_sets = lambda values, sets: interval(values)",
        "def interval_by_sets(values, sets):\n"
        " means = values.groupby(sets).mean()\n half = 1.96 * means.sem()\n"
        " return means.mean(), means.mean() - half, means.mean() + half",
        "def interval(values): return np.mean(values), np.min(values), np.max(values)",
    ],
    ("06", 3): [
        "by_knots = {16: by_knots[256], 256: by_knots[256]}",
        "agreement = agreement + 0.01",
        "from dataclasses import replace\n"
        "by_knots = by_knots | {16: replace(by_knots[16], seed=1)}",
    ],
    ("07", 1): [
        "def pooled_sd(values, change): return values.std()",
        "def pooled_sd(values, change): return values.groupby(change).std().mean()",
        "def pooled_sd(values, change): return values.groupby(change).var().mean() ** 0.5",
    ],
    ("07", 3): [
        "def seeds_needed(sd, half): return int(np.ceil((1.96 * sd / half) ** 2))",
        "def seeds_needed(sd, half): return n[stats.t.ppf(0.975, n - 1) * sd <= half][:1]",
    ],
    ("08", 2): [
        "by_metric = {n: t[t['metric'] == 'epr'] for n, t in by_metric.items()}",
        "by_metric = dict.fromkeys(by_metric, by_metric['DeepSEM'])",
        "disagree = {*by_metric} - disagree",
        "by_metric = {n: t.assign(null_mean=t['observed']) for n, t in by_metric.items()}",
    ],
    ("08", 3): [
        "def without_means(edges): return edges",
        "def without_means(edges):\n"
        " size = edges['importance'].abs()\n"
        " return edges.assign(importance=size - size.groupby(edges['TF']).transform('mean'))",
        "def without_means(edges):\n"
        " signed = edges['importance']\n"
        " for of in ('TF', 'target'):\n"
        "  signed = signed - signed.groupby(edges[of]).transform('mean')\n"
        " return edges.assign(importance=signed)",
        "lead = {kind: lead[kind] + 0.1 for kind in lead}",
    ],
    ("09", 2): [
        "fits = dict.fromkeys(fits, fits[0.1])",
        "by_alpha = {a: dict.fromkeys(eprs, 1.0) for a, eprs in by_alpha.items()}",
        "best = {kind: min(fits, key=lambda a: by_alpha[a][kind]) for kind in best}",
        "fits = {a: ds.sem.fit_linear_sem(100 * Z, a, n_steps=15) for a in fits}",
    ],
    ("09", 3): [
        "small = small.copy()\ndef with_loop(back):\n small[0, 1] = back\n return small",
        "def with_loop(back):\n loop = small.copy()\n loop[1, 0] = back\n return loop",
        "fitted = fitted | {(0.4, 'NOTEARS'): fitted[0.4, 'linear SEM']}",
        "fitted = fitted | {(0.4, 'linear SEM'): fitted[-0.6, 'linear SEM']}",
        "fitted = fitted | {(-0.6, 'NOTEARS'): fitted[0.4, 'NOTEARS']}",
    ],
    ("10", 2): [
        "high = W >= np.quantile(W, 0.99)\n"
        "halves = {'strongest 1 %': W * high, 'the rest': W * ~high}",
        "kept = {n: embedding.preservation(live['DeepSEM'], before - before @ part)"
        " for n, part in halves.items()}",
        "kept = {n: embedding.preservation(live['no GRN'], before - before @ part.T)"
        " for n, part in halves.items()}",
        "nearer = min(kept, key=lambda name: kept[name]['distance_r'])",
    ],
    ("11", 1): [
        "groups = cortex.strata(known.level[has], near)",
        "groups = np.arange(has.sum())",
        "stricter = control[cortex.ANY]",
        "stricter = cortex.against_null(~known.known[has], there[has], groups)",
    ],
    ("12", 1): [
        "cheat = drawn['copy']",
        "cheat = drawn['DeepSEM, posterior']",
        "noise = rng.random(study.test.shape)\n"
        "cheat = simulation.controls.normalised(noise, study.library)",
        "cheat = study.test",
        "cheat = np.maximum(origin + rng.normal(0, 0.05, origin.shape), 0)",
    ],
    ("13", 2): [
        "alone = best.head(200)",
        "alone = alone.iloc[1:]",
        "alone = own_data.control.with_ranks(best, control).query('control > 1000')",
        "agree = best['in_top'].mean()",
        "agree_others = agree",
    ],
    ("14", 2): [
        "shares = shares / 100",
        "leads = scorecard.benchmark_table.leads\n"
        "shares = {name: 100 * leads(epr, name, 0.1).mean() for name in epr}",
        "nothing = 100 / 7",
        "nothing = max(shares)",
    ],
    ("15", 2): [
        "by_threshold = by_threshold.drop(columns='removals')",
        "by_threshold = by_threshold.assign(removals=len(screen.removed))",
        "by_threshold = pd.concat({least: by_threshold.loc[0.0] for least in (0.1, 0.3)})",
        "by_threshold = by_threshold.assign(auroc=1 - by_threshold['auroc'])",
    ],
    ("16", 2): [
        "def without_depth(X, counts): return X - X.mean(axis=1, keepdims=True)",
        "def without_depth(X, counts): return X - np.log(counts.sum(axis=1))[:, None]",
        "def without_depth(X, counts):\n"
        " A = np.c_[np.ones(len(X)), counts.sum(axis=1)]\n"
        " return X - A @ np.linalg.lstsq(A, X, rcond=None)[0]",
        "aurocs = aurocs | {'taken out': aurocs['left in'] + 0.01}",
    ],
}


def exercise_of(key, number):
    page = course_notebooks.taught()[key]
    return next(e for e in course_notebooks.exercises_of(page) if e.number == number)


def run_check(key, number, names):
    """As the cell does: whoever left a name out gets a NameError."""
    exec(course_notebooks.check_source(course_notebooks.check_of(key, number)), names)


def solved(key, number):
    """The names of the chapter after the book's solution, or a skip without its data."""
    for name in NEEDS_DATA.get((key, number), []):
        if not datasets.is_available(name):
            pytest.skip(f"{name} is not available")
    return dict(solution_run(key, number))


@cache
def solution_run(key, number):
    names = context(key)
    exec(course_notebooks.solution_of(key, exercise_of(key, number)), names)
    return names


def test_every_exercise_of_the_course_in_code_has_a_check():
    graded = {
        (key, exercise.number)
        for key, page in course_notebooks.taught().items()
        for exercise in course_notebooks.exercises_of(page)
        if exercise.is_graded
    }
    assert graded == {*CHECKED} | READ_BY_THE_TEACHER
    assert {*WRONG} == {*CHECKED}
    for key, number in READ_BY_THE_TEACHER:
        assert "Read by the teacher" in course_notebooks.notes_of(key)[number]


@pytest.mark.parametrize("key, number", CHECKED)
def test_the_books_solution_is_right(key, number):
    run_check(key, number, solved(key, number))


@pytest.mark.parametrize("key, number", CHECKED)
def test_no_answer_is_not_right(key, number):
    with pytest.raises((NameError, AssertionError)):
        run_check(key, number, context(key))


@pytest.mark.parametrize("key, number", CHECKED)
def test_typical_wrong_answers_are_told_why(key, number):
    for answer in WRONG[key, number]:
        names = solved(key, number)
        exec(answer, names)
        with pytest.raises(AssertionError, match=r"\w+ \w+"):
            run_check(key, number, names)


def test_no_exercise_is_counted_twice_and_hand_ins_go_on_counting():
    for key, page in course_notebooks.taught().items():
        numbers = [exercise.number for exercise in course_notebooks.exercises_of(page)]
        assert numbers == [*range(1, len(numbers) + 1)], key


@pytest.mark.parametrize("key, number", CHECKED)
def test_a_check_holds_no_line_of_the_solution(key, number):
    solution = course_notebooks.solution_of(key, exercise_of(key, number))
    lines = {line.strip() for line in solution.splitlines() if len(line.strip()) > 30}
    source = inspect.getsource(course_notebooks.check_of(key, number))
    assert not [line for line in lines if line in source]
