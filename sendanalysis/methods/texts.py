"""Columns of text that hold few different ones in many rows: each text once, and for each row which it is.

What has to be said of a text is said once, however many rows hold it. A column is a pandas categorical whose texts
stand in the order of the alphabet, so that it sorts as text does.
"""

from __future__ import annotations

from itertools import compress
from operator import lt, ne
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy.typing as npt


def coded(cells: pd.Series[Any]) -> pd.Series[Any]:
    """A column of text as codes; what is missing stays so.

    >>> coded(pd.Series(["b", "a", "b"])).cat.codes.tolist()
    [1, 0, 1]
    """
    codes, texts = parts(cells)
    return _column(codes, texts.tolist(), cells.index)


def recoded(cells: pd.Series[Any], texts: Sequence[str]) -> pd.Series[Any]:
    """A categorical with other texts in place of its own, in their order, as codes; those that become alike are one.

    >>> recoded(coded(pd.Series(["b", "a "])), ["a", "b"]).tolist()
    ['b', 'a']
    """
    return _column(cells.cat.codes.to_numpy(), texts, cells.index)


def blanked(cells: pd.Series[Any]) -> pd.Series[Any]:
    """A coded column in which an empty text is missing.

    >>> blanked(coded(pd.Series(["b", ""]))).isna().tolist()
    [False, True]
    """
    codes, texts = cells.cat.codes.to_numpy(), cells.cat.categories
    if not len(texts) or texts[0]:  # nothing sorts before an empty text
        return cells
    return pd.Series(pd.Categorical.from_codes(codes - (codes >= 0), texts[1:]), cells.index)


def in_full(rows: pd.DataFrame) -> pd.DataFrame:
    """A table in which columns of codes are texts, as whoever looks at its rows expects them.

    >>> in_full(pd.DataFrame({"a": coded(pd.Series(["b", None]))}))["a"].fillna("").tolist()
    ['b', '']
    """
    return rows.astype(dict.fromkeys(rows.select_dtypes("category"), "str"))


def together(between: str, first: pd.Series[Any], *others: pd.Series[Any]) -> pd.Series[Any]:
    """Columns of text as one, with a text between; missing where one of them is.

    >>> together(" · ", pd.Series(["A", "A"]), pd.Series(["1", None])).tolist()
    ['A · 1', nan]
    """
    for second in others:
        (left, lefts), (right, rights) = parts(first), parts(second)
        both = np.where((left < 0) | (right < 0), -1, left.astype(np.int64) * len(rights) + right)
        codes, found = pd.factorize(both)
        texts = [lefts[one // len(rights)] + between + rights[one % len(rights)] if one >= 0 else "" for one in found]
        first = blanked(_column(codes, texts, first.index))
    return coded(first)


def first_that_holds(conditions: Mapping[str, pd.Series[bool]], default: str) -> pd.Series[Any]:
    """For each row the name of the first condition that holds, as a categorical; the default where none does.

    >>> first_that_holds({"low": pd.Series([True, False])}, "high").tolist()
    ['low', 'high']
    """
    held = list(conditions.values())
    codes = np.select([rows.to_numpy(dtype="bool") for rows in held], range(len(held)), len(held))
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index([*conditions, default])), held[0].index)


def among(cells: pd.Series[Any], values: Collection[str]) -> npt.NDArray[np.bool_]:
    """Which rows hold one of some texts; none that is missing does.

    >>> among(pd.Series(["b", None, "a"]), ["a"]).tolist()
    [False, False, True]
    """
    codes, texts = parts(cells)
    held = np.array([*(text in values for text in texts), False], dtype=np.bool_)
    return np.take(held, codes)


def firsts(cells: pd.Series[Any]) -> pd.Series[str]:
    """Each text of a column once, where it stands first.

    >>> firsts(pd.Series(["b", None, "a", "b"])).to_dict()
    {0: 'b', 2: 'a'}
    """
    codes, texts = parts(cells)
    at = np.full(len(texts) + 1, len(codes))
    at[codes[::-1]] = np.arange(len(codes))[::-1]  # of several rows the last one written holds, which is the first
    order = np.argsort(at[:-1])
    order = order[at[order] < len(codes)]
    return pd.Series(texts[order], cells.index[at[order]], dtype="str")


def parts(cells: pd.Series[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.object_]]:
    """Which text each row holds, −1 where it is missing, and the texts."""
    found = cells if isinstance(cells.dtype, pd.CategoricalDtype) else cells.astype("category")
    return found.cat.codes.to_numpy(), found.cat.categories.to_numpy(dtype="object")


def _column(codes: npt.NDArray[Any], texts: Sequence[str], index: pd.Index[Any]) -> pd.Series[Any]:
    """A column of the texts that its codes name, each text once and in order."""
    used = np.zeros(len(texts) + 1, dtype=bool)
    used[codes] = True  # the last for what is missing
    used = used[:-1]
    if not (used.all() and all(map(lt, texts, texts[1:]))):
        order = sorted(np.flatnonzero(used).tolist(), key=texts.__getitem__)
        in_order = [texts[at] for at in order]
        new = np.array([True, *map(ne, in_order, in_order[1:])][: len(order)], dtype=bool)
        moved = np.full(len(used) + 1, -1, dtype=np.int32)
        moved[order] = np.cumsum(new) - 1
        codes, texts = moved[codes], list(compress(in_order, new))
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(list(texts), dtype="str")), index)
