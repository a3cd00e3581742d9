"""Responses of which the signal is known."""

import numpy as np


def plant(rng, width, mean_share, rank=None, n=200):
    """Signal with a spectrum that falls slowly, or of few directions, and what is measured."""
    size = min(width, 100) if rank is None else rank
    latent = rng.standard_normal((n, size)) * np.arange(1, size + 1) ** (
        -0.5 if rank is None else 0
    )
    signal = latent @ rng.standard_normal((size, width))
    signal = (signal - signal.mean(axis=0)) / signal.std(axis=0)
    shares = np.clip(rng.beta(4 * mean_share, 4 * (1 - mean_share), width), 0.01, 0.99)
    signal = signal * np.sqrt(shares)
    return signal, signal + rng.standard_normal((n, width)) * np.sqrt(1 - shares), shares
