"""The release: the tables of one area, month and audience, measured and fit to be read by that audience.

It is the one door between extracts, which hold children, and everything a reader sees. Notebooks, charts, prose, CSV
files and the manifest are all made from it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import Area, open_area
from sendanalysis.inputs.choices import explain_choices
from sendanalysis.measures import (
    advice_requests,
    audit_checks,
    autism_backlog,
    commentary,
    context,
    ehcp_quality,
    governance,
    neu_pathway,
    participation,
    peer_review,
    register,
    scorecard,
    timeliness,
    tracker,
    waiting_list,
)
from sendanalysis.measures.scorecard import Figure, Target, target_steps
from sendanalysis.methods.periods import Period, in_words, month_end, reporting_period

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AUDIENCES", "MEASURES", "Figure", "Release", "Target", "open_release", "read_choices"]

AUDIENCES = ("internal",)
MEASURES = (
    *("ehcp_quality", "audit_checks", "autism_backlog", "waiting_list", "neu_pathway"),
    *("participation", "timeliness", "advice_requests", "context"),
    *("tracker", "register", "governance", "peer_review", "commentary"),
)
_MEASURE_OF = {"QA": "ehcp_quality", "ASD": "autism_backlog", "POET": "participation", "ADVICE": "timeliness"}
_KPI_COLUMNS = ["kpi_id", "value", "unit", "numerator", "denominator", "lower", "upper", "baseline"]


class Release:
    """The released tables of one area and month; each measure is worked out when it is first asked for.

    Attributes:
        settings: What `area.toml` says, with the choices in force.
        period: Reporting month and data date.
        audience: Who may read it.
        sources: Files the figures come from, with rows and hash.
    """

    def __init__(self, area: Area, period: Period, audience: str) -> None:
        """See `open_release`."""
        self.settings, self.sources = area.settings, area.sources
        self.choices, self.codes = area.settings.choices, area.settings.codes
        self.period, self.audience = period, audience
        self._tables = area.tables

    @cached_property
    def ehcp_quality(self) -> ehcp_quality.Quality:
        """EHC plan quality assurance; see `measures.ehcp_quality`."""
        kpis = self._tables["kpis"]
        return ehcp_quality.measure(
            self._tables["ehcp_audits"],
            period=self.period,
            choices=self.choices,
            plan_kpis=kpis,
            targets={kpi_id: self._aim(kpi_id) for kpi_id in kpis["kpi_id"]},
        )

    @cached_property
    def audit_checks(self) -> audit_checks.AuditChecks:
        """Audits held against each other and against what was published; see `measures.audit_checks`."""
        return audit_checks.measure(
            self._tables["ehcp_audits"],
            period=self.period,
            choices=self.choices,
            plan_kpis=self._tables["kpis"],
            plans_issued=self._plans_issued(),
        )

    @cached_property
    def autism_backlog(self) -> autism_backlog.AutismBacklog:
        """The children who were waiting on 31 March 2021; see `measures.autism_backlog`."""
        return autism_backlog.measure(self._tables["autism_referrals"], period=self.period, choices=self.choices)

    @cached_property
    def waiting_list(self) -> waiting_list.WaitingList:
        """The whole autism waiting list; see `measures.waiting_list`."""
        return waiting_list.measure(self._tables["autism_referrals"], period=self.period, choices=self.choices)

    @cached_property
    def neu_pathway(self) -> neu_pathway.NeuPathway:
        """The Neu pathway; see `measures.neu_pathway`."""
        return neu_pathway.measure(self._tables["neu_pathway"], period=self.period)

    @cached_property
    def participation(self) -> participation.Participation:
        """Survey participation; see `measures.participation`."""
        return participation.measure(
            self._tables["survey_responses"],
            self._tables["survey_invitations"],
            period=self.period,
            choices=self.choices,
            plan_kpis=self._tables["kpis"],
        )

    @cached_property
    def timeliness(self) -> timeliness.Timeliness:
        """Timeliness of partner advice; see `measures.timeliness`."""
        return timeliness.measure(self._tables["advice_requests"], period=self.period, choices=self.choices)

    @cached_property
    def advice_requests(self) -> advice_requests.AdviceRequests:
        """What became of each request for advice; see `measures.advice_requests`."""
        return advice_requests.measure(self._tables["advice_requests"], period=self.period, choices=self.choices)

    @cached_property
    def context(self) -> context.Context:
        """Published 20-week figures; see `measures.context`."""
        neighbours = self._tables["statistical_neighbours"].sort_values("rank")["area_name"]
        return context.measure(
            self._tables["timeliness_20_week"], period=self.period, codes=self.codes, neighbours=list(neighbours)
        )

    @cached_property
    def tracker(self) -> tracker.Tracker:
        """The plan's actions; see `measures.tracker`."""
        frames = (self._tables["actions"], self._tables["action_updates"])
        return tracker.measure(*frames, period=self.period, choices=self.choices, first_month=self.choices.clock_start)

    @cached_property
    def register(self) -> register.Register:
        """The plan's milestones and risks; see `measures.register`."""
        frames = [self._tables[name] for name in ("milestones", "risks", "milestone_updates", "risk_updates")]
        return register.measure(*frames, period=self.period, choices=self.choices)

    @cached_property
    def governance(self) -> governance.Governance:
        """The reporting calendar; see `measures.governance`."""
        frames = [self._tables[name] for name in ("governance", "meetings", "term_dates")]
        return governance.measure(*frames, period=self.period, choices=self.choices)

    @cached_property
    def peer_review(self) -> peer_review.PeerReview:
        """The recommendations of the peer review; see `measures.peer_review`."""
        names = ("peer_review_recommendations", "peer_review_actions", "peer_review_updates", "peer_review_published")
        frames = [self._tables[name] for name in names]
        frames[3] = frames[3][~(frames[3]["published_on"] > pd.Timestamp(self.period.data_date))]
        agreed = frames[1]["added_on"].min()
        first = self.period.month if pd.isna(agreed) else agreed.date()
        return peer_review.measure(*frames, period=self.period, choices=self.choices, first_month=first)

    @cached_property
    def commentary(self) -> commentary.Commentary:
        """The comment that stands beside each KPI; see `measures.commentary`."""
        status = pd.DataFrame([{"kpi_id": kpi_id, "status": figure.status} for kpi_id, figure in self.figures.items()])
        return commentary.measure(self._tables["commentary"], status, period=self.period)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every KPI of the plan with value, interval, baseline, target and status."""
        return self._figures(tuple(_MEASURE_OF.values()))

    def figures_of(self, measure: str) -> dict[str, Figure]:
        """The KPIs that one measure gives, without working out the others."""
        figures = self._figures((measure,))
        return {kpi_id: figure for kpi_id, figure in figures.items() if _measure_of(kpi_id) == measure}

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """The figures as a table, one row a KPI, with the KPI's words."""
        return scorecard.as_frame(self.figures, self._tables["kpis"])

    def card(self, group: str) -> pd.DataFrame:
        """The rows of the scorecard whose id begins with `group`, without working out other measures."""
        rows = scorecard.as_frame(self.figures_of(_MEASURE_OF[group]), self._tables["kpis"])
        return rows.reset_index(drop=True)

    def choices_in_force(self, *names: str) -> pd.DataFrame:
        """Each choice named: its value in force, its default, the other values and its meaning."""
        in_force = self.choices.as_dict()
        rows = [row | {"in_force": in_force[row["name"]]} for row in explain_choices() if row["name"] in names]
        columns = ["choice", "in_force", "default", "values", "meaning", "ambiguity"]
        return pd.DataFrame(rows).rename(columns={"name": "choice"})[columns].replace({"values": {"": "any"}})

    def baseline(self, kpi_id: str) -> float | None:
        """The printed baseline of a KPI."""
        rows = self._tables["kpis"].set_index("kpi_id")["baseline_value"].dropna()
        return float(rows[kpi_id]) if kpi_id in rows.index else None

    def targets(self, kpi_id: str) -> list[Target]:
        """The printed targets of a KPI, with the days of their milestones."""
        rows = self._tables["kpis"].set_index("kpi_id")
        return target_steps(rows.loc[kpi_id].to_dict(), self.choices) if kpi_id in rows.index else []

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every released table by the name of its measure and its own, such as `ehcp_quality_trend`."""
        found = {
            f"{name}_{item.name}": getattr(getattr(self, name), item.name)
            for name in MEASURES
            for item in fields(getattr(self, name))
            if item.name != "kpis"
        }
        return {"scorecard": self.scorecard} | {k: v for k, v in found.items() if isinstance(v, pd.DataFrame)}

    def extract(self, table: str) -> pd.DataFrame:
        """The rows of an extract, for the Explore section of an internal notebook alone.

        Raises:
            InputError: The audience may not see rows.
        """
        if self.audience != "internal":
            raise InputError(f"audience: rows of {table} are for the internal audience alone, not for {self.audience}.")
        return self._tables[table].copy()

    def _figures(self, measures: tuple[str, ...]) -> dict[str, Figure]:
        measured = [getattr(self, name).kpis.reindex(columns=_KPI_COLUMNS) for name in measures]
        rows = pd.DataFrame([row for frame in measured for row in frame.to_dict("records")], columns=_KPI_COLUMNS)
        return scorecard.measure(self._tables["kpis"], rows, period=self.period, choices=self.choices)

    def _aim(self, kpi_id: str) -> float | None:
        """The target of the latest milestone reached, or of the first where none is."""
        targets = self.targets(kpi_id)
        reached = [target for target in targets if target.on <= self.period.data_date]
        return (reached[-1] if reached else targets[0]).value if targets else None

    def _plans_issued(self) -> pd.DataFrame:
        rows = self.context.areas
        own = rows[(rows["area_level"] == "la") & (rows["exceptions"] == "included")]
        return pd.DataFrame({"calendar_year": own["year"], "plans_issued": own["issued_n"]}).reset_index(drop=True)


def open_release(
    area: str | Path, month: str = "", audience: str = "internal", *, data_date: str = "", choices: str = ""
) -> Release:
    """Open the release of one area and month.

    Args:
        area: The area folder, seen from the current folder or any folder above it.
        month: Reporting month, YYYY-MM; empty for the last one that the extracts cover fully.
        audience: Who is to read it; so far internal alone.
        data_date: Another data date than the month's last day.
        choices: Other readings of the plan than `area.toml` has, such as `qa_unit=plan_all limit_days=30`.

    Returns:
        The release.

    Raises:
        InputError: The area, month, audience or a choice cannot be used; the message says why.
    """
    if audience not in AUDIENCES:
        raise InputError(f"audience: '{audience}' is not available. Audiences are: {', '.join(AUDIENCES)}.")
    opened = open_area(area)
    in_force = opened.settings.choices.with_values(read_choices(choices))
    opened = replace(opened, settings=replace(opened.settings, choices=in_force))
    return Release(opened, _period(opened, month, data_date), audience)


def read_choices(text: str) -> dict[str, str]:
    """Choices as typed in one line, `name=value name=value`.

    >>> read_choices("qa_unit=plan_all care_sections=D,F")
    {'qa_unit': 'plan_all', 'care_sections': 'D,F'}
    """
    pairs = [part.partition("=") for part in text.split()]
    bad = next((name for name, mark, _ in pairs if not mark), None)
    if bad:
        raise InputError(f"choices: '{bad}' has no value. Write name=value, such as qa_unit=plan_all.")
    return {name: value for name, _, value in pairs}


def _period(area: Area, month: str, data_date: str) -> Period:
    period = reporting_period(month or f"{area.last_month:%Y-%m}", data_date)
    first, last = area.record_days
    if not first.replace(day=1) <= period.month <= last:
        raise InputError(
            f"month: {period.key} is outside the data, which covers {first:%Y-%m} to {last:%Y-%m}. "
            "Name a month in it, or add newer extracts."
        )
    if period.data_date > month_end(last):
        raise InputError(f"data_date: {data_date} is after the data, which ends on {in_words(last)}.")
    return period


def _measure_of(kpi_id: str) -> str:
    return _MEASURE_OF.get(kpi_id.partition("_")[0], "")
