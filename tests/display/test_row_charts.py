import datetime as dt
import math

import pandas as pd
import pytest
import vl_convert

from sendanalysis.display import charts, plan_phrases, row_charts, waiting_phrases
from sendanalysis.display.live import live

HOSTILE = '</svg><script>alert(1)</script> & "quoted" [a.b]'
WORDS = {"title": HOSTILE, "subtitle": "Made up."}
DAY = dt.date(2022, 3, 31)


def layers_of(chart):
    return chart.to_dict()["layer"]


def points_of(chart):
    spec = chart.to_dict()
    return spec["datasets"][spec["data"]["name"]]


def actions(*rows):
    columns = ["action_id", "action", "due_on", "due_now_on", "completed_on", "status", "provisional"]
    frame = pd.DataFrame(rows, columns=columns)
    days = ["due_on", "due_now_on", "completed_on"]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in days})


LATE = ("1", "Late", "2022-01-31", "2022-02-28", None, "Red", "no")
GUESSED = ("2", "Guessed", "2022-03-01", "2022-03-01", None, "Amber", "yes")
AHEAD = ("3", "Ahead", "2022-06-30", "2022-06-30", None, "Green", "no")
DONE_LATE = ("4", "Done late", "2022-01-31", "2022-01-31", "2022-02-10", "Blue late", "no")
DONE = ("5", "Done", "2022-01-31", "2022-01-31", "2022-01-10", "Blue", "no")
UNDATED = ("6", "No date", None, None, None, "In place, ongoing", "no")


def gantt(*rows):
    return row_charts.gantt(plan_phrases.in_time(actions(*rows), DAY), today=DAY, **WORDS)


def test_nothing_is_late_by_nought():
    rows = pd.DataFrame({"action_id": ["A", "B", "C"], "slippage_days": [13.0, 0.0, -4.0]})
    assert plan_phrases.past_their_date(rows)["slippage_days"].fillna(-1).tolist() == [13.0, -1.0, -1.0]


def test_actions_stand_worst_first_with_their_status_and_the_days_past_their_date():
    rows = plan_phrases.in_time(actions(DONE, UNDATED, DONE_LATE, AHEAD, GUESSED, LATE), DAY)
    assert rows["told"].tolist() == [
        "Red, 31 days",
        "Amber*, 30 days",
        "Green",
        "In place, ongoing",
        "Blue late, 10 days",
        "Blue",
    ]
    assert rows["group"].tolist()[0] == "1 · Late"
    assert rows["days_late"].isna().tolist() == [False, False, True, True, False, True]


def test_a_milestone_that_is_not_applicable_is_no_row_and_one_without_a_kpi_keeps_its_name():
    rows = pd.DataFrame(
        {"milestone": ["One", "Two", "Three"], "kpi_reference": ["Health", None, "Care"]}
        | {"due_on": pd.Timestamp("2022-01-31"), "completed_on": pd.NaT}
        | {"status": ["Not yet due", "Not done", "Not applicable"]}
    )
    assert plan_phrases.in_time(rows, DAY)["group"].tolist() == ["Two", "One · Health"]


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ((LATE, GUESSED, DONE), "2 of 3 actions are open past their date, the longest by 31 days"),
        ((LATE,), "1 of 1 action is open past its date, by 31 days"),
        ((DONE_LATE, AHEAD), "No action is open past its date"),
        ((), "No action is open past its date"),
    ],
)
def test_the_title_of_a_gantt_chart_counts_what_is_open_past_its_date(rows, title):
    assert plan_phrases.most_late(plan_phrases.in_time(actions(*rows), DAY), "action") == title


def test_a_gantt_chart_tells_what_is_late_and_counts_the_statuses():
    said = gantt(LATE, DONE, DONE_LATE, AHEAD).to_dict()["description"]
    assert "1 · Late: Red, 31 days, due 28 February 2022." in said
    assert "Red 1; Green 1; Blue late 1; Blue 1." in said
    assert "Line at 31 March 2022, the data date." in said


def test_a_status_stands_where_it_was_done_or_at_today():
    found = {point["group"]: point["at"][:10] for point in points_of(gantt(LATE, AHEAD, DONE))}
    assert found == {"Red": "2022-03-31", "Green": "2022-03-31", "Blue": "2022-01-10"}


def test_a_gantt_chart_can_be_live():
    rows = plan_phrases.in_time(actions(LATE, AHEAD, DONE), DAY)
    assert "NaN" not in vl_convert.vegalite_to_svg(live(gantt(LATE, AHEAD, DONE), rows).to_dict())


def test_a_gantt_chart_without_any_date_is_none():
    assert gantt(UNDATED) is None
    assert gantt() is None


@pytest.mark.parametrize(
    "rows", [(LATE,), (UNDATED, LATE), (("7", f"{HOSTILE} {'long ' * 40}", *LATE[2:]), LATE, LATE)]
)
def test_a_gantt_chart_draws_one_row_hostile_names_and_two_of_one_name(rows):
    chart = gantt(*rows)
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    assert "<script" not in svg
    assert "NaN" not in svg
    assert len({point["when"] for point in points_of(chart)}) == len(rows)


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        ({"2022-01-31": 0, "2022-03-31": 2}, "2 of 3 actions are completed"),
        ({"2021-12-31": 1, "2022-03-31": 2}, "2 of 3 actions are completed; three months before it was 1"),
        ({"2021-12-31": 0, "2022-03-31": 0}, "None of 3 actions is completed; three months before it was none"),
        ({}, "No action is recorded"),
    ],
)
def test_the_title_of_statuses_by_month_counts_what_is_completed_now_and_three_months_before(counts, title):
    rows = [(pd.Timestamp(month), *row) for month, n in counts.items() for row in (("Completed", n), ("Red", 3 - n))]
    progress = pd.DataFrame(rows, columns=["month", "status", "n"])
    assert plan_phrases.completed(progress, "action") == title


def recommendations(*rows):
    counts = ["completed_n", "on_track_n", "not_dated_n", "delayed_n"]
    frame = pd.DataFrame(rows, columns=["recommendation", "met", *counts]).assign(recommendation_id="R")
    return frame.assign(actions_n=frame[counts].sum(axis=1))


STARTED, STUCK, MET = ("Started", "no", 1, 3, 0, 0), ("Stuck", "no", 4, 0, 0, 1), ("Met", "yes", 2, 0, 0, 0)
ORDER = list(plan_phrases.PARTS.values())


def split(rows, order=ORDER):
    return row_charts.split_bars(rows, order=order, **WORDS)


def test_recommendations_stand_worst_first_with_how_many_actions_are_completed():
    parts = plan_phrases.carried_out(recommendations(MET, STARTED, STUCK))
    assert parts.drop_duplicates("group")[["group", "told"]].to_numpy().tolist() == [
        ["Stuck", "4 of 5"],
        ["Started", "1 of 4"],
        ["Met", "Met, 2 of 2"],
    ]
    said = split(parts).to_dict()["description"]
    assert said.endswith("Stuck: Completed 4, Delayed 1. Started: Completed 1, On track 3. Met: Completed 2.")


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ((MET, STARTED, STUCK), "1 of 3 recommendations is met, 1 has a delayed action"),
        ((STARTED,), "None of 1 recommendation is met, none has a delayed action"),
        ((), "No recommendation is recorded"),
    ],
)
def test_the_title_of_recommendations_counts_the_met_and_those_with_a_delay(rows, title):
    assert plan_phrases.recommendations_met(recommendations(*rows)) == title


def test_a_bar_of_statuses_has_the_colours_and_shapes_of_the_chips_and_says_which_is_which():
    spec = split(plan_phrases.carried_out(recommendations(STUCK))).to_dict()
    bars, glyphs, *_ = spec["layer"]
    assert bars["encoding"]["color"]["scale"]["domain"] == ["Completed", "Delayed"]
    assert glyphs["encoding"]["shape"]["scale"]["range"] == ["diamond", "square"]
    assert spec["title"]["subtitle"] == "Made up. Diamond: completed; square: delayed."


def test_other_parts_run_from_dark_to_pale_with_their_number_inside():
    rows = pd.DataFrame({"group": "Health", "part": ["old", "new", "none"], "n": [3, 5, 0], "told": "8"})
    spec = split(rows, ["old", "new", "none"]).to_dict()
    assert spec["title"]["subtitle"] == "Made up. From dark to pale: old, new."
    assert [row["said"] for row in spec["layer"][1]["data"]["values"]] == ["3", "5"]


def test_a_part_that_is_not_known_leaves_a_gap_and_bars_of_nothing_known_are_none():
    rows = pd.DataFrame({"group": "Health", "part": ["old", "new"], "n": [math.nan, 5], "told": "some hidden"})
    chart = split(rows, ["old", "new"])
    assert [point["value"] for point in points_of(chart)] == [5.0]
    assert "NaN" not in vl_convert.vegalite_to_svg(chart.to_dict())
    assert split(rows.head(1), ["old", "new"]) is None
    assert split(plan_phrases.carried_out(recommendations())) is None


def states(**sizes):
    return pd.DataFrame({"group": [name.replace("_", " ") for name in sizes], "n": list(sizes.values())})


LEFT = states(declined=1, still_waiting=3, moved_away=2, assessed=9, referral_error=0)


def test_a_whole_is_unfolded_into_parts_that_lie_one_after_the_other():
    chart = row_charts.unfolded(waiting_phrases.became(LEFT), whole=("All children", 15), **WORDS)
    told = "All children 15; Assessed 9 (60.0%); Still waiting 3 (20.0%); Moved away 2 (13.3%); Declined 1 (6.7%)"
    assert chart.to_dict()["description"] == f"One bar and its parts. {told}."
    ends = [(point["first"], point["last"]) for point in points_of(chart)]
    assert ends == [(0, 15), (0, 9), (9, 12), (12, 14), (14, 15)]


def test_a_whole_of_which_a_part_is_not_known_is_drawn_with_what_is_known():
    hidden = LEFT.assign(n=LEFT["n"].where(LEFT["group"] != "moved away"))
    chart = row_charts.unfolded(waiting_phrases.became(hidden), whole=("All children", 15), **WORDS)
    assert "NaN" not in vl_convert.vegalite_to_svg(chart.to_dict())
    assert "Moved away" not in chart.to_dict()["description"]
    assert row_charts.unfolded(LEFT.assign(n=math.nan), whole=("All children", 15), **WORDS) is None


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        (LEFT, "9 of 15 children have been assessed, 3 are still to be assessed and 3 left without a dated assessment"),
        (states(assessed=2, still_waiting=0), "2 of 2 children have been assessed"),
        (states(assessed=0, still_waiting=1), "None of 1 child has been assessed, 1 is still to be assessed"),
        (states(assessed=5, declined=math.nan), "What became of the children of the backlog"),
        (states(assessed=0), "There is no backlog to draw"),
    ],
)
def test_the_title_of_what_became_of_a_backlog_counts_all_its_children(rows, title):
    assert waiting_phrases.what_became(rows) == title


def test_waits_by_length_are_drawn_in_the_order_of_their_length_and_the_longest_is_the_title():
    rows = pd.DataFrame({"group": ["0–13 weeks", "over 13 weeks", "over 26 weeks"], "n": [9, 20, 0]})
    rows = rows.assign(value=rows["n"])
    chart = charts.ranked_bars(rows, unit="", ordered=True, **WORDS)
    assert chart.to_dict()["description"] == "Bars: 0–13 weeks 9; over 13 weeks 20; over 26 weeks 0."
    assert waiting_phrases.longest(rows) == "20 of 29 referrals have waited over 13 weeks"
    assert waiting_phrases.longest(rows.assign(n=0)) == "Nobody is recorded as waiting"
