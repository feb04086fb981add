"""Which of the paper's 44 numbers carry evidence: every benchmark against rewired truths."""

from dataclasses import dataclass

import pandas as pd

from deepsem_minimal.networks import edge_table

from .. import datasets
from ..baselines import CONTROL, CONTROL_BESIDE, METHODS
from ..datasets.problem import Problem
from ..statistics import data_set_names
from .direction import one_way
from .epr import decompose
from .rewiring import SHOW_EDGES, VERDICTS, against_rewired, limits, rewiring_verdict

FITTED = ["Pearson", "Pearson-detection", CONTROL, CONTROL_BESIDE]  # names of baselines
CORRELATIONS = [*FITTED, "Pearson-centred"]
CORRECTED = CORRELATIONS[1:]
# Networks with few TFs have the scores close to the limits, and are cheap to rewire.
FEW_TFS, REWIRINGS_OF_FEW = 100, 200


def survey(name: str, n: int) -> pd.DataFrame:
    """One row per network of a matrix: bounds, and EPR and verdict of the CORRELATIONS.

    `n` rewired truths per network, REWIRINGS_OF_FEW where it has fewer than FEW_TFS TFs.
    """
    problem = Problem.load(name)
    ranked = {
        method: edge_table(
            METHODS[method](problem.X, problem.genes, problem.tfs), problem.genes, problem.tfs
        )
        for method in FITTED
    }
    ranked["Pearson-centred"] = decompose(ranked["Pearson"])["rest"]
    rows = []
    for kind, network in problem.networks.items():
        n_tfs = network["Gene1"].nunique()
        row = {"expression": name, "kind": kind, "TFs": n_tfs}
        row |= limits(network, problem.genes)
        row["one-way pairs"] = len(one_way(network, problem.genes))
        enough = max(n, REWIRINGS_OF_FEW) if n_tfs < FEW_TFS else n
        tested = against_rewired(ranked, network, problem.genes, enough)
        for scores in tested.itertuples():
            judged = rewiring_verdict(scores.epr, scores.null_mean, scores.z, row["chance"])
            row |= {
                scores.method: scores.epr,
                f"{scores.method}, rewired": scores.null_mean,
                f"{scores.method}, z": scores.z,
                f"{scores.method}, verdict": judged,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def of_ensembles(recorded: pd.DataFrame) -> pd.DataFrame:
    """The recorded ensembles of DeepSEM in the columns of a survey."""
    rows = recorded[(recorded["method"] == "DeepSEM") & (recorded["n_members"] > 1)]
    names = {
        "data": "expression", "network": "kind", "observed": "DeepSEM",
        "null_mean": "DeepSEM, rewired", "z": "DeepSEM, z",
    }  # fmt: skip
    return rows[list(names)].rename(columns=names)


def all_benchmarks(names: list[str], recorded: pd.DataFrame, n: int) -> pd.DataFrame:
    """One row per benchmark of the paper: `survey` of the matrices `names`, recorded ensembles.

    `recorded`: the EPR rows of data/results/rewired.csv. A benchmark that is not surveyed has NaN
    and the verdict "not run here"; without any name the table has no row.
    """
    if not names:
        return pd.DataFrame()
    on = ["expression", "kind"]
    surveyed = pd.concat([survey(name, n) for name in names])
    table = datasets.benchmarks().merge(surveyed, on=on, how="left")
    table = table.merge(of_ensembles(recorded), on=on, how="left")
    table["DeepSEM, ratio"] = table["DeepSEM"] / table["DeepSEM, rewired"]
    columns = ["DeepSEM", "DeepSEM, rewired", "DeepSEM, z", "chance"]
    judged = [rewiring_verdict(*row) for row in table[columns].itertuples(index=False)]
    table["DeepSEM, verdict"] = judged
    verdicts = [f"{name}, verdict" for name in CORRELATIONS]
    table[verdicts] = table[verdicts].fillna("not run here")
    table["name"] = table["dataset"] + "-" + table["n_genes_option"].astype(str)
    return table


def scores_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Verdict, EPR and the rewired truths of one method on every benchmark, by (kind, name)."""
    columns = {"verdict": f"{name}, verdict", "EPR": name, "rewired": f"{name}, rewired"}
    scores = pd.DataFrame({short: table[long] for short, long in columns.items()})
    scores["ratio"], scores["z"] = scores["EPR"] / scores["rewired"], table[f"{name}, z"]
    return scores.set_axis(pd.MultiIndex.from_frame(table[["kind", "name"]]))


def verdict_counts(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """How many benchmarks of each kind have which verdict, and their median EPR."""
    counts = pd.crosstab(table["kind"], table[f"{name}, verdict"])
    counts = counts.reindex(index=table["kind"].unique(), columns=VERDICTS, fill_value=0)
    available = table.dropna(subset="ceiling")
    medians = available.groupby("kind")[[name, f"{name}, rewired"]].median().round(2)
    medians.columns = pd.Index(["median EPR", "median EPR, rewired"])
    return counts.join(medians)


def shows_edges(table: pd.DataFrame, name: str) -> pd.Series:
    """Per benchmark: does the verdict on a method say that it holds edges?"""
    return table[f"{name}, verdict"].isin(SHOW_EDGES)


def short_names(data_sets: pd.Series) -> pd.Series:
    """The data set of each matrix, without the name of the collection and the number of genes."""
    return data_set_names(data_sets).str.removeprefix("beeline/")


def by_data_set(values: pd.Series, matrices: pd.Series) -> pd.Series:
    """Medians of the values by data set."""
    return values.groupby(short_names(matrices)).median()


def recorded_lead(recorded: pd.DataFrame) -> pd.DataFrame:
    """The recorded benchmarks: data, lead of DeepSEM over plain correlation in EPR, and share.

    `share` is the part of the lead that the control has, NaN without a lead. Benchmarks without a
    row of each of the three are left out.
    """
    epr = recorded.pivot_table(index=["data", "network"], columns="method", values="observed")
    epr = epr.reindex(columns=["DeepSEM", "Pearson", CONTROL]).dropna()
    lead = epr["DeepSEM"] - epr["Pearson"]
    share = ((epr[CONTROL] - epr["Pearson"]) / lead).where(lead > 0)
    return pd.DataFrame({"lead": lead, "share": share}).reset_index()


@dataclass(frozen=True)
class Lead:
    """DeepSEM's lead over plain correlation, and what part of it corrected correlations have."""

    shares: pd.DataFrame  # benchmarks x CORRECTED
    by_data_set: pd.DataFrame  # benchmarks, lead, and "share, <method>"

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Lead":
        """From `all_benchmarks`, on those where the ensemble leads."""
        leading = table[table["DeepSEM"] > table["Pearson"]]
        lead, matrix = leading["DeepSEM"] - leading["Pearson"], leading["expression"]
        shares = leading[CORRECTED].sub(leading["Pearson"], axis=0).div(lead, axis=0)
        columns = {
            "benchmarks": short_names(matrix).value_counts(),
            "lead": by_data_set(lead, matrix),
        }
        columns |= {f"share, {name}": by_data_set(shares[name], matrix) for name in CORRECTED}
        return cls(shares, pd.DataFrame(columns).rename_axis("cells"))


def share_of_lead(scores: pd.DataFrame) -> pd.DataFrame:
    """`scores` (columns DeepSEM, Pearson, CORRECTED) with the part of the lead of each of these."""
    lead = scores["DeepSEM"] - scores["Pearson"]
    shares = {
        f"share of lead, {name}": (scores[name] - scores["Pearson"]) / lead.where(lead > 0)
        for name in CORRECTED
    }
    return scores.assign(**shares)


def spread_of_variants(variants: pd.DataFrame) -> pd.Series:
    """How far the definitions of EPR (columns) lie apart, in units of BEELINE's."""
    beeline = variants["beeline"]
    return (variants.max(axis=1) - variants.min(axis=1)) / beeline.where(beeline > 0)
