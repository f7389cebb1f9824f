"""Shares of outcomes that come in clusters, such as the answers of one plan, and how much those move together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import scipy

from sendanalysis.errors import MethodError
from sendanalysis.methods.proportions import LEVEL, Proportion

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

ALIKE, TELLING = 2, 10  # clusters all alike that are added, in full up to so many that tell (tools/error_rates.py)


def correlation(events_by_cluster: npt.ArrayLike, n_by_cluster: npt.ArrayLike) -> float:
    """How much the outcomes of a cluster move together: the correlation of two of them, from 0 (not at all) to 1.

    By moments: of clusters of weight w = n ÷ Σn, V = Σw²(share − p)² ÷ (1 − w) is what p = Σevents ÷ Σn varies by, and
    is p(1 − p)·(ρΣw² + (1 − ρ) ÷ Σn) where any two outcomes of a cluster are correlated by ρ. Clusters in which all
    outcomes are alike tell nothing of how clusters differ: with g that have an outcome of the rarer kind,
    (g·ρ + a) ÷ (g + a) is given, as if a = 2 clusters all alike were added, or fewer (20 ÷ g) once g is over 10.

    Args:
        events_by_cluster: Outcomes that count as yes, per cluster.
        n_by_cluster: All outcomes, per cluster; a cluster without any is left out.

    Returns:
        ρ, a fraction: 1 where nothing tells.

    Raises:
        MethodError: Unequal lengths, a missing or negative count, or events above n.

    >>> round(correlation([10, 2, 9, 10], [10, 10, 10, 10]), 2)
    0.92
    """
    events, n = _clusters(events_by_cluster, n_by_cluster)
    telling = min(int((events < n).sum()), int((events > 0).sum()))
    whole = math.fsum(n)
    if n.size < 2 or not telling or n.size == whole:
        return 1.0
    w, p = n / whole, math.fsum(events) / whole
    spread = math.fsum(w**2 * (events / n - p) ** 2 / (1 - w)) / (p * (1 - p))
    found = (spread - 1 / whole) / (math.fsum(w**2) - 1 / whole)
    added = ALIKE * min(1.0, TELLING / telling)
    return min(max((telling * found + added) / (telling + added), 0.0), 1.0)


def clustered(events_by_cluster: npt.ArrayLike, n_by_cluster: npt.ArrayLike, known: float | None = None) -> Proportion:
    """A pooled share whose outcomes come in clusters, such as the answers of one plan, that move together.

    p = Σevents ÷ Σn, with Wilson's interval at the number of independent outcomes that the clusters are worth, 1 ÷ d
    (an effective sample size: Korn & Graubard 1998), d = ρΣw² + (1 − ρ)Σ(w² ÷ n) with w = n ÷ Σn. Few clusters hardly
    tell ρ. With that of many more, the interval holds the truth 93 to 97 times in 100 from 3 clusters on; without, it
    is too wide where few clusters move together little (tools/error_rates.py).

    Args:
        events_by_cluster: Outcomes that count as yes, per cluster.
        n_by_cluster: All outcomes, per cluster; a cluster without any is left out.
        known: ρ, the `correlation` of all clusters of the kind that are known; that of these, if not given.

    Returns:
        The pooled share and its 95% interval: NaN for fewer than two clusters, since one says nothing of the others.

    Raises:
        MethodError: Unequal lengths, a missing or negative count, or events above n.

    >>> share = clustered([10, 2, 9, 10], [10, 10, 10, 10])
    >>> share.value, round(share.lower, 2), round(share.upper, 2)
    (0.775, 0.33, 0.96)
    >>> share = clustered([10, 2, 9, 10], [10, 10, 10, 10], known=0.1)
    >>> round(share.lower, 2), round(share.upper, 2)
    (0.56, 0.9)
    """
    events, n = _clusters(events_by_cluster, n_by_cluster)
    return _weighted(events, n, n, correlation(events, n) if known is None else known)


def mean_of_shares(
    events_by_cluster: npt.ArrayLike, n_by_cluster: npt.ArrayLike, known: float | None = None
) -> Proportion:
    """The mean of the clusters' own shares, in which a short plan weighs as much as a long one.

    Args:
        events_by_cluster: As for `clustered`, like the other arguments and the interval, with w = 1 ÷ clusters.
        n_by_cluster: All outcomes, per cluster.
        known: ρ.

    Returns:
        events is the sum of the shares, n the number of clusters with any outcome, value their mean.

    Raises:
        MethodError: As for `clustered`.

    >>> mean_of_shares([1, 2], [1, 4]).value
    0.75
    """
    events, n = _clusters(events_by_cluster, n_by_cluster)
    return _weighted(events, n, np.ones_like(n), correlation(events, n) if known is None else known)


def _weighted(events: Numbers, n: Numbers, weights: Numbers, alike: float) -> Proportion:
    whole, total = math.fsum(weights), math.fsum(events * weights / n)
    value = total / whole if whole else math.nan
    if n.size < 2:
        return Proportion(total, round(whole), value, math.nan, math.nan)
    w = weights / whole
    worth = alike * math.fsum(w**2) + (1 - alike) * math.fsum(w**2 / n)
    a = float(scipy.special.ndtri((1 - LEVEL) / 2)) ** 2 * worth
    half = math.sqrt(a * value * (1 - value) + a**2 / 4)
    lower, upper = (value + a / 2 - half) / (1 + a), (value + a / 2 + half) / (1 + a)
    return Proportion(total, round(whole), value, min(max(0.0, lower), value), max(min(1.0, upper), value))


def _clusters(events: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    yes, size = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    if yes.shape != size.shape:
        raise MethodError(f"events, n: {yes.size} and {size.size} clusters. Give one of each per cluster.")
    wrong = ~((yes >= 0) & (yes <= size) & np.isfinite(size))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise MethodError(
            f"events, n: {yes[at]:g} of {size[at]:g} in cluster {at + 1}. Give counts with 0 ≤ events ≤ n."
        )
    return yes[size > 0], size[size > 0]
