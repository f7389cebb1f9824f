"""Waits that go on at another provider: a transfer neither assesses a child nor begins a new wait.

The wait of a referral that was closed by transfer goes on in the same child's next one.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

CARRIED, JOINED = "carried on", "joined another"


@remembered
def chained(rows: pd.DataFrame, event: str) -> pd.DataFrame:
    """Referrals with the waits that a transfer carries on from one to the next.

    The wait of a transferred referral goes on in the child's first referral that comes on or after the day of the
    transfer: is accepted, or begun before it is. One that had come before and is open on that day takes the wait over
    instead: two places on the list become one, where it had been accepted. Until either comes, the child is still on
    the list.

    Args:
        rows: Referrals as known at a day, as `autism.referrals` returns them.
        event: Column of the day that ends a wait as assessed.

    Returns:
        The rows with off_on (day off the list, NaT while on it), assessed (whether as assessed), link ('carried on':
        the wait stands in another row from its beginning; 'joined another': its place on the list ended in another
        place; else empty); referred_on is that of the first referral of the chain, accepted_on that of the first
        one carried on.
    """
    ended, closed = rows[event], rows["closed_on"]
    moved = rows["closure_reason"].eq("transferred") & ~(ended <= closed)
    off = rows[[event, "closed_on"]].min(axis=1).mask(moved, ended)
    found = rows.assign(off_on=off, assessed=ended.eq(off), link="")
    came = rows[["accepted_on", "started_on"]].min(axis=1)
    of_moved = found.assign(came_on=came, moved=moved, event_on=ended, left_on=off.mask(moved, closed))
    never = came.isna() | (of_moved["left_on"] < came)  # closed before it came, it takes nothing over
    of_moved = of_moved[~never & rows["child_id"].isin(rows["child_id"][moved])]
    names = ["referred_on", "accepted_on", "off_on", "assessed", "link"]
    columns = ["child_id", *names, "came_on", "left_on", "event_on", "moved"]
    in_order = of_moved.sort_values(["child_id", "left_on", "came_on", "referred_on", "moved"])[columns]
    each = groupby(in_order.reset_index(names="row").to_dict("records"), itemgetter("child_id"))
    changed = [linked for _, mine in each for linked in _linked(list(mine))]
    if not changed:
        return found
    links = pd.DataFrame(changed).set_index("row")[names]
    found.loc[links.index, names] = links
    return found


def _linked(mine: list[dict[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """The referrals of one child, in the order in which they ended, each with what it hands on or takes over."""
    taken: set[Any] = set()
    for place, one in enumerate(mine):
        heir, own = _heir(one, mine[place + 1 :]) if one["moved"] else (None, False)
        if heir:
            own = own and heir["row"] not in taken
            heir["referred_on"] = min(heir["referred_on"], one["referred_on"])
            if own:
                first = [day for day in (one["accepted_on"], heir["accepted_on"]) if pd.notna(day)]
                heir["accepted_on"] = min(first, default=pd.NaT)
                taken.add(heir["row"])
            if one["event_on"] <= heir["off_on"] or (pd.isna(heir["off_on"]) and pd.notna(one["event_on"])):
                heir |= {"off_on": one["event_on"], "event_on": one["event_on"], "assessed": True}
                if not heir["left_on"] < one["event_on"]:
                    heir |= {"left_on": one["event_on"], "moved": False}
            one["link"] = CARRIED if own else JOINED
            one |= {"off_on": max(one["left_on"], heir["came_on"]), "assessed": False}
        yield one


def _heir(one: dict[Any, Any], later: list[dict[Any, Any]]) -> tuple[dict[Any, Any] | None, bool]:
    """The referral that takes a wait over, and whether it is a new one; none where the child was assessed before it."""
    later = [other for other in later if not other["left_on"] < one["left_on"]]
    still_open = [other for other in later if other["came_on"] < one["left_on"]]
    if still_open:  # of several the one on the list, chosen by what is known that day
        listed = [other["accepted_on"] < one["left_on"] for other in still_open]
        keys = [(on, other["came_on"], other["referred_on"]) for on, other in zip(listed, still_open, strict=True)]
        place = keys.index(max(keys))
        return still_open[place], not listed[place]
    came = [other for other in later if pd.isna(one["event_on"]) or other["came_on"] <= one["event_on"]]
    return min(came, key=lambda other: other["came_on"], default=None), True
