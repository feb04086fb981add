# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# **5. Change (30 minutes). Hand-in of the week: two more seeds.** Train two more seeds with this page's settings. On which side of the wall does each
# end, and which share of its best pairs has it in common with each member of the page? Say in three sentences what you would
# tell somebody who read an edge list from one of them.

# %% tags=["hide-cell"]
more_seeds = ds.parallel.train_ensemble(cells, config, [20, 21])

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Members of one side have more in common than members of two, and one that is stuck has least. A list from one seed would name many edges that
# another seed does not.
# :::
