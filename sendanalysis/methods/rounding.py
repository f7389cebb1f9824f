"""Rounding half up, as the department does, for display and for checking published figures against their counts."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def half_up(value: float, decimals: int = 1) -> float:
    """Round the number as it is written, ties away from nought (Python's own `round` takes ties to the even digit).

    Args:
        value: Any number; a missing one stays missing.
        decimals: Digits after the point.

    Returns:
        The rounded number, NaN for NaN.

    >>> half_up(2.25), half_up(0.5, 0), half_up(-2.25), half_up(100 * 0.2875), round(2.25, 1)
    (2.3, 1.0, -2.3, 28.8, 2.2)
    """
    number = float(value)
    # Nine decimals first: 100 times 0.2875 is 28.749999999999996 in binary, and 28.75 as it is meant.
    return _rounded(Decimal(str(round(number, 9))), decimals) if math.isfinite(number) else number


def half_up_pct(numerator: float, denominator: float, decimals: int = 1) -> float:
    """Per cent from its counts, 100 × numerator ÷ denominator, rounded half up with no binary fraction between.

    Args:
        numerator: Count on top.
        denominator: Count below.
        decimals: Digits after the point.

    Returns:
        Per cent; NaN when either count is missing or the denominator is nought.

    >>> half_up_pct(1, 16), half_up_pct(133, 139), half_up_pct(0, 0)
    (6.3, 95.7, nan)
    """
    top, bottom = float(numerator), float(denominator)
    if not (math.isfinite(top) and math.isfinite(bottom)) or bottom == 0:
        return math.nan
    return _rounded(100 * Decimal(str(top)) / Decimal(str(bottom)), decimals)


def _rounded(number: Decimal, decimals: int) -> float:
    # Adding nought turns a rounded -0.0 into 0.0.
    return float(number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)) + 0.0
