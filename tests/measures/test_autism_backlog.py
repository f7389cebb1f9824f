import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import autism_backlog
from sendanalysis.measures.autism_backlog import NO_DATE, TRANSFERRED, WAITING, measure
from sendanalysis.methods.periods import Period, reporting_period

DECEMBER = reporting_period("2021-12")
EVENTS = ["assessment_started_on", "assessment_completed_on", "outcome_given_on"]
DATES = ["referred_on", "accepted_on", *EVENTS, "closed_on"]
COLUMNS = ["child_id", *DATES, "closure_reason"]

ROWS = [
    # child, referred, accepted, started, completed, outcome, closed, reason
    ("A", "2020-05-01", "2020-06-01", "2021-04-01", "2021-05-01", "2021-06-01", "2021-06-01", "assessed"),
    ("B", "2020-05-01", "2021-03-31", "2021-12-01", None, None, None, None),  # accepted on the day; started only
    ("C", "2020-05-01", "2020-06-01", None, "2021-03-31", None, None, None),  # completed on the day: not waiting
    ("D", "2020-05-01", "2020-06-01", None, None, None, "2021-03-31", "declined"),  # closed on the day: not waiting
    ("E", "2020-05-01", "2020-06-01", None, None, None, "2021-07-01", "transferred"),
    ("F", "2020-05-01", "2020-06-01", None, None, None, "2021-07-01", "moved_away"),
    ("G", "2020-05-01", "2020-06-01", None, None, None, "2021-07-01", "assessed"),  # no date: assesses nobody
    ("H", "2020-05-01", "2020-06-01", None, None, None, "2021-07-01", "did_not_attend"),  # referred again, assessed
    ("H", "2021-08-01", "2021-08-10", "2021-09-01", "2021-10-01", None, None, None),
    ("I", "2020-05-01", "2020-06-01", None, None, None, "2021-07-01", "declined"),  # referred again, waiting
    ("I", "2021-08-01", "2021-08-10", None, None, None, None, None),
    ("J", "2020-05-01", "2020-06-01", None, "2022-01-01", None, "2022-01-05", "assessed"),  # after the data date
    ("K", "2021-03-01", "2021-04-10", None, "2021-09-01", None, None, None),  # late-found, assessed
    ("L", "2021-04-02", "2021-04-10", None, None, None, None, None),  # referred later: no part of it
]


def frame(rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.astype(dict.fromkeys(DATES, "datetime64[ns]") | {"child_id": "str", "closure_reason": "str"})
    return table.assign(referral_id=[f"R{n:03}" for n in range(len(table))])


def figure(found):
    return tuple(found.kpis[["numerator", "denominator"]].iloc[0])


def states(found):
    return {state: n for state, n in zip(found.exits["state"], found.exits["children_n"], strict=True) if n}


@pytest.mark.parametrize(("rule", "expected"), [("strict", (2, 8)), ("net", (2, 7)), ("any_exit", (4, 8))])
def test_the_cohort_worked_by_hand_gives_the_three_figures(rule, expected):
    # Cohort A B E F G H I J: A and H assessed, F moved away, G closed without a date; B, I, J wait, E was transferred.
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices(clear_rule=rule))
    assert figure(found) == expected
    assert found.kpis["value"].iloc[0] == pytest.approx(100 * expected[0] / expected[1])
    assert found.kpis["baseline"].tolist() == [0]


def test_each_child_has_one_state_and_a_transfer_stays_to_be_assessed():
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices())
    assert states(found) == {"assessed": 2, WAITING: 3, TRANSFERRED: 1, "moved away": 1, NO_DATE: 1}
    assert found.pace["remaining_n"].tolist() == [4, 4]


@pytest.mark.parametrize(("event", "assessed"), [("start", 3), ("complete", 2), ("outcome", 1)])
def test_another_event_changes_who_is_assessed_and_never_the_cohort(event, assessed):
    assert figure(measure(frame(ROWS), period=DECEMBER, choices=Choices(event=event))) == (assessed, 8)


def test_an_assessment_finished_before_the_cohort_date_belongs_to_another_wait():
    rows = [
        ("A", "2019-01-01", "2019-02-01", "2019-03-01", "2019-04-01", "2021-05-01", "2019-05-01", "assessed"),
        ("A", "2020-01-01", "2020-02-01", None, None, None, None, None),
    ]
    for event in ("start", "complete", "outcome"):
        assert figure(measure(frame(rows), period=DECEMBER, choices=Choices(event=event))) == (0, 1)


def test_the_last_closure_gives_the_reason():
    first = ("A", "2020-01-01", "2020-02-01", None, None, None, "2021-05-01")
    second = ("A", "2021-06-01", "2021-07-01", None, None, None, "2021-08-01")
    for one, two, state in (
        ("declined", "moved_away", "moved away"),
        ("declined", "transferred", TRANSFERRED),
        ("transferred", "declined", "declined"),
        ("declined", None, "reason unknown"),
    ):
        found = measure(frame([(*second, two), (*first, one)]), period=DECEMBER, choices=Choices())
        assert states(found) == {state: 1}


def test_before_the_cohort_date_there_is_no_figure():
    found = measure(frame(ROWS), period=reporting_period("2021-03", "2021-03-30"), choices=Choices())
    assert found.kpis[["value", "numerator", "denominator"]].isna().all(axis=None)
    assert found.burn_down.empty
    assert found.forecast["status"].iloc[0] == "no cohort"
    assert figure(measure(frame(ROWS), period=reporting_period("2021-03"), choices=Choices())) == (0, 8)


def test_the_burn_down_sets_the_actual_list_beside_the_straight_line_to_each_deadline():
    table = measure(frame(ROWS), period=reporting_period("2021-08"), choices=Choices()).burn_down.set_index("day")
    assert table["remaining_n"].tolist()[:6] == [8, 8, 7, 7, 3, 5]  # H and I come back in August
    assert table["remaining_n"].isna().tolist()[6:] == [True, True]
    assert table.loc["2021-03-31", "required_deadline_n"] == 8
    assert table.loc["2021-09-30", "required_six_months_n"] == 0
    assert table.loc["2021-09-30", "required_deadline_n"] == pytest.approx(8 * 31 / 214)
    assert table.loc["2021-10-31", "required_deadline_n"] == 0


def test_the_pace_divides_those_still_to_be_assessed_by_the_weeks_left():
    pace = measure(frame(ROWS), period=reporting_period("2021-08", "2021-08-19"), choices=Choices()).pace
    assert pace["weeks_left"].tolist() == [6, pytest.approx(73 / 7)]
    assert pace["needed_per_week"].iloc[0] == pytest.approx(5 / 6)
    assert pace[["recent_weeks_n", "recent_completions_n"]].iloc[0].tolist() == [13, 0]
    assert measure(frame(ROWS), period=DECEMBER, choices=Choices()).pace["needed_per_week"].isna().all()


def test_the_forecast_is_the_same_each_time_and_says_when_there_is_no_pace():
    waiting = [(f"W{n}", "2020-01-01", "2020-02-01", *[None] * 5) for n in range(20)]
    day = dt.date(2021, 12, 30)
    done = [
        (f"D{n}", "2020-01-01", "2020-02-01", None, str(day - dt.timedelta(weeks=n)), None, None, None)
        for n in range(13)
    ]
    found = measure(frame(waiting + done), period=DECEMBER, choices=Choices()).forecast.iloc[0]
    assert (found["status"], found["median_on"]) == ("forecast", pd.Timestamp("2022-05-20"))  # one a week, 20 weeks
    assert measure(frame(waiting), period=DECEMBER, choices=Choices()).forecast["status"].tolist() == [
        "not on current pace"
    ]
    assert measure(frame(done), period=DECEMBER, choices=Choices()).forecast["status"].tolist() == ["cleared"]
    slow = measure(frame(waiting * 1 + done[:1]), period=DECEMBER, choices=Choices()).forecast.iloc[0]
    assert slow["earliest_on"] < slow["median_on"] < slow["latest_on"]
    many = [(f"M{n}", "2020-01-01", "2020-02-01", *[None] * 5) for n in range(100)]
    assert measure(frame(many + done[:1]), period=DECEMBER, choices=Choices()).forecast["median_on"].isna().all()


def test_late_found_children_stand_apart_with_their_effect():
    table = measure(frame(ROWS), period=DECEMBER, choices=Choices()).late_found.set_index("group")
    assert table[["cleared_n", "of_n"]].to_numpy().tolist() == [[2, 8], [1, 1], [3, 9]]


def day(first, last):
    return st.integers(first, last).map(lambda n: str(dt.date(2021, 1, 1) + dt.timedelta(days=n)))


REFERRAL = st.tuples(
    st.sampled_from("ABCDEF"),
    day(-60, 40),
    st.none() | day(40, 200),
    st.none() | day(60, 400),
    st.none() | day(60, 400),
    st.none() | day(60, 400),
    st.none() | day(60, 400),
    st.sampled_from([*autism_backlog.REASONS, "unknown", None]),
)
REFERRALS = st.lists(REFERRAL, max_size=20)
CHOICES = st.builds(
    Choices, event=st.sampled_from(["start", "complete", "outcome"]), clear_rule=st.sampled_from(autism_backlog.RULES)
)


def over(row, day):
    return any(row[n] and row[n] <= day for n in (4, 6))


def plain_state(rows, event, data_date):
    """The child's state once more, one question after the other."""
    frozen, at = "2021-03-31", {"start": 3, "complete": 4, "outcome": 5}[event]
    known = [tuple(v if n in (0, 7) or (v and v <= data_date) else None for n, v in enumerate(r)) for r in rows]
    if any(r[at] and not (r[4] and r[4] <= frozen) and (r[at] > frozen or not over(r, frozen)) for r in known):
        return "assessed"
    if any(r[2] and not r[6] and not r[at] and not over(r, frozen) for r in known):
        return WAITING
    closures = sorted((r[6], n) for n, r in enumerate(known) if r[6] and r[6] > frozen)
    if any(known[n][7] == "transferred" for _, n in closures):
        return TRANSFERRED
    return autism_backlog.REASONS.get(known[closures[-1][1]][7], "reason unknown")


@settings(deadline=None, max_examples=60)
@given(rows=REFERRALS, choices=CHOICES)
def test_the_states_are_those_of_a_plain_walk_through_each_child(rows, choices):
    children = {r[0] for r in rows if r[2] and r[2] <= "2021-03-31" and not over(r, "2021-03-31")}
    expected = [plain_state([r for r in rows if r[0] == child], choices.event, "2021-12-31") for child in children]
    found = measure(frame(rows), period=DECEMBER, choices=choices)
    assert states(found) == {state: expected.count(state) for state in set(expected)}
    group = [autism_backlog.GROUPS[state] for state in expected]
    assessed, n = group.count("assessed"), len(group)
    assert (
        figure(found)
        == {
            "strict": (assessed, n),
            "net": (assessed, n - group.count("valid removal")),
            "any_exit": (n - group.count("to be assessed"), n),
        }[choices.clear_rule]
    )


@settings(deadline=None, max_examples=20)
@given(rows=REFERRALS, choices=CHOICES, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(rows, choices, random):
    table = frame(rows)
    mixed = table.iloc[random.sample(range(len(table)), len(table))]
    for one, other in zip(
        vars(measure(table, period=DECEMBER, choices=choices)).values(),
        vars(measure(mixed, period=DECEMBER, choices=choices)).values(),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, other)


@settings(deadline=None, max_examples=20)
@given(rows=REFERRALS, choices=CHOICES, later=st.integers(1, 90))
def test_a_later_data_date_never_rewrites_an_earlier_day_and_no_part_exceeds_the_cohort(rows, choices, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    before, now = (measure(frame(rows), period=p, choices=choices) for p in (DECEMBER, after))
    past = now.burn_down[now.burn_down["day"] <= pd.Timestamp(DECEMBER.data_date)]
    pd.testing.assert_frame_equal(before.burn_down, past.reset_index(drop=True))
    assert (before.figures["cleared_n"] <= before.figures["of_n"]).all()
    assert before.exits["children_n"].sum() == before.figures["of_n"].iloc[0]
    parts = before.burn_down[["remaining_n", "assessed_n", "exits_n"]].sum(axis=1)
    assert (parts == before.figures["of_n"].iloc[0]).all()


@settings(deadline=None, max_examples=20)
@given(rows=REFERRALS, which=st.sets(st.integers(0, 19)))
def test_an_assessment_that_is_not_recorded_never_raises_the_figure_nor_moves_the_cohort(rows, which):
    fewer = [
        (*r[:4], None if n in which and r[4] and r[4] > "2021-03-31" else r[4], *r[5:]) for n, r in enumerate(rows)
    ]
    before, after = (figure(measure(frame(r), period=DECEMBER, choices=Choices())) for r in (rows, fewer))
    assert after[0] <= before[0]
    assert after[1] == before[1]


def test_an_extract_without_referrals_has_no_figure_and_does_not_fail():
    found = measure(frame([]), period=DECEMBER, choices=Choices())
    assert math.isnan(found.kpis["value"].iloc[0])
