"""What the evidence and its control say, in sentences; every function returns Markdown text."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .cells import Case
from .control import SEEN, Control
from .evidence import ANY, OFF, OPEN, Evidence
from .motifs import BASES, Motif, scan
from .null_model import Support, motif_verdict
from .setting import DISTAL

FEW = 10  # counts per million; below that a TF is hardly there
# What the file of the medians held when the page was written, type by type.
EXPECTED = {"Rorb": [0, 396, 129, 0, 0, 0], "Syt6": [0, 0, 0, 0, 0, 118]}
ABOVE = "above its matched null"


def chance_rate(threshold: float, length: int = 400_000) -> float:
    """Share of the places of a random sequence, both strands, at which a soft motif is hit."""
    rng = np.random.default_rng(1)
    soft = Motif("soft", "soft", 100 * rng.dirichlet(np.full(4, 0.4), size=11).T)
    sequence = {"s": "".join(rng.choice(list(BASES), length))}
    return len(scan([soft], sequence, threshold)) / (2 * length)


def about_hits(
    hits: pd.DataFrame, starts: pd.Series, planted: list[int], elements: list[tuple[int, int]]
) -> str:
    """Whether `hits`, at `starts` on the chromosome, are the `planted` places within elements."""
    inside = {at for at in planted if any(a <= at < b for a, b in elements)}
    exact = set(starts) == inside and (hits["strand"] == "+").all()
    threshold = 1e-4
    return (
        "Hits at exactly the planted places within elements, on the planted strand:"
        f" **{'yes' if exact else 'no'}**. The p-value of a perfect site of 12 bases is"
        f" {0.25**12:.2g}; the scanner says {hits['p_value'].min():.2g}. A p-value is a promise"
        f" about random sequence: at p < {threshold:g} a motif of 11 bases was hit at"
        f" {chance_rate(threshold):.2g} of the places of 400,000 random bases, both strands."
        " (Scores come in steps, so the rate may be below the threshold, but must not be above it"
        " by more than chance.)"
    )


def about_toy(toy: Support) -> str:
    """A method that knows TFs and no edges, against random regulators and the matched null."""
    return (
        f"Share with a motif: **{toy.observed:.2f}**; random regulators: {toy.random:.2f}, so this"
        f" method looks {toy.observed / toy.random:.1f} times better than chance. Same TFs, genes"
        f" exchanged: **{toy.null:.2f}**. The difference to that is {toy.effect:+.3f}"
        f" [{toy.low:+.3f}, {toy.high:+.3f}], z = {toy.z:.1f}: **{motif_verdict(toy)}**."
    )


def about_medians(named: pd.DataFrame) -> str:
    """The medians beside the values recorded for the file, and who is expressed where."""
    equal = all((named.loc[gene] == values).all() for gene, values in EXPECTED.items())
    tfs = [tf for tf in named.index if tf not in EXPECTED]
    low = [tf for tf in tfs if (named.loc[tf] < FEW).any()]
    where = ", ".join(range_of(named.loc[tf]) for tf in low)
    return (
        f"The medians of Rorb ({', '.join(f'{v:.0f}' for v in named.loc['Rorb'])}) and Syt6"
        f" ({', '.join(f'{v:.0f}' for v in named.loc['Syt6'])})"
        f" {'agree' if equal else 'do NOT agree'} with the values recorded for this file. The paper"
        " says that its six TFs are expressed in target and other types alike. By the medians, "
        + (
            f"{len(low)} of the {len(tfs)} are below {FEW} counts per million in at least one of"
            f" the six types: {where} (lowest to highest median)."
            if low
            else f"all {len(tfs)} have at least {FEW} counts per million in each type."
        )
    )


def range_of(medians: pd.Series) -> str:
    """Name, lowest and highest median of a TF, and in how many types it is 0."""
    n = int((medians == 0).sum())
    return (
        f"{medians.name} ({medians.min():.0f} to"
        f" {medians.max():.0f}{f', zero in {n}' if n else ''})"
    )


def about_evidence(evidence: Evidence) -> str:
    """Numbers of promoters, how frequent motifs are, and what was left out."""
    share = evidence.hits[evidence.kinds[ANY]].mean()
    left_out = "; ".join(f"{reason}: {n}" for reason, n in evidence.left_out.items())
    kinds = ", ".join(f"{evidence.kinds[kind].sum():,} {kind}" for kind in (OPEN, OFF))
    return (
        f"Promoters: {int(evidence.kinds[ANY].sum()):,}, of which {kinds}. A TF has its motif in"
        f" {share.mean():.0%} of the promoters on average, the most frequent tenth of the TFs in"
        f" {share.quantile(0.9):.0%} or more. Left out, counted: {left_out or 'nothing'}. "
        + (
            "Motifs in elements further away are read from the genome."
            if DISTAL in evidence.kinds
            else "Without the genome's sequence, motifs further away cannot be seen on this page."
        )
    )


# --- the control ----------------------------------------------------------------------------------


def about_control(control: Mapping[str, Support], name: str) -> str:
    """Whether the positive control passes, and how much of it is motif frequency."""
    passed, off = control[ANY], control[OFF].z
    return (
        f"{name}: {passed.n_genes:,} genes with a regulator, {passed.observed:.3f} of the"
        f" regulators with a motif in the promoter; matched null {passed.null:.3f}, random"
        f" regulators {passed.random:.3f}. z = {passed.z:.1f}: **the positive control"
        f" {'passes' if passed.z > 5 else 'does NOT pass'}** (we ask for z > 5). But of the gap to"
        " random regulators,"
        f" {(passed.null - passed.random) / (passed.observed - passed.random):.0%} is motif"
        " frequency, even for these edges. In glia-only promoters these edges, which belong to no"
        f" cell type, have z = {off:.1f}: for them that set is "
        + ("no negative control." if off > 3 else "a negative control.")
    )


def about_power(
    control: Control, sizes: Mapping[str, list[int]], power: pd.DataFrame, main: Case
) -> str:
    """How much the test can see at the sizes of this page, and where it would see enough."""
    rows = [control.at_size(kind, n) for kind, numbers in sizes.items() for n in numbers]
    blind = sum(row["median z"] < 3 for row in rows)
    has = control.known.sum(axis=1) > 0
    each = control.known[has].sum(axis=1)
    of_main = has[pd.Index(control.genes).get_indexer(main.all_targets)].mean()
    return (
        f"The known regulators are {each.mean():.1f} for a gene on average (median"
        f" {np.median(each):.0f}) and fill so much of a list of {control.k}. **At {blind} of the"
        f" {len(rows)} sizes of this page a list with every known regulator has a median z below"
        " 3**: the test would mostly miss it there. "
        + size_needed(power, ANY, "any promoter")
        + size_needed(power, OPEN, f"promoters {OPEN}")
        + f"This flatters: all genes drawn have a known regulator, of the targets of {main.name}"
        f" only {of_main:.0%} do. A list that holds more true regulators than are known would"
        " score higher; known regulators that rest on motifs score too high."
    )


def size_needed(power: pd.DataFrame, kind: str, name: str) -> str:
    """The smallest size at which most draws are above z = 3 with this kind of evidence."""
    rows = power[power["evidence"] == kind]
    large = rows.loc[rows["share of draws with z > 3"] >= SEEN, "genes"]
    if large.empty:
        return (
            f"With {name}, none of these sizes reaches z > 3 in 80 % of the draws (largest:"
            f" {rows['genes'].max():,} genes). "
        )
    return (
        f"With {name}, {large.min():,} genes are the smallest of these sizes at which at least 80 %"
        " of the draws are above 3. "
    )


# --- the trainings --------------------------------------------------------------------------------


def about_effort(effort: pd.DataFrame) -> str:
    """Profiles, batches and steps on W of each case; from `trained.effort`, a row per case."""
    return "\n".join(
        f"- {name}: {row['cells']} cells or clusters, batches an epoch: {row['batches an epoch']},"
        f" {row['steps on W']} steps on W. Warnings: {row['warnings']}."
        for name, row in effort.iterrows()
    )


def about_noise(shared: tuple[float, float, float], layers: bool) -> str:
    """How many edges two trainings share that differ in the seed only; see `shared_by_seeds`."""
    within, _, chance = shared
    text = (
        f"two trainings {'of one layer ' * layers}that differ in the seed only share {within:.1%}"
        f" of the edges that either has (chance: about {chance:.1%})"
    )
    if within >= 0.1:
        return text
    return (
        f"{text}: single edges of such trainings are mostly noise, which by itself could explain"
        " that nothing is found"
    )


def about_smallest(effort: pd.DataFrame, batch_size: int, noise: str, k: int) -> str:
    """The case with the fewest profiles, and the noise between seeds."""
    return (
        f"A batch is {batch_size} cells, so in the smallest case,"
        f" {effort['cells'].astype(int).idxmin()} with {effort['cells'].min()} profiles, an epoch"
        f" is {effort['batches an epoch'].min()} batch and W is updated"
        f" {effort['steps on W'].min()} times in all. And {noise}. (The edges are as many as {k}"
        " for each gene, from the top of the whole list.)"
    )


def about_sharing(parts: Mapping[str, np.ndarray], n_tfs: int, noise: str, between: float) -> str:
    """Shared edges of single trainings, and shared hubs of the types (`trained.type_parts`)."""
    hubs = [set(np.argsort(-part.sum(axis=0), kind="stable")[:20]) for part in parts.values()]
    pairs = [len(a & b) for i, a in enumerate(hubs) for b in hubs[:i]]
    return (
        f"As said above, {noise}. Single trainings of two layers share {between:.1%}. These are few"
        " and dependent pairs, so we draw no conclusion from the difference. In the network of the"
        " medians, the 20 TFs with most targets among the markers of one type and of another have"
        f" {min(pairs)} to {max(pairs)} TFs in common, {np.mean(pairs):.1f} on average"
        f" ({20 * 20 / n_tfs:.1f} by chance): a network that is shared by all types has shared"
        " hubs."
    )
