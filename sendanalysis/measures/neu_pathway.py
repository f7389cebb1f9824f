"""The Neu pathway: children met, referrals diverted from paediatrics, children who went on to the autism pathway.

Context without a colour: fewer going on may be early help, or unmet need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.measures.figures import Measure, Tables, is_in

if TYPE_CHECKING:
    import datetime as dt

SATISFIED_FROM = 4
ASKED = ("diverted", "progressed", "satisfied")


def measures() -> tuple[Measure, ...]:
    """Of the children who entered: diverted (of those answered), progressed (of all), satisfied (of those scored)."""
    return (
        Measure(
            name="neu_pathway",
            label="children of the Neu pathway",
            counted=("child", "children"),
            needs=("neu_pathway",),
            ledger=children,
            groups={name: is_in("asked", name) for name in ASKED},
            windows=(("to date", False), ("3 months", False)),
        ),
    )


def children(tables: Tables, day: dt.date) -> pd.DataFrame:
    """One row a child and question: asked, on (day of entry), counts, met, known at the close of a day."""
    rows, today = tables["neu_pathway"], pd.Timestamp(day)
    rows = rows[rows["entered_on"] <= today]
    score = rows["satisfaction"].astype("float64")
    answers = {
        "diverted": (rows["diverted_from_paediatrics"].eq("yes"), rows["diverted_from_paediatrics"].notna()),
        "progressed": (rows["progressed_to_asd_on"] <= today, rows["entered_on"].notna()),
        "satisfied": (score >= SATISFIED_FROM, score.notna()),
    }
    parts = [
        rows.assign(asked=name, on=rows["entered_on"], met=met.fillna(value=False), counts=counts, usable=counts)
        for name, (met, counts) in answers.items()
    ]
    return pd.concat(parts, ignore_index=True)
