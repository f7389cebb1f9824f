"""The sentences of the backlog and the waiting list, in every state they can be in."""

import datetime as dt
import itertools
import math
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from sendanalysis.display import charts, waiting_phrases
from sendanalysis.display.waiting_phrases import TRANSFERRED
from sendanalysis.inputs.parameters import Autism
from sendanalysis.measures import autism, autism_list, autism_outlook
from sendanalysis.measures.figures import measured
from sendanalysis.methods.periods import reporting_period
from sendanalysis.release import open_release

BEGUN, DEADLINE = dt.date(2021, 3, 31), dt.date(2021, 10, 31)
MONTHS = ("2021-10", "2021-11", "2021-12", "2022-01", "2022-02", "2022-03")
GROUPS = (autism_list.OF_ALL, autism_list.OF_STAYERS)
HOLES = (
    r"\bnan\b",
    r"\binf\b",
    "NaT",
    r"\bNone\b",
    r"\bnone referrals\b",
    r"\b0 weeks",
    "last 0",
    r"\(\)",
    r"\.\.",
    "  ",
    " ,",
)
COLUMNS = (
    "child_id referred_on accepted_on assessment_started_on assessment_completed_on outcome_given_on closed_on "
    "closure_reason referral_id"
)


@pytest.fixture(scope="module")
def tables():
    """The tables of an area with referrals: child, accepted, assessed, closed, reason."""

    def made(*rows):
        days = {name: "datetime64[ns]" if name.endswith("_on") else "str" for name in COLUMNS.split()}
        full = [
            (child, accepted, accepted, done, done, None, closed, reason, f"R{n}")
            for n, (child, accepted, done, closed, reason) in enumerate(rows)
        ]
        return {"autism_referrals": pd.DataFrame(full, columns=list(days)).astype(days)}

    return made


def said(tables, month, deadlines=(DEADLINE,)):
    """Every sentence of the page, made from the measures as the release makes them."""
    chosen, period = Autism(cohort_on=BEGUN), reporting_period(month)
    day = period.data_date
    by_state = next(one for one in autism.measures(chosen) if one.name == "autism_by_state")
    states = measured(by_state, tables, period).groupby("group", sort=False).tail(1)
    whole = measured(autism.measures(chosen)[0], tables, period).iloc[-1]
    n, of, value = (None if math.isnan(whole[name]) else whole[name] for name in ("n", "of", "value"))
    figure = SimpleNamespace(n=n, of=of, value=value, status="Amber")
    paces = autism_outlook.pace(tables, day, chosen, deadlines)
    _, quantiles = autism_list.waits(tables, day)
    return {
        "answer": " ".join(waiting_phrases.answer(figure, states, "strict", BEGUN, day)),
        "exits": waiting_phrases.exits(states),
        "remaining": waiting_phrases.remaining(paces, states),
        "pace": waiting_phrases.pace(paces),
        "record": waiting_phrases.record(autism_outlook.record(tables, day, chosen)),
        "burn_down": waiting_phrases.burn_down(paces),
        "queue": waiting_phrases.queue(autism_list.queue(tables, day, chosen)),
        **{
            f"waited {group} {pct} {title}": waiting_phrases.waited(quantiles, group, pct, title=title)
            for group, pct, title in itertools.product(GROUPS, (50, 90), (True, False))
        },
    }


W = ("W", "2020-06-01", None, None, None)
WAITING, SEEN = [W, ("X", "2020-06-01", None, None, None)], ("A", "2020-06-01", "2021-06-01", "2021-06-02", "assessed")
CASES = {
    "no referral": [],
    "one child waiting": [W],
    "one child seen": [SEEN],
    "one child gone": [("D", "2020-06-01", None, "2021-06-01", "declined")],
    "one child handed over": [("T", "2020-06-01", None, "2021-06-01", "transferred")],
    "nobody seen": WAITING,
    "all seen": [SEEN, ("B", "2020-06-01", "2021-06-01", None, None)],
    "not accepted": [("N", None, None, None, None)],
    "first days": [("F", "2021-12-30", None, None, None)],
    "nobody came or went": [W, ("S", "2020-06-01", "2020-08-01", "2020-08-01", "assessed")],
    "assessed of late": [*WAITING, ("L", "2020-06-01", "2021-12-20", None, None)],
}


@pytest.mark.parametrize("month", ["2019-06", "2021-03", "2021-04", "2021-10", "2021-12"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("deadlines", [(), (DEADLINE,)], ids=["no deadline", "deadline"])
def test_no_sentence_has_a_hole_in_any_state(tables, case, month, deadlines):
    rows = [row if row[1] else (row[0], "2021-01-01", *row[2:]) for row in CASES[case]]
    made = tables(*rows)
    if case == "not accepted":
        made["autism_referrals"]["accepted_on"] = pd.NaT
    for name, sentence in said(made, month, deadlines).items():
        assert not [hole for hole in HOLES if re.search(hole, sentence)], (name, sentence)
        assert sentence == sentence.strip()


def test_the_first_month_has_its_own_sentences(tables):
    words = said(tables(), "2021-02")
    assert words["answer"] == "Not known. The backlog is counted from 31 March 2021 on, which is after the data date."
    assert words["burn_down"] == "There is no backlog to draw"
    assert words["exits"] == words["remaining"] == words["pace"] == ""
    assert words["record"] == "No earlier month's pace can be held against what came yet."
    assert words["queue"] == "Less than a week of referrals is recorded: too little to say whether the list grows."
    late = said(tables(), "2021-12")["answer"]
    assert late == "Not known. No child was recorded as waiting on 31 March 2021, so there is no backlog to clear."


def test_everything_met_nothing_met_and_one_child_are_said_as_they_are(tables):
    everything = said(tables(*CASES["all seen"]), "2021-12")
    assert (
        everything["answer"]
        == "Yes. 2 of the 2 children have been assessed (100.0%), and none is still to be assessed."
    )
    assert everything["remaining"] == "No child is still to be assessed."
    assert everything["burn_down"] == "No child of the backlog is still to be assessed"
    assert everything["exits"] == "Nobody left the list without an assessment."
    assert everything["pace"] == ""
    one = said(tables(W), "2021-12")
    assert one["answer"] == "No. The one child of the backlog has not been assessed."
    assert one["remaining"] == "1 child still has to be assessed; the deadline was 31 October 2021."
    assert said(tables(*WAITING), "2021-12")["answer"] == "No. Not one of the 2 children has been assessed."


def test_since_when_nobody_was_assessed_stands_in_place_of_a_pace(tables):
    words = said(tables(*WAITING, ("L", "2020-06-01", "2021-11-12", None, None)), "2021-12")
    assert words["pace"] == "No child of the backlog has been assessed since 12 November 2021."
    assert said(tables(*WAITING), "2021-12")["pace"] == "No child of the backlog has been assessed yet."
    going = said(tables(*CASES["assessed of late"]), "2021-12")["pace"]
    assert going == "In the last 13 weeks 1 child was assessed, 0.1 a week."
    ahead = said(tables(*WAITING), "2021-09")["pace"]
    assert ahead == "No child of the backlog has been assessed yet. 0.5 a week are needed to meet 31 October 2021."


def test_those_who_left_are_named_by_reason_and_the_handed_over_apart(tables):
    gone = [
        (f"G{n}", "2020-06-01", None, "2021-06-01", reason)
        for n, reason in enumerate(
            [
                "declined",
                "declined",
                "moved_away",
                "did_not_attend",
                "referral_error",
                "assessed",
                "unknown",
                "transferred",
            ]
        )
    ]
    words = said(tables(W, *gone), "2021-12")
    assert words["exits"] == (
        "7 children left the list without a dated assessment (2 declined, 1 closed as assessed, no date, "
        "1 did not attend, 1 moved away, 1 reason unknown, 1 referral error)."
    )
    assert words["remaining"].startswith(
        "2 children still have to be assessed, 1 of them transferred and not yet accepted by another provider"
    )


def test_a_list_that_nobody_leaves_or_joins_has_its_own_sentence():
    rates = {"weeks": 26.0, "demand_per_week": 2.0, "capacity_per_week": 0.0, "load": math.nan, "size_n": 60}

    def words(**given):
        return waiting_phrases.queue(pd.DataFrame([rates | given]))

    assert (
        words() == "In the last 26 weeks 2.0 referrals a week joined the list and none left it. 60 referrals are on it."
    )
    assert words(demand_per_week=0.0).startswith("In the last 26 weeks nobody joined the list or left it.")
    assert "no referral joined the list and 1.5 a week left it" in words(demand_per_week=0.0, capacity_per_week=1.5)
    assert "as many joined as left." in words(capacity_per_week=2.0, load=1.0)
    assert "more joined than left. Nobody is on it." in words(capacity_per_week=1.0, load=2.0, size_n=0)
    assert "fewer than 0.1 referrals a week joined" in words(demand_per_week=1 / 26)
    assert words(weeks=1.4).startswith("In the last week ")


def test_a_wait_says_whose_it_is_how_sure_it_is_and_who_had_left():
    row = {"group": GROUPS[0], "quantile_pct": 50, "days": 412.0, "lower_days": 365.0, "upper_days": math.nan}
    rows = pd.DataFrame([row | {"left_pct": 18.83}, row | {"group": GROUPS[1], "days": math.nan, "left_pct": math.nan}])
    assert waiting_phrases.waited(rows, GROUPS[0]) == (
        "Of all who were referred, half had begun within 412 days (365 or more); 18.8% had left the list by then."
    )
    assert waiting_phrases.waited(rows, GROUPS[1], title=True) == (
        "Of those who stay on the list, fewer than half had begun by the longest wait seen"
    )
    assert waiting_phrases.waited(rows, GROUPS[0], 90) == "No wait is recorded"


@pytest.fixture(scope="module", params=MONTHS)
def release(request):
    """One of six months."""
    return open_release("data/southend", request.param)


def test_title_alternative_headline_and_tables_agree_on_every_number(release):
    paces, down = release.table("autism_pace"), release.table("autism_burn_down").set_index("day")
    row, whole = paces.iloc[-1], release.lead("autism")
    states = release.figures("autism_by_state", window="day", months=1).set_index("group")["n"]
    now = down.loc[pd.Timestamp(release.period.data_date)]
    to_assess = states["still waiting"] + states[TRANSFERRED]
    left = states.sum() - to_assess - states["assessed"]
    assert row["remaining_n"] == now["remaining_n"] == to_assess
    assert (now["assessed_n"], now["exits_n"]) == (states["assessed"], left) == (whole.n, left)
    assert row["cohort_n"] == whole.of == states.sum() == down.iloc[0]["remaining_n"]
    by_rule = release.figures("autism_by_rule").set_index("group")
    assert by_rule.loc["any_exit", "n"] == states["assessed"] + left
    assert row["remaining_then_n"] == down.loc[row["deadline"], "remaining_n"]

    title = waiting_phrases.burn_down(paces)
    assert numbers(title) <= {row["remaining_then_n"], row["remaining_n"]}
    deadlines = waiting_phrases.deadlines(paces)
    chart = charts.burn_down(down.reset_index(), title=title, subtitle="Left.", deadlines=deadlines)
    assert chart is not None
    assert f"{now['remaining_n']:.0f}" in re.findall(r"\d+", chart.to_dict()["description"])
    frame = release.figures("autism_by_state", window="day", months=1)
    exits = waiting_phrases.exits(frame)
    assert numbers(exits.split("(")[0]) == {left}
    assert sum(map(float, re.findall(r"\d+", exits.split("(")[1]))) == left
    assert numbers(waiting_phrases.remaining(paces, frame).split(";")[0]) == {to_assess}


def test_the_list_its_lengths_its_load_and_its_sentence_agree(release):
    queue = release.table("autism_queue").iloc[0]
    size = release.figures("autism_list", window="day")["value"].iloc[-1]
    assert queue["size_n"] == size == release.figures("autism_by_length")["value"].sum()
    assert f" {size:.0f} referrals are on it." in waiting_phrases.queue(release.table("autism_queue"))
    curve, quantiles = (release.table(f"autism_{name}") for name in ("waits", "wait_quantiles"))
    for row in quantiles.dropna(subset=["days"]).itertuples():
        at = curve[curve["group"].eq(row.group) & curve["time_days"].eq(row.days)].iloc[0]
        assert at["value"] <= 100 - row.quantile_pct + 1e-6
        assert f"within {row.days:.0f} days" in waiting_phrases.waited(quantiles, row.group, row.quantile_pct)


def numbers(text):
    """The whole numbers of a sentence, days and years of dates left out."""
    return {float(found) for found in re.findall(r"\d+", re.sub(r"\d+ [A-Z][a-z]+ \d{4}", "", text))}


def test_no_pace_and_no_day_is_promised_once_nobody_is_assessed():
    release = open_release("data/southend", "2022-03")
    words = waiting_phrases.pace(release.table("autism_pace"))
    assert words == "No child of the backlog has been assessed since 21 January 2022."


def test_the_title_of_the_list_says_its_size_and_what_it_was_a_year_before():
    rows = pd.DataFrame({"n": [282.0, *[200.0] * 11, 157.0]})
    assert waiting_phrases.list_size(rows) == "157 referrals are on the list; a year before it was 282"
    assert waiting_phrases.list_size(rows.tail(1)) == "157 referrals are on the list"
    assert waiting_phrases.list_size(rows.assign(n=math.nan)) == "The waiting list at the end of each month"
