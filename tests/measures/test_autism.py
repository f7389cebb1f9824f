"""The autism backlog."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.parameters import Autism
from sendanalysis.measures import autism, autism_outlook
from sendanalysis.measures.autism import NO_DATE, REASONS, RULES, STATES, TRANSFERRED, WAITING
from sendanalysis.measures.figures import NOTHING
from sendanalysis.measures.tables import TABLES
from sendanalysis.methods.periods import Period, reporting_period

DECEMBER = reporting_period("2021-12")
FROZEN = dt.date(2021, 3, 31)
DEADLINES = (dt.date(2021, 10, 31), dt.date(2021, 9, 30))
COLUMNS = (
    "child_id referred_on accepted_on assessment_started_on assessment_completed_on outcome_given_on closed_on "
    "closure_reason referral_id"
)

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


def chosen(**given):
    return Autism(**{"cohort_on": FROZEN} | given)


@pytest.fixture(scope="module")
def referrals(table):
    """The tables of an area with some referrals."""

    def made(rows):
        return {"autism_referrals": table(COLUMNS, [(*row, f"R{n:03}") for n, row in enumerate(rows)])}

    return made


@pytest.fixture(scope="module")
def measure(referrals, figures):
    """Figures of one of the measures of the backlog."""

    def found(rows, name="autism", period=DECEMBER, **given):
        return figures(autism.measures(chosen(**given)), referrals(rows), name=name, period=period)

    return found


@pytest.fixture(scope="module")
def counts(measure, latest):
    """Numerator and denominator at the data date."""

    def found(rows, group="all", **given):
        row = latest(measure(rows, **given), group)
        return row["n"], row["of"]

    return found


@pytest.fixture(scope="module")
def states(measure):
    """Children by their state at the data date, where there are any."""

    def found(rows, period=DECEMBER, **given):
        table = measure(rows, "autism_by_state", period=period, **given)
        now = table[table["last_on"] == pd.Timestamp(period.end)].set_index("group")["n"]
        return now[now > 0].to_dict()

    return found


@pytest.fixture(scope="module")
def burn_down(measure):
    """What remained, month by month."""

    def found(rows, period=DECEMBER, **given):
        by_state = measure(rows, "autism_by_state", period=period, **given)
        return autism_outlook.burn_down(by_state, period.data_date, chosen(**given), DEADLINES)

    return found


@pytest.mark.parametrize(("rule", "expected"), [("strict", (2, 8)), ("net", (2, 7)), ("any_exit", (4, 8))])
def test_the_cohort_worked_by_hand_gives_the_three_figures(measure, counts, latest, rule, expected):
    # Cohort A B E F G H I J: A and H assessed, F moved away, G closed without a date; B, I, J wait, E was transferred.
    assert counts(ROWS, clear_rule=rule) == expected
    assert counts(ROWS, rule, name="autism_by_rule") == expected
    assert latest(measure(ROWS, clear_rule=rule))["value"] == pytest.approx(100 * expected[0] / expected[1])


def test_each_child_has_one_state_and_a_transfer_stays_to_be_assessed(referrals, states):
    assert states(ROWS) == {"assessed": 2, WAITING: 3, TRANSFERRED: 1, "moved away": 1, NO_DATE: 1}
    pace = autism_outlook.pace(referrals(ROWS), DECEMBER.data_date, chosen(), DEADLINES)
    assert pace["remaining_n"].tolist() == [4, 4]


@pytest.mark.parametrize(("event", "assessed"), [("start", 3), ("complete", 2), ("outcome", 1)])
def test_another_event_changes_who_is_assessed_and_never_the_cohort(counts, event, assessed):
    assert counts(ROWS, event=event) == (assessed, 8)


@pytest.mark.parametrize("event", ["start", "complete", "outcome"])
def test_an_assessment_finished_before_the_cohort_date_belongs_to_another_wait(counts, event):
    rows = [
        ("A", "2019-01-01", "2019-02-01", "2019-03-01", "2019-04-01", "2021-05-01", "2019-05-01", "assessed"),
        ("A", "2020-01-01", "2020-02-01", None, None, None, None, None),
    ]
    assert counts(rows, event=event) == (0, 1)


@pytest.mark.parametrize(
    ("one", "two", "state"),
    [
        ("declined", "moved_away", "moved away"),
        ("declined", "transferred", TRANSFERRED),
        ("transferred", "declined", "declined"),
        ("declined", None, "reason unknown"),
    ],
)
def test_the_last_closure_gives_the_reason(states, one, two, state):
    first = ("A", "2020-01-01", "2020-02-01", None, None, None, "2021-05-01", one)
    second = ("A", "2021-06-01", "2021-07-01", None, None, None, "2021-08-01", two)
    assert states([second, first]) == {state: 1}


def test_before_the_cohort_date_there_is_no_figure(referrals, measure, counts):
    period = reporting_period("2021-03", "2021-03-30")
    found = measure(ROWS, period=period)
    assert found["value"].isna().all()
    assert found["state"].eq(NOTHING).all()
    assert autism.cohort(referrals(ROWS), period.data_date, chosen=chosen()).empty
    assert autism_outlook.pace(referrals(ROWS), period.data_date, chosen(), DEADLINES)["cohort_n"].eq(0).all()
    assert autism_outlook.record(referrals(ROWS), period.data_date, chosen()).empty
    assert counts(ROWS, period=reporting_period("2021-03")) == (0, 8)


def test_before_the_cohort_date_nothing_is_there_to_be_drawn(burn_down):
    found = burn_down(ROWS, reporting_period("2021-03", "2021-03-30"))
    assert found.drop(columns="day").fillna(0).eq(0).all(axis=None)


def test_a_plan_without_a_day_for_its_cohort_has_no_figure(measure):
    assert measure(ROWS, cohort_on=None)["value"].isna().all()


def test_the_burn_down_sets_the_actual_list_beside_the_straight_line_to_each_deadline(burn_down):
    table = burn_down(ROWS, reporting_period("2021-08")).set_index("day")
    assert table["remaining_n"].tolist()[:6] == [8, 8, 7, 7, 3, 5]  # H and I come back in August
    assert table["remaining_n"].isna().tolist()[6:] == [True, True]
    assert table.loc["2021-03-31", "required_2_n"] == 8
    assert table.loc["2021-09-30", "required_1_n"] == 0
    assert table.loc["2021-09-30", "required_2_n"] == pytest.approx(8 * 31 / 214)
    assert table.loc["2021-10-31", "required_2_n"] == 0


def test_the_pace_divides_those_still_to_be_assessed_by_the_weeks_left(referrals):
    pace = autism_outlook.pace(referrals(ROWS), dt.date(2021, 8, 19), chosen(), DEADLINES)
    assert pace["deadline"].tolist() == [pd.Timestamp(day) for day in sorted(DEADLINES)]
    assert pace["weeks_left"].tolist() == [6, pytest.approx(73 / 7)]
    assert pace["needed_per_week"].iloc[0] == pytest.approx(5 / 6)
    assert pace[["recent_weeks_n", "recent_completions_n"]].iloc[0].tolist() == [13, 0]
    after = autism_outlook.pace(referrals(ROWS), DECEMBER.data_date, chosen(), DEADLINES)
    assert after["needed_per_week"].isna().all()


def waiting(letter, many):
    return [(f"{letter}{n}", "2020-01-01", "2020-02-01", *[None] * 5) for n in range(many)]


def assessed_on(*days):
    return [(f"D{n}", "2020-01-01", "2020-02-01", None, day, None, None, None) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "left", "last", "idle"),
    [
        (["2021-12-04"], 3, "2021-12-04", "no"),  # within four weeks
        (["2021-05-01", "2021-12-03"], 3, "2021-12-03", "yes"),  # four weeks ago to the day
        ([], 3, None, "yes"),
        (["2021-05-01"], 0, "2021-05-01", "no"),  # nobody is left to be assessed
    ],
)
def test_when_nobody_was_assessed_for_four_weeks_the_last_day_is_known(referrals, days, left, last, idle):
    rows = waiting("W", left) + assessed_on(*days)
    row = autism_outlook.pace(referrals(rows), DECEMBER.data_date, chosen(), DEADLINES).iloc[-1]
    assert (row["idle"], row["remaining_n"], row["cohort_n"]) == (idle, left, left + len(days))
    assert row["last_assessed_on"] == pd.Timestamp(last) if last else pd.isna(row["last_assessed_on"])


def test_what_remained_when_a_deadline_passed_is_known_for_a_day_within_a_month(referrals):
    rows = waiting("W", 2) + assessed_on("2021-10-14", "2021-10-16")
    deadlines = (dt.date(2021, 10, 15), dt.date(2022, 6, 1))
    found = autism_outlook.pace(referrals(rows), DECEMBER.data_date, chosen(), deadlines)
    assert found["remaining_then_n"].iloc[0] == 3
    assert pd.isna(found["remaining_then_n"].iloc[1])
    assert found["remaining_n"].tolist() == [2, 2]


def test_a_plan_without_a_deadline_still_has_its_pace(referrals):
    row = autism_outlook.pace(referrals(ROWS), DECEMBER.data_date, chosen(), ()).iloc[0]
    assert pd.isna(row["deadline"])
    assert pd.isna(row["needed_per_week"])
    assert row["remaining_n"] == 4


def test_no_released_table_holds_a_clearing_date(southend):
    tables = TABLES.keys()
    assert "autism_forecast" not in tables
    assert "autism_forecast_record" in tables
    found = autism_outlook.pace(southend, DECEMBER.data_date, chosen(), DEADLINES)
    days = found.drop(columns="deadline").select_dtypes("datetime")
    assert (days <= pd.Timestamp(DECEMBER.data_date)).all(axis=None)


def test_the_record_holds_what_each_earlier_pace_would_have_given_against_what_came(referrals):
    # One a week from April to June, none since: at the end of June 13 weeks of it gave 13, and none came.
    days = [str(dt.date(2021, 6, 30) - dt.timedelta(weeks=n)) for n in range(13)]
    found = autism_outlook.record(referrals(waiting("W", 20) + assessed_on(*days)), DECEMBER.data_date, chosen())
    found = found.set_index("as_at")
    assert found.index.tolist() == list(pd.date_range("2021-04-30", "2021-09-30", freq="ME"))
    june = found.loc["2021-06-30"]
    assert june[["remaining_n", "recent_per_week", "expected_n", "came_n"]].tolist() == [20, 1, 13, 0]
    assert june["until_on"] == pd.Timestamp("2021-09-29")
    assert found["until_on"].max() <= pd.Timestamp(DECEMBER.data_date)
    few = autism_outlook.record(referrals(waiting("W", 5) + assessed_on(*days)), DECEMBER.data_date, chosen())
    assert few.set_index("as_at").loc["2021-06-30", "expected_n"] == 5  # no more than were left


def test_the_record_is_that_of_the_extract_as_known_at_each_month_end(southend):
    days = (dt.date(2021, 12, 31), dt.date(2022, 3, 31))
    early, late = (autism_outlook.record(southend, day, chosen()) for day in days)
    assert len(early) < len(late)
    assert_frame_equal(early, late.iloc[: len(early)])
    for row in late.itertuples():
        then = autism_outlook.pace(southend, row.as_at.date(), chosen(), DEADLINES).iloc[0]
        assert (then["remaining_n"], then["recent_per_week"]) == (row.remaining_n, row.recent_per_week)


def test_the_last_accepted_referral_gives_the_reason(states):
    first = ("A", "2020-01-01", "2020-02-01", None, None, None, "2021-05-01", "transferred")
    refused = ("A", "2021-06-01", None, None, None, None, "2021-08-01", "declined")
    accepted = ("A", "2021-06-01", "2021-06-02", None, None, None, "2021-08-01", "declined")
    assert states([first, refused]) == {TRANSFERRED: 1}
    assert states([first, accepted]) == {"declined": 1}


def test_late_found_children_stand_apart_with_their_effect(measure):
    found = measure(ROWS, "autism_late_found").set_index("group")
    assert found[["n", "of"]].to_numpy().tolist() == [[2, 8], [1, 1], [3, 9]]
    assert found.index.tolist() == [autism.FROZEN, autism.LATE_FOUND, "both"]


def test_the_account_tells_rows_from_children(referrals):
    found = autism.accounts(referrals(ROWS), DECEMBER.data_date, chosen()).set_index("what")
    assert found.loc["rows read", "rows_n"] == 14
    assert found.loc["children of the cohort"].tolist() == [8, 100]
    assert found.loc["children referred again after the cohort date, counted once", "rows_n"] == 2
    assert found.loc[f"children {NO_DATE}, not counted as assessed"].tolist() == [1, 12.5]


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
    st.sampled_from([*REASONS, "unknown", None]),
)
REFERRALS = st.lists(REFERRAL, max_size=20)
CHOSEN = st.fixed_dictionaries(
    {"event": st.sampled_from(["start", "complete", "outcome"]), "clear_rule": st.sampled_from(RULES)}
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
    closures = sorted((r[6], n) for n, r in enumerate(known) if r[2] and r[6] and r[6] > frozen)
    return REASONS.get(known[closures[-1][1]][7], "reason unknown")


@settings(deadline=None, max_examples=60)
@given(rows=REFERRALS, given_=CHOSEN)
def test_the_states_are_those_of_a_plain_walk_through_each_child(states, counts, rows, given_):
    children = {r[0] for r in rows if r[2] and r[2] <= "2021-03-31" and not over(r, "2021-03-31")}
    expected = [plain_state([r for r in rows if r[0] == child], given_["event"], "2021-12-31") for child in children]
    assert states(rows, **given_) == {state: expected.count(state) for state in set(expected)}
    group = [STATES[state] for state in expected]
    assessed, n = group.count("assessed"), len(group)
    by_rule = {
        "strict": (assessed, n),
        "net": (assessed, n - group.count("valid removal")),
        "any_exit": (n - group.count("to be assessed"), n),
    }
    assert counts(rows, **given_) == by_rule[given_["clear_rule"]]


@settings(deadline=None, max_examples=15)
@given(rows=REFERRALS, given_=CHOSEN, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(referrals, figures, rows, given_, random):
    tables = referrals(rows)
    mixed = {"autism_referrals": tables["autism_referrals"].iloc[random.sample(range(len(rows)), len(rows))]}
    for one in autism.measures(chosen(**given_)):
        assert_frame_equal(figures(one, tables), figures(one, mixed))
    last = DECEMBER.data_date
    for made in (
        lambda given: autism_outlook.pace(given, last, chosen(**given_), DEADLINES),
        lambda given: autism_outlook.record(given, last, chosen(**given_)),
        lambda given: autism.accounts(given, last, chosen(**given_)),
    ):
        assert_frame_equal(made(tables), made(mixed))


@settings(deadline=None, max_examples=15)
@given(rows=REFERRALS, given_=CHOSEN, later=st.integers(1, 90))
def test_a_later_data_date_never_rewrites_an_earlier_day(measure, burn_down, rows, given_, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    assert_frame_equal(measure(rows, **given_), measure(rows, period=after, **given_))
    before, now = (burn_down(rows, period, **given_) for period in (DECEMBER, after))
    past = now[now["day"] <= pd.Timestamp(DECEMBER.data_date)]
    assert_frame_equal(before, past.reset_index(drop=True))


@settings(deadline=None, max_examples=15)
@given(rows=REFERRALS, given_=CHOSEN)
def test_no_part_exceeds_the_cohort_and_its_parts_add_up_to_it(measure, burn_down, states, rows, given_):
    rules = measure(rows, "autism_by_rule", **given_).set_index("group")
    assert (rules["n"] <= rules["of"]).all()
    cohort = rules.loc["strict", "of"]
    assert sum(states(rows, **given_).values()) == cohort
    parts = burn_down(rows, **given_)[["remaining_n", "assessed_n", "exits_n"]].sum(axis=1)
    assert (parts == cohort).all()


@settings(deadline=None, max_examples=15)
@given(rows=REFERRALS, which=st.sets(st.integers(0, 19)))
def test_an_assessment_that_is_not_recorded_never_raises_the_figure_nor_moves_the_cohort(counts, rows, which):
    fewer = [
        (*r[:4], None if n in which and r[4] and r[4] > "2021-03-31" else r[4], *r[5:]) for n, r in enumerate(rows)
    ]
    before, after = counts(rows), counts(fewer)
    assert after[0] <= before[0]
    assert after[1] == before[1]


def test_an_extract_without_referrals_has_no_figure_and_does_not_fail(referrals, measure):
    for one in autism.measures(chosen()):
        found = measure([], one.name)
        assert found["value"].isna().all()
        assert set(found["state"]) == {NOTHING}
    assert autism_outlook.pace(referrals([]), DECEMBER.data_date, chosen(), DEADLINES)["cohort_n"].eq(0).all()
    assert autism_outlook.record(referrals([]), DECEMBER.data_date, chosen()).empty
