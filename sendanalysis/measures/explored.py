"""What Explore opens of a page: single rows with their state, day due and days overdue, and what the headline counts.

For the analyst alone: the rows are those of the measure's ledger at the data date, so that they add up to the headline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from sendanalysis.errors import InputError
from sendanalysis.inputs.formulas import without_formulas
from sendanalysis.inputs.rights import for_owner_alone, make_for_owner_alone
from sendanalysis.inputs.views import EXPORTS, View, read_views, save_view
from sendanalysis.measures.advice import EDUCATION, GIVERS
from sendanalysis.measures.autism import TRANSFERRED, WAITING, referrals
from sendanalysis.measures.autism_list import QUALITY_STANDARD_DAYS
from sendanalysis.measures.figures import first_day, inside_window
from sendanalysis.methods.logs import YES_NO
from sendanalysis.methods.periods import windows
from sendanalysis.methods.texts import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


IN_HEADLINE, MET = "in_headline", "met"
_LONGEST = (("days_overdue", "desc"),)


@dataclass(frozen=True)
class Explored:
    """Rows of a page, as the analyst may look at them.

    Attributes:
        page: What the page shows, such as `advice`.
        month: Reporting month, YYYY-MM.
        rows: The rows. Where the headline counts them: in_headline (yes, no) and met (yes, no; blank where it does not
            count), and where something falls due due_on and days_overdue (until it was done, or the data date).
        by: Columns that rows may be counted by, the first by default; a column of days is counted by month.
        shipped: Views that every area has.
        n: What of the headline is met; None where the headline counts something else than these rows.
        of: Out of how many.
        counted: What the headline counts, as many.
        folder: The area folder.
    """

    page: str
    month: str
    rows: pd.DataFrame
    by: tuple[str, ...]
    shipped: tuple[View, ...]
    n: float | None
    of: float | None
    counted: str
    folder: Path

    @property
    def listed(self) -> list[str]:
        """Columns of few values, which are chosen from a list."""
        named = {*self.by, "state", IN_HEADLINE, MET}
        return [str(name) for name in self.rows if name in named and not is_datetime64_any_dtype(self.rows[name])]

    def views(self) -> list[View]:
        """All views: those that every area has, then the area's own from its `views.json`.

        Raises:
            InputError: The file is broken.
        """
        own = read_views(self.folder, self.page, {str(name): name in self.listed for name in self.rows})
        return [*(view for view in self.shipped if view.name not in {mine.name for mine in own}), *own]

    def save(self, view: View) -> None:
        """Keep a view in the area's `views.json`, in place of the one of the same name."""
        save_view(self.folder, self.page, view)

    def export(self, rows: pd.DataFrame) -> Path:
        """Write rows into a new workbook of the area's folder `internal`, for its owner alone and out of git.

        Args:
            rows: Rows under the headings that they are shown with; no text of them runs as a formula.

        Returns:
            The workbook (0600, in a folder 0700).

        Raises:
            InputError: It cannot be written.
        """
        folder = self.folder / EXPORTS
        name, n = f"{self.page}_{self.month}", 1
        try:
            with for_owner_alone():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o700)
                (folder / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")
            while (path := folder / f"{name}_{n}.xlsx").exists():
                n += 1
            make_for_owner_alone(path)
            without_formulas(rows).to_excel(path, index=False, sheet_name=self.page, freeze_panes=(1, 0))
        except OSError as error:
            raise InputError(f"{folder}: it cannot be written ({error.strerror}). Ask for the right to.") from error
        return path


def explored(release: Any, page: str) -> Explored:
    """What Explore opens of a page of a release.

    Raises:
        InputError: The audience may not see rows, or there is no such page.
    """
    if page not in _PAGES:
        raise InputError(f"explore: there are no rows of '{page}'. Pages are: {', '.join(_PAGES)}.")
    rows, n, of, counted = _PAGES[page](release)
    by, views = _ASKED[page]
    if IN_HEADLINE in rows:
        views = (View("In the headline", {IN_HEADLINE: ["Yes"]}), *views)
    parts = (by, (*views, View("All rows")), n, of, counted)
    return Explored(page, release.period.key, in_full(rows).reset_index(drop=True), *parts, release.folder)


def _ledger(release: Any, measure: str) -> pd.DataFrame:
    """The ledger of a measure at the data date, with what of it the headline counts."""
    item, kpi, period = release.measures[measure], release.lead(measure).kpi, release.period
    tables = {**release.source_tables, **{name: release.extract(name) for name in item.needs}}
    ledger: pd.DataFrame = item.ledger(tables, period.data_date)
    if kpi is None or isinstance(item.groups, str) or ledger.empty:
        return ledger.assign(in_headline="no", met="")
    window = windows(kpi.window or item.window, period, first_day(ledger, period), each=False)[-1]
    inside = inside_window(item, ledger, window)
    within = ledger.index.isin(inside[item.groups[kpi.group](inside)].index)
    met = ledger[MET].astype("boolean").fillna(value=False).map(YES_NO).where(ledger["counts"], "")
    return ledger.assign(in_headline=pd.Series(within, ledger.index).map(YES_NO), met=met)


_Found = tuple[pd.DataFrame, float | None, float | None, str]


def _of_measure(release: Any, measure: str, rows: pd.DataFrame, columns: str) -> _Found:
    figure, counted = release.lead(measure), release.measures[measure].counted[1]
    return rows[columns.split()], figure.n, figure.of, counted


def _days(until: pd.Series[Any], due: pd.Series[Any]) -> pd.Series[Any]:
    """Days overdue; blank where something was not."""
    days = (until - due).dt.days.astype("Int64")
    return days.where(days > 0)


def _advice(release: Any) -> _Found:
    rows, day = _ledger(release, "advice"), pd.Timestamp(release.period.data_date)
    sectors = {giver: "education" if giver in EDUCATION else name for giver, name in GIVERS.items()}
    ended = rows["back"].fillna(rows["gone"]).fillna(day).where(rows["state"].ne("existing advice"))
    known = {"sector": rows["giver"].map(sectors), "giver": rows["giver"].map(GIVERS), "due_on": rows["due"]}
    rows = rows.assign(**known, days_overdue=_days(ended, rows["due"]))
    columns = "giver state days_overdue due_on request_id child_id sector sent_on returned_on exception"
    return _of_measure(release, "advice", rows, f"{columns} {IN_HEADLINE} {MET}")


def _autism(release: Any) -> _Found:
    rows, day = _ledger(release, "autism"), pd.Timestamp(release.period.data_date)
    own = referrals({"autism_referrals": release.extract("autism_referrals")}, release.period.data_date)
    children = own.sort_values(["referred_on", "referral_id"]).groupby("child_id")
    first = children[["referred_on", "started_on", "source", "age_band"]].first()
    last = children[["provider", "closed_on"]].last()
    rows = rows.merge(first.join(last), on="child_id")
    due = rows["referred_on"] + pd.Timedelta(days=QUALITY_STANDARD_DAYS)
    left = rows["closed_on"].where(~rows["state"].isin([WAITING, TRANSFERRED]))
    rows = rows.assign(due_on=due, days_overdue=_days(rows["started_on"].fillna(left).fillna(day), due))
    columns = "provider state days_overdue due_on child_id referred_on started_on source age_band"
    return _of_measure(release, "autism", rows, f"{columns} {IN_HEADLINE} {MET}")


def _quality(release: Any) -> _Found:
    columns = "audit_id plan_id section question_id answer auditor_id audited_on plan_type"
    return _of_measure(release, "quality", _ledger(release, "quality"), f"{columns} {IN_HEADLINE} {MET}")


def _actions(release: Any) -> _Found:
    rows = release.table("actions")
    late = _days(rows["completed_on"], rows["due_now_on"]).fillna(rows["days_past_due"])
    done = rows["completed_on"].notna()
    known = {"due_on": rows["due_now_on"], "days_overdue": late.where(late > 0), "state": rows["status"]}
    rows = rows.assign(**known, in_headline="yes", met=done.map(YES_NO))
    columns = (
        f"owners state days_overdue due_on action_id action due_as_printed completed_on differs {IN_HEADLINE} {MET}"
    )
    return rows[columns.split()], int(done.sum()), len(rows), "actions"


def _peer_review(release: Any) -> _Found:
    rows, day = release.table("peer_review_actions"), pd.Timestamp(release.period.data_date)
    counts, done = rows[IN_HEADLINE].eq("yes"), rows["status"].isin(["Completed", "Completed late"])
    late = _days(rows["completed_on"].fillna(day), rows["deadline_on"])
    known = {"due_on": rows["deadline_on"], "state": rows["status"], "days_overdue": late}
    rows = rows.assign(**known, met=done.map(YES_NO).where(counts, ""))
    columns = f"recommendation_id state days_overdue due_on action_id action kind completed_on {IN_HEADLINE} {MET}"
    return rows[columns.split()], int((counts & done).sum()), int(counts.sum()), "actions"


def _survey(release: Any) -> _Found:
    rows = release.extract("survey_responses")
    return rows, None, None, ""


def _context(release: Any) -> _Found:
    return release.table("context_areas"), None, None, ""


def _sen2(release: Any) -> _Found:
    return release.extract("sen2_requests"), None, None, ""


_PAGES = {
    "quality": _quality,
    "autism": _autism,
    "survey": _survey,
    "advice": _advice,
    "actions": _actions,
    "peer_review": _peer_review,
    "context": _context,
    "sen2": _sen2,
}


def _state(name: str, *states: str, **others: Sequence[str]) -> View:
    return View(name, {"state": list(states)} | others, sort=_LONGEST)


_ASKED: dict[str, tuple[tuple[str, ...], tuple[View, ...]]] = {
    "quality": (
        ("section", "question_id", "auditor_id", "plan_type", "answer", "audited_on"),
        (View("Not met", {IN_HEADLINE: ["Yes"], MET: ["No"]}),),
    ),
    "autism": (
        ("provider", "state", "source", "age_band", "due_on"),
        (_state("Still to be assessed", "Still waiting", "Transferred, still to be assessed"),),
    ),
    "survey": (("category", "survey_year", "tool", "submitted_on"), ()),
    "advice": (
        ("giver", "sector", "state", "exception", "due_on"),
        (
            View("Late in the headline", {IN_HEADLINE: ["Yes"], MET: ["No"]}, sort=_LONGEST),
            _state("Open and overdue", "Open and overdue", sector=["Education", "Health", "Care"]),
        ),
    ),
    "actions": (
        ("owners", "state", "differs", "due_on"),
        (View("Past due", {MET: ["No"], "days_overdue": {"greater": "0"}}, sort=_LONGEST),),
    ),
    "peer_review": (("recommendation_id", "state", "kind", "due_on"), (_state("Delayed", "Delayed"),)),
    "context": (("group", "exceptions", "year"), ()),
    "sen2": (("source", "decision", "outcome", "exception", "received_on"), ()),
}
