"""Lists of transcription factors, and who on them is known for something else."""

# Registered files. Human: Lambert et al., Cell 2018, who read the evidence gene by gene; mouse: the
# list of SCENIC. BEELINE's lists are older and broader.
LISTS = {
    "human": "tfs/human",
    "mouse": "tfs/mouse",
    "beeline-human": "beeline/tfs/human",
    "beeline-mouse": "beeline/tfs/mouse",
}

# Genes on BEELINE's list of human TFs that are known first of all for something else.
NOT_TFS = {
    "BTG1": "a protein that other proteins bring to genes and RNA",
    "CSDE1": "an RNA-binding protein",
    "HAX1": "a regulator of cell death",
    "MAPK1": "a kinase",
    "MAPK3": "a kinase",
    "MIF": "a cytokine",
    "NEAT1": "a non-coding RNA",
    "PTEN": "a phosphatase",
    "PTMA": "a chaperone of histones",
    "SRSF2": "a splicing factor",
    "SRSF3": "a splicing factor",
    "SRSF5": "a splicing factor",
    "TAF15": "an RNA-binding protein",
}
