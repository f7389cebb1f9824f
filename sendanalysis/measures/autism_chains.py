"""Waits that go on at another provider: a transfer neither assesses a child nor begins a new wait.

The wait of a referral that was closed by transfer goes on in the same child's next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

CARRIED, JOINED = "carried on", "joined another"


def chained(rows: pd.DataFrame, event: str) -> pd.DataFrame:
    """Referrals with the waits that a transfer carries on from one to the next.

    The wait of a transferred referral goes on in the child's first referral accepted on or after the day of the
    transfer (or begun, where the acceptance is not recorded). One that was accepted before and is open on that day
    takes the wait over instead: two places on the list become one. Until either comes, the child is still on the list.

    Args:
        rows: Referrals as known at a day, as `autism.referrals` returns them.
        event: Column of the day that ends a wait as assessed.

    Returns:
        The rows with off_on (day off the list, NaT while on it), assessed (whether as assessed), link ('carried on':
        the wait stands in another row from its beginning; 'joined another': its place on the list ended in another
        place; else empty); referred_on is that of the first referral of the chain, accepted_on that of the first
        one carried on.
    """
    off = rows[[event, "closed_on"]].min(axis=1)
    moved = rows["closure_reason"].eq("transferred") & rows["closed_on"].eq(off) & ~rows[event].eq(off)
    off = off.mask(moved, rows[event])
    found = rows.assign(off_on=off, assessed=rows[event].eq(off), link="")
    moved &= rows[event].isna()
    came = rows["accepted_on"].fillna(rows["started_on"])
    of_moved = found.assign(came_on=came, moved=moved, left_on=off.fillna(rows["closed_on"]))
    of_moved = of_moved[came.notna() & rows["child_id"].isin(rows["child_id"][moved])]
    order = ["left_on", "came_on", "referred_on", "moved"]
    columns = ["child_id", "referred_on", "accepted_on", "off_on", "link", "came_on", "left_on", "moved"]
    changed = [
        linked
        for _, mine in of_moved.sort_values(order)[columns].groupby("child_id")
        for linked in _linked(mine.reset_index(names="row").to_dict("records"))
    ]
    if not changed:
        return found
    names = ["referred_on", "accepted_on", "off_on", "link"]
    links = pd.DataFrame(changed).set_index("row")[names]
    found.loc[links.index, names] = links
    return found


def _linked(mine: list[dict[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """The referrals of one child, in the order in which they ended, each with what it hands on or takes over."""
    taken: set[Any] = set()
    for place, one in enumerate(mine):
        later = mine[place + 1 :]
        if one["moved"] and later:
            still_open = [other for other in later if other["came_on"] < one["left_on"]]
            heir = still_open[-1] if still_open else min(later, key=lambda other: other["came_on"])
            own = not still_open and heir["row"] not in taken
            heir["referred_on"] = min(heir["referred_on"], one["referred_on"])
            if own:
                heir["accepted_on"] = one["accepted_on"] if pd.notna(one["accepted_on"]) else heir["accepted_on"]
                taken.add(heir["row"])
            one["link"] = CARRIED if own else JOINED
            one["off_on"] = max(one["left_on"], heir["came_on"])
        yield one
