"""Areas and outputs on stores: memory, files by their address, and one that refuses."""

import contextlib
import datetime as dt
import importlib.util
import json
import os
import shutil
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from sendanalysis import cli
from sendanalysis.errors import InputError, RunError
from sendanalysis.publishing.borrowed import at_hand
from sendanalysis.publishing.ledger import FILE, read_ledger
from sendanalysis.publishing.result import Result, Row

ROOT = Path(__file__).parents[2]
AREA, MONTH, PAGE = "wexmoor", "2022-06", "05_plan_tracker"
OPERATIONS = 40  # more changes than putting back a month takes


class Refusing(MemoryFileSystem):
    """A store in memory that takes so many changes and then no more, as if whoever makes them had been killed."""

    protocol = "refusing"
    left = OPERATIONS

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("refusing://", "memory://"))

    @classmethod
    def change(cls):
        cls.left -= 1
        if cls.left < 0:
            raise PermissionError("access denied")

    def put_file(self, *words, **how):
        self.change()
        return super().put_file(*words, **how)

    def pipe_file(self, *words, **how):
        self.change()
        return super().pipe_file(*words, **how)

    def open(self, path, mode="rb", **how):
        if mode == "xb":
            self.change()
        return super().open(path, mode, **how)

    def rm_file(self, path):
        self.change()
        super().rm_file(path)

    def mv(self, *words, **how):
        self.change()
        left, Refusing.left = Refusing.left, OPERATIONS  # in one step
        super().mv(*words, **how)
        Refusing.left = left


fsspec.register_implementation("refusing", Refusing, clobber=True)


@pytest.fixture(autouse=True)
def memory():
    """The store in memory, empty."""
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    Refusing.left = 1_000_000
    return fsspec.filesystem("memory")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """An area whose page is published here for both audiences, in the folder `out` beside it."""
    place = tmp_path_factory.mktemp("store")
    shutil.copytree(ROOT / "data" / AREA, place / AREA)
    for audience in ("internal", "partner"):
        assert cli.main(words(place / AREA, place / "out", audience)) == 0
    return place


def words(area, output, audience="internal"):
    named = ["--month", MONTH, "--only", PAGE, "--audience", audience]
    return ["run", str(area), *named, "--output", str(output)]


def local(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored(memory, at="/out"):
    return {path.removeprefix(f"{at}/"): memory.cat_file(path) for path in memory.find(at)}


def test_a_run_over_a_store_makes_the_same_bytes_and_the_next_one_changes_nothing(memory, here, capsys):
    memory.put(f"{here}/{AREA}", f"/areas/{AREA}", recursive=True)
    for audience in ("internal", "partner"):
        assert cli.main(words(f"memory://areas/{AREA}", "memory://out", audience)) == 0
    assert stored(memory) == local(here / "out")
    assert f"Open memory://out/partner/{AREA}/{MONTH}/index.html" in capsys.readouterr().out
    changed = {path: memory.modified(path) for path in memory.find("/")}
    assert cli.main([*words(f"memory://areas/{AREA}/", "memory://out"), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["unchanged"], told["folder"]) == (True, f"memory://out/{AREA}/{MONTH}")
    assert cli.main(words(f"memory://areas/{AREA}", "memory://out", "partner")) == 0
    assert {path: memory.modified(path) for path in memory.find("/")} == changed


def test_an_area_on_a_store_is_published_into_a_folder_here(here, tmp_path):
    assert cli.main(words((here / AREA).as_uri(), tmp_path)) == 0
    assert local(tmp_path / AREA) == local(here / "out" / AREA)


def publish(here, address, text, audience="partner"):
    """Publish a month by hand, without a notebook: a page, its manifest, and a line of a ledger."""
    with at_hand(str(here / AREA), address, audience) as (_, output, put_back):
        top = output if audience == "internal" else output / audience
        folder = top / AREA / MONTH
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("a.html", "index.html", "manifest.json"):
            (folder / name).write_text(text, "utf-8")
        (folder / f"{text}.html").touch()
        (top / AREA / FILE).write_text(text, "utf-8")
        return put_back(Result(AREA, MONTH, folder, ()))


def standing(here, address):
    """What a run would find published."""
    with at_hand(str(here / AREA), address, "partner") as (_, output, _):
        return local(output)


def whole(text):
    files = {name: text.encode() for name in ("a.html", "index.html", "manifest.json")} | {f"{text}.html": b""}
    return {f"partner/{AREA}/{MONTH}/{name}": held for name, held in files.items()}


def ten_minutes_later(memory):
    for path in memory.find("/"):
        if path.endswith(".publishing"):
            memory.store[path].modified -= dt.timedelta(minutes=11)


@pytest.mark.parametrize("left", range(OPERATIONS))
def test_a_run_killed_after_any_change_leaves_the_former_or_the_new_publication_whole(memory, here, left):
    publish(here, "refusing://out", "former")
    Refusing.left = left
    with contextlib.suppress(InputError):
        publish(here, "refusing://out", "new")
    Refusing.left = 1_000_000
    ten_minutes_later(memory)
    found = standing(here, "refusing://out")
    ledger = found.pop(f"partner/{AREA}/{FILE}")
    assert found in (whole("former"), whole("new"))
    assert ledger == b"former" or found == whole("new")
    publish(here, "refusing://out", "newest")
    assert {*stored(memory)} == {*whole("newest"), f"partner/{AREA}/{FILE}"}


@pytest.mark.parametrize("left", range(6))
def test_a_first_run_that_is_killed_leaves_nothing_that_looks_published(memory, here, left):
    Refusing.left = left
    with pytest.raises(InputError):
        publish(here, "refusing://out", "new")
    Refusing.left = 1_000_000
    assert not any(path.endswith(("manifest.json", FILE)) for path in memory.find("/"))
    ten_minutes_later(memory)
    assert standing(here, "refusing://out") == {}


def test_the_number_of_changes_that_is_tried_is_enough(here):
    publish(here, "refusing://out", "former")
    Refusing.left = OPERATIONS
    publish(here, "refusing://out", "new")
    assert 0 < Refusing.left < OPERATIONS


def test_a_change_that_is_refused_once_leaves_the_former_publication_in_its_place(memory, here, monkeypatch):
    publish(here, "refusing://out", "former")
    before, refused = stored(memory), []

    def once(cls):
        if sum(path.endswith(f"{MONTH}/a.html") for path in memory.find("/")) == 0 and not refused:
            refused.append(True)  # the former has gone from its place
            raise PermissionError("access denied")

    monkeypatch.setattr(Refusing, "change", classmethod(once))
    with pytest.raises(InputError, match="What was published stays whole"):
        publish(here, "refusing://out", "new")
    assert refused
    assert before.items() <= stored(memory).items()


def test_of_two_runs_at_once_the_second_is_refused_and_the_first_stands(here):
    with at_hand(str(here / AREA), "memory://out", "partner") as (_, output, put_back):
        publish(here, "memory://out", "first")
        folder = output / "partner" / AREA / MONTH
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("second", "utf-8")
        with pytest.raises(InputError, match=r"memory://out: another run has published there meanwhile. Run again\."):
            put_back(Result(AREA, MONTH, folder, ()))
    assert {name: held for name, held in standing(here, "memory://out").items() if FILE not in name} == whole("first")


def test_while_one_run_puts_back_another_is_refused_until_it_must_have_been_killed(memory, here):
    memory.pipe_file(f"/out/.{AREA}.publishing", b"")
    with pytest.raises(InputError, match=r"another run publishes there now\. Run again when it has ended; should it"):
        publish(here, "memory://out", "new")
    ten_minutes_later(memory)
    publish(here, "memory://out", "new")
    assert {*stored(memory)} == {*whole("new"), f"partner/{AREA}/{FILE}"}


def test_a_ledger_that_a_killed_run_could_not_write_is_written_by_the_next(memory, here):
    memory.put(str(here / "out"), "/out", recursive=True)
    ledger = f"/out/partner/{AREA}/{FILE}"
    held = memory.cat_file(ledger)
    memory.rm_file(ledger)
    assert cli.main(words(here / AREA, "memory://out", "partner")) == 0
    assert memory.cat_file(ledger) == held


def test_what_a_failed_run_says_does_not_go_where_others_read(memory, here):
    rows = (Row(PAGE, "", "", 1.0, "cell 4: KeyError: 'row 7'"), Row("other", "", "", 1.0))
    with at_hand(str(here / AREA), "memory://out", "public") as (_, output, put_back):
        (output / "public" / AREA / f"{MONTH}.failed").mkdir(parents=True)
        with pytest.raises(RunError, match=f"nothing was published: {PAGE}, cell 4: KeyError: 'row 7'. To read more"):
            put_back(Result(AREA, MONTH, output, rows))
    assert memory.find("/") == []


def test_errors_name_the_address_and_no_folder_of_this_machine(memory, here, refused):
    memory.put(f"{here}/{AREA}", f"/areas/{AREA}", recursive=True)
    memory.put(str(here / "out"), "/out", recursive=True)
    memory.pipe_file(f"/out/partner/{AREA}/{FILE}", b"{}\n")
    said = refused(*words(f"memory://areas/{AREA}", "memory://out", "partner"), "--force")
    assert said.startswith(f"sendanalysis: memory://out/partner/{AREA}/{FILE} line 1: this is no line of a ledger.")
    memory.rm_file(f"/areas/{AREA}/plan/kpis.csv")
    said = refused(*words(f"memory://areas/{AREA}", "memory://out"))
    assert "kpis.csv" in said
    assert ".partial" not in said


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (
            "memory://areas/none",
            "memory://areas/none: no area folder is there, since there is no area.toml. Look at the address.",
        ),
        (
            "nowhere://x",
            "nowhere://x: no store is called 'nowhere'. Write s3://, abfs:// or another that fsspec knows.",
        ),
        ("s3://x/y", "s3://x/y: needs s3fs. Install it with: pip install 'sendanalysis[s3]'"),
        ("abfs://x/y", "abfs://x/y: needs adlfs. Install it with: pip install 'sendanalysis[abfs]'"),
        ("gs://x/y", "gs://x/y: needs gcsfs. Install it with: pip install gcsfs"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_in_one_line(area, said, refused, tmp_path):
    package = said.partition("needs ")[2].partition(".")[0]
    if package and importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    assert refused("run", area, "--output", tmp_path) == f"sendanalysis: {said}\n"


def test_a_store_that_refuses_everything_is_named_with_what_it_said(here, capsys):
    Refusing.left = 0
    assert cli.main(words(here / AREA, "refusing://out")) == 2
    said = capsys.readouterr().err
    assert said.startswith("sendanalysis: refusing://out: the store refuses or does not answer (PermissionError: ")
    assert said.count("\n") == 1


def test_a_file_that_goes_while_it_is_read_is_told_of(memory, here, monkeypatch):
    publish(here, "memory://out", "former")
    find = MemoryFileSystem.find
    monkeypatch.setattr(MemoryFileSystem, "find", lambda *words: [*find(*words), f"/out/partner/{AREA}/{MONTH}/gone"])
    with pytest.raises(InputError, match="memory://out: what stands there is being changed"):
        standing(here, "memory://out")


def test_a_name_on_a_store_that_leads_out_of_the_folder_is_refused(memory, here, refused):
    memory.put(f"{here}/{AREA}", f"/areas/{AREA}", recursive=True)
    memory.store[f"/areas/{AREA}/../../evil.csv"] = memory.store[f"/areas/{AREA}/area.toml"]
    assert "a name in it leads out of it" in refused("run", f"memory://areas/{AREA}", "--output", "memory://out")


def test_an_inbox_keeps_the_order_in_which_its_files_were_changed(memory, here, tmp_path):
    area = Path(shutil.copytree(here / AREA, tmp_path / AREA))
    shutil.rmtree(area / "inbox")
    (area / "inbox").mkdir()
    for name, day in (("b.csv", 2), ("a.csv", 3), ("c.csv", 1)):
        (area / "inbox" / name).touch()
        os.utime(area / "inbox" / name, (day * 86_400, day * 86_400))
    with at_hand(area.as_uri(), tmp_path, "internal") as (brought, _, _):
        assert (Path(brought).stat().st_mode & 0o077, Path(brought).parents[1].stat().st_mode & 0o777) == (0o055, 0o700)
        days = {path.name: path.stat().st_mtime / 86_400 for path in Path(brought, "inbox").iterdir()}
    assert days == {"a.csv": 3, "b.csv": 2, "c.csv": 1}
    assert not Path(brought).exists()


def test_the_ledgers_of_both_audiences_come_with_a_run_for_either(memory, here):
    memory.put(str(here / "out"), "/out", recursive=True)
    with at_hand(str(here / AREA), "memory://out", "public") as (_, output, _):
        assert [line.month for line in read_ledger(output, AREA, "partner").lines] == [MONTH]
