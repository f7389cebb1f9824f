"""What was published to whom: editions, their reasons, and a ledger that fits its chain and what stands on disk."""

import csv
import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.publishing.ledger import add, entered, keep_former, read_ledger, turn
from sendanalysis.publishing.place import publication
from sendanalysis.release import audited, fingerprint, fingerprint_of, open_release, write_release

ROOT = Path(__file__).parents[2]
MONTH, MONTHS = "2023-06", ("2023-11", "2023-12")
PAGE = "kpi_family_rating"
OF_A_KPI = dict.fromkeys(("kpis", "targets", "benchmarks", "recorded"), "kpi_id") | {"commentary": "measure"}


def smallest_area(folder):
    """The other area with one KPI and its measure."""
    area = Path(shutil.copytree(ROOT / "data" / "wexmoor", folder / "wexmoor"))
    for table, column in OF_A_KPI.items():
        path = area / "plan" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for row in rows if row[head.index(column)] == "FAMILY_RATING")])
    parts = re.split(r"^(?=\[)", (area / "measures.toml").read_text("utf-8"), flags=re.MULTILINE)
    kept = [part for part in parts if not part.startswith("[measures.") or "family_rating" in part]
    (area / "measures.toml").write_text("".join(kept), encoding="utf-8")
    return area


@pytest.fixture(scope="session")
def made(once):
    """A folder with the area, and in `out` two months of it for partners."""

    def make(folder):
        area = smallest_area(folder)
        for month in MONTHS:
            publish(area, folder / "out", month)

    return once("ledger", make)


@pytest.fixture
def area(made, tmp_path):
    return Path(shutil.copytree(made / "wexmoor", tmp_path / "wexmoor"))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def answered_later(area, day, n):
    """So many forms of a day that are entered after a month was published."""
    path = area / "extracts" / "family_survey.csv"
    rows = "".join(f"LATE{day[8:]}{day[5:7]}{number:04},{day},5 to 10,good\n" for number in range(n))
    path.write_text(path.read_text("utf-8") + rows, encoding="utf-8")


def publish(area, out, month, audience="partner", reason=""):
    """What a run writes, without the pages, which take their time."""
    release = open_release(area, month, audience)
    ledger, line = entered(release, out, area.name, "", reason)
    line = replace(line, figures=fingerprint_of(release, ""))
    with turn(ledger):
        with publication(ledger.folder / month, shared=True) as folder:
            write_release(folder / "release", area, release, "")
            (folder / "manifest.json").write_text(json.dumps({"ledger": asdict(line)}), encoding="utf-8")
            keep_former(ledger, line)
        add(ledger, line)
    return line


@pytest.fixture
def two_months(made, out):
    shutil.copytree(made / "out", out)
    return out / "partner" / "wexmoor"


@pytest.fixture(scope="session")
def again(once):
    """A folder with a month that was published twice for partners, two forms having come in between, and its pack."""

    def make(folder):
        area, out = smallest_area(folder), folder / "out"
        words = ("run", str(area), "--month", MONTH, "--audience", "partner", "--output", str(out), "--only", PAGE)
        assert cli.main([*words]) == 0
        shutil.copytree(out / "partner" / "wexmoor" / MONTH, folder / "first")
        answered_later(area, f"{MONTH}-20", 2)
        assert cli.main([*words]) == 2
        assert fingerprint(out / "partner" / "wexmoor" / MONTH / "release") == fingerprint(folder / "first" / "release")
        assert cli.main([*words, "--reason", "Late forms\nof one school"]) == 0
        share = ("share", str(area), "--audience", "partner", "--output", str(out), "--to", str(folder / "pack.zip"))
        assert cli.main([*share]) == 0

    return once("again", make)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def test_a_month_published_again_keeps_the_earlier_edition_and_says_why_on_every_page(again):
    folder = again / "out" / "partner" / "wexmoor"
    assert files(folder / f"{MONTH}.1") == files(again / "first")
    for name in (f"{PAGE}.html", "index.html"):
        said = "Edition 2 of this month. Why it was published again: Late forms of one school"
        assert said in (folder / MONTH / name).read_text("utf-8")
        assert "Edition" not in (again / "first" / name).read_text("utf-8")
    held = manifest_of(folder / MONTH)["ledger"]
    assert held == asdict(read_ledger(again / "out", "wexmoor", "partner").lines[1])
    assert (held["edition"], held["reason"]) == (2, "Late forms of one school")
    assert {path.name for path in folder.iterdir()} == {MONTH, f"{MONTH}.1", "index.html", "ledger.jsonl"}


def test_a_page_shows_no_figure_that_the_earlier_edition_would_make_tell_of_few(again):
    statuses = [
        manifest_of(again / place)["briefings"][0]["status"] for place in ("first", f"out/partner/wexmoor/{MONTH}")
    ]
    assert statuses == ["Amber", "Not shown"]
    alone = open_release(again / "wexmoor", MONTH, "partner")
    assert alone.kpis["FAMILY_RATING"].n == manifest_of(again / "first")["figures"]["FAMILY_RATING"]["n"] + 2


def test_a_pack_says_that_earlier_publications_were_looked_at_too(again):
    with ZipFile(again / "pack.zip") as pack:
        held, page = json.loads(pack.read("manifest.json")), pack.read("summary.html").decode()
    assert "can be worked out from this publication and the 1 before it" in page
    assert {row["recoverable_n"] for row in held["audit"]} == {0}
    assert held["ledger"]["edition"] == 2


def test_a_run_without_a_reason_says_in_one_line_that_it_needs_one(again, refused, tmp_path):
    area = Path(shutil.copytree(again / "wexmoor", tmp_path / "wexmoor"))
    words = ("run", area, "--month", MONTH, "--audience", "partner", "--output", again / "out", "--only", PAGE)
    answered_later(area, f"{MONTH}-21", 9)
    said = refused(*words)
    assert said.count("\n") == 1
    assert '--reason "' in said


def test_the_same_figures_again_are_no_new_edition_and_need_no_reason(area, out):
    line = publish(area, out, MONTHS[0])
    assert publish(area, out, MONTHS[0]) == line
    assert read_ledger(out, "wexmoor", "partner").lines == (line,)
    answered_later(area, f"{MONTHS[0]}-30", 7)
    with pytest.raises(InputError, match=r"^--reason: 2023-11 was published for partner before"):
        publish(area, out, MONTHS[0])


def test_an_internal_month_is_replaced_without_a_reason_and_stands_in_no_ledger(area, out, refused):
    said = refused("run", area, "--month", MONTHS[0], "--reason", "Mended", "--output", out)
    assert said.startswith("sendanalysis: --reason: internal publications are replaced without one.")
    assert not out.exists()


def test_each_line_holds_the_hash_of_the_one_before_and_of_what_was_released(two_months, out):
    lines = read_ledger(out, "wexmoor", "partner").lines
    assert [line.month for line in lines] == [*MONTHS]
    assert [line.before for line in lines] == ["", lines[0].hash]
    assert [line.figures for line in lines] == [fingerprint(two_months / month / "release") for month in MONTHS]


def changed_line(folder):
    path = folder / "ledger.jsonl"
    path.write_text(path.read_text("utf-8").replace('"reason": ""', '"reason": "none"', 1), encoding="utf-8")


def line_taken_out(folder):
    path = folder / "ledger.jsonl"
    path.write_text(path.read_text("utf-8").splitlines(keepends=True)[1], encoding="utf-8")


def no_line_at_all(folder):
    (folder / "ledger.jsonl").write_text("{}\n", encoding="utf-8")


def ledger_gone(folder):
    (folder / "ledger.jsonl").unlink()
    (folder / MONTHS[0] / "manifest.json").unlink()


def publication_gone(folder):
    shutil.rmtree(folder / MONTHS[0])


def figures_changed(folder):
    path = folder / MONTHS[1] / "release" / "release.json"
    path.write_text(path.read_text("utf-8").replace("known", "not known", 1), encoding="utf-8")


def publication_more(folder):
    shutil.copytree(folder / MONTHS[0], folder / "2023-10")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (changed_line, "ledger.jsonl line 2: it does not hold the hash of the line before."),
        (line_taken_out, "ledger.jsonl line 1: it does not hold the hash of the line before."),
        (no_line_at_all, "ledger.jsonl line 1: this is no line of a ledger."),
        (ledger_gone, "ledger.jsonl: no line tells of the publication"),
        (publication_gone, "2023-11, is not there."),
        (figures_changed, "ledger.jsonl line 2: the figures in"),
        (publication_more, "2023-10."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("command", ["run", "share"])
def test_a_ledger_that_does_not_fit_is_refused_in_one_line(  # noqa: PLR0913, PLR0917  # what is spoilt, and how it is told
    command, spoil, said, area, out, two_months, refused
):
    spoil(two_months)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    words = {"share": ("--to", out / "pack.zip"), "run": ("--only", PAGE)}[command]
    told = refused(command, area, "--month", "2023-12", "--audience", "partner", "--output", out, *words)
    assert said in told
    assert told.count("\n") == 1
    assert "from a backup" in told
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_publication_that_a_killed_run_did_not_list_is_listed(two_months, out):
    ledger = read_ledger(out, "wexmoor", "partner")
    path = two_months / "ledger.jsonl"
    path.write_text(f"{ledger.lines[0].text}\n", encoding="utf-8")
    assert read_ledger(out, "wexmoor", "partner") == ledger
    assert path.read_text("utf-8") == "".join(f"{line.text}\n" for line in ledger.lines)


def test_no_two_runs_publish_for_one_audience_at_once(two_months, out):
    ledger = read_ledger(out, "wexmoor", "partner")
    with turn(ledger), pytest.raises(InputError, match="another run publishes there now"), turn(ledger):
        pass
    with pytest.raises(InputError, match="has published there meanwhile"), turn(replace(ledger, lines=())):
        pass


def test_two_runs_for_two_audiences_do_not_publish_at_once(area, out):
    publish(area, out, MONTHS[0])
    partner, public = (read_ledger(out, "wexmoor", audience) for audience in ("partner", "public"))
    with (
        turn(public),
        pytest.raises(InputError, match="another run publishes there now"),
        turn(partner),
    ):
        pass
    with (
        turn(partner),
        pytest.raises(InputError, match="another run publishes there now"),
        turn(public),
    ):
        pass


def test_a_ledger_tells_what_others_had_before_and_a_release_is_made_safe_for_those_who_read_both(area, out):
    public = publish(area, out, MONTHS[0], "public")
    line = publish(area, out, MONTHS[1])
    later = publish(area, out, MONTHS[1], "public")
    ledger, theirs = (read_ledger(out, "wexmoor", audience) for audience in ("partner", "public"))
    assert line.others == {"public": public.hash}
    first, second = (out / "public" / "wexmoor" / month / "release" for month in MONTHS)
    assert ledger.known_at(line) == {"partner": (first,)}
    assert ledger.others[0].last == later.hash
    assert theirs.known_at(public) == {"public": ()}
    both = (first, out / "partner" / "wexmoor" / MONTHS[1] / "release")
    assert theirs.known_at(later) == {"public": (first,), "partner": both}
    assert [path.is_dir() for path in (*both, second)] == [True] * 3


@pytest.fixture
def telling(area):
    """The area with a month of 22 good forms of 30, rounded to 20 of 30, and a colour that tells it is 72% or more."""
    path, targets = area / "extracts" / "family_survey.csv", area / "plan" / "targets.csv"
    head, *rows = path.read_text("utf-8").splitlines(keepends=True)
    rows = [row for row in rows if row.split(",")[1] < "2023-09"]
    rows += [f"NEW{i:05},{MONTHS[0]}-15,5 to 10,{'good' if i < 22 else 'fair'}\n" for i in range(30)]
    path.write_text("".join([head, *rows, "NEW99999,2024-01-10,5 to 10,good\n"]), encoding="utf-8")
    text = targets.read_text("utf-8").replace("FAMILY_RATING,,8,35,,,35%", "FAMILY_RATING,,8,72,,,72%")
    targets.write_text(text, encoding="utf-8")
    return area


def test_a_run_refuses_with_the_figure_named_what_its_own_audit_finds_recoverable(telling, out, capsys):
    words = ("run", str(telling), "--month", MONTHS[0], "--audience", "public", "--output", str(out))
    assert cli.main([*words]) == 2
    said = capsys.readouterr().err
    assert f"family_rating, all, month to {MONTHS[0]}-30, what is left of its total" in said
    assert "so nothing was published" in said
    assert not (out / "public" / "wexmoor" / MONTHS[0]).exists()


def test_what_an_earlier_colour_tells_is_counted_and_named_as_known_from_before(telling, out):
    publish(telling, out, MONTHS[0], "public")
    release = open_release(telling, MONTHS[1], "public")
    entered(release, out, "wexmoor", "", "")
    (row,) = audited(release).to_dict("records")
    assert row["recoverable_n"] == 0
    assert f"family_rating, all, month to {MONTHS[0]}-30, what is left of its total" in row["known"]


def test_a_spoilt_ledger_is_refused_though_nothing_has_changed(again, tmp_path, capsys):
    place = Path(shutil.copytree(again, tmp_path / "copy"))
    words = ["run", str(place / "wexmoor"), "--month", MONTH, "--audience", "partner", "--output", str(place / "out")]
    words += ["--only", PAGE, "--reason", "Late forms\nof one school"]
    assert cli.main(words) == 0
    assert "Nothing has changed" in capsys.readouterr().out
    ledger = place / "out" / "partner" / "wexmoor" / "ledger.jsonl"
    ledger.write_text(ledger.read_text("utf-8").replace('"edition": 2', '"edition": 3'), encoding="utf-8")
    assert cli.main(words) == 2
    assert "line 2: its edition is '3' where '2' follows" in capsys.readouterr().err
