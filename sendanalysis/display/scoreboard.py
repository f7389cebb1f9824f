"""The scorecard on one page: every KPI in a row of a table, and what needs a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from sendanalysis.display import board, icons, marks, moves
from sendanalysis.display.fragments import Fragment, plain, status_chip
from sendanalysis.display.kpi_phrases import count_of
from sendanalysis.display.wording import (
    between,
    capital,
    plain_amount,
    plural,
    rule_in_words,
    shown,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from sendanalysis.release import Figure, Release

    Cell = tuple[str | Markup, str]

POINTS, STATUSES_SHOWN, LINES = 12, 6, 5
KEY = (
    (
        "Baseline to target: the thin line is the baseline, the thick one the target, the shape the figure now, with "
        "its 95% interval. Better is to the right. Where a target is still ahead, its day stands beside it."
    ),
    "12 months: baseline dotted, target whole, and shaded the range in which months differ by chance alone.",
    "Six months' status: as published at the time, the latest on the right; a dot where nothing was published.",
)


def scorecard(release: Release, edition: str = "") -> Fragment:
    """Every KPI of the plan in a row: where it stands, how far it has come, its year, its icons, and what changed.

    Args:
        release: The release.
        edition: See `moves.known`.
    """
    before = pd.Period(release.period.key, "M") - 1
    heads = ["KPI", "Status", "Now", "Baseline to target", f"{POINTS} months", "Variation", "Assurance"]
    heads += [f"{STATUSES_SHOWN} months' status", f"Since {before:%B}"]
    rows = [_cells(release, kpi_id, edition) for kpi_id in release.kpis]
    head = Markup("").join(Markup('<th scope="col" role="columnheader">{}</th>').format(text) for text in heads)
    body = Markup("").join(
        _line(release, kpi_id, cells, heads) for kpi_id, cells in zip(release.kpis, rows, strict=True)
    )
    caption = f"Scorecard, {release.period.label}"
    html = Markup(
        '<table class="board" role="table"><caption>{}</caption><thead role="rowgroup"><tr role="row">{}</tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table>'
    ).format(caption, head, body)
    lines = [[words for _, words in cells] for cells in rows]
    return Fragment(html, "\n".join([caption, *(" | ".join(line) for line in [heads, *lines])]))


def _line(release: Release, kpi_id: str, cells: Sequence[Cell], heads: Sequence[str]) -> Markup:
    kpi = release.kpi(kpi_id).kpi
    part = Markup(' class="part-of"') if kpi and kpi.parent else ""
    others = Markup("").join(
        Markup('<td role="cell" data-label="{}">{}</td>').format(head, shown)
        for head, (shown, _) in zip(heads[1:], cells[1:], strict=True)
    )
    first = Markup('<th scope="row" role="rowheader">{}</th>').format(cells[0][0])
    return Markup('<tr role="row"{}>{}{}</tr>').format(part, first, others)


def _cells(release: Release, kpi_id: str, edition: str) -> list[Cell]:
    """What stands in a row, each as it is shown and in words."""
    figure = release.kpi(kpi_id)
    _, summary = release.control(kpi_id)
    first, second = icons.variation(summary, figure.polarity), icons.assurance(summary)
    signs = [(icon.drawn(icons.words(icon, summary)), icons.words(icon, summary)) for icon in (first, second)]
    if figure.lacking:
        signs = [(_quiet(without(figure)), without(figure))] * 2
    moved, unmoved = moves.move(release, kpi_id, edition), moves.unmoved(release, kpi_id, edition)
    return [
        (linked(release, kpi_id, edition), board.name(release, kpi_id)),
        (status_chip(figure.status), figure.status),
        _now(release, kpi_id),
        _way(release, figure),
        _year(release, kpi_id),
        *signs,
        _past(release, kpi_id, edition),
        (moved or _quiet(unmoved), moved or unmoved),
    ]


def linked(release: Release, kpi_id: str, edition: str) -> Markup:
    """The name of a KPI, as a link to its page where the edition has one."""
    page = moves.known(edition)[0].get(kpi_id)
    text = board.name(release, kpi_id)
    return Markup('<a href="{}">{}</a>').format(page, text) if page else escape(text)


def _quiet(text: str) -> Markup:
    return Markup("<small>{}</small>").format(text)


def _now(release: Release, kpi_id: str) -> Cell:
    figure = release.kpi(kpi_id)
    if figure.value is None and not figure.rating:
        return _quiet(without(figure)), without(figure)
    aside = f"{count_of(figure, release.counted(kpi_id))}{board.old(release, figure)}".removeprefix(", ")
    said = f"{shown(figure)} ({aside})" if aside else shown(figure)
    return Markup("<strong>{}</strong> {}").format(capital(shown(figure)), _quiet(aside) if aside else ""), said


def _way(release: Release, figure: Figure) -> Cell:
    """Baseline, bar and target."""
    then = plain_amount(figure, figure.baseline) if figure.baseline is not None else ""
    aimed, start = aim(figure), then or board.no_baseline(release, figure)
    if not then and not aimed:
        words = without(figure, "no baseline, no target")
        return _quiet(words), words
    began = start if start == board.NO_BASELINE else f"baseline {start}"
    said = "; ".join(
        text for text in (between(figure), began, f"target {aimed or 'not set'}", board.change(figure)) if text
    )
    bar = marks.bullet(figure, f"{shown(figure)}, {said}") or _quiet("no bar")
    html = Markup("<span>{}</span>{}<span>{}</span>").format(then or _quiet(start), bar, aimed or _quiet("no target"))
    return Markup('<span class="way">{}</span>').format(html), said


def aim(figure: Figure) -> str:
    """The target in force, else the next one with its day."""
    if figure.target is not None or figure.target_words:
        rule = rule_in_words(figure, figure.target_words, figure.target_on)
        return _plain(figure, figure.target, figure.target_to, rule)
    rule = rule_in_words(figure, figure.next_target_words, figure.next_target_on)
    ahead = _plain(figure, figure.next_target, figure.next_target_to, rule)
    return f"{ahead} by {figure.next_target_on:%b %Y}" if ahead else ""


def _plain(figure: Figure, value: float | None, value_to: float | None, rule: str) -> str:
    """A target without what is counted, which the name of the KPI says."""
    ends = " to ".join(plain_amount(figure, end) for end in (value, value_to) if end is not None)
    for side, sign in (
        (" above the baseline", "+"),
        (" below the baseline", "\N{MINUS SIGN}"),
    ):  # it stands before the bar
        rule = f"{sign}{rule.removesuffix(side)}" if rule.endswith(side) else rule
    return f"{ends} ({capital(rule)})" if ends and rule else ends or rule


def _year(release: Release, kpi_id: str) -> Cell:
    """The last twelve months beside baseline, target and control limits."""
    figure, (rows, summary) = release.kpi(kpi_id), release.control(kpi_id)
    window = pd.period_range(end=pd.Period(release.period.key, "M"), periods=POINTS, freq="M")
    values = rows.set_index(pd.DatetimeIndex(rows["last_on"]).to_period("M"))["value"].astype(float)
    values = values[~values.index.duplicated(keep="last")].reindex(window)
    seen = values.dropna()
    if seen.empty:
        words = without(figure, "no monthly figures")
        return _quiet(words), words
    ends = [plain_amount(figure, value) for value in (seen.iloc[0], seen.iloc[-1], seen.min(), seen.max())]
    said = f"{plural(len(seen), 'month')} of {POINTS}: from {ends[0]} to {ends[1]}, lowest {ends[2]}, highest {ends[3]}"
    limits = (
        [float(rows[end].iloc[-1]) for end in ("lower_limit", "upper_limit")]
        if summary and summary.limits_shown
        else []
    )
    if limits:
        limits = [min(max(limit, 0), 100) for limit in limits] if figure.unit == "percent" else limits
        ends = [plain_amount(figure, limit) for limit in limits]
        said += f"; months from {ends[0]} to {ends[1]} differ by chance alone"
    aim = figure.target if figure.target is not None else figure.next_target
    return marks.sparkline(values, said, lines=(figure.baseline, aim), limits=limits), said


def _past(release: Release, kpi_id: str, edition: str) -> Cell:
    """Six months of status: as published then, and this month's."""
    earlier = moves.known(edition)[1]
    window = pd.period_range(end=pd.Period(release.period.key, "M"), periods=STATUSES_SHOWN, freq="M")
    found = {f"{month:%b %Y}": earlier.get(str(month), {}).get(kpi_id, [None])[0] for month in window}
    found[f"{window[-1]:%b %Y}"] = release.kpi(kpi_id).status
    said = "; ".join(f"{month} {status or 'not published'}" for month, status in found.items())
    return marks.months(found, said), said


def decisions(release: Release, edition: str = "") -> Fragment:
    """What a board has to decide or to ask for, in at most five lines: Red KPIs first, then actions and silence."""
    alone = [kpi.kpi_id for kpi in release.plan if not release.parts(kpi.kpi_id)]
    red = [kpi_id for kpi_id in alone if release.kpi(kpi_id).status == "Red"]
    others = _to_ask(release)
    room = LINES - len(others)
    kept = red if len(red) <= room else red[: room - 1]
    rest = [board.name(release, kpi_id) for kpi_id in red[len(kept) :]]
    lines = [_red(release, kpi_id, edition) for kpi_id in kept]
    lines += [escape(f"{len(rest)} more are Red: {'; '.join(rest)}.")] if rest else []
    lines += [escape(text) for text in others] or (
        [] if red else [escape("Nothing is recorded that needs a decision.")]
    )
    html = Markup('<ul class="decide">{}</ul>').format(
        Markup("").join(Markup("<li>{}</li>").format(one) for one in lines)
    )
    return Fragment(html, "\n".join(plain(line) for line in lines))


def _red(release: Release, kpi_id: str, edition: str) -> Markup:
    figure, moved = release.kpi(kpi_id), moves.move(release, kpi_id, edition)
    owner = figure.kpi.owner if figure.kpi else ""
    before = pd.Period(release.period.key, "M") - 1
    since = f" ({moved} since {before:%B})" if moved else ""
    now = f" Now {shown(figure)}{since}." if figure.value is not None or figure.rating else ""
    who = f"Owner: {owner}." if owner else "The plan names no owner."
    text = f": {figure.reason}.{now} {who}"
    return Markup("{} <strong>{}</strong>{}").format(status_chip("Red"), linked(release, kpi_id, edition), text)


def _to_ask(release: Release) -> list[str]:
    """What else there is to ask: actions that are late, KPIs without a comment, reports that were missed."""
    actions = release.table("actions_red_and_amber")
    late = actions[actions["days_past_due"] > 0]
    worst = late.sort_values("days_past_due", ascending=False).to_dict("records")[:1]
    silent = release.table("commentary_comments")
    silent = silent[silent["to_report"] == "yes"]
    missed, month = release.table("calendar_missed"), release.period.label
    found = [
        *(_late(len(late), row) for row in worst),
        f"{plural(len(silent), 'Red or Amber KPI has', 'Red or Amber KPIs have')} no comment for {month}: "
        f"{'; '.join(board.name(release, kpi_id) for kpi_id in silent['kpi_id'])}."
        if len(silent)
        else "",
        f"{plural(len(missed), 'report is', 'reports are')} recorded as missed in the reporting calendar."
        if len(missed)
        else "",
    ]
    return [sentence for sentence in found if sentence]


def _late(many: int, worst: Mapping[Hashable, Any]) -> str:
    """How many actions are past their date, and the one that is so for longest."""
    told = f"{plural(many, 'action is', 'actions are')} past the due or estimated date, "
    told += f"{'' if many == 1 else 'the longest '}by {plural(worst['days_past_due'], 'day')}: action "
    return f"{told}{worst['action_id']}, {worst['action'].rstrip('.')}. A new date, or another course?"
