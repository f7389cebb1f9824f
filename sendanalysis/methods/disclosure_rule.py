"""What an audience may see of counts: a rule of threshold, nought, rounding and percentages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """What an audience may see of counts.

    Attributes:
        threshold: Counts from 1 to threshold − 1 are hidden; 1 hides none.
        zero: Whether a count of 0 is shown.
        round_to: Shown counts are rounded to the nearest so many, halves up.
        percentages: `exact`, or `rounded` for percentages of the rounded counts.
        secondary: Whether further counts are hidden so that none of the small ones can be worked out.

    Raises:
        MethodError: A number below 1, other words for percentages, or exact percentages of rounded counts, which would
            undo the rounding.
    """

    threshold: int
    zero: bool = True
    round_to: int = 1
    percentages: str = "exact"
    secondary: bool = True

    def __post_init__(self) -> None:
        """Refuses what is no rule."""
        if self.threshold < 1 or self.round_to < 1:
            raise MethodError(f"threshold {self.threshold}, round_to {self.round_to}: write whole numbers from 1.")
        if self.percentages not in {"exact", "rounded"}:
            raise MethodError(f'percentages: "{self.percentages}" is not known. Write "exact" or "rounded".')
        if self.round_to > 1 and self.percentages == "exact":
            raise MethodError('percentages: exact ones undo the rounding of counts. Write "rounded".')

    @property
    def least(self) -> int:
        """The least that a hidden count can be, as far as a reader knows."""
        return int(self.zero and self.threshold > 1)

    def rounded(self, counts: npt.ArrayLike) -> Numbers:
        """Counts as shown.

        >>> Rule(10, round_to=10, percentages="rounded").rounded([0, 14, 15]).tolist()
        [0.0, 10.0, 20.0]
        """
        return np.floor(np.asarray(counts, dtype=float) / self.round_to + 0.5) * self.round_to

    def behind(self, counts: npt.ArrayLike) -> tuple[Numbers, Numbers]:
        """The least and the most that a count can be of which the rounded value is shown.

        >>> [limits.tolist() for limits in Rule(8, round_to=5, percentages="rounded").behind([0, 9, 22])]
        [[0.0, 8.0, 18.0], [0.0, 12.0, 22.0]]
        """
        counts = np.asarray(counts, dtype=float)
        if self.round_to == 1:
            return counts, counts
        shown = self.rounded(counts)
        floor = self.threshold if self.threshold > 1 else 0
        low, high = np.maximum(shown - self.round_to // 2, floor), shown + (self.round_to - 1) // 2
        told = (counts == 0) & (self.threshold > 1)
        return np.where(told, 0, low), np.where(told, 0, high)
