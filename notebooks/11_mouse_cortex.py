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
# **Where no true network is known, do the motifs at a gene say that its predicted regulators are right, and right by
# more than any list of common regulators would be?**

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

# %% tags=["remove-input"]
from deepsem_book import cortex, datasets, page

kept = cortex.recorded.recorded_rows(datasets.results("cortex"), k=12)
power = datasets.results("cortex_power")
answer = cortex.recorded.answer(kept, power)
page.say(
    "**No: among {genes} genes, the largest test here, DeepSEM's regulators have a motif at their gene as often as the same "
    "regulators at exchanged genes ({share:.3f} and {null:.3f}, z {deepsem:.1f}; GENIE3 z {genie3:.1f}).** Of "
    "{comparisons} comparisons {above} are above their null. But at {blind} of {sizes} sizes even a list of every known regulator "
    "would mostly not be: there the test says little.",
    **answer,
)

# %% mystnb={"figure": {"caption": "z of each network against its matched null, twelve regulators for each gene, motifs in any promoter, by size of the test. Stars: the median z of lists that hold every known regulator, which is what a perfect prediction could show.", "name": "fig-cortex-answer"}, "image": {"alt": "Five rows, three layers of seqFISH+, neurons of Zeisel and the Tasic clusters; marks of five networks all lie within z of two; the star of the known regulators is beyond three only for the clusters."}}
cortex.figures.answer(kept, power, cortex.ANY)

# %% [markdown]
# **Key takeaways**
#
# - [A share of regulators with a motif means nothing alone](#cortex-null): some motifs lie near most genes. A list of such
#   TFs scores high for any gene.
# - [Random regulators are the wrong control](#cortex-null) for that reason. The fair one keeps the predicted TFs and
#   exchanges the genes they were predicted for.
# - [A test must be able to find something](#cortex-control): silence says little where known regulators would be missed too.
# - [W has moved as a whole](#cortex-networks) here: all entries rose together, and a ranking is of little differences on that shift.
#
# **You will be able to** follow the path from a DNA sequence to evidence for an edge, choose a null model that removes motif
# frequency, and say what a validation of this kind can and cannot show.
#
# **Before you start**: [GRN inference on BEELINE](05_grn_inference_beeline) and
# [What does EPR reward?](08_what_epr_rewards). **Time**: 25 minutes to read; two to four minutes to run on a CPU.

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import deepsem_minimal as ds

adata = page.choose("cortex/seqfish", "sim/nonlinear-100")
sources = cortex.setting.sources(adata)
page.header(PROFILE, *sources)

# %% [markdown]
# ## What the paper did
#
# No network of regulators is known for the cells of the cortex, so the paper takes another kind of evidence
# {cite:p}`shu2021`. It learns a network for each of six types of excitatory neurons of the visual cortex
# {cite:p}`tasic2018`, and looks for regulatory elements within 200 kb of the start of each marker gene: DNA that is open
# in that type, or little methylated {cite:p}`luo2017`. It counts the predicted regulators with a binding motif in one of
# them: the more, it argues, the better the network (Fig. 4a). Expression is from the visual cortex (GSE115746), methylation
# from the frontal (GSE97179), open chromatin from the secondary motor cortex (GSE126724).
#
# (cortex-chain)=
# ## From sequence to evidence, on a genome made by hand
#
# A chromosome of 500,000 bases, three genes, two TFs, three elements; we know where each site was planted. The files have the
# formats of the real ones: FASTA, BED, and JASPAR's text.

# %%
X_SITE, Y_SITE = "TGACGTCATGCA", "GGATCCGGTTAA"
starts = {"A": 60_000, "B": 250_000, "C": 460_000}
# the last lies in no element
planted = {100_200: X_SITE, 300_150: Y_SITE, 420_100: X_SITE, 200_000: Y_SITE}
elements = [(300_000, 300_500), (100_000, 100_500), (420_000, 420_400)]

letters = np.random.default_rng(0).choice(list("ACGT"), 500_000)
for place, site in planted.items():
    letters[place : place + 12] = list(site)

both = cortex.exact_jaspar("Xtf", X_SITE) + cortex.exact_jaspar("Ytf", Y_SITE)
bed = "".join(f"chr1\t{a}\t{b}\n" for a, b in elements)
tss = pd.DataFrame(
    {"chrom": "chr1", "tss": starts.values(), "strand": "+", "gene": list(starts)}
)
sizes = pd.Series({"chr1": len(letters)})
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "genome.fa").write_text(">chr1\n" + "".join(letters) + "\n")
    (folder / "peaks.bed").write_text(bed)
    (folder / "motifs.txt").write_text(both)
    peaks = cortex.read_bed(folder / "peaks.bed")
    matrices = cortex.read_jaspar_text(folder / "motifs.txt")
    hits = cortex.scan(matrices, cortex.read_genome(folder / "genome.fa", peaks))
    made, n_near = cortex.motif_evidence(
        list("ABC"), ["Xtf", "Ytf"], tss, sizes, peaks, folder / "genome.fa", matrices
    )
pd.DataFrame(made, list("ABC"), ["Xtf", "Ytf"]).assign(elements=n_near)

# %% [markdown]
# `motif_evidence` is the whole chain: `windows` of 200 kb on both sides of the start, cut at the end of the chromosome;
# `overlaps` with the elements (`bioframe`); `scan` for motif hits at p < 1e-5 by `memelite`'s FIMO {cite:p}`grant2011`; and
# a table genes × TFs, true where a motif of the TF lies in an element near the gene.

# %%
page.show(cortex.motif_evidence)

# %% mystnb={"figure": {"caption": "The made chromosome. Windows end with the chromosome. The site at 200 kb lies in no element, so the chain does not see it.", "name": "fig-cortex-made"}, "image": {"alt": "Tracks along a chromosome of 500 kb: three gene starts, the window of each gene, three elements, four planted sites, and the three hits that were found."}}
offset = hits["sequence"].str.extract(r":(\d+)-")[0].astype(int)
placed = pd.DataFrame({"start": hits["start"] + offset, "end": hits["end"] + offset})
windows = cortex.windows(tss, sizes).assign(tss=tss["tss"])
cortex.figures.made_tracks(windows, peaks, list(planted), placed, len(letters))

# %% [markdown]
# (cortex-null)=
# ## Which null?
#
# The statistic of the paper: for each gene the share of its predicted regulators with a motif nearby, then the mean over genes.
# Suppose a method knows nothing about genes but prefers TFs whose motifs are frequent:

# %%
rng = np.random.default_rng(0)
# how frequent the motif of each of 60 TFs is
often = rng.beta(0.6, 1.5, 60)
toy_evidence = rng.random((300, 60)) < often  # genes x TFs
toy_regulators = rng.random((300, 60)) < 0.4 * often  # knows the TFs, not the genes
toy = cortex.against_null(toy_regulators, toy_evidence, np.zeros(300, dtype=int))
cortex.trained.as_table({"knows TFs, no edge": toy}, "method")

# %% [markdown]
# Against *random regulators* it looks far better than chance; against the *matched null*, the same TFs with genes exchanged,
# it has nothing. The second is right: only it asks for edges. Genes are exchanged with genes of similar mean expression and
# a similar number of open elements, since both change the chance of a motif.
#
# (cortex-rule)=
# **The rule.** *Effect* is the observed share minus its matched null, with a 95 % bootstrap over genes; *z* is the effect in
# standard deviations of the permuted networks. "Above" or "below" needs |z| > 3 and an interval without 0.

# %%
page.show(cortex.against_null)

# %% [markdown]
# (cortex-data)=
# ## The data that are available
#
# :::{table} What the paper used, and what stands for it here.
# :name: tab-cortex-data
#
# | the paper | this page |
# | --- | --- |
# | single cells of the visual cortex, six types | single cells of the cortex by layer, seqFISH+ {cite:p}`eng2019`; **medians** of the clusters of {cite:t}`tasic2018`, which are aggregated profiles and no cells |
# | open chromatin by type | one set for all excitatory neurons {cite:p}`mo2015`; glia of the striatum as off-target control {cite:p}`li2021` |
# | methylation by type | nothing |
# | motifs by JASPAR and FIMO at p < 1e-5, in elements within 200 kb | CellOracle's table of gimmemotifs' version 5 motifs in **promoters**, false positive rate 1 %, threshold 10 {cite:p}`kamimoto2023`, for TFs of JASPAR 2018 {cite:p}`khan2018`; with `PROFILE = "full"` also JASPAR's motifs in all excitatory peaks within 200 kb, if the genome can be had |
# | 500 marker genes a type, by scanpy | those genes that lead most in the type by its Tasic median |
# :::
#
# The paper's own procedure is `cortex.read_paper` (exercise 3).

# %% mystnb={"figure": {"caption": "The expression data of this page.", "name": "tab-cortex-sizes"}}
setting = cortex.setting.chosen(sources, PROFILE)
cortex.setting.sizes(setting)

# %% mystnb={"figure": {"caption": "Median expression of the two genes of the paper's stories and of the six TFs that it names for them, in the six types (compare its Fig. 4d).", "name": "fig-cortex-medians"}, "image": {"alt": "Heat map with eight genes as rows and six cell types as columns, with the median counts per million in the cells."}}
cortex.stories.medians(setting)

# %% [markdown]
# The paper says that its six TFs are expressed in target and other types alike: of *Nfia* that does not hold, which has zeros in its row.
#
# (cortex-control)=
# ## Can the test find anything?
#
# Silence says something only if a true network would have been heard. DoRothEA collects pairs of TF and target from curated
# papers, ChIP-seq, expression, and **motifs in promoters** {cite:p}`garciaalonso2019`; its classes A to C take the place of the
# predictions. Since motifs are among the sources, the control is partly circular: its effect is an upper bound.

# %% mystnb={"figure": {"caption": "The positive control by kind of evidence. Glia-only promoters are no negative control for it, since DoRothEA's edges belong to no cell type.", "name": "tab-cortex-control"}}
known = cortex.Control.of(setting, setting.k)
kinds = (cortex.ANY, cortex.OPEN, cortex.OFF)
control = {kind: known.judged(kind, known.known) for kind in kinds}
cortex.trained.as_table(control, "evidence")

# %% [markdown]
# (cortex-size)=
# So evidence and motif calls carry information about edges; yet most of its gap to random regulators is motif frequency, even
# for these edges. But this control has many genes with few regulators each. A prediction is a list of the same length for
# every gene, for far fewer genes. What would such a list score if it held *every* known regulator of its gene, and random TFs for
# the rest? Recorded (`python -m deepsem_book.cortex.measure --power`), twenty draws each:

# %% mystnb={"figure": {"caption": "Power of the test: lists of twelve regulators that hold every known one. A size is large enough where most draws have z > 3.", "name": "tab-cortex-power"}}
power.set_index(["evidence", "genes"]).round(2)

# %% [markdown]
# This flatters: all genes drawn have a known regulator, and known regulators that rest on motifs score too high. Where the median
# is below 3 the test would mostly miss a perfect list, and a silent prediction is **undecided**.
#
# (cortex-networks)=
# ## The networks
#
# One ensemble of DeepSEM for each layer of seqFISH+, and one over all excitatory cluster medians, of which a type has only a
# few. The targets are the marker genes of each type. The main text does not print the settings for this data set (Supplementary Table 8,
# which could not be read here, may); we take the preset for cell-type-specific truths.

# %% mystnb={"figure": {"caption": "Has W left its start? Over the members of each ensemble.", "name": "tab-cortex-health"}}
n_seeds = {"quick": 3, "full": 10}[PROFILE]
# few genes need a smaller start (ledger 9, the initial W)
start = {True: "authors", False: "safe"}[setting.real]
config = ds.Config.cell_type_specific(W_init=start)
results = {
    case.name: ds.fit(case.cells, config, seeds=n_seeds, n_jobs=1, progress=False)
    for case in setting.cases
}
cortex.trained.health(setting.cases, results, setting.k)

# %% [markdown]
# Read this before any edge. *positive* near 1 and a small *sd / mean* say that all entries of W have moved from the start
# together: W is a common shift, and ranking |W| ranks what little noise is on it. Two seeds then share few of their edges.
#
# :::{table} What stands beside DeepSEM.
# :name: tab-cortex-beside
#
# | beside DeepSEM | ranks a gene's regulators by |
# | --- | --- |
# | Pearson | \|r\| |
# | GENIE3, GRNBoost2 | [what trees use](#whole-rivals) to predict the gene |
# | one random network | nothing: how far chance alone leads |
# | frequent motifs | how frequent each TF's motif is: what the matched null has to see through |
# :::
#
# The paper's *Rorb* had 12 regulators; we keep as many.

# %%
n_trees = {"quick": 20, "full": 500}[PROFILE]
networks = {
    case.name: {"DeepSEM": results[case.name].W}
    | cortex.trained.others(case, setting.evidence, n_trees, case is setting.main)
    for case in setting.cases
}
support = cortex.trained.supports(setting.cases, networks, setting.evidence, setting.k)

# %% mystnb={"figure": {"caption": "Left: mean share of a gene's predicted regulators with a motif in a promoter that is open in excitatory neurons (bar), for random regulators (red line), and for the same regulators with genes exchanged (diamond). Right: bar minus diamond, 95 % bootstrap intervals over genes. Look how far the bar of frequent motifs is from the red line, then from the diamond: it knows no edge.", "name": "fig-cortex-support"}, "image": {"alt": "One row for each data set and method, ordered by effect: bars of the share with a motif with an interval and two marks, and to the right the difference to the matched null with its interval around a line at zero."}}
shown = support[support["kind"] == cortex.OPEN].sort_values("effect", ascending=False)
shown = shown.assign(name=shown["case"] + ": " + shown["method"])
cortex.figures.support_bars(shown)

# %% [markdown]
# (cortex-recorded)=
# The verdicts are taken from the recorded table, with more targets, ten seeds, more trees, and both presets
# (`python -m deepsem_book.cortex.measure`), each kind of evidence apart. The table has a fifth set that the page does not train on:
# 195 pyramidal neurons of {cite:t}`zeisel2015` whose genes have names, all layers together, since one of them has 20 cells. *Rorb* and *Syt6* are not
# seen in a tenth of these cells, so it says nothing about the two stories. What a list of every known regulator would reach with its genes:

# %% mystnb={"figure": {"caption": "What Zeisel's cells could show: power of the test with their genes. Where the median z is below 3, their silence is undecided.", "name": "tab-cortex-zeisel"}}
zeisel = kept[kept["data"] == "Zeisel"]
reached = cortex.recorded.could_show(zeisel, power).drop(columns=["kind", "n_genes"])
reached.set_index(["evidence", "genes"]).round(2)

# %% [markdown]
# The verdicts of all five sets:

# %% mystnb={"figure": {"caption": "Recorded networks, five data sets each: share of the regulators with a motif, random regulators, matched null (means); z over the data sets; how many are above or below the null; and the smallest one-sided p after Holm's correction over the table.", "name": "tab-cortex-verdicts"}}
cortex.recorded.verdicts(kept[kept["ensemble"]])

# %% [markdown]
# How to read it: a method has found edges where *above* is not 0 and p stays small. Some ensembles have fewer motifs than random
# regulators have: they prefer TFs whose motifs are rarer, which is about TFs and no evidence against edges.
#
# (cortex-stories)=
# ## The two stories
#
# The paper names three regulators of *Rorb* in L4 and three of *Syt6* in L6 CT (its text prints "Nf1a" for *Nfia*), whose motifs lie
# in elements near the genes (Fig. 4b, c). How high does the network of the cluster medians rank them?

# %% mystnb={"figure": {"caption": "Ranks of the paper's regulators among all TFs, by method; 'by chance': probability that as many random TFs have as high a mean rank as DeepSEM's.", "name": "tab-cortex-stories"}}
cortex.stories.table(setting, networks[setting.main.name])

# %% mystnb={"figure": {"caption": "The 400 kb around the start of Rorb (mm10, chromosome 19): open chromatin of three kinds of neurons and of glia, promoters, and promoters of Rorb with a motif of the paper's regulators. An arrow starts at a gene's start; the body of the gene is drawn in the full profile only.", "name": "fig-cortex-rorb"}, "image": {"alt": "Genome tracks around Rorb with rows for gene starts, peaks of excitatory, PV and VIP neurons, of three kinds of glia, promoters, and motifs of three TFs in the promoters of Rorb."}}
cortex.stories.tracks(setting, "Rorb", PROFILE)

# %% [markdown]
# DeepSEM ranks the named TFs no higher than chance would. With a window of 400 kb and so many peaks, *some* motif in *some* open element is
# easily had (the figure shows motifs in promoters only): that a named TF has one is a weak statement.
#
# **{term}`Hubs <hub>`.** The TFs with most targets, beside their highest median in the six types. A TF that single cells of seqFISH+ show and
# the medians do not may be a false positive of the assay:

# %% mystnb={"figure": {"caption": "TFs with most targets in one layer.", "name": "tab-cortex-hubs"}}
layer = setting.layers[-1]
cortex.trained.hubs(layer, results[layer.name].W, setting.medians, setting.k)

# %% [markdown]
# ## What differs from the paper
#
# - Data and motifs: [the table above](#cortex-data). Promoters instead of all elements within 200 kb: a regulator that binds far
#   away is missed here. One network over the cluster medians instead of one for each type.
# - The null: the main text says "substantial enrichment" and names no baseline. We take random regulators and add the
#   matched null.
# - [Ledger 14](#ledger-14), the ensemble: mean of |W| over seeds. [Ledger 15](#ledger-15), the edge list: regulators by |W|.
#
# ## Summary
#
# - The evidence can tell known edges from chance, and on the {ref}`networks <cortex-recorded>` it finds nothing, for DeepSEM or
#   its rivals. At most sizes that is undecided; at the largest, where known regulators would mostly be heard, it is not.
# - A comparison with random regulators cannot tell knowledge of TFs from knowledge of edges.
# - None of it says what the paper's own elements and cells would show.
#
# ## Exercises
#
# **1. Change (10 minutes). Match on more.** A promoter with many motifs has evidence for any TF. Add the number of motifs in the
# promoter to the groups of the null and judge the control again. What happens to its z? `cortex.strata(level, near, n_motifs)` makes
# groups of genes that are alike in all three; `known` has `genes`, `tfs`, `level`, the `known` edges and the `evidence`, whose `table` says who has
# which motif, and who a promoter, and whose `near` counts the elements.

# %% tags=["hide-cell"]
there, has = known.evidence.table(cortex.ANY, known.genes, known.tfs)
near, n_motifs = known.evidence.near(known.genes)[has], there[has].sum(axis=1)
groups = cortex.strata(known.level[has], near, n_motifs)
stricter = cortex.against_null(known.known[has], there[has], groups)
both = {"as above": control[cortex.ANY], "and number of motifs": stricter}
cortex.trained.as_table(both, "matched on")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Curated targets may have richer promoters, since genes that are studied often are. Then the matched null rises and z falls. What is
# left cannot be explained by rich promoters.
# :::
#
# **2. Check (10 minutes). The wrong null with the right data.** Give `frequent_motifs` another seed: how many standard deviations of
# *random networks* is its share away from them? Would a reviewer be impressed?

# %% tags=["hide-cell"]
of_case = (setting.evidence, cortex.ANY, setting.k)
W = cortex.frequent_motifs(setting.main, setting.evidence, seed=5)
share = cortex.judge(setting.main, W, *of_case).observed
others = [cortex.random_network(setting.main, seed) for seed in range(1, 21)]
draws = [cortex.judge(setting.main, V, *of_case, n=10).observed for V in others]
(share - np.mean(draws)) / np.std(draws, ddof=1)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The distance is enormous, and no edge is known. A large z is only as good as its null.
# :::
#
# **3. Build (15 minutes). The real thing.** You have the peaks of a type as narrowPeak, and a table of methylated regions by
# methylpy. Write down the calls that lead to one bar of the paper's Fig. 4a.
#
# :::{admonition} Solution
# :class: dropdown
# ```python
# pairs = cortex.read_paper({"L4": "L4.narrowPeak"}, "dmr.tsv", {"L4": "mL4"})
# case, evidence = pairs[0]  # cells, markers, TFs; motifs in peaks and in DMRs
# network = ds.fit(case.cells, ds.Config.cell_type_specific())
# cortex.judge(case, network.W, evidence, "peaks", k=12)
# ```
# It fetches the single cells (GEO, GSE115746), the genome (UCSC, mm10) and JASPAR by itself. Chromosomes may be named "1" in one
# file and "chr1" in the other: an error says so.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(*sources, seeds=range(n_seeds))
