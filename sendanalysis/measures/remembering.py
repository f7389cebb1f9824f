"""Tables made from one and the same frame again and again, each worked out once."""

from __future__ import annotations

from collections import OrderedDict
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Given = ParamSpec("Given")
    Made = Callable[Concatenate[pd.DataFrame, Given], pd.DataFrame]

MOST = 128  # answers that are kept: twice the month ends of five years


def remembered(make: Made[Given]) -> Made[Given]:
    """A function of a frame, which gives the answer it gave before where it is asked for the very same frame again.

    Many figures are counted from one ledger at one day. A frame is known by its identity, not by what it holds, so
    neither what is given nor what comes back may be changed in place.

    Args:
        make: Makes a frame from a frame, and from what else it is given, which must be hashable.

    >>> import pandas as pd
    >>> double = remembered(lambda rows: rows * 2)
    >>> rows = pd.DataFrame({"n": [1]})
    >>> double(rows) is double(rows), double(rows) is double(rows.copy())
    (True, False)
    """
    kept: OrderedDict[object, tuple[pd.DataFrame, pd.DataFrame]] = OrderedDict()

    @wraps(make)
    def asked(frame: pd.DataFrame, /, *given: Given.args, **named: Given.kwargs) -> pd.DataFrame:
        key = (id(frame), given, tuple(sorted(named.items())))
        if key not in kept:  # the frame is kept with its answer, so that no other comes to have its identity
            kept[key] = (frame, make(frame, *given, **named))
            if len(kept) > MOST:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key][1]

    return asked
