"""The runner: right scores, nothing lost or doubled by a kill, one clear error for bad input."""

import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book import cluster, datasets
from deepsem_book.baselines.controls import degree_oracle
from deepsem_book.beeline import benchmark
from deepsem_book.beeline import run as runner
from deepsem_book.beeline.benchmark import run_grid
from deepsem_book.beeline.grid import Grid, Method, Run
from deepsem_book.beeline.run import perform
from deepsem_book.benchmark_table import KEY, METRICS, table_in
from deepsem_book.datasets.problem import Problem
from deepsem_book.errors import BadInput
from deepsem_minimal import sem
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import edge_table

FAST = "DeepSEM-nonspecific/n_epochs=3,W_init=safe"
SCORES = ["network", *KEY, *METRICS, "config", "input", "truth", "error"]  # what a re-run repeats


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def calls(monkeypatch):
    """The runs that are inferred in this process, in their order."""
    seen = []
    original = runner.infer

    def recorded(run):
        seen.append(run.key)
        return original(run)

    monkeypatch.setattr(runner, "infer", recorded)
    return seen


def problem(name="toy", n_genes=12, seed=0):
    """A small matrix with two networks of different regulators."""
    W = sem.random_network(n_genes, n_tfs=4, seed=seed)
    genes = [f"g{i}" for i in range(n_genes)]
    targets, tfs = np.nonzero(W)
    truth = pd.DataFrame({"Gene1": [genes[i] for i in tfs], "Gene2": [genes[i] for i in targets]})
    networks = {"STRING": truth, "Specific": truth.iloc[::2].reset_index(drop=True)}
    X = sem.simulate_nonlinear(W, 60, seed=seed).astype(np.float32)
    return Problem(name, X, genes, genes[:4], networks)


def grid(*methods, seeds=3, problems=None, first=0):
    parsed = [method for text in methods for method in Method.parse(text)]
    return Grid(problems or [problem()], parsed, seeds, first)


def test_rows_are_the_scores_of_an_independent_run(tmp_path):
    p = problem()
    table = run_grid(grid(FAST), tmp_path / "out")
    config = Config.nonspecific(n_epochs=3, W_init="safe")
    weights = []
    for seed in range(3):
        adata = AnnData(p.X, var=pd.DataFrame(index=p.genes))
        weights.append(np.abs(fit(adata, config, seeds=[seed], progress=False).W))
    scored = {(seed, 1): W for seed, W in enumerate(weights)} | {(0, 3): np.mean(weights, axis=0)}
    rows = table.set_index(["network", "seed", "n_members"])
    for kind, network in p.networks.items():
        for which, W in scored.items():
            wanted = evaluate(edge_table(W, p.genes, p.tfs), network, p.genes)
            for metric in METRICS:
                assert rows.loc[(kind, *which), metric] == pytest.approx(wanted[metric], rel=1e-5)
    assert len(table) == 2 * (3 + 1)
    ensemble = table[table["n_members"] == 3]
    single = table[table["n_members"] == 1].drop_duplicates("seed")
    assert ensemble["seconds"].tolist() == pytest.approx([single["seconds"].sum()] * 2, rel=1e-4)


def test_one_inference_serves_all_networks_and_chance_decides_the_number_of_seeds(tmp_path, calls):
    table = run_grid(grid("pearson", "random", "TF-degree", "genie3/n_trees=2"), tmp_path)
    assert calls == [
        ("toy", "Pearson", "", 0, 1),
        *(("toy", "random", "", seed, 1) for seed in range(3)),
        *(("toy", "GENIE3/n_trees=2", "", seed, 1) for seed in range(3)),
    ]
    assert (table["error"] == "").all()
    oracle = table[table["method"] == "TF-degree"].set_index("network")["epr"]
    for kind, network in problem().networks.items():
        wanted = evaluate(degree_oracle(network), network, problem().genes)["epr"]
        assert oracle[kind] == pytest.approx(wanted, rel=1e-5)
    forest = table[table["method"] == "GENIE3/n_trees=2"]["config"].unique()
    assert forest.tolist() == ['{"n_trees": 2}']


def test_a_finished_grid_is_left_alone_and_a_larger_one_only_adds(tmp_path, calls):
    run_grid(grid(FAST, "pearson"), tmp_path)
    before = (tmp_path / "beeline.csv").read_text()
    calls.clear()
    run_grid(grid(FAST, "pearson"), tmp_path)
    assert not calls and (tmp_path / "beeline.csv").read_text() == before
    table = run_grid(grid(FAST, "pearson", seeds=4), tmp_path)
    assert [key[3] for key in calls] == [3]
    assert set(before.splitlines()) < set((tmp_path / "beeline.csv").read_text().splitlines())
    assert sorted(table.query("network == 'STRING'")["n_members"]) == [1, 1, 1, 1, 1, 3, 4]


def test_other_seeds_make_an_ensemble_of_their_own(tmp_path, calls):
    run_grid(grid(FAST, "pearson", seeds=2), tmp_path / "a")
    calls.clear()
    table = run_grid(grid(FAST, "pearson", seeds=2, first=2), tmp_path / "a")
    assert [key[3] for key in calls] == [2, 3]  # Pearson takes no chance: it is there already
    alone = run_grid(grid(FAST, seeds=2, first=2), tmp_path / "b")
    ensembles = table[table["n_members"] == 2]
    assert sorted(ensembles["seed"]) == [0, 0, 2, 2]  # two networks
    again = ensembles[ensembles["seed"] == 2].reset_index(drop=True)
    wanted = alone[alone["n_members"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(again[SCORES], wanted[SCORES])


def test_rows_of_another_matrix_or_network_do_not_count(tmp_path, calls):
    run_grid(grid("pearson"), tmp_path)
    changed = replace(problem(), X=problem(seed=1).X)
    run_grid(grid("pearson", problems=[changed]), tmp_path)
    fewer = replace(changed, networks={k: n.iloc[1:] for k, n in changed.networks.items()})
    table = run_grid(grid("pearson", problems=[fewer]), tmp_path)
    assert len(calls) == 3 and len(table) == 2  # replaced, not doubled
    assert table["input"].unique().tolist() == [changed.input]


@pytest.mark.parametrize("lost", [1, 30, 400])
def test_a_table_cut_short_is_completed(tmp_path, calls, lost):
    whole = run_grid(grid(FAST, "pearson"), tmp_path)
    file = tmp_path / "beeline.csv"
    file.write_bytes(file.read_bytes()[:-lost])
    calls.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(table_in(tmp_path).read()) < len(whole)
        again = run_grid(grid(FAST, "pearson"), tmp_path)
    pd.testing.assert_frame_equal(again[SCORES], whole[SCORES])
    assert 0 < len(calls) <= 2
    assert file.read_text().count("\n") == 1 + len(whole)


def test_damaged_lines_in_the_middle_are_ignored_with_a_warning(tmp_path):
    run_grid(grid("pearson"), tmp_path)
    file = tmp_path / "beeline.csv"
    header, *lines = file.read_text().splitlines()
    broken = [lines[0].replace(",toy", ',"toy', 1), "\0\0\0", lines[0][:50], *lines]
    file.write_text("\n".join([header, *broken, ""]))
    with pytest.warns(UserWarning, match="2 damaged line"):
        assert (
            len(table_in(tmp_path).read()) == 3
        )  # the first one reads well: only its content is odd
    file.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="other columns"):
        run_grid(grid("pearson"), tmp_path)


def test_missing_weights_are_made_again_and_no_row_twice(tmp_path, calls):
    whole = run_grid(grid(FAST), tmp_path)
    runs = list(grid(FAST).members())
    runs[1].weights.unlink()
    runs[2].weights.write_bytes(runs[2].weights.read_bytes()[:100])
    members = whole[whole["n_members"] == 1]
    members.to_csv(tmp_path / "beeline.csv", index=False, lineterminator="\n")
    calls.clear()
    table = run_grid(grid(FAST), tmp_path)
    assert [key[3] for key in calls] == [1, 2]
    pd.testing.assert_frame_equal(table[SCORES], whole[SCORES], rtol=1e-5)


def test_an_error_is_recorded_and_the_grid_goes_on(tmp_path, monkeypatch):
    original = runner.infer

    def broken(run):
        if run.key[1:4] == ("DeepSEM/n_epochs=3,W_init=safe", "nonspecific", 1):
            raise RuntimeError('no\nluck, "today"')
        return original(run)

    monkeypatch.setattr(runner, "infer", broken)
    table = run_grid(grid(FAST, "scode", "pearson"), tmp_path)
    errors = table[table["error"] != ""].drop_duplicates(KEY).set_index(["seed", "n_members"])
    deepsem = errors[errors["method"] != "SCODE"]["error"]
    assert deepsem[1, 1] == 'RuntimeError: no luck, "today"'
    assert "seeds 1" in deepsem[0, 3]
    assert errors.query("method == 'SCODE'")["error"].str.contains("pseudotime").all()
    assert len(table) == 2 * (3 + 1 + 3 + 1) and table["epr"].notna().sum() == 2 * 3

    monkeypatch.setattr(runner, "infer", original)
    assert run_grid(grid(FAST), tmp_path)["epr"].notna().sum() == 2 * 3  # errors stay ...
    assert (
        run_grid(grid(FAST), tmp_path, retry=True)["epr"].notna().sum() == 2 * 5
    )  # ... until asked


def test_sigkill_midway_loses_and_doubles_nothing(tmp_path):
    out, method, n = tmp_path / "out", "DeepSEM-nonspecific/n_epochs=25,W_init=safe", 8
    command = [sys.executable, "-m", "deepsem_book.beeline.benchmark", "--data", "sim/nonlinear-20"]
    command += ["--methods", method, "--seeds", str(n), "--out", str(out)]
    env = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    process = subprocess.Popen(command, env=env)
    while len(table_in(out).read()) < 2:
        assert process.poll() is None
        time.sleep(0.1)  # reading costs time that the other process needs
    process.send_signal(signal.SIGKILL)
    process.wait()
    (out / ".beeline.csv.1.part").write_text("half a ro")  # as a kill inside the write leaves it
    recorded = (out / "beeline.csv").read_text().splitlines()
    assert 2 <= len(recorded) - 1 < n

    table = run_grid(Grid.of(["sim/nonlinear-20"], [method], n), out)
    finished = (out / "beeline.csv").read_text().splitlines()
    assert set(recorded) < set(finished)  # not one finished run ran again
    assert sorted(table[table["n_members"] == 1]["seed"]) == list(range(n))
    assert {path.name for path in out.iterdir()} - {".beeline.lock"} == {"beeline.csv"}
    first = next(Grid.of(["sim/nonlinear-20"], [method], n).members())
    again = perform(first)[0][0]
    assert again["epr"] == pytest.approx(table["epr"][0], rel=1e-5)


def test_a_further_network_is_scored_from_the_w_that_is_there(tmp_path, calls):
    """Another table with other networks trains nothing again, and does not make up what it cost."""
    first = run_grid(grid(FAST), tmp_path / "one")
    assert len(calls) == 3
    p = problem()
    other = replace(p, networks={"KDUnion": p.networks["STRING"].iloc[1::2]})
    table = run_grid(grid(FAST, problems=[other]), tmp_path / "two").set_index(
        ["seed", "n_members"]
    )
    assert len(calls) == 3 and len(table) == 4
    assert table[["seconds", "peak_mb"]].isna().all(axis=None) and first["seconds"].notna().all()
    for (seed, n_members), row in table.iterrows():
        Ws = [runner.infer(Run(p, Method.parse(FAST)[0], seed + i)) for i in range(n_members)]
        edges = edge_table(np.mean(np.abs(Ws), axis=0), p.genes, p.tfs)
        wanted = evaluate(edges, other.networks["KDUnion"], p.genes)
        assert row["epr"] == pytest.approx(wanted["epr"], rel=1e-5)


def test_w_without_a_regulators_column_is_not_taken_for_it(tmp_path, calls):
    run_grid(grid(FAST), tmp_path / "one")
    p, [method] = problem(), Method.parse(FAST)
    member = Run(replace(p, tfs=p.genes[:5]), method, 0)
    assert runner.trained_before(member) is not None  # DeepSEM has the columns of all genes
    W = runner.read_weights(member)
    W[:, 4] = 0  # as of a method that was told of four TFs
    runner.write_weights(member, W)
    assert runner.trained_before(member) is None
    assert runner.trained_before(Run(p, method, 0)) is not None


def test_w_of_a_seeded_method_is_kept_for_other_networks_of_the_same_regulators(tmp_path, calls):
    p, network = problem(), problem().networks["STRING"]
    other = replace(p, networks={"KDUnion": network.iloc[1::2]})
    fewer = replace(other, tfs=p.tfs[:-1])  # forests are told of the regulators: another W
    for number, asked in enumerate((p, other, fewer)):
        run_grid(grid("GRNBoost2", problems=[asked], seeds=2), tmp_path / str(number))
        assert len(calls) == (2, 2, 4)[number]


def test_two_runs_may_write_into_one_folder(tmp_path):
    rows = [
        runner.failed(Run(problem(), Method.parse("random")[0], seed), ValueError("x"))
        for seed in range(30)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda rows_of_run: table_in(tmp_path).put(rows_of_run), rows))
    assert len(table_in(tmp_path).read()) == 2 * 30


def test_a_dask_cluster_gives_the_same_table(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    local = run_grid(grid(FAST, "pearson"), tmp_path / "local")
    monkeypatch.setattr(runner, "infer", None)  # the work must happen in other processes
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "other"))
    remote = run_grid(grid(FAST, "pearson"), tmp_path / "cluster", n_jobs=2, dask="local")
    pd.testing.assert_frame_equal(remote[SCORES], local[SCORES])


class Bomb:
    """Kills the process that unpickles it, as the system does with one that takes all memory."""

    def __reduce__(self):
        return os._exit, (9,)


def test_processes_give_the_same_rows_and_a_killed_one_costs_one_cell():
    [deepsem], [pearson] = Method.parse(FAST), Method.parse("pearson")
    runs = [Run(problem(), deepsem, 0), Run(problem(), pearson, 0)]
    bomb = Run(replace(problem("bomb"), pseudotime=Bomb()), pearson, 0)
    rows = {run.key: outcome[0] for run, outcome in benchmark.on_processes([*runs, bomb], 2)}
    assert [row["error"] for row in rows.pop(bomb.key)] == [
        "MemoryError: the worker process was killed, most likely out of memory"
    ] * 2
    for run in runs:
        scores, wanted = (pd.DataFrame(r)[SCORES] for r in (rows.pop(run.key), perform(run)[0]))
        pd.testing.assert_frame_equal(scores, wanted)
    assert not rows


def test_no_scheduler_at_the_address_is_one_clear_error(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "TIMEOUT", 1.0)
    with pytest.raises(BadInput, match="no Dask scheduler"):
        run_grid(grid("pearson"), tmp_path, dask="127.0.0.1:9")


def with_gene(value):
    X = problem().X.copy()
    X[:, 3] = value
    return replace(problem(), X=X)


STRANGERS = pd.DataFrame({"Gene1": ["x1", "x2"], "Gene2": ["x2", "x3"]})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: grid("genie4"), "unknown method 'genie4'; choose from .*GENIE3"),
        (lambda: grid("genie3/n_tree=5"), "no setting n_tree; it has n_trees"),
        (lambda: grid("deepsem/fast"), "'fast' is not a setting"),
        (lambda: grid("deepsem/kl=exact"), "kl is one of"),
        (lambda: Grid.of(["beeline/mDC-501"], ["pearson"]), "mDC-501.*mDC-500"),
        (lambda: Grid.of(["zeisel"], ["pearson"]), "no known network"),
        (lambda: Grid.of(["sim/none-20"], ["pearson"]), "unknown name"),
        (lambda: Grid.of(["sim/linear-20@1"], ["pearson"]), "from 3 to 1000 behind the @"),
        (lambda: Grid.of(["sim/linear-20@some"], ["pearson"]), "from 3 to 1000 behind the @"),
        (lambda: grid("pearson", "Pearson"), "listed twice: Pearson"),
        (lambda: grid("pearson", seeds=0), "at least one"),
        (lambda: grid("random", first=-1), "first seed is 0 or more, not -1"),
        (lambda: grid("pearson", problems=[with_gene(np.nan)]), "toy: NaN .* of g3"),
        (lambda: grid("pearson", problems=[with_gene(np.inf)]), "toy: .*infinite .* of g3"),
        (lambda: grid("pearson", problems=[with_gene(1.0)]), "toy: genes are constant.* g3"),
        (lambda: grid("pearson", problems=[replace(problem(), tfs=["x"])]), "toy: none of the TFs"),
        (lambda: grid(FAST, problems=[replace(problem(), X=problem().X[:2])]), "toy: 2 cells; "),
        (
            lambda: grid("pearson", problems=[replace(problem(), genes=["a", "A", *"bcdefghijk"])]),
            "repeat .* A: rename",
        ),
        (
            lambda: grid("pearson", problems=[replace(problem(), networks={"STRING": STRANGERS})]),
            "toy, network STRING: no gene of the network",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_error_before_anything_runs(tmp_path, calls, bad, message):
    with pytest.raises(BadInput, match=message):
        run_grid(bad(), tmp_path)
    assert not calls and not (tmp_path / "beeline.csv").exists()


def test_command_line_says_what_is_wrong_in_one_line(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    arguments = ["--data", "sim/linear-20", "--methods", "pearson", "--out", str(blocked / "out")]
    assert benchmark.main(arguments) == 2
    assert "cannot write into" in capsys.readouterr().err
    assert benchmark.main([*arguments[:3], "nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_fewer_cells_are_a_part_of_more_cells():
    every, many, few = (Problem.load(f"sim/linear-20{size}") for size in ("", "@40", "@10"))
    assert (many.name, len(many.X)) == ("sim/linear-20@40", 40)
    np.testing.assert_array_equal(few.X, many.X[:10])
    rows = {row.tobytes() for row in every.X}
    assert len({row.tobytes() for row in many.X} & rows) == 40
    assert few.truths == every.truths and few.input != many.input != every.input


def test_every_kind_of_network_has_the_preset_of_the_ledger(tmp_path):
    """Regulators missing from the list of TFs are candidates too; α of hESC and mHSC-E is 0.1."""
    nonspecific, specific = Method.parse("deepsem/no-decay")
    assert (nonspecific.preset, specific.preset) == ("nonspecific", "specific")
    assert nonspecific.config("beeline/mDC-500")["lr_decay"] == 1.0
    assert specific.config("beeline/mDC-500")["alpha"] == 1.0
    assert specific.config("beeline/hESC-1000")["alpha"] == 0.1
    sim = Problem.load("sim/linear-20")
    assert (
        set(sim.networks) == {"truth"}
        and len(sim.tfs) == datasets.load("sim/linear-20").var["tf"].sum()
    )
