"""The inverse GRN layer as a sum over paths: (I - W)⁻¹ = I + W + W² + ..., where that converges."""

import numpy as np

ROUNDING = 1e-16  # an exact sum is drawn at this error, since 0 has no logarithm


def errors_of_sums(W: np.ndarray, longest: int) -> list[float]:
    """Largest error of I + W + ... + Wᵏ against the inverse, for k = 0 to `longest`."""
    identity = np.eye(len(W))
    inverse = np.linalg.inv(identity - W)
    term, total, errors = identity, identity, []
    for _ in range(longest + 1):
        errors.append(max(np.abs(total - inverse).max(), ROUNDING))
        term = term @ W
        total = total + term
    return errors


def spectral_radius(W: np.ndarray) -> float:
    """Largest absolute eigenvalue: below 1 the sum over paths converges."""
    return float(np.abs(np.linalg.eigvals(W)).max())
