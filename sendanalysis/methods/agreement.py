"""Do two auditors of the same plan give the same answers, and more often than luck would have it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Agreement:
    """How far two raters agree.

    Attributes:
        same: Pairs with the same answer.
        n: Pairs.
        share: same ÷ n, a fraction.
        kappa: Cohen's kappa: 1 full agreement, 0 no better than chance, below 0 worse. NaN when expected agreement is
            1, that is when both raters gave one and the same answer throughout.
        ac1: Gwet's AC1, read like kappa. Stays steady when nearly all answers are alike, where kappa falls towards 0.
    """

    same: int
    n: int
    share: float
    kappa: float
    ac1: float


def agree(first: Sequence[object] | pd.Series, second: Sequence[object] | pd.Series) -> Agreement:
    """Agreement of two raters' paired answers.

    With pₒ the share of equal pairs: kappa = (pₒ − pₑ)/(1 − pₑ), pₑ = Σ p₁ₖp₂ₖ (Cohen 1960);
    AC1 = (pₒ − pᵧ)/(1 − pᵧ), pᵧ = Σ πₖ(1 − πₖ)/(q − 1), πₖ the mean of both raters' shares and q the number of
    different answers seen (Gwet 2008). With one answer only, pᵧ is 0.

    Args:
        first: The first rater's answers, one per thing rated.
        second: The second rater's answers on the same things in the same order.

    Returns:
        Counts and coefficients.

    Raises:
        MethodError: No pairs, unequal lengths, or a missing answer.

    >>> agree(["Yes", "Yes", "No", "Yes"], ["Yes", "No", "No", "Yes"])
    Agreement(same=3, n=4, share=0.75, kappa=0.5, ac1=0.5294117647058824)
    """
    if len(first) != len(second) or len(first) == 0:
        raise MethodError(f"first, second: {len(first)} and {len(second)} answers. Give one of each per thing rated.")
    one, other = pd.Series(list(first), dtype=object), pd.Series(list(second), dtype=object)
    for name, answers in (("first", one), ("second", other)):
        if answers.isna().any():
            raise MethodError(f"{name}: answer {int(answers.isna().argmax()) + 1} is missing. Leave such pairs out.")
    same = int((one == other).sum())
    shares = pd.concat([one.value_counts(normalize=True), other.value_counts(normalize=True)], axis=1).fillna(0.0)
    by_first, by_second = shares.to_numpy().T
    mean = (by_first + by_second) / 2
    by_luck = float((mean * (1 - mean)).sum()) / max(len(mean) - 1, 1)
    kappa = _beyond(same / len(one), float(np.dot(by_first, by_second)))
    return Agreement(same, len(one), same / len(one), kappa, _beyond(same / len(one), by_luck))


def _beyond(seen: float, expected: float) -> float:
    return math.nan if math.isclose(expected, 1) else (seen - expected) / (1 - expected)
