# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Mouse cortex: checked against the epigenome
#
# **Where no true network is known, do the motifs at a gene say that its predicted regulators are
# right, and right by more than any list of common regulators would be?**

# %% tags=["setup", "remove-cell"]
import importlib.util

# On Colab: add the package, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import subprocess
    import sys
    from importlib.metadata import version

    present = ["numpy", "scipy", "pandas", "matplotlib", "torch"]
    keep = [f"{name}=={version(name)}" for name in present]
    package = "deepsem_minimal[chapters] @ git+https://github.com/deepsem-minimal/deepsem-minimal"
    pip = [sys.executable, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *keep, package], check=True)

# %% tags=["parameters", "remove-cell"]
PROFILE = "quick"

# %%
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

from deepsem_book import datasets
from deepsem_book.baselines import METHODS
from deepsem_book.cortex import cells, epigenome, figures, motifs, paper, read
from deepsem_book.cortex.evidence import (
    degrees,
    frequent_motifs,
    jaccard,
    judge,
    made_evidence,
    random_network,
    read_evidence,
    read_peaks,
    top_edges,
    with_elements,
)
from deepsem_book.own_data import advice
from deepsem_book.page import choose, footer, header, show
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

# %% tags=["remove-input"]
adata = choose("cortex/seqfish", "sim/nonlinear-100")
REAL = adata.uns["source"]["name"] == "cortex/seqfish"
clusters = datasets.load("cortex/tasic-clusters") if REAL else adata
header(PROFILE, *([adata, clusters] if REAL else [adata]))
MISSING = Markdown("*This part needs the real data, which could not be reached.*")

# %% [markdown]
# **Key takeaways**
#
# - [A share of regulators with a motif means nothing alone](#cortex-null): some motifs are at most
#   genes. A list of such TFs scores high for any gene.
# - [Random regulators are the wrong control](#cortex-null) for that reason. The fair one keeps the
#   predicted TFs and exchanges the genes they were predicted for.
# - [A test must be able to find something](#cortex-control): known regulators pass it on the same
#   evidence, but with few regulators for each of many genes. Lists as long as the predictions, for as
#   few genes, mostly would not pass even if they held every known regulator. Where that is so,
#   silence says little.
# - [A story about six regulators can be counted too](#cortex-stories): how high do they rank, and how
#   high would any six?
#
# **You will be able to** follow the path from a DNA sequence to evidence for an edge, choose a null
# model that removes motif frequency, read an effect with its interval and z, and say what a
# validation of this kind can and cannot show.
#
# **Before you start**: [GRN inference on BEELINE](05_grn_inference_beeline) and
# [What does EPR reward?](08_what_epr_rewards).
# **Time**: 40 minutes to read; two to four minutes to run on a CPU. A GPU is of no use here.

# %% [markdown]
# ## What the paper did
#
# No network of regulators is known for the cells of the cortex. The paper takes another kind of
# evidence {cite:p}`shu2021`. It learns a network for each of six types of excitatory neurons of the visual
# cortex {cite:p}`tasic2018`. It looks for regulatory elements within 200 kb of the start of each marker
# gene: DNA that is open in that type, or little methylated {cite:p}`luo2017`. It asks which of the gene's
# predicted regulators have a binding motif in one of these elements. The more, it argues, the better
# the network (Fig. 4a).
#
# Note that three areas of the cortex meet here: expression is from the visual cortex (GSE115746), methylation
# from the frontal cortex (GSE97179), open chromatin from the secondary motor cortex (GSE126724).
# Types of cells of the same name stand for each other.
#
# (cortex-chain)=
# ## From sequence to evidence, on a genome made by hand
#
# The smallest example has a chromosome of 500,000 bases, three genes, two TFs, and three
# elements. We know where each site was planted. The files have the formats of the real ones: FASTA,
# BED, and JASPAR's text.

# %%
X_SITE, Y_SITE = "TGACGTCATGCA", "GGATCCGGTTAA"
made_starts = {"A": 60_000, "B": 250_000, "C": 460_000}
planted = {
    100_200: X_SITE,
    300_150: Y_SITE,
    420_100: X_SITE,
    200_000: Y_SITE,
}  # the last: no element
# not in order
made_elements = [(300_000, 300_500), (100_000, 100_500), (420_000, 420_400)]

letters = np.random.default_rng(0).choice(list("ACGT"), 500_000)
for place, site in planted.items():
    letters[place : place + 12] = list(site)


def jaspar(name: str, site: str) -> str:
    """A motif that wants exactly this site, as JASPAR prints it."""
    rows = [
        f"{base} [ {' '.join('20' if s == base else '0' for s in site)} ]"
        for base in "ACGT"
    ]
    return "\n".join([f">MA_{name} {name}", *rows, ""])


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "genome.fa").write_text(">chr1\n" + "".join(letters) + "\n")
    (folder / "peaks.bed").write_text(
        "".join(f"chr1\t{a}\t{b}\n" for a, b in made_elements)
    )
    (folder / "motifs.txt").write_text(jaspar("Xtf", X_SITE) + jaspar("Ytf", Y_SITE))
    peaks = read.read_bed(folder / "peaks.bed")
    matrices = motifs.read_jaspar_text(folder / "motifs.txt")
    sequences = read.read_genome(folder / "genome.fa", peaks)
    tss = pd.DataFrame(
        {
            "chrom": "chr1",
            "tss": made_starts.values(),
            "strand": "+",
            "gene": list(made_starts),
        }
    )
    sizes = pd.Series({"chr1": len(letters)})
    evidence_made, n_near = epigenome.motif_evidence(
        list("ABC"), ["Xtf", "Ytf"], tss, sizes, peaks, folder / "genome.fa", matrices
    )

windows = epigenome.windows(tss, sizes)
hits = motifs.scan(matrices, sequences)
near = epigenome.overlaps(windows, peaks)
made = pd.DataFrame(evidence_made, index=list("ABC"), columns=["Xtf", "Ytf"])
made = made.assign(
    window=[f"{w.start:,} to {w.end:,}" for w in windows.itertuples()], elements=n_near
)
made

# %% [markdown]
# `motif_evidence` is the whole chain. Each of its steps is one call:
#
# 1. `windows`: 200 kb on both sides of the start, cut at the end of the chromosome (genes A and C).
# 2. `overlaps`: which elements share a base with which window. The interval work is `bioframe`'s.
# 3. `scan`: motif hits in the sequence of these elements at p < 1e-5, by `memelite`'s implementation
#    of FIMO {cite:p}`grant2011`.
# 4. `element_evidence`: genes × TFs, true where a motif of the TF lies in an element near the gene.

# %% tags=["remove-input"]
show(epigenome.motif_evidence)

# %% mystnb={"figure": {"caption": "The made chromosome. Windows end with the chromosome. The site at 200 kb lies in no element, so the chain does not see it.", "name": "fig-cortex-made"}, "image": {"alt": "Tracks along a chromosome of 500 kb: three gene starts, the window of each gene, three elements, four planted sites, and the three hits that were found."}} tags=["remove-input"]
offset = hits["sequence"].str.extract(r":(\d+)-")[0].astype(int)
tracks = {
    f"window of {w.gene}": windows.iloc[[i]] for i, w in enumerate(windows.itertuples())
}
tracks["elements"] = peaks
tracks["planted sites"] = pd.DataFrame({"start": planted.keys()}).assign(
    end=lambda t: t["start"] + 12
)
tracks["hits"] = pd.DataFrame(
    {"start": hits["start"] + offset, "end": hits["end"] + offset}
)
figures.tracks(
    tracks, (0, len(letters)), {gene: (at, "+") for gene, at in made_starts.items()}
)

# %% tags=["remove-input"]
rng = np.random.default_rng(1)
soft = motifs.Motif("soft", "soft", 100 * rng.dirichlet(np.full(4, 0.4), size=11).T)
sequence = {"s": "".join(rng.choice(list("ACGT"), 400_000))}
threshold = 1e-4
chance_hits = len(motifs.scan([soft], sequence, threshold)) / (2 * 400_000)
inside = {at for at in planted if any(a <= at < b for a, b in made_elements)}
exact = set(tracks["hits"]["start"]) == inside and (hits["strand"] == "+").all()
Markdown(
    f"Hits at exactly the planted places within elements, on the planted strand: **{'yes' if exact else 'no'}**. "
    f"The p-value of a perfect site of 12 bases is {0.25**12:.2g}; the scanner says {hits['p_value'].min():.2g}. "
    f"A p-value is a promise about random sequence: at p < {threshold:g} a motif of 11 bases was hit at "
    f"{chance_hits:.2g} of the places of 400,000 random bases, both strands. (Scores come in steps, so the rate may "
    "be below the threshold, but must not be above it by more than chance.)"
)

# %% [markdown]
# (cortex-null)=
# ## Which null?
#
# Now the statistic of the paper: for each gene the share of its predicted regulators with a motif
# nearby, then the mean over genes. Suppose a method knows nothing about genes but prefers TFs whose motifs are
# frequent:

# %%
rng = np.random.default_rng(0)
often = rng.beta(0.6, 1.5, 60)  # how frequent the motif of each of 60 TFs is
toy_evidence = rng.random((300, 60)) < often  # genes x TFs
toy_regulators = rng.random((300, 60)) < 0.4 * often  # knows the TFs, not the genes
toy = epigenome.against_null(toy_regulators, toy_evidence, np.zeros(300, dtype=int))

# %% tags=["remove-input"]
Markdown(
    f"Share with a motif: **{toy.observed:.2f}**; random regulators: {toy.random:.2f}, so this method looks "
    f"{toy.observed / toy.random:.1f} times better than chance. Same TFs, genes exchanged: **{toy.null:.2f}**. The difference "
    f"to that is {toy.effect:+.3f} [{toy.low:+.3f}, {toy.high:+.3f}], z = {toy.z:.1f}: **{epigenome.motif_verdict(toy)}**."
)

# %% [markdown]
# The method was built to know nothing about who regulates whom, so the second answer is the right
# one. *Random regulators* answer "are these TFs special?". The *matched null* answers "does it matter
# for which gene they were predicted?", and only this is about edges. We exchange genes only
# with genes of similar mean expression and a similar number of open elements in their windows,
# since both change the chance of a motif.
#
# (cortex-rule)=
# ### How a result is judged
#
# An *effect* is the observed share minus its matched null. Its *interval* is a 95 %
# bootstrap over genes; *z* is the effect in standard deviations of the permuted networks. "Above" or "below" the null needs
# both |z| > 3 and an interval of the same sign without 0; everything else is "not distinguishable". The two can disagree: the interval asks
# for less than z > 3, and with few genes a bootstrap can give too narrow ones. The permutation is the test.

# %% tags=["remove-input"]
show(epigenome.against_null)

# %% [markdown]
# (cortex-data)=
# ## What can be had
#
# Not everything the paper used is here. What stands in for it:
#
# | the paper | this page |
# | --- | --- |
# | single cells of the visual cortex, six types | single cells of the cortex by layer, seqFISH+ {cite:p}`eng2019`; **medians** of the clusters of {cite:t}`tasic2018`, which are aggregated profiles and no cells |
# | open chromatin by type | one set for all excitatory neurons {cite:p}`mo2015`; glia of the striatum as off-target control {cite:p}`li2021` |
# | methylation by type | nothing |
# | motifs in elements within 200 kb, JASPAR and FIMO | motifs in promoters {cite:p}`kamimoto2023`, for TFs of JASPAR 2018 {cite:p}`khan2018`; with `PROFILE = "full"` also motifs in all excitatory peaks within 200 kb, if the genome can be had |
# | 500 marker genes a type, by scanpy | those genes that lead most in the type by its Tasic median |
#
# The paper's own procedure is `cortex_paper.read_paper`; exercise 4 calls it. It takes the single cells from GEO and
# the genome from UCSC as they come, and the reader's files of peaks and methylated regions, for which the paper's Supplementary
# Table 1 has the addresses:

# %% tags=["remove-input"]
show(paper.read_paper)

# %% [markdown]
# First the expression: the two genes of the paper's stories and the six TFs that it
# names for them.

# %%
PAPER_STORIES = {
    gene: (kind, tfs)
    for kind, genes in cells.STORIES.items()
    for gene, tfs in genes.items()
}
if REAL:
    medians = cells.subclass_medians(datasets.fetch("cortex/tasic/medians"))
    rows = [*PAPER_STORIES, *(tf for _, tfs in PAPER_STORIES.values() for tf in tfs)]
    named = medians.loc[rows, list(cells.CORTEX_TYPES)]

# %% mystnb={"figure": {"caption": "Median expression of the two genes and the six TFs in the six types (the paper's Fig. 4d, from the published medians).", "name": "fig-cortex-medians"}, "image": {"alt": "Heat map with eight genes as rows and six cell types as columns, with the median counts per million in the cells."}} tags=["remove-input"]
figures.medians(named) if REAL else MISSING

# %% tags=["remove-input"]
FEW = 10  # counts per million; below that a TF is hardly there
EXPECTED = {"Rorb": [0, 396, 129, 0, 0, 0], "Syt6": [0, 0, 0, 0, 0, 118]}


def on_medians() -> str:
    """The medians beside the published ones, and who is expressed where."""
    equal = all((named.loc[gene] == values).all() for gene, values in EXPECTED.items())
    silent = {tf: int((named.loc[tf] == 0).sum()) for tf in named.index[2:]}
    low = [tf for tf in silent if (named.loc[tf] < FEW).any()]
    where = ", ".join(
        f"{tf} ({named.loc[tf].min():.0f} to {named.loc[tf].max():.0f}"
        + (f", zero in {silent[tf]})" if silent[tf] else ")")
        for tf in low
    )
    return (
        f"The medians of Rorb ({', '.join(f'{v:.0f}' for v in named.loc['Rorb'])}) and Syt6 "
        f"({', '.join(f'{v:.0f}' for v in named.loc['Syt6'])}) {'agree' if equal else 'do NOT agree'} with the values "
        "recorded for this file. The paper says that its six TFs are expressed in target and other types alike. By the medians, "
        + (f"{len(low)} of the {len(silent)} are below {FEW} counts per million in at least one of the six types: {where} (lowest "
           "to highest median)." if low else f"all {len(silent)} have at least {FEW} counts per million in each type.")
    )  # fmt: skip


Markdown(on_medians()) if REAL else MISSING

# %% [markdown]
# Now the evidence: promoters with their motifs, which of them overlap a peak of excitatory neurons, and
# which overlap a peak of glia but none of excitatory neurons. If the network is about neurons, the second kind
# should support it more than the third.

# %%
evidence = read_evidence() if REAL else made_evidence(adata)
if REAL:
    jaspar_motifs = motifs.read_jaspar_sqlite(datasets.fetch("jaspar2018/sqlite"))
    known_tfs = motifs.motif_tfs(jaspar_motifs) & set(evidence.hits.columns)
    n_markers = {"quick": 60, "full": 500}[PROFILE]
    cases = cells.seqfish_cases(adata, medians, known_tfs, n_markers)
    cases.append(cells.tasic_case(clusters, medians, known_tfs, n_markers))
else:
    cases = [cells.made_case(adata)]
main = cases[-1]
# 0.8 GB
if DISTAL := REAL and PROFILE == "full" and datasets.is_available("cortex/genome"):
    genome, starts = (
        datasets.fetch("cortex/genome"),
        read.read_tss(datasets.fetch("cortex/tss")),
    )
    evidence = with_elements(
        evidence,
        "excitatory peaks within 200 kb",
        sorted({gene for case in cases for gene in case.all_targets}),
        starts,
        read.genome_sizes(genome),
        read_peaks("EXC"),
        genome,
        jaspar_motifs,
    )
pd.DataFrame({
    case.name: {
        "cells or clusters": case.cells.n_obs, "genes": case.cells.n_vars, "TFs": len(case.tfs),
        "targets": len(case.all_targets),
        **{f"... with a promoter: {kind}": int(evidence.table(kind, case.all_targets, case.tfs)[1].sum())
           for kind in evidence.kinds},
    }
    for case in cases
})  # fmt: skip

# %% tags=["remove-input"]
n_promoters = int(evidence.kinds[evidence.ANY].sum())
motif_share = evidence.hits[evidence.kinds[evidence.ANY]].mean()
left_out = "; ".join(f"{reason}: {n}" for reason, n in evidence.left_out.items())
Markdown(
    f"Promoters: {n_promoters:,}, of which "
    + ", ".join(f"{evidence.kinds[kind].sum():,} {kind}" for kind in (evidence.OPEN, evidence.OFF))
    + f". A TF has its motif in {motif_share.mean():.0%} of the promoters on average, the most frequent tenth of "
    f"the TFs in {motif_share.quantile(0.9):.0%} or more. Left out, counted: {left_out or 'nothing'}. "
    + ("Motifs in elements further away are read from the genome." if DISTAL
       else "Without the genome's sequence, motifs further away cannot be seen on this page.")
)  # fmt: skip

# %% [markdown]
# (cortex-control)=
# ## Can the test find anything?
#
# Silence says something only if a true network would have been heard. DoRothEA collects pairs of TF and target
# from several lines of evidence: curated papers, ChIP-seq, expression, and **motifs in promoters**. Its
# confidence classes A to C rest on more or better ones {cite:p}`garciaalonso2019`. These edges take the place of the
# predictions. Since motifs are among their sources, the control is partly circular: its effect is an upper bound.


# %% tags=["hide-input"]
def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of `epigenome.Support`, with the 95 % intervals in brackets."""
    return pd.DataFrame(
        {
            "genes": rows["n_genes"].astype(int),
            "share with a motif": [
                f"{r.observed:.3f} [{r.observed_low:.3f}, {r.observed_high:.3f}]"
                for r in rows.itertuples()
            ],
            "random regulators": rows["random"].round(3),
            "matched null": rows["null"].round(3),
            "effect": [
                f"{r.effect:+.3f} [{r.low:+.3f}, {r.high:+.3f}]"
                for r in rows.itertuples()
            ],
            "z": rows["z"].round(1),
        },
        index=rows.index,
    )


def as_table(found: dict[str, epigenome.Support], name: str) -> pd.DataFrame:
    """One row for each, named in the index."""
    rows = [asdict(support) for support in found.values()]
    return readable(pd.DataFrame(rows, index=pd.Index(found, name=name)))


# %%
if REAL:
    known_edges = read.read_dorothea(datasets.fetch("cortex/dorothea"))
    source = clusters  # all genes, for power
    control_tfs = cells.with_motif(clusters, known_tfs, min_fraction=0)
else:
    known_edges = datasets.load_network("sim/nonlinear-100/truth")
    source, control_tfs = adata, main.tfs
everything = list(source.var_names)
curated = epigenome.edge_regulators(known_edges, everything, control_tfs)
level = np.asarray(source.X.mean(axis=0)).ravel()


def known_against_null(kind: str, chosen: np.ndarray = curated) -> epigenome.Support:
    """The known edges (genes x TFs) in the place of predictions."""
    there, has = evidence.table(kind, everything, control_tfs)
    groups = epigenome.strata(level[has], evidence.near(everything)[has])
    return epigenome.against_null(chosen[has], there[has], groups)


control = {
    kind: known_against_null(kind)
    for kind in (evidence.ANY, evidence.OPEN, evidence.OFF)
}
as_table(control, "evidence")

# %% tags=["remove-input"]
passed = control[evidence.ANY]
CONTROL_NAME = "DoRothEA A to C" if REAL else "the true network"
Markdown(
    f"{CONTROL_NAME}: {passed.n_genes:,} genes with a regulator, {passed.observed:.3f} of the regulators with a motif in the "
    f"promoter; matched null {passed.null:.3f}, random regulators {passed.random:.3f}. z = {passed.z:.1f}: **the positive control "
    f"{'passes' if passed.z > 5 else 'does NOT pass'}** (we ask for z > 5). But of the gap to random regulators, "
    f"{(passed.null - passed.random) / (passed.observed - passed.random):.0%} is motif frequency, even for these edges. "
    f"In glia-only promoters these edges, which belong to no cell type, have z = {control[evidence.OFF].z:.1f}: for them that set is "
    + ("no negative control." if control[evidence.OFF].z > 3 else "a negative control.")
)

# %% tags=["remove-input"]
if REAL:
    by_class = {
        name: known_against_null(
            evidence.ANY,
            epigenome.edge_regulators(
                read.read_dorothea(datasets.fetch("cortex/dorothea"), name),
                everything,
                control_tfs,
            ),
        )
        for name in "ABC"
    }
as_table(by_class, "class") if REAL else MISSING

# %% [markdown]
# The same by confidence class, all promoters. So evidence and motif calls carry information about edges.
#
# (cortex-size)=
# ### A control of the shape of the test
#
# But this control has another shape than the predictions below: many genes with few regulators each. A prediction
# is a list of the same length for every gene, for far fewer genes. So we ask what such a list would
# score if it held *every* known regulator of its gene and random TFs for the rest. Only genes with a known
# regulator are drawn, twenty times for each size:

# %% tags=["remove-input"]
show(epigenome.padded_control)

# %%
K = 12 if REAL else 3  # regulators kept for each gene, see below
LARGER = (500, 1000) if REAL else ()
sized: dict[tuple[str, int], dict] = {}


def at_size(kind: str, n_genes: int, n_draws: int = 20) -> dict:
    """What a list that holds every known regulator would score for so many genes."""
    if (kind, n_genes) not in sized:
        there, has = evidence.table(kind, everything, control_tfs)
        matched = [level[has], evidence.near(everything)[has]]
        draws = epigenome.padded_control(
            curated[has], there[has], matched, K, n_genes, n_draws
        )
        z = draws["z"]
        sized[kind, n_genes] = {
            "evidence": kind, "genes": int(draws["n_genes"].iloc[0]), "regulators": K,
            "median z": z.median(), "share of draws with z > 3": (z > 3).mean(),
        }  # fmt: skip
    return sized[kind, n_genes]


page_sizes = {
    kind: sorted({
        int(evidence.table(kind, case.all_targets, case.tfs)[1].sum()) for case in cases
    })
    for kind in control
}  # fmt: skip
power = pd.DataFrame([
    at_size(kind, n) for kind, found in page_sizes.items()
    for n in [*found, *(n for n in LARGER if n > max(found) and kind != evidence.OFF)]
])  # fmt: skip
power = power.drop_duplicates()
power.set_index(["evidence", "genes"]).round(2)

# %% tags=["remove-input"]
each = curated[curated.any(axis=1)].sum(axis=1)


def on_power() -> str:
    """How much the test can see at the sizes of this page, and where it would see enough."""
    sizes = [at_size(kind, n) for kind, found in page_sizes.items() for n in found]
    blind = [row for row in sizes if row["median z"] < 3]
    text = (
        f"The known regulators are {each.mean():.1f} for a gene on average (median {np.median(each):.0f}) and fill so much of a list of {K}. "
        f"**At {len(blind)} of the {len(sizes)} sizes of this page a list with every known regulator has a median z below 3**: "
        "the test would mostly miss it there. "
    )
    for kind in (evidence.ANY, evidence.OPEN):
        rows = power[power["evidence"] == kind]
        kind = "any promoter" if kind == evidence.ANY else f"promoters {kind}"
        enough = rows.loc[rows["share of draws with z > 3"] >= 0.8, "genes"]
        text += f"With {kind}, " + (
            f"{enough.min():,} genes are the smallest of these sizes at which at least 80 % of the draws are above 3. "
            if len(enough)
            else f"none of these sizes reaches z > 3 in 80 % of the draws (largest: {rows['genes'].max():,} genes). "
        )
    known_here = curated[pd.Index(everything).get_indexer(main.all_targets)].any(axis=1)
    return (
        text
        + f"This flatters: all genes drawn have a known regulator, of the targets of {main.name} only {known_here.mean():.0%} do. "
        "A list that holds more true regulators than are known would score higher; known regulators that rest on "
        "motifs score too high."
    )


Markdown(on_power())

# %% [markdown]
# (cortex-networks)=
# ## The networks
#
# For each layer of seqFISH+ one ensemble of DeepSEM; for the cluster medians one ensemble over all
# excitatory clusters, as a type has only a few of them. The targets are the marker genes
# of each type. The main text does not print the settings for this data set; Supplementary Table 8, which
# could not be read here, may. We take the preset for cell-type-specific truths.

# %%
SEEDS = {"quick": 3, "full": 10}[PROFILE]
TREES = {"quick": 20, "full": 500}[PROFILE]
few = {} if REAL else {"W_init": "safe"}  # ledger 9: few genes need a smaller start
results = {
    case.name: fit(
        case.cells,
        Config.cell_type_specific(**few),
        seeds=SEEDS,
        n_jobs=1,
        progress=False,
    )
    for case in cases
}


def others(case: cells.Case) -> dict[str, np.ndarray]:
    """Scores of the other methods, [target, regulator]; the trees where time allows (the recorded
    table below has them everywhere)."""
    X = np.asarray(case.cells.X, dtype=float)
    found = {"Pearson": METHODS["Pearson"](X, case.genes, case.tfs)}
    if case is main or PROFILE == "full":
        found["GENIE3"] = METHODS["GENIE3"](X, case.genes, case.tfs, n_trees=TREES)
        found["GRNBoost2"] = METHODS["GRNBoost2"](
            X, case.genes, case.tfs, max_trees=10 * TREES
        )
    found["one random network"] = random_network(case)
    found["frequent motifs"] = frequent_motifs(case, evidence)
    return found


networks = {
    case.name: {"DeepSEM": results[case.name].W, **others(case)} for case in cases
}

# %% [markdown]
# These are few cells for so many genes. What the package says of that, and how often W is updated in a training:


# %% tags=["remove-input"]
def steps_on_W(case: cells.Case) -> int:
    """Optimiser steps on W in one training."""
    config = results[case.name].config
    cycle = config.K1 + config.K2
    epochs = sum(e % cycle >= config.K1 for e in range(config.n_epochs))
    return epochs * -(-case.cells.n_obs // config.batch_size)


warned = pd.DataFrame({
    case.name: {
        "cells": case.cells.n_obs, "batches an epoch": -(-case.cells.n_obs // results[case.name].config.batch_size),
        "steps on W": steps_on_W(case),
        "warnings": "; ".join(advice.warnings_for(case.cells.X, results[case.name].config)) or "none",
    }
    for case in cases
}).T  # fmt: skip
Markdown("\n".join(
    f"- {name}: {row['cells']} cells or clusters, batches an epoch: {row['batches an epoch']}, {row['steps on W']} steps on W. "
    f"Warnings: {row['warnings']}."
    for name, row in warned.iterrows()
))  # fmt: skip


# %% tags=["remove-input"]
def seeds_share() -> tuple[float, float, float]:
    """Shared edges / all edges of two trainings: of one layer with two seeds, of two layers; chance."""
    tops = {
        (case.name, seed): top_edges(W, case.genes, case.tfs, K)
        for case in cases[:-1] or cases
        for seed, W in zip(results[case.name].seeds, results[case.name].Ws)
    }
    table, layer = (
        jaccard(tops).to_numpy(),
        np.array([name for name, _ in tops]),
    )
    pair = np.triu(np.ones(table.shape, dtype=bool), 1)
    same = layer[:, None] == layer
    density = K / len(cases[0].tfs)
    between = table[pair & ~same]
    return (
        float(table[pair & same].mean()),
        float(between.mean()) if len(between) else np.nan,
        density / (2 - density),
    )


within, between, by_chance = seeds_share()
NOISE = (
    f"two trainings {'of one layer ' if REAL else ''}that differ in the seed only share {within:.1%} of the edges that either has (chance: about "
    f"{by_chance:.1%})"
)
if NOISY := within < 0.1:
    NOISE += ": single edges of such trainings are mostly noise, which by itself could explain that nothing is found"
Markdown(
    f"A batch is {results[main.name].config.batch_size} cells, so in the smallest case, {warned['cells'].astype(int).idxmin()} with "
    f"{warned['cells'].min()} profiles, an epoch is {warned['batches an epoch'].min()} batch and W is updated "
    f"{warned['steps on W'].min()} times in all. And {NOISE}. (The edges are as many as {K} for each gene, "
    "from the top of the whole list.)"
)

# %% [markdown]
# `one random network` draws its scores, and so shows how far chance alone leads. `frequent motifs` knows
# only how frequent each TF's motif is, and rolls dice for the rest: what the matched null has to see through. The main text does not print how many regulators it keeps for a gene (Supplementary Table 8 may);
# *Rorb* had 12. We keep as many (three for simulated data, which have fewer TFs), and [vary it below](#cortex-curves).

# %%
support = pd.DataFrame([
    {"case": case.name, "method": method, "kind": kind}
    | asdict(found := judge(case, W, evidence, kind, K))
    | {"verdict": epigenome.motif_verdict(found)}
    for case in cases
    for method, W in networks[case.name].items()
    for kind in evidence.kinds
])  # fmt: skip

# %% mystnb={"figure": {"caption": "Left: mean share of a gene's predicted regulators with a motif in a promoter that is open in excitatory neurons (bar), for random regulators (red line), and for the same regulators with genes exchanged (diamond). Right: bar minus diamond. The whiskers of both are 95 % bootstrap intervals over genes.", "name": "fig-cortex-support"}, "image": {"alt": "One row for each data set and method, and one for the positive control: bars of the share with a motif with an interval and two marks, and to the right the difference to the matched null with its interval around a line at zero."}} tags=["remove-input"]
shown = support[support["kind"] == evidence.OPEN]
shown = shown.assign(name=shown["case"] + ": " + shown["method"])
top = pd.DataFrame(
    [asdict(control[evidence.OPEN]) | {"name": f"control: {CONTROL_NAME}"}]
)
figures.support_bars(pd.concat([top, shown]))

# %% [markdown]
# Each cell of the table: effect [95 % bootstrap interval over genes], z of the permutations. A verdict needs
# [both](#cortex-rule).

# %% tags=["remove-input"]
support["effect [95 %], z"] = [
    f"{r.effect:+.3f} [{r.low:+.3f}, {r.high:+.3f}], {r.z:.1f}"
    for r in support.itertuples()
]
support.pivot_table(
    index=["case", "method"],
    columns="kind",
    values="effect [95 %], z",
    aggfunc="first",
    sort=False,
)

# %% tags=["remove-input"]
split = support[
    ((support["low"] > 0) | (support["high"] < 0)) & (support["z"].abs() <= 3)
]
Markdown(
    f"In {len(split)} of the {len(support)} cells the interval excludes 0, but |z| is at most 3: "
    + "; ".join(
        f"{r.case}, {r.method}, {r.kind} ({r.n_genes} genes, z {r.z:.1f})"
        for r in split.itertuples()
    )
    + ". The rule calls this not distinguishable."
) if len(split) else None


# %% tags=["remove-input"]
def said(method: str) -> str:
    """The verdicts of one method in a sentence."""
    rows = support[support["method"] == method]
    counts = rows["verdict"].value_counts()
    found = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    gap = (rows["observed"] - rows["random"]).mean()
    half = ((rows["high"] - rows["low"]) / 2).median()
    return (
        f"- **{method}**: {gap:+.3f} over random regulators on average, {rows['effect'].mean():+.3f} over the matched null "
        f"(half width of an interval {half:.3f}); of {len(rows)} comparisons {found}."
    )


ours = support[support["method"] == "DeepSEM"]
passing = ours[ours["verdict"] == "above its matched null"]
reach = np.array([
    at_size(kind, n)["median z"] for kind, n in zip(ours["kind"], ours["n_genes"])
])  # fmt: skip
blind = reach < 3
seeing = ours[~blind]
Markdown(
    "\n".join(map(said, support["method"].unique()))
    + "\n\n"
    + (
        "**DeepSEM here: no excess over the matched null was found.** "
        if passing.empty
        else f"**DeepSEM here** is above its matched null in {len(passing)} of {len(ours)} comparisons: "
        + "; ".join(
            f"{r.case}, {r.kind} ({r.effect:+.3f}, z {r.z:.1f})"
            for r in passing.itertuples()
        )
        + f". About {0.00135 * len(ours):.2f} of {len(ours)} would be so by chance. "
    )
    + f"How much that says depends on [what could have been found](#cortex-size). In {blind.sum()} of the {len(ours)} comparisons even "
    f"a list with every known regulator would have a median z below 3: they are **undecided at this size**. "
    + (
        "The rest: "
        + "; ".join(
            f"{r.case}, {r.kind}, z {r.z:.1f} where such a list would have {at_size(r.kind, r.n_genes)['median z']:.1f} "
            f"(above 3 in {at_size(r.kind, r.n_genes)['share of draws with z > 3']:.0%} of the draws)"
            for r in seeing.itertuples()
        )
        + ". "
        if len(seeing)
        else ""
    )
    + f"And {NOISE}."
)

# %% [markdown]
# Compare `frequent motifs` with the rest on the left of {numref}`fig-cortex-support`: look how far its bar is from the red line, then
# how far from the diamond. It knows no edge.
#
# ### Type by type
#
# The paper's Fig. 4a has one group of bars for each type. The same for the marker genes of each type, in the
# network of the cluster medians. These are the fewest genes of all:

# %%
by_type = pd.DataFrame([
    {"type": name, "name": method}
    | asdict(found := judge(main, W, evidence, evidence.ANY, K, targets))
    | {"verdict": epigenome.motif_verdict(found)}
    for name, targets in main.targets.items()
    for method, W in networks[main.name].items()
])  # fmt: skip

# %% mystnb={"figure": {"caption": "The paper's Fig. 4a with promoters as elements: share of the predicted regulators of each type's marker genes that have a motif in the gene's promoter, with its 95 % bootstrap interval over genes, beside random regulators and the matched null.", "name": "fig-cortex-types"}, "image": {"alt": "One panel for each cell type with a bar for each method: share with a motif, its interval, a red line for random regulators and a diamond for the matched null."}} tags=["remove-input"]
figures.support_by_type(by_type)


# %% tags=["remove-input"]
def on_types() -> str:
    """How many of the bars are above what they are compared with."""
    real = by_type[~by_type["name"].isin(["one random network", "frequent motifs"])]
    lines = [
        f"- {method}: above random regulators in {(rows['observed_low'] > rows['random']).sum()} of {len(rows)} types by the "
        f"interval of its bar, above the matched null in {(rows['verdict'] == 'above its matched null').sum()} "
        f"(z from {rows['z'].min():.1f} to {rows['z'].max():.1f})."
        for method, rows in real.groupby("name", sort=False)
    ]
    n = int(by_type["n_genes"].max())
    lines.append(
        f"\nEven for the type with most genes, {n}, a list with every known regulator would have a median z of "
        f"{at_size(evidence.ANY, n)['median z']:.1f}."
    )
    return "\n".join(lines)


Markdown(on_types())

# %% [markdown]
# (cortex-curves)=
# ### Over the number of regulators
#
# If a method's best edges are its surest, the effect should be largest where few are kept.

# %%
KEPT = (3, 5, 12, 25, 50) if REAL else (1, 2, 3, 5, 10)
curve = pd.DataFrame([
    {"name": method, "k": k} | asdict(judge(main, W, evidence, evidence.ANY, k))
    for method, W in networks[main.name].items()
    for k in KEPT
])  # fmt: skip

# %% mystnb={"figure": {"caption": "Over the number of regulators kept for each gene, cluster medians, all promoters. Left: observed share and (dashed) its matched null. Right: their difference with its 95 % interval.", "name": "fig-cortex-k"}, "image": {"alt": "Two panels over the number of regulators kept: shares of six methods with their nulls, and the differences with bands around a line at zero."}} tags=["remove-input"]
figures.over_k(curve)

# %% tags=["remove-input"]
best = curve.loc[curve.groupby("name", sort=False)["z"].idxmax()]
Markdown(
    f"Largest z of each method over {len(KEPT)} numbers of regulators: "
    + ", ".join(f"{r.name} {r.z:.1f} (k = {r.k})" for r in best.itertuples(index=False))
    + ". A maximum over several looks is too large by itself: compare with that of `one random network`."
)

# %% [markdown]
# (cortex-recorded)=
# ### More seeds and methods, recorded
#
# This page trains few members on few targets, and the trees for one data set only. `python -m deepsem_book.cortex.measure` does the same
# with more targets, seeds and trees, all methods on all data sets, and both presets:

# %%
try:
    recorded = datasets.results("cortex")
except KeyError:
    recorded = pd.DataFrame()
if len(recorded):
    recorded["ensemble"] = (recorded["n_members"] > 1) | ~recorded[
        "method"
    ].str.contains("DeepSEM|random|frequent")
    kept = recorded[(recorded["k"] == 12) & (recorded["type"] == "all")]
    kept = kept[kept["method"] != "frequent motifs"]
    kept = kept.assign(row=kept["data"] + ": " + kept["method"])

# %% mystnb={"figure": {"caption": "Recorded: z against the matched null, twelve regulators for each gene. Grey: single trainings or draws; blue: ensembles and methods that are run once. Within the band (|z| < 3) a result is not distinguishable from its null; the text below counts the single trainings outside.", "name": "fig-cortex-recorded"}, "image": {"alt": "Three panels, one for each kind of evidence, with a row for each data set and method: dots of z for single trainings and diamonds for ensembles, with a band from minus three to three."}} tags=["remove-input"]
figures.recorded(kept) if len(recorded) else Markdown("*Nothing is recorded yet.*")


# %% tags=["remove-input"]
def on_record() -> str:
    """What the recorded ensembles say, method by method, over data sets and kinds at k = 12."""
    lines = []
    for method, rows in kept[kept["ensemble"]].groupby("method", sort=False):
        high = rows[(rows["z"] > 3) & (rows["low"] > 0)]
        where = "; ".join(
            f"{r.data}, {r.kind} ({r.effect:+.3f})" for r in high.itertuples()
        )
        lines.append(
            f"- {method}: z from {rows['z'].min():.1f} to {rows['z'].max():.1f}, median {rows['z'].median():.1f}, in "
            f"{len(rows)} comparisons; above the matched null in {len(high)}{': ' + where if where else ''}."
        )
    sizes = kept[kept["ensemble"]][["kind", "n_genes"]].drop_duplicates()
    reach = {(kind, n): at_size(kind, n) for kind, n in sizes.itertuples(index=False)}
    seen = [key for key, row in reach.items() if row["median z"] >= 3]
    lines.append(
        f"\nOf the {len(reach)} sizes of this table, a list with every known regulator would have a median z of 3 or more at {len(seen)}"
        f"{'; the rest is undecided at this size' if len(seen) < len(reach) else ''}."
    )
    for kind, n in seen:
        own = kept[kept["ensemble"] & (kept["kind"] == kind) & (kept["n_genes"] == n)]
        lines.append(
            f"With {n} genes ({kind}) its median z is {reach[kind, n]['median z']:.1f}, above 3 in "
            f"{reach[kind, n]['share of draws with z > 3']:.0%} of the draws. What was found at that size: "
            + ", ".join(f"{r.method} {r.z:.1f}" for r in own.itertuples())
            + "."
        )
    return "\n".join([*lines, "", on_single_trainings()])


def on_single_trainings() -> str:
    """The grey dots outside of the band, each beside its ensemble."""
    deep = kept[kept["method"].str.startswith("DeepSEM")]
    same = ["data", "method", "kind"]
    ensembles = deep[deep["ensemble"]].set_index(same)["z"]
    single = deep[~deep["ensemble"]]
    verdicts = pd.Series(
        map(epigenome.motif_verdict, single.itertuples()), single.index
    )
    outside = single[~verdicts.str.startswith(("not", "cannot"))]
    text = (
        f"Of {len(single)} single trainings of DeepSEM {len(outside)} {'is' if len(outside) == 1 else 'are'} above or below the matched null "
        f"(of so many without any effect, about {0.0027 * len(single):.1f} would have |z| > 3)"
    )
    where = "; ".join(
        f"{r.data}, {r.method}, {r.kind}, seed {r.seed}: z {r.z:.1f}, its ensemble has {ensembles[r.data, r.method, r.kind]:.1f}"
        for r in outside.itertuples()
    )
    return f"{text}. {where}." if where else f"{text}."


Markdown(on_record() if len(recorded) else "*Nothing is recorded yet.*")

# %% tags=["remove-input"]
if len(recorded):
    final = kept[kept["ensemble"] & (kept["kind"] == evidence.OPEN)]
    final = final.set_index(["data", "method"])
    final = readable(final).assign(members=final["n_members"])
final if len(recorded) else Markdown("*Nothing is recorded yet.*")

# %% [markdown]
# The table has the ensembles and the methods that are run once, for promoters that are open in excitatory neurons, with 95 %
# intervals in brackets.


# %% tags=["remove-input"]
def on_random() -> str:
    """Where the interval of a recorded share is below or above random regulators."""
    rows = kept[kept["ensemble"] & (kept["kind"] == evidence.OPEN)]
    lines = []
    for method, own in rows.groupby("method", sort=False):
        if not method.startswith("DeepSEM"):
            continue
        for word, mask in (
            ("below", own["observed_high"] < own["random"]),
            ("above", own["observed_low"] > own["random"]),
        ):
            lines += [
                f"- {r.data}: the share of {method} is **{word}** that of random regulators, {r.observed:.3f} [{r.observed_low:.3f}, "
                f"{r.observed_high:.3f}] against {r.random:.3f}. Its null is {r.null:.3f}: it prefers TFs whose motifs are "
                f"{'rarer' if r.null < r.random else 'more frequent'} than those of the average TF."
                for r in own[mask].itertuples()
            ]
    return (
        "\n".join(lines)
        or "No share of DeepSEM differs from that of random regulators by its interval."
    )


Markdown(on_random()) if len(recorded) else MISSING

# %% [markdown]
# (cortex-stories)=
# ## The two stories
#
# The paper names three regulators of *Rorb* in L4 and three of *Syt6* in L6 CT and shows that their motifs lie
# in elements near the genes (Fig. 4b, c). We ask the network of the cluster medians, which has all six
# types, how high it ranks them.


# %%
def ranked(gene: str, method: str) -> pd.Series:
    """TFs of the cluster network, strongest regulator of `gene` first, with their ranks."""
    row = networks[main.name][method][main.genes.index(gene)]
    scores = pd.Series(np.abs(row), index=main.genes)[main.tfs].drop(
        gene, errors="ignore"
    )
    return scores.rank(ascending=False, method="first").astype(int).sort_values()


STORY_METHODS = [
    name
    for name in networks[main.name]
    if name not in ("one random network", "frequent motifs")
]
if REAL:
    has_motif = {
        gene: pd.Series(
            evidence.table(evidence.ANY, [gene], main.tfs)[0][0], index=main.tfs
        )
        for gene in PAPER_STORIES
    }
    stories = pd.DataFrame([
        {"gene": gene, "paper's regulator": tf, "motif in promoter": has_motif[gene].get(tf),
         **{f"rank, {method}": ranked(gene, method).get(tf) for method in STORY_METHODS},
         "of": len(ranked(gene, "DeepSEM"))}
        for gene, (_, tfs) in PAPER_STORIES.items() for tf in tfs
    ])  # fmt: skip
    stories = stories.set_index(["gene", "paper's regulator"]).convert_dtypes()
stories.fillna("not expressed") if REAL else MISSING


# %% tags=["remove-input"]
def beside(gene: str) -> pd.DataFrame:
    """The first K regulators of each method beside the paper's three."""
    kind, tfs = PAPER_STORIES[gene]

    def shown(names: list[str]) -> list[str]:
        return [
            f"{tf}{'*' if has_motif[gene].get(tf, False) else ''}{' (paper)' if tf in tfs else ''}"
            for tf in names
        ]

    lists = {
        method: shown(list(ranked(gene, method).index[:K])) for method in STORY_METHODS
    }
    lists = {f"the paper, {kind}": [*shown(tfs), *[""] * (K - len(tfs))]} | lists
    return pd.DataFrame(lists, index=pd.Index(range(1, K + 1), name=f"rank for {gene}"))


beside("Rorb") if REAL else MISSING

# %% tags=["remove-input"]
beside("Syt6") if REAL else MISSING

# %% [markdown]
# A star marks a TF with a motif in a promoter of the gene, `(paper)` one that the paper names; the paper's text names three for
# each gene (and prints "Nf1a" for *Nfia*). These are lists for all excitatory clusters. For *Rorb* there is also a network of layer 4 alone, on the single cells of
# seqFISH+; *Syt6* is not among the genes of that data set.


# %% tags=["remove-input"]
def on_stories() -> str:
    """Our lists, and whether the paper's TFs rank higher than any would."""
    lines = []
    for gene, (kind, tfs) in PAPER_STORIES.items():
        ranks = ranked(gene, "DeepSEM")
        first_names = ranks.index[:K]
        first = [
            f"{tf}{' (motif)' if has_motif[gene][tf] else ''}" for tf in first_names
        ]
        here = ranks.reindex(tfs).dropna()
        line = f"- **{gene}** ({kind}), the first {K}: {', '.join(first)}."
        if len(here):
            draws = (
                np.random.default_rng(0)
                .random((20_000, len(ranks)))
                .argsort(1)[:, : len(here)]
            )
            p = ((draws + 1).mean(axis=1) <= here.mean()).mean()
            line += (
                f" {len(set(first_names) & set(tfs))} of the paper's {len(tfs)} are among them; the "
                f"{len(here)} that are expressed have the mean rank {here.mean():.0f} of {len(ranks)}, and as high or higher by "
                f"chance with probability {p:.2f}."
            )
        share = has_motif[gene][list(first_names)].mean()
        line += f" Motif in the promoter: {share:.0%} of our {K}, {has_motif[gene].mean():.0%} of all TFs."
        for case in cases[:-1]:
            if gene in case.all_targets:
                scores = pd.Series(
                    np.abs(results[case.name].W[case.genes.index(gene)]), case.genes
                )
                order = (
                    scores[case.tfs]
                    .drop(gene, errors="ignore")
                    .rank(ascending=False)
                    .astype(int)
                )
                places = ", ".join(
                    f"{tf} {order[tf]}" if tf in order else f"{tf} not there"
                    for tf in tfs
                )
                line += f" In {case.name}, of {len(order)}: {places}."
        lines.append(line)
    return "\n".join(lines)


Markdown(on_stories()) if REAL else MISSING


# %% [markdown]
# Tracks of both genes with what there is: no sequence, hence no motif outside of promoters; of genes the start and the
# direction (arrow), and with `PROFILE = "full"` the exons, if UCSC can be reached. What can be seen is where chromatin is open,
# in neurons and in glia.


# %%
def locus(gene: str) -> dict:
    """Tracks within 200 kb of a gene's start, for `plots.tracks`."""
    import bioframe

    starts = read.read_tss(datasets.fetch("cortex/tss"))
    mine = epigenome.starts_of([gene], starts)
    [window] = epigenome.windows(
        mine, bioframe.fetch_chromsizes("mm10", provider="local")
    ).to_dict("records")
    span, place = (window["start"], window["end"]), pd.DataFrame([window])

    def inside(table: pd.DataFrame) -> pd.DataFrame:
        return table.iloc[np.unique(epigenome.overlaps(place, table)["element"])]

    rows = {
        f"open in {name}": inside(read_peaks(name))
        for name in evidence.NEURONS + evidence.GLIA
    }
    rows["promoters"] = inside(evidence.places)
    own = evidence.places["gene"].eq(gene.upper())
    for tf in PAPER_STORIES[gene][1]:
        if tf.upper() in evidence.hits:
            rows[f"{tf} motif"] = evidence.places[own & evidence.hits[tf.upper()]]
    around = starts[(starts["chrom"] == window["chrom"]) & starts["tss"].between(*span)]
    tss = {r.gene.capitalize(): (r.tss, r.strand) for r in around.itertuples()}
    exons = None
    if PROFILE == "full" and datasets.is_available("cortex/gene-models"):
        models = read.read_gene_models(datasets.fetch("cortex/gene-models"))
        exons = models[
            (models["gene"] == gene.upper()) & (models["chrom"] == window["chrom"])
        ]
    return {"rows": rows, "span": span, "tss": tss, "exons": exons}


# %% mystnb={"figure": {"caption": "The 400 kb around the start of Rorb (mm10, chromosome 19): open chromatin of three kinds of neurons and of glia, promoters, and promoters of Rorb itself with a motif of the paper's regulators. An arrow starts at a gene's start and shows its direction.", "name": "fig-cortex-rorb"}, "image": {"alt": "Genome tracks around Rorb with rows for gene starts, peaks of excitatory, PV and VIP neurons, of three kinds of glia, promoters, and motifs of three TFs in the promoters of Rorb."}} tags=["remove-input"]
figures.tracks(**locus("Rorb")) if REAL else MISSING

# %% mystnb={"figure": {"caption": "The same around the start of Syt6 (mm10, chromosome 3).", "name": "fig-cortex-syt6"}, "image": {"alt": "Genome tracks around Syt6 with rows for gene starts, peaks of three kinds of neurons and three kinds of glia, promoters, and motifs of three TFs in the promoters of Syt6."}} tags=["remove-input"]
figures.tracks(**locus("Syt6")) if REAL else MISSING

# %% [markdown]
# With a window of 400 kb and so many peaks, almost every TF has *some* motif in *some* open element.
# That a named TF has one is a weak statement; the question is again how many others have one too.
#
# (cortex-summary)=
# ## What the networks look like
#
# The summary statistics of Supplementary Table 3, for as many edges as there would be with `K` for each
# gene, taken from the top of the whole list: in-degree is the number of a gene's regulators, out-degree that of a TF's targets, hubs are the
# TFs of highest out-degree. Networks over the same genes can share edges. The rows with a type are the part of the one network of the
# medians that leads to the type's targets; such parts have no target in common, so they can share regulators only.

# %%
per_gene = K
chosen = {
    case.name: top_edges(results[case.name].W, case.genes, case.tfs, per_gene)
    for case in cases
}
summary = {
    case.name: degrees(chosen[case.name], case.genes, case.tfs) for case in cases
}
parts = {}  # the network of all types, cut to the targets of each
if len(main.targets) > 1:
    for name, targets in main.targets.items():
        parts[name] = chosen[main.name][pd.Index(main.genes).get_indexer(targets)]
        summary[f"{main.name}: {name}"] = degrees(parts[name], targets, main.tfs)
comparable = {case.name: chosen[case.name] for case in cases[:-1]} or chosen
shared = jaccard(comparable)
pd.DataFrame(summary).T

# %% mystnb={"figure": {"caption": "Left: number of targets of each TF, TFs in order. Right: shared edges between the networks of the layers (same genes, same TFs, different cells).", "name": "fig-cortex-degrees"}, "image": {"alt": "Left, lines of the number of targets over the rank of the TF for each network; right, a small heat map of shared edges between layers."}} tags=["remove-input"]
figures.network_summary(chosen, shared)


# %% tags=["remove-input"]
def on_sharing() -> str:
    """Shared edges of single trainings, and shared hubs of the types."""
    hubs = [
        set(np.argsort(-part.sum(axis=0), kind="stable")[:20])
        for part in parts.values()
    ]
    pairs = [len(a & b) for i, a in enumerate(hubs) for b in hubs[:i]]
    return (
        f"As said above, {NOISE}. Single trainings of two layers share {between:.1%}. These are few and dependent pairs, so we draw no "
        "conclusion from the difference."
        + f" In the network of the medians, the 20 TFs with most targets among the markers of one type and of another have {min(pairs)} "
        f"to {max(pairs)} TFs in common, {np.mean(pairs):.1f} on average ({20 * 20 / len(main.tfs):.1f} by chance): a network that is shared by all "
        "types has shared hubs."
    )


Markdown(on_sharing()) if REAL else MISSING

# %% [markdown]
# ## What differs from the paper
#
# - Data: [the table above](#cortex-data). In particular promoters instead of all elements within 200 kb, and
#   one set of open chromatin for all excitatory types. A regulator that binds only far away is missed here.
# - One network over the cluster medians instead of one for each type.
# - Markers from the medians instead of scanpy's test on single cells, and fewer of them in `quick`.
# - The null: the main text says "substantial enrichment" and names no baseline. We take random
#   regulators and add the matched null.
# - [Ledger 14](#ledger-14): the ensemble is the mean of |W| over seeds, and seeds are fixed.
# - [Ledger 15](#ledger-15): regulators are ranked by |W|.
# - Settings: the main text does not print them for this data set; Supplementary Table 8, which could not be read here, may.
# - Few cells: a network here rests on few profiles, some on fewer than one batch ([the warnings](#cortex-networks)).
#
# ## Summary

# %% tags=["remove-input"]
frequent = support[support["method"] == "frequent motifs"]
deep = support[support["method"] == "DeepSEM"]
sure = power.loc[power["share of draws with z > 3"] >= 0.8]
sure = sure.groupby("evidence", sort=False)["genes"].min()
Markdown(
    f"- The positive control ({CONTROL_NAME}) is {epigenome.motif_verdict(passed)}, z = {passed.z:.1f}: evidence and motif calls are "
    "informative. Part of that is circular, since motifs are among the control's sources.\n"
    f"- Scores made of motif frequency alone have {frequent['observed'].mean():.2f} of their regulators with a motif, random "
    f"ones {frequent['random'].mean():.2f}, DeepSEM {deep['observed'].mean():.2f}: the comparison with random regulators cannot tell "
    "knowledge of TFs from knowledge of edges.\n"
    f"- Against the matched null DeepSEM has z from {deep['z'].min():.1f} to {deep['z'].max():.1f} in {len(deep)} comparisons and is above it "
    f"in {len(passing)}. "
    + ("No excess over the matched null was found. " if passing.empty else "")
    + f"But in {blind.sum()} of the {len(deep)} the test would mostly miss even a list that holds every known regulator: "
    "those are undecided at this size, and no excess there says little. "
    + "".join(f"Of the sizes tried, {n:,} genes would be enough with this evidence: {kind}. " for kind, n in sure.items())
    + "None of it says what the paper's own elements would show.\n"
    f"- The networks rest on {warned['cells'].min()} to {warned['cells'].max()} profiles (a batch is {results[main.name].config.batch_size}), "
    f"W on {warned['steps on W'].min()} to {warned['steps on W'].max()} steps; {NOISE}."
)  # fmt: skip

# %% [markdown]
# ## Exercises
#
# **1. Match on more.** A promoter with many motifs has evidence for any TF. Add the number of motifs in the
# promoter to the groups of the null and judge the control again. What happens to its z?

# %% tags=["hide-cell"]
there, has = evidence.table(evidence.ANY, everything, control_tfs)
groups = epigenome.strata(
    level[has], evidence.near(everything)[has], there[has].sum(axis=1)
)
stricter = epigenome.against_null(curated[has], there[has], groups)
print(f"before: null {passed.null:.3f}, z {passed.z:.1f}")
print(f"with the number of motifs: null {stricter.null:.3f}, z {stricter.z:.1f}")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Curated targets may have richer promoters, since genes that are studied often are. Then the matched
# null rises and z falls. What is left cannot be explained by rich promoters.
# :::
#
# **2. How many targets would it take?** If an effect stays what it is, its z grows with the square root of the
# number of genes. How many targets would DeepSEM's effect need, if it is real, to reach |z| = 3?

# %% tags=["hide-cell"]
for row in deep.itertuples():
    needed = row.n_genes * (3 / max(abs(row.z), 1e-3)) ** 2
    print(
        f"{row.case}, {row.kind}: {row.n_genes} genes, effect {row.effect:+.3f}, z {row.z:.1f}, needs {needed:,.0f}"
    )

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# From n genes and z, the number is n (3 / |z|)². Where it is far above the 2,275 targets of the paper, or the effect is
# negative, more genes are no remedy. And with just so many genes a real effect of this size would be missed every second time.
# :::
#
# **3. The wrong null with the right data.** Give `frequent_motifs` another seed and compute how many
# standard deviations of *random networks* its share is away from them. Would a reviewer be impressed?

# %% tags=["hide-cell"]
W = frequent_motifs(main, evidence, seed=5)
share = judge(main, W, evidence, evidence.ANY, K).observed
draws = [
    judge(main, random_network(main, seed), evidence, evidence.ANY, K, n=10).observed
    for seed in range(1, 21)
]
print(
    f"{share:.3f} against {np.mean(draws):.3f}: {(share - np.mean(draws)) / np.std(draws, ddof=1):.0f} sd"
)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The distance is enormous, and no edge is known. A large z is only as good as its null.
# :::
#
# **4. The real thing.** You have the peaks of a type as narrowPeak, and a table of methylated regions by methylpy. Write down the
# calls that lead to one bar of the paper's Fig. 4a.
#
# :::{admonition} Solution
# :class: dropdown
# ```python
# found = cortex_paper.read_paper({"L4": "L4.narrowPeak"}, "dmr.tsv", {"L4": "mL4"})
# case, evidence = found[0]  # cells, markers, TFs; motifs in peaks and in DMRs
# network = fit(case.cells, Config.cell_type_specific())
# cortex.judge(case, network.W, evidence, "peaks", k=12)
# ```
# It fetches the single cells (GEO, GSE115746), the genome (UCSC, mm10) and JASPAR by itself. Chromosomes may
# be named "1" in one file and "chr1" in the other: an error says so.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
footer(*([adata, clusters] if REAL else [adata]), seeds=range(SEEDS))
