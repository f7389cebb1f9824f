"""Does any forecast of a backlog hold? Children assessed in the next 13 weeks, of 280, against made-up truths.

Each model gives an 80% band every fourth week while ten are left and somebody was assessed in the last four weeks.
Prints the share of bands that held. notebooks/METHODS.md tells what followed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Model = Callable[[NDArray[np.int64], int], tuple[float, float]]

CHILDREN, WEEKS, AHEAD, RUNS = 280, 104, 13, 60
TRUTHS = ("constant", "falling", "frailty", "stalled", "burst", "fixed places", "stop")
rng = np.random.default_rng(1)


def simulated(truth: str) -> NDArray[np.int64]:
    """Children assessed in each week, where each who waits is assessed with a hazard that the truth sets."""
    week, start = np.arange(WEEKS), rng.integers(13, 40)
    hazards = {
        "constant": np.full(WEEKS, 0.035),
        "falling": 0.07 * np.exp(-week / 30),
        "frailty": np.full(WEEKS, 0.06),
        "stalled": np.full(WEEKS, 0.05),
        "burst": np.where((week >= start) & (week < start + 13), 0.08, 0.02),
        "stop": np.where(week >= start, 0.0, 0.05),
    }
    frailty = {"frailty": rng.gamma(1.0, 1.0, CHILDREN), "stalled": (rng.random(CHILDREN) > 0.1).astype(float)}
    waiting, found = np.ones(CHILDREN, dtype=bool), np.zeros(WEEKS, dtype=np.int64)
    for at in week:
        if truth == "fixed places":
            hit = rng.permutation(np.flatnonzero(waiting))[: rng.poisson(5)]
        else:
            chance = 1 - np.exp(-hazards[truth][at] * frailty.get(truth, np.ones(CHILDREN)))
            hit = np.flatnonzero(waiting & (rng.random(CHILDREN) < chance))
        waiting[hit], found[at] = False, len(hit)
    return found


def band(chance: NDArray[np.float64], left: int) -> tuple[float, float]:
    """The middle four fifths of what is drawn."""
    low, high = np.quantile(rng.binomial(left, chance), [0.1, 0.9], method="inverted_cdf")
    return float(low), float(high)


def recent_hazard(weekly: NDArray[np.int64], at: int, *, recent: int = 13, drift: float = 0.0) -> tuple[float, float]:
    """Hazard per waiting child of the recent weeks, its uncertainty, and a drift that the coming weeks may bring."""
    left = CHILDREN - np.concatenate([[0], np.cumsum(weekly)])
    hazard = rng.gamma(weekly[at - recent : at].sum() + 0.5, 1 / max(1, left[at - recent : at].sum()), 1500)
    hazard *= np.exp(rng.normal(0, drift, 1500) - drift**2 / 2)
    return band(1 - np.exp(-hazard * AHEAD), int(left[at]))


def stalled_share(weekly: NDArray[np.int64], at: int) -> tuple[float, float]:
    """Weibull waits with a share who stall, fitted to the cohort's own curve, with the fit's uncertainty."""
    left, time = CHILDREN - int(weekly[:at].sum()), np.arange(at + 1.0)

    def waiting(fit: NDArray[np.float64], when: NDArray[np.float64]) -> NDArray[np.float64]:
        stalled, power = 1 / (1 + np.exp(-fit[2])), np.exp(np.clip(fit[1], -3, 3))
        found: NDArray[np.float64] = stalled + (1 - stalled) * np.exp(-((when / np.exp(fit[0])) ** power))
        return found

    def misfit(fit: NDArray[np.float64]) -> float:
        curve = waiting(fit, time)
        told = (weekly[:at] * np.log(np.maximum(curve[:-1] - curve[1:], 1e-12))).sum()
        return float(2 * fit[1] ** 2 + (fit[2] + 2.2) ** 2 / 4.5 - told - left * np.log(max(curve[-1], 1e-12)))

    best = minimize(misfit, [3.4, 0.0, -2.2], method="BFGS")
    fits = rng.multivariate_normal(best.x, np.asarray(best.hess_inv, dtype=float), 400, method="eigh")
    ends = np.array([waiting(fit, np.array([at, at + AHEAD], dtype=float)) for fit in fits])
    return band(np.repeat(np.clip(1 - ends[:, 1] / np.maximum(ends[:, 0], 1e-12), 0, 1), 4), left)


MODELS: dict[str, Model] = {
    "hazard of 13 weeks": recent_hazard,
    "hazard of 8 weeks": partial(recent_hazard, recent=8),
    "with drift 0.3": partial(recent_hazard, drift=0.3),
    "with drift 0.6": partial(recent_hazard, drift=0.6),
    "stalled share": stalled_share,
}


def bands_held(truth: str, runs: int, models: Sequence[Model]) -> NDArray[np.bool_]:
    """Whether each band held: one row a forecast, one column a model."""
    held = []
    for weekly in (simulated(truth) for _ in range(runs)):
        for at in range(13, WEEKS - AHEAD, 4):
            if CHILDREN - weekly[:at].sum() >= 10 and weekly[at - 4 : at].any():
                came, bands = weekly[at : at + AHEAD].sum(), [model(weekly, at) for model in models]
                held.append([low <= came <= high for low, high in bands])
    return np.array(held, dtype=bool)


def main() -> None:
    """Print the share of bands that held, by truth and model."""
    print("truth", *MODELS, "bands", sep=" | ")
    for truth in TRUTHS:
        held = bands_held(truth, RUNS, list(MODELS.values()))
        print(truth, *(f"{share:.0%}" for share in held.mean(axis=0)), len(held), sep=" | ")


if __name__ == "__main__":
    main()
