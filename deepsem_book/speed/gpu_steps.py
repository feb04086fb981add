"""One step on a GPU: what is lost by launching kernels one by one, and by members in turn."""

from collections.abc import Callable

import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.engine import Factor
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import backward

from . import genome


def one_by_one(Ws: Tensor, z: Tensor, g: Tensor) -> Tensor:
    """Gradients of W (E, m, m) of E members in turn: `engine.Solve` for z and g (E, B, m)."""
    gradients = []
    for W, z_of_member, g_of_member in zip(Ws, z, g, strict=True):
        factor = Factor()
        u = factor.solve(W, z_of_member)
        gradients.append(factor.solve(W, g_of_member, transposed=True).T @ u)
    return torch.stack(gradients)


def batched(Ws: Tensor, z: Tensor, g: Tensor) -> Tensor:
    """The same by one batched factorisation, two batched solves and one batched product."""
    eye = torch.eye(Ws.shape[-1], dtype=Ws.dtype, device=Ws.device)
    lu, pivots, _ = torch.linalg.lu_factor_ex(eye - Ws.mT)
    u = torch.linalg.lu_solve(lu, pivots, z.mT, adjoint=True).mT
    v = torch.linalg.lu_solve(lu, pivots, g.mT).mT
    return torch.bmm(v.mT, u)


def members(n_members: int, m: int, device: str, n_cells: int = 64) -> tuple[Tensor, ...]:
    """Ws (E, m, m) with row sums near ½ and diagonal 0, noise and gradients (E, B, m)."""
    generator = torch.Generator().manual_seed(0)
    Ws = 0.5 / m + 0.1 / m * torch.randn(n_members, m, m, generator=generator)
    Ws.diagonal(dim1=1, dim2=2).zero_()
    rows = (torch.randn(n_members, n_cells, m, generator=generator) for _ in range(2))
    return tuple(tensor.to(device) for tensor in (Ws, *rows))


def step_on_mlps(expression: Expression, device: str) -> Callable[[], None]:
    """A function that takes one step on the MLPs, as `genome.step_of` does on W."""
    model, _ = genome.step_of(expression, device)
    model.requires_grad_(True).grn.W.requires_grad_(False)
    weights = [p for p in model.parameters() if p.requires_grad]
    # A graph can replay an optimiser that counts its steps on the GPU; on a CPU there is none.
    on_gpu = {"capturable": True} if device.startswith("cuda") else {}
    mlps = torch.optim.RMSprop(weights, lr=1e-4, foreach=True, **on_gpu)
    x = genome.first_batch(expression, device)

    def step() -> None:
        backward(model, x, None, None, Config(), 0.5, None)
        mlps.step()
        mlps.zero_grad()

    return step


def replayed(step: Callable[[], object], device: str) -> Callable[[], object]:
    """`step` captured in a CUDA graph, which launches all its kernels at once; itself on a CPU.

    The step must take its random numbers from the device's default generator. RuntimeError where a
    kernel cannot be captured.
    """
    if not device.startswith("cuda"):
        return step
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # what the first calls allocate is not part of the graph
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
