"""Why training is fast: tables for MLPs, few regulators, one factorisation, blocked updates."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# Entries of W updated at a time: W, its gradient and its average stay in a CPU's cache; a GPU takes
# large blocks, since each costs it the launch of some kernels.
BLOCK, GPU_BLOCK = 2**17, 2**24


# --- f₁ and f₂ take one number: tabulate them -----------------------------------------------------


def interpolate(f: Callable[[Tensor], Tensor], x: Tensor, n_knots: int) -> Tensor:
    """f: R → Rᵏ on every entry of x, by cubic interpolation between `n_knots` values of f.

    `f` maps (n, 1) to (n, k); the result is (*x.shape, k). The knots are spread evenly over the
    range of x, with one more at either end, and each interval takes the cubic through its four
    nearest knots: the error is of order h⁴ for the value and h³ for the slope. Gradients reach both
    x and the parameters of f.
    """
    low, high = x.detach().min(), x.detach().max()
    h = (high - low).clamp_min(1e-6) / (n_knots - 3)
    knots = low + h * torch.arange(-1, n_knots - 1, device=x.device, dtype=x.dtype)
    table = f(knots.unsqueeze(-1)).T  # (k, n_knots)
    before, left, right, after = table[:, :-3], table[:, 1:-2], table[:, 2:-1], table[:, 3:]
    # value = c₀ + c₁t + c₂t² + c₃t³ with t in [0, 1] from the left knot to the right
    coefficients = [
        left,
        right - before / 3 - left / 2 - after / 6,
        (before + right) / 2 - left,
        (after - before) / 6 + (left - right) / 2,
    ]
    cubics = torch.stack(coefficients, dim=1)  # (k, 4, intervals)
    position = (x - low) / h
    return torch.stack([_Cubic.apply(cubic, position) for cubic in cubics], dim=-1)


class _Cubic(torch.autograd.Function):
    """Piecewise cubic (4, intervals) at positions counted in intervals from the first knot."""

    @staticmethod
    def forward(ctx, cubic: Tensor, position: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        interval = position.floor().clamp_(0, cubic.shape[1] - 1)
        t, interval = (position - interval).flatten(), interval.flatten().long()
        interval.clamp_(0, cubic.shape[1] - 1)  # a NaN cannot be an index; the value stays NaN
        c0, c1, c2, c3 = (c.index_select(0, interval) for c in cubic)
        if ctx.needs_input_grad[1]:
            ctx.slope = torch.addcmul(c1, torch.add(2 * c2, c3 * t, alpha=3), t)
        ctx.t, ctx.interval, ctx.n_intervals = t, interval, cubic.shape[1]
        value = torch.addcmul(c0, torch.addcmul(c1, torch.addcmul(c2, c3, t), t), t)
        return value.view_as(position)

    @staticmethod
    def backward(ctx, g: Tensor):  # type: ignore[no-untyped-def]
        grad_cubic = grad_position = None
        if ctx.needs_input_grad[1]:
            grad_position = g * ctx.slope.view_as(g)
        if ctx.needs_input_grad[0]:
            power, grad_cubic = g.flatten(), g.new_zeros(4, ctx.n_intervals)
            for row in grad_cubic:  # Σ g tᵖ over the entries of each interval
                row.scatter_add_(0, ctx.interval, power)
                power = power * ctx.t
        return grad_cubic, grad_position


# --- Few regulators: the columns of W that nobody looks at ----------------------------------------
#
# W (m, n) has a column per regulator: a gene by itself or a group of genes that share one. `part`
# (m,) numbers the column of which a gene is part from 1, and is 0 where it regulates nothing. With
# S (n, m), S[part[g] - 1, g] = 1, the network is W S, which is never written down. None: S = I.


def summed(h: Tensor, part: Tensor | None, n: int, axis: int = 1) -> Tensor:
    """h Sᵀ (B, m) -> (B, n), or S h (m, B) -> (n, B) along axis 0: sums over a column's genes."""
    if part is None:
        return h
    shape = (len(h), n + 1) if axis else (n + 1, h.shape[1])
    return h.new_zeros(shape).index_add_(axis, part, h).narrow(axis, 1, n)


def spread(p: Tensor, part: Tensor | None) -> Tensor:
    """p S (B, n) -> (B, m): each gene takes the value of its column, 0 where it has none."""
    return p if part is None else F.pad(p, (1, 0)).index_select(1, part)


def column_sizes(W: Tensor, part: Tensor | None) -> Tensor:
    """How many genes share each column of W (m, n): (n,)."""
    return W.new_ones(W.shape[1]) if part is None else torch.bincount(part)[1:].to(W.dtype)


def mean_abs(W: Tensor, part: Tensor | None) -> Tensor:
    """mean |W S| of the m x m network: a group of genes counts as many columns."""
    return W.norm(1, dim=0) @ column_sizes(W, part) / len(W) ** 2


def clear_self_(W: Tensor, part: Tensor | None) -> Tensor:
    """Set W to 0 where a regulator meets itself, in place; a group may act on its own genes."""
    if part is None:
        return W.fill_diagonal_(0)
    alone = (spread(column_sizes(W, part)[None], part)[0] == 1).nonzero().squeeze(1)
    W[alone, part[alone] - 1] = 0
    return W


# --- (I - Wᵀ) is factorised, never inverted -------------------------------------------------------


class Factor:
    """LU factors of I - Wᵀ, made anew when W has moved; backward uses those of forward."""

    def __init__(self) -> None:
        self.lu = self.pivots = torch.empty(0)
        self.stale = True  # W has moved since the factorisation
        self.pivot: Tensor | None = None  # smallest pivot ratio since it was last asked for

    def solve(self, W: Tensor, b: Tensor, transposed: bool = False) -> Tensor:
        """u with u (I - Wᵀ) = b, or u (I - W) = b if `transposed`; b is (B, m)."""
        if self.stale or len(self.lu) != len(W):
            self.factorise(W)
        return self.substitute(b, transposed)

    def factorise(self, W: Tensor) -> None:
        self.lu = torch.neg(W).T  # column-major, so that LAPACK works in place
        self.lu.diagonal().add_(1)
        self.pivots = torch.empty(len(W), dtype=torch.int32, device=W.device)
        info = torch.empty((), dtype=torch.int32, device=W.device)
        torch.linalg.lu_factor_ex(self.lu, out=(self.lu, self.pivots, info))
        self.stale = False
        pivots = self.lu.diagonal().abs()
        ratio = pivots.min() / pivots.max()
        self.pivot = ratio if self.pivot is None else torch.minimum(ratio, self.pivot)

    def substitute(self, b: Tensor, transposed: bool = False) -> Tensor:
        """`solve` with the factors as they are, for the W of which they were made."""
        return torch.linalg.lu_solve(self.lu, self.pivots, b.T, adjoint=not transposed).T

    def smallest_pivot(self) -> float:
        """|smallest| / |largest| pivot of all factors since the last call; 1 if there were none.

        Near 0 when I - Wᵀ was singular at some step, also when a later step moved W away.
        """
        smallest, self.pivot = 1.0 if self.pivot is None else float(self.pivot), None
        return smallest


class Solve(torch.autograd.Function):
    """u with u (I - (W S)ᵀ) = b, for W (m, n) and b (B, m); differentiable in both.

    The regulators come first, q = u Sᵀ with q (I - (S W)ᵀ) = b Sᵀ; then u = b + q Wᵀ. Of m genes
    only n are solved for. Without groups and with every gene a regulator q is u.
    """

    @staticmethod
    def forward(ctx, W: Tensor, b: Tensor, factor: Factor, part: Tensor | None = None):  # type: ignore[no-untyped-def]
        n = W.shape[1]
        square = summed(W, part, n, axis=0)  # S W
        q = factor.solve(square, summed(b, part, n))
        ctx.save_for_backward(W, square, q)
        ctx.factor, ctx.part = factor, part
        return q if part is None else torch.addmm(b, q, W.T)

    @staticmethod
    def backward(ctx, g: Tensor):  # type: ignore[no-untyped-def]
        (W, square, q), part = ctx.saved_tensors, ctx.part
        # v (I - W S) = g, the regulators first: p = v W with p (I - S W) = g W, then v = g + p S.
        p = ctx.factor.solve(square, g if part is None else g @ W, transposed=True)
        v = p if part is None else g + spread(p, part)
        # From du (I - (W S)ᵀ) = q dWᵀ: grad_b = v and grad_W = vᵀ q.
        return (gradient_of_W(W, v, q) if ctx.needs_input_grad[0] else None), v, None, None


class Unmix(torch.autograd.Function):
    """h ↦ h (I - (W S)ᵀ), for W (m, n) and h (B, m); differentiable in both."""

    @staticmethod
    def forward(ctx, W: Tensor, h: Tensor, part: Tensor | None = None):  # type: ignore[no-untyped-def]
        p = summed(h, part, W.shape[1])
        ctx.save_for_backward(W, p)
        ctx.part = part
        return torch.addmm(h, p, W.T, alpha=-1)

    @staticmethod
    def backward(ctx, g: Tensor):  # type: ignore[no-untyped-def]
        grad_W = grad_h = None
        W, p = ctx.saved_tensors
        if ctx.needs_input_grad[0]:
            grad_W = gradient_of_W(W, g, p, sign=-1)
        if ctx.needs_input_grad[1]:
            grad_h = g - spread(g @ W, ctx.part)
        return grad_W, grad_h, None


def gradient_of_W(W: Tensor, v: Tensor, q: Tensor, sign: int = 1) -> Tensor | None:
    """± vᵀ q (m, n), what one layer adds to the gradient of W; None if it was added in place.

    Where W.grad is there (`train` makes it), both layers add to it. Autograd would keep their
    parts side by side: a fourth array of the size of W, beside it, its gradient and the average.
    """
    if W.is_leaf and W.grad is not None:
        W.grad.addmm_(v.T, q, alpha=sign)
        return None
    return torch.mm(v.T, q).mul_(sign)


# --- RMSprop on W, block by block -----------------------------------------------------------------


@torch.no_grad()
def rmsprop_l1_(
    W: Tensor, grad: Tensor, average: Tensor, lr: float, alpha: float, part: Tensor | None = None
) -> None:
    """One RMSprop step (PyTorch's defaults) on W for loss + α·mean|W S|; no gene moves itself."""
    rows = max(1, (BLOCK if W.device.type == "cpu" else GPU_BLOCK) // W.shape[1])
    sizes = column_sizes(W, part)
    for w, g, v in zip(W.split(rows), grad.split(rows), average.split(rows)):
        g.addcmul_(w.sign(), sizes, value=alpha / len(W) ** 2)
        v.mul_(0.99).addcmul_(g, g, value=0.01)
        w.addcdiv_(g, v.sqrt().add_(1e-8), value=-lr)
    clear_self_(W, part)
