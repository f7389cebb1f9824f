import errno
import hashlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sendanalysis.errors import InputError, RunError
from sendanalysis.publishing import place
from sendanalysis.publishing.place import (
    area_output,
    private_folder,
    publication,
    recover,
    remove_leftovers,
    write_failed,
)

PUBLISHER = Path(__file__).parent / "publisher.py"


@pytest.fixture(params=["exchange", "two steps"])
def system(request, monkeypatch):
    """Both kinds of system: with an exchange in one step, and without."""
    if request.param == "two steps":
        monkeypatch.setattr(place, "exchange", lambda *_: False)
    return request.param


@pytest.fixture
def target(tmp_path):
    return tmp_path / "southend" / "2021-12"


def publish(target, text):
    with publication(target) as folder:
        (folder / "index.html").write_text(text, encoding="utf-8")


def published(target):
    return (target / "index.html").read_text(encoding="utf-8")


def beside(target):
    return sorted(path.name for path in target.parent.iterdir())


def whole(target):
    """Whether every file of a publication by publisher.py is there, and of one and the same run."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in target.glob("*.html")}
    return bool(hashes) and hashes == manifest


def start_publisher(target, times, kind):
    command = [sys.executable, PUBLISHER, target, str(times), kind]
    return subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")


def test_a_first_publication_stands_where_it_should_and_leaves_nothing_beside_it(system, target):
    publish(target, "first")
    assert published(target) == "first"
    assert beside(target) == ["2021-12"]


def test_a_second_publication_replaces_the_first_wholly(system, target):
    with publication(target) as folder:
        (folder / "old.html").touch()
    publish(target, "second")
    assert [path.name for path in target.iterdir()] == ["index.html"]
    assert beside(target) == ["2021-12"]


def test_the_former_publication_is_read_until_the_new_one_is_complete(system, target):
    publish(target, "first")
    with publication(target) as folder:
        (folder / "index.html").write_text("half", encoding="utf-8")
        assert published(target) == "first"


def test_a_run_that_raises_changes_nothing(system, target):
    publish(target, "first")
    with pytest.raises(TypeError):
        publish(target, b"what write_text refuses")
    assert published(target) == "first"
    assert beside(target) == ["2021-12"]


def test_two_runs_at_once_do_not_mix_and_the_last_to_finish_stands(system, target):
    with publication(target) as first:
        (first / "first.html").touch()
        with publication(target) as second:
            (second / "second.html").touch()
        assert [path.name for path in target.iterdir()] == ["second.html"]
    assert [path.name for path in target.iterdir()] == ["first.html"]
    assert beside(target) == ["2021-12"]


def test_a_target_that_appears_or_goes_at_the_last_moment_is_no_obstacle(target, monkeypatch):
    publish(target, "first")
    swap = place.exchange
    seen = []

    def gone(new, old):
        if not seen.append(new) and len(seen) == 1:
            old.rename(old.with_name("taken away"))
            raise FileNotFoundError(errno.ENOENT, "gone")
        return swap(new, old)

    monkeypatch.setattr(place, "exchange", gone)
    publish(target, "second")
    assert published(target) == "second"


def test_a_run_killed_between_the_two_renames_is_recovered_from(target):
    publish(target, "first")
    target.rename(target.with_name(".2021-12.0123abcd.previous"))
    recover(target)
    assert published(target) == "first"


def test_what_a_failed_run_left_is_never_taken_for_the_publication(target):
    publish(target, "first")
    target.rename(target.with_name(".2021-12.failed.0123abcd.previous"))
    recover(target)
    assert not target.exists()


def test_leftovers_of_killed_runs_go_after_a_day_and_those_of_runs_at_work_stay(target):
    publish(target, "first")
    names = [".2021-12.01234567.partial", ".2021-12.0123abcd.previous", ".2021-12.failed.01234567.partial"]
    others = [".2021-11.01234567.partial", ".2021-12.mine.partial", "notes"]
    for name in names + others:
        target.with_name(name).mkdir()
    remove_leftovers(target)
    assert beside(target) == sorted(["2021-12", *names, *others])
    remove_leftovers(target, older_than_seconds=-1)
    assert beside(target) == sorted(["2021-12", *others])


def test_the_former_publication_is_kept_while_nothing_stands_in_its_place(target):
    target.with_name(".2021-12.0123abcd.previous").mkdir(parents=True)
    remove_leftovers(target, older_than_seconds=-1)
    assert beside(target) == [".2021-12.0123abcd.previous"]


def test_a_failed_run_leaves_its_words_and_a_later_success_takes_them_away(system, target):
    publish(target, "first")
    write_failed(target, {"log.txt": "once"})
    folder = write_failed(target, {"log.txt": "twice"})
    assert folder.name == "2021-12.failed"
    assert (folder / "log.txt").read_text(encoding="utf-8") == "twice"
    assert published(target) == "first"
    publish(target, "second")
    assert beside(target) == ["2021-12"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize(("shared", "rights"), [(False, (0o700, 0o700, 0o600)), (True, (0o755, 0o755, 0o644))])
def test_a_publication_is_for_its_owner_alone_unless_it_is_shared(target, shared, rights):
    former = os.umask(0o022)
    try:
        with publication(target, shared=shared) as folder:
            made = "from pathlib import Path; Path('tables').mkdir(); Path('tables/a.csv').touch()"
            subprocess.run([sys.executable, "-c", made], cwd=folder, check=True)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(former)
    made = (target, target / "tables", target / "tables" / "a.csv")
    assert tuple(stat.S_IMODE(path.stat().st_mode) for path in made) == rights


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_the_words_of_a_failed_run_are_for_its_owner_alone(target):
    folder = write_failed(target, {"log.txt": "row 7"})
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "log.txt")] == [0o700, 0o600]


def test_a_file_in_the_way_is_named(target):
    target.parent.mkdir()
    target.touch()
    with pytest.raises(InputError, match="2021-12: is a file where a folder"), publication(target):
        pass


def test_a_folder_that_cannot_be_written_is_told_of_in_words(target, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(InputError, match=r"2021-12: cannot be written \(Read-only file system\)"), publication(target):
        pass


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="who runs as root may write everywhere")
def test_a_folder_without_the_right_to_write_is_told_of_in_words(target):
    target.parent.mkdir()
    target.parent.chmod(0o555)
    with pytest.raises(InputError, match="Permission denied"), publication(target):
        pass


def test_an_output_folder_that_is_a_file_is_told_of_in_words(target):
    target.parent.touch()
    with pytest.raises(InputError, match="2021-12: cannot be written"), publication(target):
        pass


def test_a_link_to_a_folder_stays_a_link(tmp_path, target):
    (tmp_path / "shared").mkdir()
    target.parent.mkdir()
    target.symlink_to(tmp_path / "shared")
    publish(target, "first")
    assert target.is_symlink()
    assert published(tmp_path / "shared") == "first"


@pytest.mark.parametrize("kind", ["exchange", "two steps"])
def test_a_run_killed_at_any_moment_leaves_the_last_publication_whole(kind, target):
    pause = random.Random(27)
    for _ in range(24):
        with start_publisher(target, 10_000, kind) as process:
            process.stdout.readline()  # its first publication stands
            time.sleep(pause.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        if kind == "two steps":
            recover(target)
        assert whole(target)


@pytest.mark.parametrize("kind", ["exchange", "two steps"])
def test_three_runs_publishing_all_the_time_neither_crash_nor_mix(kind, target):
    processes = [start_publisher(target, 200, kind) for _ in range(3)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert whole(target)
    assert beside(target) == ["2021-12"]


def test_a_run_that_others_keep_from_its_place_leaves_nothing_of_theirs_beside_it(target, monkeypatch):
    publish(target, "first")
    real, others = Path.rename, target.with_name("of another run")

    def taken(source, goal):
        if source.name.endswith(".partial") and goal == target and not others.exists():
            target.mkdir()
            (target / "index.html").touch()
        return real(source, goal)

    monkeypatch.setattr(place, "exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", taken)
    monkeypatch.setattr(place, "recover", lambda target: target.exists() and real(target, others))
    monkeypatch.setattr(place, "_new_folder", lambda target: target.with_name(".2021-12.00000000.partial"))
    target.with_name(".2021-12.00000000.partial").mkdir()
    publish(target, "second")
    assert published(target) == "second"
    assert beside(target) == ["2021-12", "of another run"]


@pytest.mark.parametrize("name", ["southend", "Stoke-on-Trent", "St. Helens", "King's Lynn", "B", "Ynys Môn"])
def test_an_area_has_a_folder_of_its_name(name, tmp_path):
    assert area_output(tmp_path, name, "2021-12") == tmp_path / name / "2021-12"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:", "a\0b", ".hidden", "dot.", "end ", " ", "a\nb", "x" * 101],
)
def test_a_name_that_leaves_the_output_folder_or_is_no_folder_is_refused(name, tmp_path):
    with pytest.raises(InputError, match="area name"):
        area_output(tmp_path, name, "2021-12")


@pytest.mark.parametrize("name", ["con", "NUL", "Com1", "lpt9.txt", "aux .x", "com²"])
def test_a_name_that_windows_keeps_for_devices_is_refused(name, tmp_path):
    with pytest.raises(InputError, match="area name"):
        area_output(tmp_path, name, "2021-12")


@pytest.mark.parametrize("month", ["", "2021", "2021-13", "2021-1", "../2021-12", "2021-12/..", "２０２１-12"])
def test_what_is_no_month_is_refused(month, tmp_path):
    with pytest.raises(InputError, match="month"):
        area_output(tmp_path, "southend", month)


def test_a_link_that_leads_out_of_the_output_folder_is_refused(tmp_path):
    root = tmp_path / "outputs"
    root.mkdir()
    (root / "southend").symlink_to(tmp_path)
    with pytest.raises(InputError, match="leads out"):
        area_output(root, "southend", "2021-12")


def pass_time(monkeypatch, seconds=3600):
    monkeypatch.setattr(place.time, "time", lambda at=time.time: at() + seconds)


@pytest.mark.skipif(place.fcntl is None, reason="no locks here")
def test_what_a_killed_run_left_goes_with_the_next_run_though_it_is_no_day_old(target, monkeypatch):
    left = target.with_name(".2021-12.0123abcd.partial")
    left.mkdir(parents=True)
    pass_time(monkeypatch)
    publish(target, "new")
    assert beside(target) == ["2021-12"]


@pytest.mark.skipif(place.fcntl is None, reason="no locks here")
def test_a_private_folder_is_for_its_owner_alone_and_goes_though_its_run_was_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(place.tempfile, "tempdir", str(tmp_path))
    (tmp_path / ".sendanalysis.0123abcd.partial").mkdir()
    pass_time(monkeypatch)
    with private_folder() as first, private_folder() as second:
        assert {*tmp_path.iterdir()} == {first, second}
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (first, second)] == [0o700, 0o700]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(place.fcntl is None, reason="no locks here")
def test_the_folder_of_a_run_at_work_stays_however_old_it_is(target, monkeypatch):
    with publication(target) as folder:
        pass_time(monkeypatch, seconds=10 * 86_400)
        remove_leftovers(target)
        assert folder.is_dir()
        (folder / "index.html").write_text("whole", encoding="utf-8")
    assert published(target) == "whole"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENAMETOOLONG])
def test_a_fault_of_the_surroundings_is_told_of_in_one_line_and_the_last_publication_stays(code, target, monkeypatch):
    publish(target, "former")

    def refuse(*_):
        raise OSError(code, os.strerror(code), str(target))

    monkeypatch.setattr(place, "_put_in_place", refuse)
    with pytest.raises(RunError, match=r"left half written") as told:
        publish(target, "new")
    assert (told.value.exit_code, str(told.value).count("\n")) == (1, 0)
    assert (published(target), beside(target)) == ("former", ["2021-12"])


def test_a_path_that_is_too_long_is_told_of_in_words(tmp_path):
    with pytest.raises(RunError, match="the path is too long"):
        publish(tmp_path / ("x" * 300) / "2021-12", "new")
