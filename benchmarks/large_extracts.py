"""Large extracts: the shipped sample many times over, opened, checked and measured, beside DuckDB by hand.

As a script: python benchmarks/large_extracts.py 10000000 (answers in audits; a tenth as many requests for advice).
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

AREA, MONTH = Path(__file__).parents[1] / "data" / "southend", "2022-03"
IDS = {"ehcp_audits": ("audit_id", "plan_id"), "advice_requests": ("request_id", "child_id")}
FORMS, KIB = ("csv", "parquet"), 1024
WINDOWS = """
CREATE TABLE windows AS
SELECT 'month' AS name, day::DATE AS first, last_day(day::DATE) AS last
FROM generate_series((SELECT date_trunc('month', min(day)) FROM audits), DATE '2022-03-01', INTERVAL 1 MONTH) AS m(day)
UNION ALL VALUES ('3 months', DATE '2022-01-01', DATE '2022-03-31')"""
ANSWERS = """
CREATE TABLE answers AS
SELECT audit_id, plan_id, audited_on AS day, auditor_id, section, question_id, answer FROM '{}'
WHERE stage = 'final' AND audited_on <= DATE '2022-03-31' AND section <> 'overall'"""
PARTS = {"all": "true", "health": "section IN ('C', 'G')", "care": "section IN ('D', 'H1', 'H2')"}
OF_AUDITS = ", ".join(
    f"count(answer) FILTER ({rows}) AS of_{part}, count(*) FILTER (answer <> 'No' AND {rows}) AS n_{part}, "
    f"count(*) FILTER (answer = 'N/A' AND {rows}) AS na_{part}"
    for part, rows in PARTS.items()
)
AUDITS = "CREATE TABLE audits AS SELECT audit_id, plan_id, day, auditor_id, {} FROM answers GROUP BY ALL"
LATEST = """
CREATE TABLE latest AS SELECT name, first, last, plan_id, arg_max(audit_id, (day, audit_id)) AS audit_id
FROM windows JOIN audits ON day BETWEEN first AND last GROUP BY ALL"""
SPREAD = "sum(n), sum(of), sum(n * n), sum(of * of), sum(n * of), count(*) FILTER (n = of)"  # for the interval
BY_PLAN = """
SELECT name, last, {spread}, sum(of - na), sum(na), count(*) FROM (
  SELECT name, last, plan_id, sum(n_{part}) AS n, sum(of_{part}) AS of, sum(na_{part}) AS na
  FROM latest JOIN audits USING (audit_id, plan_id) GROUP BY ALL HAVING of > 0) GROUP BY ALL ORDER BY ALL"""
INSIDE = """
CREATE TABLE inside AS SELECT answers.* FROM answers
SEMI JOIN (SELECT audit_id FROM latest WHERE name = '3 months') USING (audit_id) WHERE answer IS NOT NULL"""
BY_SECTION = """
SELECT section, {spread} FROM (
  SELECT section, plan_id, count(*) FILTER (answer <> 'No') AS n, count(*) AS of FROM inside GROUP BY ALL)
GROUP BY ALL"""
BY_QUESTION = "SELECT section, question_id, count(*) FILTER (answer = 'No'), count(*) FROM inside GROUP BY ALL"
BY_AUDITOR = """
WITH year AS (SELECT auditor_id, plan_id, arg_max(audit_id, (day, audit_id)) AS audit_id FROM audits
  WHERE day BETWEEN DATE '2021-04-01' AND DATE '2022-03-31' AND auditor_id IS NOT NULL GROUP BY ALL)
SELECT auditor_id, {spread} FROM (SELECT auditor_id, plan_id, sum(n_all) AS n, sum(of_all) AS of FROM audits
  SEMI JOIN year USING (auditor_id, plan_id, audit_id) GROUP BY ALL) GROUP BY ALL"""
REQUESTS = """
CREATE TABLE requests AS SELECT *, sent_on + 42 AS due, coalesce(returned_on <= sent_on + 42, false) AS met
FROM '{}' WHERE sent_on <= DATE '2022-03-31'"""
DUE = """due <= DATE '2022-03-31' AND coalesce(existing_advice_sufficient, 'no') <> 'yes'
AND NOT coalesce(withdrawn_on < due, false)"""
BY_GIVER = """
SELECT giver, last_day(due) AS last, count(*) FILTER (met), count(*) FROM requests
WHERE {due} {also} GROUP BY GROUPING SETS ((giver, last), (last)) ORDER BY ALL"""
BY_CHILD = """
SELECT last, count(*), count(*) FILTER (met) FROM (
  SELECT child_id, last_day(due) AS last, bool_and(met) AS met FROM requests WHERE {due} GROUP BY ALL) GROUP BY ALL"""
OPEN = """
SELECT giver, last, count(*) FILTER (due < last), count(*) FILTER (due >= last) FROM requests JOIN windows
ON sent_on <= last AND coalesce(returned_on > last, true) AND coalesce(withdrawn_on > last, true) GROUP BY ALL"""


def enlarged(folder: str, answers_n: str) -> None:
    """The area with so many answers and a tenth as many requests, as CSV and as Parquet; ids are unique."""
    areas = {form: Path(shutil.copytree(AREA, Path(folder) / form)) for form in FORMS}
    for name, rows_n in (("ehcp_audits", int(answers_n)), ("advice_requests", int(answers_n) // 10)):
        path = areas["csv"] / "extracts" / f"{name}.csv"
        rows = pd.read_csv(path, dtype="str", keep_default_na=False)
        with path.open("w", encoding="utf-8", newline="") as file:
            for copy in range(-(-rows_n // len(rows))):
                ids = {column: rows[column] + f"C{copy:04}" for column in IDS[name]}
                part = rows.assign(**ids).head(rows_n - copy * len(rows))
                part.to_csv(file, index=False, header=not copy, lineterminator="\n")
        (areas["parquet"] / "extracts" / path.name).unlink()
        with duckdb.connect() as held:
            typed = held.read_csv(str(path), auto_type_candidates=["DATE", "VARCHAR"])
            typed.write_parquet(str(areas["parquet"] / "extracts" / f"{name}.parquet"))


def measured(area: str) -> dict[str, Any]:
    """All figures of quality and of advice, by this package."""
    from sendanalysis.release import open_release  # noqa: PLC0415  # DuckDB's process is not to hold it

    release = open_release(area, MONTH)
    names = [name for name in release.measures if name.startswith(("quality", "advice"))]
    figures = {name: release.figures(name) for name in names}
    shown = [figures[name].query("group == 'all' and window != 'baseline'") for name in ("quality", "advice")]
    return {"n": [float(rows["n"].sum()) for rows in shown], "of": [float(rows["of"].sum()) for rows in shown]}


def by_hand(area: str) -> dict[str, Any]:
    """The same figures by queries written for them, with the sums that intervals are made of."""
    ending = Path(area).name
    audits, requests = (f"{area}/extracts/{name}.{ending}" for name in IDS)
    with duckdb.connect() as held:
        for query in (
            ANSWERS.format(audits),
            AUDITS.format(OF_AUDITS),
            WINDOWS,
            LATEST,
            INSIDE,
            REQUESTS.format(requests),
        ):
            held.execute(query)
        quality = {part: held.sql(BY_PLAN.format(spread=SPREAD, part=part)).fetchall() for part in PARTS}
        for query in (BY_SECTION, BY_QUESTION, BY_AUDITOR):
            held.sql(query.format(spread=SPREAD)).fetchall()
        givers = held.sql(BY_GIVER.format(due=DUE, also="")).fetchall()
        held.sql(BY_GIVER.format(due=DUE, also="AND coalesce(exception, 'none') = 'none'")).fetchall()
        held.sql(BY_CHILD.format(due=DUE)).fetchall()
        held.sql(OPEN).fetchall()
    partners = {"education_setting", "educational_psychology", "health", "social_care"}
    advice = [row[2:] for row in givers if row[0] in partners]
    totals = np.array([row[2:4] for row in quality["all"]], dtype=float).sum(axis=0), np.array(advice).sum(axis=0)
    return {"n": [float(total[0]) for total in totals], "of": [float(total[1]) for total in totals]}


def report(answers: int) -> str:
    """CPU seconds and peak memory of both, in processes of their own, and their ratio."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="sendanalysis-bench-") as folder:
        _in_a_process("enlarged", folder, str(answers))  # its memory is not to be counted as that of the others
        for area in (Path(folder) / form for form in FORMS):
            found = {way: _in_a_process(way, str(area)) for way in ("measured", "by_hand")}
            ours, theirs = found["measured"], found["by_hand"]
            if ours["found"] != theirs["found"]:
                raise AssertionError(found)
            ratio = ours["cpu"] / theirs["cpu"]
            rows = f"{answers:,} answers and {answers // 10:,} requests, {area.name}, checked and measured"
            beside = f"DuckDB by hand {theirs['cpu']:.2f} s, {theirs['peak']:.2f} GB: {ratio:.1f} times"
            lines.append(f"{ours['cpu']:7.2f} s  CPU, {ours['peak']:.2f} GB: {rows}; {beside}")
    return "\n".join(lines)


def _in_a_process(way: str, *words: str) -> dict[str, Any]:
    command = [sys.executable, __file__, way, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # this file
    return dict(json.loads(done.stdout))


WAYS = {"enlarged": enlarged, "measured": measured, "by_hand": by_hand}

if __name__ == "__main__":
    if sys.argv[1] in WAYS:
        found = WAYS[sys.argv[1]](*sys.argv[2:])
        used = resource.getrusage(resource.RUSAGE_SELF)
        peak = used.ru_maxrss * KIB / 1_000_000_000
        print(json.dumps({"found": found, "cpu": used.ru_utime + used.ru_stime, "peak": peak}))
    else:
        print(report(int(sys.argv[1])))
