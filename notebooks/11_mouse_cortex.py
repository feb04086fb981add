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

ADDRESS = "https://github.com/deepsem-minimal/deepsem-minimal"  # the repository
# Where the package is missing, as on Colab: add it and what it needs, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import os
    import subprocess
    import sys
    import tempfile

    def pip(*words):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
        env = os.environ | {"GIT_TERMINAL_PROMPT": "0"}  # fail rather than ask
        return subprocess.run(command, env=env, capture_output=True, text=True)

    print("Adding the package: about half a minute.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as present:
        present.write(pip("list", "--format=freeze").stdout)
    package = f"deepsem_minimal[chapters] @ git+{ADDRESS}"
    done = pip("install", "-q", "-c", present.name, package)
    if done.returncode:
        print(done.stderr[-2000:])
        raise RuntimeError(
            f"The package could not be installed from {ADDRESS}; pip's words are above. "
            "Open that address in a browser. If nothing is there, it is a placeholder: ask "
            "whoever gave you this notebook where the repository is, and write it after "
            "ADDRESS in this cell (on Colab, double-click the cell's title to see the "
            "code). If the page is there and pip speaks of conflicts, Colab has changed: "
            "choose an older version of the runtime (Runtime, Change runtime type) and "
            "open an issue. Otherwise the network failed: run this cell again."
        )
    print("Done.")

# %% tags=["parameters", "remove-cell"]
PROFILE = "quick"

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

import deepsem_minimal as ds
from deepsem_book import cortex, datasets, page

# %% tags=["remove-input"]
adata = page.choose("cortex/seqfish", "sim/nonlinear-100")
REAL = adata.uns["source"]["name"] == "cortex/seqfish"
clusters = datasets.load("cortex/tasic-clusters") if REAL else adata
sources = [adata, clusters] if REAL else [adata]
page.header(PROFILE, *sources)
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

both = cortex.exact_jaspar("Xtf", X_SITE) + cortex.exact_jaspar("Ytf", Y_SITE)
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "genome.fa").write_text(">chr1\n" + "".join(letters) + "\n")
    (folder / "peaks.bed").write_text(
        "".join(f"chr1\t{a}\t{b}\n" for a, b in made_elements)
    )
    (folder / "motifs.txt").write_text(both)
    peaks = cortex.read_bed(folder / "peaks.bed")
    matrices = cortex.read_jaspar_text(folder / "motifs.txt")
    sequences = cortex.read_genome(folder / "genome.fa", peaks)
    tss = pd.DataFrame(
        {
            "chrom": "chr1",
            "tss": made_starts.values(),
            "strand": "+",
            "gene": list(made_starts),
        }
    )
    sizes = pd.Series({"chr1": len(letters)})
    evidence_made, n_near = cortex.motif_evidence(
        list("ABC"), ["Xtf", "Ytf"], tss, sizes, peaks, folder / "genome.fa", matrices
    )

windows = cortex.windows(tss, sizes)
hits = cortex.scan(matrices, sequences)
near = cortex.overlaps(windows, peaks)
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
page.show(cortex.motif_evidence)

# %% mystnb={"figure": {"caption": "The made chromosome. Windows end with the chromosome. The site at 200 kb lies in no element, so the chain does not see it.", "name": "fig-cortex-made"}, "image": {"alt": "Tracks along a chromosome of 500 kb: three gene starts, the window of each gene, three elements, four planted sites, and the three hits that were found."}} tags=["remove-input"]
offset = hits["sequence"].str.extract(r":(\d+)-")[0].astype(int)
placed = pd.DataFrame({"start": hits["start"] + offset, "end": hits["end"] + offset})
cortex.figures.made_tracks(
    windows.assign(tss=tss["tss"]), peaks, list(planted), placed, len(letters)
)

# %% tags=["remove-input"]
Markdown(cortex.said.about_hits(hits, placed["start"], list(planted), made_elements))

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
toy = cortex.against_null(toy_regulators, toy_evidence, np.zeros(300, dtype=int))

# %% tags=["remove-input"]
Markdown(cortex.said.about_toy(toy))

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
page.show(cortex.against_null)

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
# The paper's own procedure is `cortex.read_paper`; exercise 4 calls it. It takes the single cells from GEO and
# the genome from UCSC as they come, and the reader's files of peaks and methylated regions, for which the paper's Supplementary
# Table 1 has the addresses:

# %% tags=["remove-input"]
page.show(cortex.read_paper)

# %% [markdown]
# First the expression: the two genes of the paper's stories and the six TFs that it
# names for them.

# %%
n_markers = {"quick": 60, "full": 500}[PROFILE]
if REAL:
    setting = cortex.setting.real(adata, clusters, n_markers, distal=PROFILE == "full")
    named = cortex.setting.story_medians(setting.medians)
else:
    setting = cortex.setting.simulated(adata)
cases, main, evidence = setting.cases, setting.main, setting.evidence

# %% mystnb={"figure": {"caption": "Median expression of the two genes and the six TFs in the six types (the paper's Fig. 4d, from the published medians).", "name": "fig-cortex-medians"}, "image": {"alt": "Heat map with eight genes as rows and six cell types as columns, with the median counts per million in the cells."}} tags=["remove-input"]
cortex.figures.medians(named) if REAL else MISSING

# %% tags=["remove-input"]
Markdown(cortex.said.about_medians(named)) if REAL else MISSING

# %% [markdown]
# Now the evidence: promoters with their motifs, which of them overlap a peak of excitatory neurons, and
# which overlap a peak of glia but none of excitatory neurons. If the network is about neurons, the second kind
# should support it more than the third.

# %%
cortex.setting.sizes(setting)

# %% tags=["remove-input"]
Markdown(cortex.said.about_evidence(evidence))

# %% [markdown]
# (cortex-control)=
# ## Can the test find anything?
#
# Silence says something only if a true network would have been heard. DoRothEA collects pairs of TF and target
# from several lines of evidence: curated papers, ChIP-seq, expression, and **motifs in promoters**. Its
# confidence classes A to C rest on more or better ones {cite:p}`garciaalonso2019`. These edges take the place of the
# predictions. Since motifs are among their sources, the control is partly circular: its effect is an upper bound.


# %%
K = 12 if REAL else 3  # regulators kept for each gene, see below
known = cortex.Control.of(setting, K)
control = {
    kind: known.judged(kind, known.known)
    for kind in (cortex.ANY, cortex.OPEN, cortex.OFF)
}
cortex.trained.as_table(control, "evidence")

# %% tags=["remove-input"]
passed = control[cortex.ANY]
CONTROL_NAME = "DoRothEA A to C" if REAL else "the true network"
Markdown(cortex.said.about_control(control, CONTROL_NAME))

# %% tags=["remove-input"]
by_class = {
    name: known.judged(cortex.ANY, cortex.setting.known_regulators(setting, edges))
    for name, edges in cortex.setting.curated_classes(setting).items()
}
cortex.trained.as_table(by_class, "class") if by_class else MISSING

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
page.show(cortex.padded_control)

# %%
page_sizes = cortex.page_sizes(cases, evidence)
power = known.power(page_sizes, (500, 1000) if REAL else ())
power.set_index(["evidence", "genes"]).round(2)

# %% tags=["remove-input"]
Markdown(cortex.said.about_power(known, page_sizes, power, main))

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
config = ds.Config.cell_type_specific(**few)
results = {
    case.name: ds.fit(case.cells, config, seeds=SEEDS, n_jobs=1, progress=False)
    for case in cases
}
# the trees where time allows (the recorded table below has them everywhere)
with_trees = {case.name: case is main or PROFILE == "full" for case in cases}
networks = {
    case.name: {"DeepSEM": results[case.name].W}
    | cortex.trained.others(case, evidence, TREES, with_trees[case.name])
    for case in cases
}

# %% [markdown]
# These are few cells for so many genes. What that means, and how often W is updated in a training:


# %% tags=["remove-input"]
effort = {case.name: cortex.trained.effort(case, config) for case in cases}
effort = pd.DataFrame(effort).T
Markdown(cortex.said.about_effort(effort))

# %% tags=["remove-input"]
shared_edges = cortex.trained.shared_by_seeds(setting.layers, results, K)
NOISE = cortex.said.about_noise(shared_edges, REAL)
Markdown(cortex.said.about_smallest(effort, config.batch_size, NOISE, K))

# %% [markdown]
# `one random network` draws its scores, and so shows how far chance alone leads. `frequent motifs` knows
# only how frequent each TF's motif is, and rolls dice for the rest: what the matched null has to see through. The main text does not print how many regulators it keeps for a gene (Supplementary Table 8 may);
# *Rorb* had 12. We keep as many (three for simulated data, which have fewer TFs), and [vary it below](#cortex-curves).

# %%
support = cortex.trained.supports(cases, networks, evidence, K)

# %% mystnb={"figure": {"caption": "Left: mean share of a gene's predicted regulators with a motif in a promoter that is open in excitatory neurons (bar), for random regulators (red line), and for the same regulators with genes exchanged (diamond). Right: bar minus diamond. The whiskers of both are 95 % bootstrap intervals over genes.", "name": "fig-cortex-support"}, "image": {"alt": "One row for each data set and method, and one for the positive control: bars of the share with a motif with an interval and two marks, and to the right the difference to the matched null with its interval around a line at zero."}} tags=["remove-input"]
shown = support[support["kind"] == cortex.OPEN]
shown = shown.assign(name=shown["case"] + ": " + shown["method"])
top = cortex.trained.row(control[cortex.OPEN]) | {"name": f"control: {CONTROL_NAME}"}
cortex.figures.support_bars(pd.concat([pd.DataFrame([top]), shown]))

# %% [markdown]
# Each cell of the table: effect [95 % bootstrap interval over genes], z of the permutations. A verdict needs
# [both](#cortex-rule).

# %% tags=["remove-input"]
cortex.trained.effects(support)

# %% tags=["remove-input"]
Markdown(cortex.said_results.about_split(support))

# %% tags=["remove-input"]
Markdown(cortex.said_results.about_methods(support, known, NOISE))

# %% [markdown]
# Compare `frequent motifs` with the rest on the left of {numref}`fig-cortex-support`: look how far its bar is from the red line, then
# how far from the diamond. It knows no edge.
#
# ### Type by type
#
# The paper's Fig. 4a has one group of bars for each type. The same for the marker genes of each type, in the
# network of the cluster medians. These are the fewest genes of all:

# %%
by_type = cortex.trained.by_type(main, networks[main.name], evidence, K)

# %% mystnb={"figure": {"caption": "The paper's Fig. 4a with promoters as elements: share of the predicted regulators of each type's marker genes that have a motif in the gene's promoter, with its 95 % bootstrap interval over genes, beside random regulators and the matched null.", "name": "fig-cortex-types"}, "image": {"alt": "One panel for each cell type with a bar for each method: share with a motif, its interval, a red line for random regulators and a diamond for the matched null."}} tags=["remove-input"]
cortex.figures.support_by_type(by_type)


# %% tags=["remove-input"]
Markdown(cortex.said_results.about_types(by_type, known))

# %% [markdown]
# (cortex-curves)=
# ### Over the number of regulators
#
# If a method's best edges are its surest, the effect should be largest where few are kept.

# %%
KEPT = (3, 5, 12, 25, 50) if REAL else (1, 2, 3, 5, 10)
curve = pd.DataFrame([
    {"name": method, "k": k}
    | cortex.trained.row(cortex.judge(main, W, evidence, cortex.ANY, k))
    for method, W in networks[main.name].items()
    for k in KEPT
])  # fmt: skip

# %% mystnb={"figure": {"caption": "Over the number of regulators kept for each gene, cluster medians, all promoters. Left: observed share and (dashed) its matched null. Right: their difference with its 95 % interval.", "name": "fig-cortex-k"}, "image": {"alt": "Two panels over the number of regulators kept: shares of six methods with their nulls, and the differences with bands around a line at zero."}} tags=["remove-input"]
cortex.figures.over_k(curve)

# %% tags=["remove-input"]
Markdown(cortex.said_results.about_curve(curve))

# %% [markdown]
# (cortex-recorded)=
# ### More seeds and methods, recorded
#
# This page trains few members on few targets, and the trees for one data set only. `python -m deepsem_book.cortex.measure` does the same
# with more targets, seeds and trees, all methods on all data sets, and both presets:

# %%
recorded = datasets.results("cortex")
kept = cortex.trained.recorded_rows(recorded, k=12)

# %% mystnb={"figure": {"caption": "Recorded: z against the matched null, twelve regulators for each gene. Grey: single trainings or draws; blue: ensembles and methods that are run once. Within the band (|z| < 3) a result is not distinguishable from its null; the text below counts the single trainings outside.", "name": "fig-cortex-recorded"}, "image": {"alt": "Three panels, one for each kind of evidence, with a row for each data set and method: dots of z for single trainings and diamonds for ensembles, with a band from minus three to three."}} tags=["remove-input"]
cortex.figures.recorded_z(kept)

# %% tags=["remove-input"]
Markdown(cortex.said_results.about_recorded(kept, known))

# %% tags=["remove-input"]
final = kept[kept["ensemble"] & (kept["kind"] == cortex.OPEN)]
final = final.set_index(["data", "method"])
cortex.trained.readable(final).assign(members=final["n_members"])

# %% [markdown]
# The table has the ensembles and the methods that are run once, for promoters that are open in excitatory neurons, with 95 %
# intervals in brackets.


# %% tags=["remove-input"]
Markdown(cortex.said_results.about_random(kept))

# %% [markdown]
# (cortex-stories)=
# ## The two stories
#
# The paper names three regulators of *Rorb* in L4 and three of *Syt6* in L6 CT and shows that their motifs lie
# in elements near the genes (Fig. 4b, c). We ask the network of the cluster medians, which has all six
# types, how high it ranks them.


# %%
cortex.trained.stories(main, networks[main.name], evidence) if REAL else MISSING

# %% tags=["remove-input"]
beside = (main, networks[main.name], evidence, K)
cortex.trained.story_lists("Rorb", *beside) if REAL else MISSING

# %% tags=["remove-input"]
cortex.trained.story_lists("Syt6", *beside) if REAL else MISSING

# %% [markdown]
# A star marks a TF with a motif in a promoter of the gene, `(paper)` one that the paper names; the paper's text names three for
# each gene (and prints "Nf1a" for *Nfia*). These are lists for all excitatory clusters. For *Rorb* there is also a network of layer 4 alone, on the single cells of
# seqFISH+; *Syt6* is not among the genes of that data set.


# %% tags=["remove-input"]
Ws = {name: result.W for name, result in results.items()}
Markdown(cortex.said_stories.about_stories(cases, Ws, evidence, K)) if REAL else MISSING

# %% [markdown]
# Tracks of both genes with what there is: no sequence, hence no motif outside of promoters; of genes the start and the
# direction (arrow), and with `PROFILE = "full"` the exons, if UCSC can be reached. What can be seen is where chromatin is open,
# in neurons and in glia.


# %% mystnb={"figure": {"caption": "The 400 kb around the start of Rorb (mm10, chromosome 19): open chromatin of three kinds of neurons and of glia, promoters, and promoters of Rorb itself with a motif of the paper's regulators. An arrow starts at a gene's start and shows its direction.", "name": "fig-cortex-rorb"}, "image": {"alt": "Genome tracks around Rorb with rows for gene starts, peaks of excitatory, PV and VIP neurons, of three kinds of glia, promoters, and motifs of three TFs in the promoters of Rorb."}} tags=["remove-input"]
FULL = PROFILE == "full"
locus = cortex.setting.locus
cortex.figures.tracks(**locus("Rorb", evidence, FULL)) if REAL else MISSING

# %% mystnb={"figure": {"caption": "The same around the start of Syt6 (mm10, chromosome 3).", "name": "fig-cortex-syt6"}, "image": {"alt": "Genome tracks around Syt6 with rows for gene starts, peaks of three kinds of neurons and three kinds of glia, promoters, and motifs of three TFs in the promoters of Syt6."}} tags=["remove-input"]
cortex.figures.tracks(**locus("Syt6", evidence, FULL)) if REAL else MISSING

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
chosen = {
    case.name: cortex.top_edges(results[case.name].W, case.genes, case.tfs, K)
    for case in cases
}
# the network of all types, cut to the targets of each
parts = cortex.trained.type_parts(main, chosen[main.name])
shared = cortex.jaccard({case.name: chosen[case.name] for case in setting.layers})
cortex.trained.summary_statistics(cases, chosen, parts)

# %% mystnb={"figure": {"caption": "Left: number of targets of each TF, TFs in order. Right: shared edges between the networks of the layers (same genes, same TFs, different cells).", "name": "fig-cortex-degrees"}, "image": {"alt": "Left, lines of the number of targets over the rank of the TF for each network; right, a small heat map of shared edges between layers."}} tags=["remove-input"]
cortex.figures.network_summary(chosen, shared)


# %% tags=["remove-input"]
_, between, _ = shared_edges
Markdown(
    cortex.said.about_sharing(parts, len(main.tfs), NOISE, between)
) if REAL else MISSING

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
Markdown(
    cortex.said_results.summary(
        support, known, passed, CONTROL_NAME, power, effort, config.batch_size, NOISE
    )
)

# %% [markdown]
# ## Exercises
#
# **1. Match on more.** A promoter with many motifs has evidence for any TF. Add the number of motifs in the
# promoter to the groups of the null and judge the control again. What happens to its z?

# %% tags=["hide-cell"]
stricter = known.stricter(cortex.ANY)
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
print(cortex.said_results.reach(support[support["method"] == "DeepSEM"]))

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
W = cortex.frequent_motifs(main, evidence, seed=5)
share = cortex.judge(main, W, evidence, cortex.ANY, K).observed
draws = [
    cortex.judge(
        main, cortex.random_network(main, seed), evidence, cortex.ANY, K, n=10
    ).observed
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
# pairs = cortex.read_paper({"L4": "L4.narrowPeak"}, "dmr.tsv", {"L4": "mL4"})
# case, evidence = pairs[0]  # cells, markers, TFs; motifs in peaks and in DMRs
# network = ds.fit(case.cells, ds.Config.cell_type_specific())
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
page.footer(*sources, seeds=range(SEEDS))
