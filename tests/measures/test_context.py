"""National context."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.measures import context
from sendanalysis.methods.periods import reporting_period

CODES = {"la": "E06000033", "region": "E12000006", "country": "E92000001"}
NAMES = {"E06000033": "Southend-on-Sea", "E06000055": "Bedford", "E08000035": "Leeds", "E06000044": "Portsmouth"}
COUNTS = [column for columns in context.COUNTS.values() for column in columns]


def row(year, code, *counts, ex=None, breakdown=context.ALL_PLANS):
    level = {"E92": "National", "E12": "Regional"}.get(code[:3], "Local authority")
    places = {"country_code": "E92000001", "region_code": "", "region_name": "", "new_la_code": "", "la_name": ""}
    if level == "Regional":
        places |= {"region_code": code, "region_name": "East of England"}
    if level == "Local authority":
        places |= {"region_code": "E12000006", "new_la_code": code, "la_name": NAMES[code]}
    figures = dict(zip(COUNTS, (*counts, *(ex or counts)), strict=True))
    return {"time_period": year, "geographic_level": level, **places, "breakdown": breakdown, **figures}


def table(*rows):
    return pd.DataFrame(list(rows), columns=list(row("2020", "E92000001", "1", "1", "100"))).astype("str")


OFFICIAL = table(
    row("2020", "E06000033", "102", "88", "86.3", ex=("93", "87", "93.5")),
    row("2020", "E06000055", "16", "1", "6.3"),
    row("2020", "E08000035", "x", "x", "x"),
    row("2020", "E12000006", "6214", "3462", "55.7"),
    row("2020", "E92000001", "59097", "32863", "55.6"),
    row("2021", "E06000033", "163", "155", "95.1"),
    row("2020", "E06000033", "9", "9", "100", breakdown="age 10"),
)


def measure(rows, month="2021-06", neighbours=("Bedford Borough", "Leeds", "Portsmouth")):
    return context.measure(rows, period=reporting_period(month), codes=CODES, neighbours=neighbours)


def test_the_area_its_region_and_england_stand_side_by_side_with_and_without_exceptions():
    areas = measure(OFFICIAL).areas
    assert areas["area_level"].tolist() == ["la", "la", "region", "region", "country", "country"]
    own = areas.iloc[:2].set_index("exceptions")
    assert own.loc["included", ["of", "n", "published_pct", "recomputed_pct"]].tolist() == [
        102,
        88,
        86.3,
        86.3,
    ]
    assert own.loc["excluded", ["of", "n", "agrees"]].tolist() == [93, 87, "yes"]
    assert own.loc["included", "value"] == pytest.approx(8800 / 102)
    assert own.loc["included", "lower"] == pytest.approx(78.271259)


def test_a_year_that_is_not_over_by_the_data_date_is_left_out_and_counted():
    assert measure(OFFICIAL, month="2021-11").areas["year"].unique().tolist() == [2020]
    assert measure(OFFICIAL, month="2021-12").areas["year"].unique().tolist() == [2020, 2021]
    assert measure(OFFICIAL).quality.set_index("what").loc["2021, not over by the data date, left out", "rows_n"] == 1


def test_a_published_percentage_is_held_against_its_counts_rounded_half_up():
    assert measure(OFFICIAL).areas.query("agrees == 'no'").empty
    found = measure(table(row("2020", "E06000033", "16", "1", "6.2", ex=("16", "1", "6.3"))))
    wrong = found.areas.query("agrees == 'no'")
    assert wrong[["exceptions", "published_pct", "recomputed_pct"]].to_numpy().tolist() == [["included", 6.2, 6.3]]


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (("x", "x", "x"), "not available"),
        (("z", "z", "z"), "not applicable"),
        (("c", "c", "c"), "suppressed"),
        (("20", "*", "*"), "suppressed"),
        (("20", "low", "low"), "too low to show"),
        (("", "", ""), "blank"),
        (("0", "0", "z"), "none issued"),
        (("3", "4", "133"), "more within 20 weeks than issued"),
        (("3 or so", "1", "z"), "not a number"),
    ],
)
def test_a_missing_figure_keeps_its_reason(counts, reason):
    found = measure(table(row("2020", "E06000033", *counts)))
    assert found.areas["reason"].tolist() == [reason, reason]
    assert found.areas["value"].isna().all()
    assert found.areas["agrees"].eq("not compared").all()
    assert found.funnel.empty
    assert found.quality.set_index("what").loc[f"no figure: {reason}", "rows_n"] == 1


def test_neighbours_are_found_under_their_other_names_and_ranked_where_they_have_a_figure():
    ranked = measure(OFFICIAL).neighbours.query("exceptions == 'included'")
    assert ranked["group"].tolist() == ["Southend-on-Sea", "Bedford", "Leeds", "Portsmouth"]
    assert ranked["rank"].fillna(0).tolist() == [1, 2, 0, 0]
    assert ranked["reason"].tolist() == ["", "", "not available", "not in the table"]
    assert ranked["flag"].tolist() == [True, False, False, False]
    assert ranked["ranked_n"].unique().tolist() == [2]


def test_the_area_its_neighbours_region_and_country_are_kept_in_every_year_that_is_over():
    found = measure(OFFICIAL, "2022-06").over_years
    assert found.loc[found["flag"], "year"].unique().tolist() == [2020, 2021]
    found = found[found["exceptions"].eq("included") & found["year"].eq(2020)]
    assert set(found["group"]) == {"Bedford", "East of England", "England", "Leeds", "Southend-on-Sea"}
    assert found.loc[found["n"].isna(), "group"].tolist() == ["Leeds"]


def test_equal_percentages_share_a_rank():
    rows = table(
        *(row("2020", code, "10", "5", "50") for code in ("E06000033", "E06000055")),
        row("2020", "E08000035", "10", "4", "40"),
    )
    assert measure(rows).neighbours.query("exceptions == 'included'")["rank"].dropna().tolist() == [1, 1, 3]


def test_the_funnel_stands_on_england_and_widens_where_few_plans_were_issued():
    found = measure(OFFICIAL)
    own = found.funnel.query("flag and exceptions == 'included'").iloc[0]
    share = 32863 / 59097
    assert own["centre"] == pytest.approx(100 * share)
    assert own["upper_95"] == pytest.approx(100 * (share + 1.959964 * math.sqrt(share * (1 - share) / 102)))
    assert own["position"] == "outside 99.8%"
    limits = found.funnel.query("exceptions == 'included'").sort_values("of")
    assert (limits["upper_limit"] - limits["lower_limit"]).is_monotonic_decreasing
    assert limits["lower_limit"].ge(0).all()


def test_without_england_the_funnel_stands_on_the_authorities_shown():
    funnel = measure(OFFICIAL[OFFICIAL["geographic_level"].eq("Local authority")]).funnel
    assert funnel["centre_of"].unique().tolist() == ["the authorities shown"]
    assert funnel["centre"].iloc[0] == pytest.approx(100 * 89 / 118)


def test_where_every_plan_is_in_time_the_funnel_has_no_width():
    rows = table(row("2020", "E06000033", "10", "10", "100"), row("2020", "E06000055", "9", "9", "100"))
    funnel = measure(rows).funnel
    assert funnel["lower_limit"].eq(100).all()
    assert funnel["position"].eq("within 95%").all()


def test_a_file_without_breakdowns_and_with_years_as_numbers_is_read_too():
    plain = OFFICIAL[OFFICIAL["breakdown"].eq(context.ALL_PLANS)].drop(columns="breakdown")
    numbered = plain.assign(time_period=plain["time_period"].astype("Int64")).replace("", None)
    assert_frame_equal(measure(numbered).areas, measure(OFFICIAL).areas)


def test_an_empty_table_or_an_unknown_area_is_empty_and_no_error():
    for rows in (OFFICIAL.iloc[:0], table(row("2020", "E06000055", "16", "1", "6.3"))):
        found = measure(rows)
        assert all(getattr(found, name).empty for name in ("areas", "neighbours", "over_years", "funnel"))


cells = st.one_of(st.integers(0, 60).map(str), st.sampled_from(["x", "z", "c"]))
many_rows = st.lists(
    st.tuples(
        st.sampled_from(["2019", "2020", "2021"]), st.sampled_from([*NAMES, "E12000006", "E92000001"]), cells, cells
    ),
    unique_by=lambda made: made[:2],
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(many_rows, st.randoms(use_true_random=False))
def test_row_order_never_matters_and_a_later_data_date_rewrites_no_year(rows, random):
    official, order = table(*(row(*made, "50") for made in rows)), list(range(len(rows)))
    random.shuffle(order)
    found, again = measure(official), measure(official.iloc[order])
    for name, frame in vars(found).items():
        assert_frame_equal(frame, getattr(again, name))
    known = found.areas.dropna(subset="value")
    assert (known["n"] <= known["of"]).all()
    later = measure(official, month="2021-12").areas
    assert_frame_equal(found.areas, later[later["year"] <= 2020].reset_index(drop=True))
