"""What may be said of a KPI against its baseline."""

import datetime as dt

import pytest

from sendanalysis.measures.kpis import Measured, verdict_of

MARCH = {"first_on": dt.date(2022, 3, 1), "last_on": dt.date(2022, 3, 31)}
SHARE = {"value": 84.0, "n": 84.0, "of": 100.0, "lower": 82.0, "upper": 86.0, **MARCH}
MADE = {"baseline": 70.0, "baseline_lower": 60.0, "baseline_upper": 79.0, "baseline_last": dt.date(2021, 6, 30)}


@pytest.mark.parametrize(
    ("known", "months", "na", "said", "why"),
    [
        (SHARE | {"baseline": 81.0}, "higher", 0.0, "rose", "interval and months"),
        (SHARE | {"baseline": 81.0}, "ordinary", 0.0, "not clearly", "size"),
        (SHARE | {"baseline": 83.0}, "higher", 0.0, "not clearly", "chance"),
        (SHARE | {"baseline": 81.0}, "higher", 2.0, "not clearly", "na"),
        (SHARE | {"baseline": 81.0}, "higher", 1.0, "rose", "interval and months"),
        (SHARE | {"baseline": 81.0}, "higher", -5.0, "rose", "interval and months"),
        (SHARE | MADE, "ordinary", 0.0, "rose", "interval"),
        (SHARE | MADE | {"baseline_upper": 84.5}, "ordinary", 0.0, "not clearly", "chance"),
        (SHARE | MADE | {"baseline_last": dt.date(2022, 3, 31)}, "", 0.0, "not tested", "within baseline"),
        (SHARE | {"baseline": 0.0, "census": True}, "", 0.0, "not tested", "census"),
        (SHARE | {"baseline": 81.0, "lower": None}, "", 0.0, "not tested", "no interval"),
        (SHARE, "higher", 0.0, "not tested", "no baseline"),
        ({"baseline": 81.0}, "", 0.0, "not tested", "no figure"),
    ],
)
def test_a_share_is_said_to_have_changed_as_far_as_its_baseline_and_its_months_allow(known, months, na, said, why):
    found = verdict_of(Measured(**known), months, na)
    assert (found.said, found.why) == (said, why)


def test_a_count_is_its_own_size_and_one_that_still_grows_has_not_fallen():
    few = {"value": 40.0, "n": 40.0, "lower": 28.6, "upper": 54.5, "baseline": 80.0, **MARCH}
    assert verdict_of(Measured(**few), "").said == "fell"
    assert verdict_of(Measured(**few, counting="growing"), "").why == "counting"
    many = few | {"value": 131.0, "n": 131.0, "lower": 109.5, "upper": 155.4}
    assert verdict_of(Measured(**many, counting="growing"), "").said == "rose"
