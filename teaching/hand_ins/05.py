# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# **5. Change (40 minutes). Hand-in of the week: another benchmark.** Take another matrix of the benchmark with 500 genes
# (`datasets.benchmarks()` lists them), train three seeds, score them beside all controls on one or more of its networks, and write the one sentence
# about the result that you would put into a paper.

# %% tags=["hide-cell"]
from deepsem_book import datasets

mine_of = "beeline/hHEP-500"
another = beeline.Problem.load(mine_of)
of_three = ds.fit(datasets.load(mine_of), presets["nonspecific"], seeds=3)
mine = beeline.live.scored(another, {"STRING": beeline.live.rankings(another, "STRING", of_three)})
sentence = "On liver cells DeepSEM is above chance on STRING; read it beside a corrected correlation and the degrees."
beeline.live.verdicts(mine)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# A good sentence names the network, the number of trainings and their range, chance, the best control without training, and the ceiling or the degrees.
# :::
