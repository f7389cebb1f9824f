"""Does a waiting list grow, how long may it be, and what would bring it down?

Queueing sums after Fong et al. 2022 (doi:10.1101/2022.08.23.22279117). WARNING: one time unit throughout. Demand and
capacity a week go with waits in weeks.
"""

from __future__ import annotations

import math

from sendanalysis.errors import MethodError


def queue_load(demand: float, capacity: float) -> float:
    """Referrals that arrive for each one dealt with: above 1 the list grows without end.

    Load = demand / capacity.

    Args:
        demand: Referrals added a week.
        capacity: Referrals taken off a week.

    Returns:
        The load; infinity when some arrive and none are dealt with, NaN when neither happens.

    Raises:
        MethodError: A rate is missing, infinite or negative.

    >>> round(queue_load(30, 27), 2)
    1.11
    """
    _check(demand=demand, capacity=capacity)
    if capacity == 0:
        return math.inf if demand else math.nan
    return demand / capacity


def target_queue_size(demand: float, target_wait: float, factor: float | None = None, *, within: float = 0.92) -> float:
    """Largest list at which the wanted share is seen within the target wait.

    Demand · T / factor (Little's law, mean wait T / factor). For exponential waits a share P is seen within T when the
    factor is −ln(1−P): 2.53 for 92%, 4 for 98.2%.

    Args:
        demand: Referrals added a week.
        target_wait: Weeks within which people should be seen.
        factor: Target wait ÷ mean wait; None to take it from `within`.
        within: Share P to be seen within the target wait, between 0 and 1.

    Returns:
        Number of people on the list.

    Raises:
        MethodError: A value is missing, infinite or negative, factor is 0, or within is not between 0 and 1.

    >>> target_queue_size(30, 52, 4), round(target_queue_size(30, 18))
    (390.0, 214)
    """
    if not 0 < within < 1:
        raise MethodError(f"within: {within} is not between 0 and 1. Write 92% as 0.92.")
    share = -math.log(1 - within) if factor is None else factor
    _check(demand=demand, target_wait=target_wait, factor=share)
    if share == 0:
        raise MethodError("factor: 0 would mean an endless mean wait. Give a number above 0.")
    return demand * target_wait / share


def relief_capacity(  # noqa: PLR0913  # the last two are the published allowance for an estimated demand
    demand: float,
    queue_size: float,
    target_queue_size: float,
    weeks: float = 26,
    *,
    num_referrals: float = 0,
    cv_demand: float = 0,
) -> float:
    """Capacity a week that brings the list to its target size in the given time.

    Demand + (queue − target queue) / weeks. Where demand is an estimate from few referrals it is first divided by
    1 − 2·demand·cv/√referrals, two standard errors, as long as that is above 0.

    Args:
        demand: Referrals added a week.
        queue_size: People on the list now.
        target_queue_size: People on the list at the end; see `target_queue_size`.
        weeks: Weeks to get there, above 0.
        num_referrals: Referrals the demand was estimated from; 0 for no allowance.
        cv_demand: Coefficient of variation of the time between referrals.

    Returns:
        People to be taken off the list a week; below demand when the list is shorter than its target.

    Raises:
        MethodError: A value is missing, infinite or negative, or weeks is 0.

    >>> round(relief_capacity(30, 1200, 390, 26), 2)
    61.15
    """
    _check(demand=demand, queue_size=queue_size, target_queue_size=target_queue_size, weeks=weeks)
    _check(num_referrals=num_referrals, cv_demand=cv_demand)
    if weeks == 0:
        raise MethodError("weeks: 0 leaves no time. Give a number above 0.")
    excess = 2 * demand * cv_demand / math.sqrt(num_referrals) if num_referrals else 0.0
    allowed = demand / (1 - excess) if excess < 1 else demand
    return allowed + (queue_size - target_queue_size) / weeks


def clearance_weeks(queue: float, demand: float, capacity: float) -> float | None:
    """Weeks until the list is empty if demand and capacity stay as they are.

    Queue / (capacity − demand).

    Args:
        queue: People on the list now.
        demand: Referrals added a week.
        capacity: Referrals taken off a week.

    Returns:
        Weeks; None for a list that grows or stays as long as it is, which has no clearance date; 0 for an empty list
        that stays empty.

    Raises:
        MethodError: A value is missing, infinite or negative.

    >>> clearance_weeks(120, 4, 10), clearance_weeks(120, 10, 10)
    (20.0, None)
    """
    _check(queue=queue, demand=demand, capacity=capacity)
    if capacity > demand:
        return queue / (capacity - demand)
    return 0.0 if queue == 0 and capacity == demand else None


def _check(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            raise MethodError(f"{name}: {value} is not a number of 0 or more. Leave the sum out where it is not known.")
