"""EHC plan quality assurance: how many of the auditors' questions are met, and by whom they are judged.

Final audits count, one a plan and window: the latest, and of two on one day the one with the larger audit_id.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.estimates import Pooled, plain, share, share_of, units
from sendanalysis.measures.figures import ALL, Measure, Tables, is_in
from sendanalysis.measures.remembering import remembered
from sendanalysis.methods.periods import Period, Window
from sendanalysis.methods.proportions import account, more_events_needed, n_needed_to_tell
from sendanalysis.methods.texts import coded, first_that_holds, together

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sendanalysis.inputs.parameters import Quality
    from sendanalysis.measures.figures import Rows

OVERALL = "overall"
HEALTH = ("C", "G")
LEFT_OUT = (
    "no date, left out",
    "after the data date, left out",
    "no plan named, left out",
    "draft, left out",
    "other type of plan, left out",
)


LABELS = {
    "answer": "answers that are {}",
    "plan_mean": "mean of the plans' shares of answers that are {}",
    "plan_all": "plans whose every answer is {}",
    "plan_overall": "plans whose summary question is {}",
}


def measures(chosen: Quality) -> tuple[Measure, ...]:
    """What is counted in the audits: the three KPIs, their N/A and Yes answers, plans, sections, questions, auditors.

    (Yes + N/A) ÷ (Yes + No + N/A), or Yes ÷ (Yes + No) where N/A is left out; blanks never count. The interval
    allows for the answers of one plan moving together, or is Wilson's where plans are counted.
    """
    headline = (f"{chosen.window} months" if chosen.window > 1 else "month", False)
    base = Measure(
        name="quality",
        label=LABELS[chosen.unit].format(_positive(chosen)),
        counted=("answer", "answers") if chosen.unit == "answer" else ("plan", "plans"),
        needs=("ehcp_audits",),
        ledger=partial(answers, chosen=chosen),
        groups=groups_of(chosen),
        windows=(headline, ("month", True)) if chosen.window > 1 else (("month", True),),
        statistic=_statistic(chosen.unit),
        once=("plan_id",),
        order=("on", "audit_id"),
    )
    each = replace(chosen, unit="answer")
    label = LABELS["answer"].format(_positive(each))
    every = replace(base, ledger=partial(answers, chosen=each), groups=groups_of(each), label=label)
    every = replace(every, counted=("answer", "answers"))
    own, once = partial(replace, every), (headline,)
    decided = partial(answers, chosen=replace(each, na_policy="exclude"))
    na = partial(_met_by, chosen=replace(each, na_policy="success"), answer="N/A")
    by_question, by_auditor = partial(_by_question, chosen=each), partial(_by_auditor, chosen=each)
    auditors = {"groups": "auditor_id", "windows": (("12 months", False),), "once": ("auditor_id", "plan_id")}
    plans = {"counted": ("plan", "plans"), "statistic": units("plan_id"), "unit": ""}
    missed = {"label": "answers that are No", "statistic": share}
    return (
        base,
        own(name="quality_yes", label="Yes of Yes and No", ledger=decided, statistic=plain),
        own(name="quality_na", label="N/A of all answers", ledger=na, statistic=plain),
        own(name="quality_plans", label="plans audited", **plans),
        own(name="quality_by_section", groups="section", windows=once, statistic=Pooled("plan_id")),
        own(name="quality_by_question", ledger=by_question, groups="question", windows=once, **missed),
        own(name="quality_by_auditor", ledger=by_auditor, statistic=Pooled("plan_id"), **auditors),
    )


def answers(tables: Tables, day: dt.date, *, chosen: Quality) -> pd.DataFrame:
    """One row an answer of a final audit known at a day's close; the summary question only where it is the unit."""
    rows = _finals(tables["ehcp_audits"], day, chosen.plan_types, summary=chosen.unit == "plan_overall")
    positive = ["Yes", "N/A"] if chosen.na_policy == "success" else ["Yes"]
    return rows.assign(met=rows["answer"].isin(positive), counts=rows["answer"].isin([*positive, "No"]))


@remembered
def _finals(rows: pd.DataFrame, day: dt.date, plan_types: str, *, summary: bool) -> pd.DataFrame:
    found = rows[status(rows, day, plan_types).eq("final") & rows["section"].eq(OVERALL).eq(summary)]
    return found.assign(on=found["audited_on"], usable=found["answer"].notna())


def status(rows: pd.DataFrame, day: dt.date, plan_types: str) -> pd.Series[Any]:
    """Why each row is left out, or `final`."""
    reasons = (
        rows["audited_on"].isna(),
        rows["audited_on"] > pd.Timestamp(day),
        rows["plan_id"].isna(),
        rows["stage"].ne("final"),
        rows["plan_type"].ne(plan_types) & (plan_types != "all"),
    )
    return first_that_holds(dict(zip(LEFT_OUT, reasons, strict=True)), "final")


def headline_window(period: Period, chosen: Quality) -> Window:
    """The months of the headline, up to the data date."""
    return Window(f"{chosen.window} months" if chosen.window > 1 else "month", *period.window(chosen.window))


def effort(figure: Mapping[str, float], plans_n: float, target: float, unit: str = "answer") -> tuple[int, float]:
    """How many more met would reach the target, and how many audits would tell the figure from it.

    An interval narrows with the root of the number of plans, so a gap g takes n·(half width ÷ g)² plans.

    Args:
        figure: n, of, value, lower, upper of answers, in per cent.
        plans_n: Plans audited.
        target: Target in per cent.
        unit: What is counted; where it is whole plans, their number follows from Wilson's interval.
    """
    if unit in {"plan_all", "plan_overall"}:
        needed = n_needed_to_tell(figure["n"], figure["of"], target / 100)
        return more_events_needed(figure["n"], figure["of"], target / 100), math.nan if needed is None else needed
    half_width, gap = (figure["upper"] - figure["lower"]) / 2, target - figure["value"]
    plans = math.ceil(plans_n * (half_width / gap) ** 2) if gap and half_width > 0 else math.nan
    return max(0, math.ceil(round(target / 100 * figure["of"] - figure["n"], 9))), plans


def efforts(whole: Any, plans: pd.DataFrame, chosen: Quality) -> pd.DataFrame:
    """What the target in force, and each later one ahead of the figure, would take.

    Args:
        whole: The KPI of all sections.
        plans: Figures of `quality_plans` for all sections.
        chosen: What is counted.

    Returns:
        target, more_n (units more that would have to be met), audits_n (that would tell the gap from chance).
    """
    numbers = {name: getattr(whole, name) for name in ("n", "of", "value", "lower", "upper")}
    now = plans[plans["window"] != "month"] if chosen.window > 1 else plans
    plans_n = float(now["n"].iloc[-1]) if len(now) else 0.0
    known = None not in numbers.values() and plans_n > 0
    ahead = [goal for goal in whole.kpi.targets if whole.target_on is None or goal.on >= whole.target_on]
    goals = [goal.value for goal in ahead if goal.value is not None] if known else []
    rows = [(aim, *effort(numbers, plans_n, aim, chosen.unit)) for aim in goals if aim > numbers["value"]]
    return pd.DataFrame(rows, columns=["target", "more_n", "audits_n"])


def accounts(tables: Tables, period: Period, chosen: Quality) -> pd.DataFrame:
    """What became of the rows read: what, rows_n (answers), share_pct."""
    rows = tables["ehcp_audits"]
    found = status(rows, period.data_date, chosen.plan_types)
    first, last = (pd.Timestamp(day) for day in period.window(chosen.window))
    final, inside = found.eq("final"), rows["audited_on"].between(first, last)
    latest = rows[final & inside].sort_values(["audited_on", "audit_id"]).drop_duplicates("plan_id", keep="last")
    counted = final & inside & rows["audit_id"].isin(latest["audit_id"])
    marks = {
        "rows read": len(rows),
        **{reason: int(found.eq(reason).sum()) for reason in LEFT_OUT},
        "before the headline window": int((final & (rows["audited_on"] < first)).sum()),
        "after the headline window": int((final & (rows["audited_on"] > last)).sum()),
        "repeat audit of a plan in the window, left out": int((final & inside & ~counted).sum()),
        "counted in the headline": int((counted & rows["answer"].notna()).sum()),
        "blank answer in a counted audit, left out": int((counted & rows["answer"].isna()).sum()),
    }
    return account(marks)


def groups_of(chosen: Quality) -> dict[str, Rows]:
    """Rows of the three KPIs; the summary question speaks of the whole plan, so sections have no figure under it."""
    return {
        ALL: lambda rows: rows["section"].ne(""),
        "health": is_in("section", *HEALTH),
        "care": is_in("section", *chosen.care_sections),
    }


def _positive(chosen: Quality) -> str:
    return "Yes or N/A" if chosen.na_policy == "success" else "Yes, N/A left out"


def _statistic(unit: str) -> Any:
    return {"answer": Pooled("plan_id"), "plan_mean": Pooled("plan_id", mean=True)}.get(unit, share_of("plan_id"))


def _met_by(tables: Tables, day: dt.date, *, chosen: Quality, answer: str) -> pd.DataFrame:
    rows = answers(tables, day, chosen=chosen)
    return rows.assign(met=rows["answer"].eq(answer))


def _by_question(tables: Tables, day: dt.date, *, chosen: Quality) -> pd.DataFrame:
    rows = _met_by(tables, day, chosen=chosen, answer="No")
    return rows.assign(question=together(" · ", rows["section"], rows["question_id"]))


def _by_auditor(tables: Tables, day: dt.date, *, chosen: Quality) -> pd.DataFrame:
    """Answers with a number in place of each auditor, in the order of their first audits, so that no name leaves."""
    first = tables["ehcp_audits"].groupby("auditor_id")["audited_on"].min().reset_index()
    ids = first.sort_values(["audited_on", "auditor_id"])["auditor_id"]
    numbers = {auditor: f"Auditor {number}" for number, auditor in enumerate(ids, 1)}
    rows = answers(tables, day, chosen=chosen)
    rows["auditor_id"] = coded(rows["auditor_id"].map(numbers))
    return rows[rows["auditor_id"].notna()]
