"""A member before its training: what the seed draws, and nothing else."""

import torch

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.train import Member, initial_W


def untrained(n_genes: int, config: Config, seed: int = 0) -> Member:
    """The member from which `train(expression, config, seed)` starts; its history is empty."""
    generator = torch.Generator().manual_seed(seed)
    W = initial_W(n_genes, config.W_init, generator)
    return Member(seed, DeepSEM(config, W, generator), [], 0.0)
