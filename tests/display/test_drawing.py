"""A chart is the same whoever draws it, and is drawn where the process that draws for all is gone."""

import json
import socket
import subprocess
import sys

import pytest

from sendanalysis.display import drawing

SPEC = {
    "data": {"values": [{"month": "June", "plans": 3}, {"month": "July", "plans": 5}]},
    "mark": "bar",
    "encoding": {"x": {"field": "month", "type": "nominal"}, "y": {"field": "plans", "type": "quantitative"}},
}
pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="another process is asked at a socket of files")
NONE = {"mark": "no such mark"}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A process that draws, at the place where charts are asked for."""
    place = str(tmp_path / "drawing")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        command = [sys.executable, "-m", drawing.__name__, str(listener.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
    monkeypatch.setenv(drawing.PLACE, place)
    yield process
    process.communicate()


@pytest.fixture
def alone(monkeypatch):
    """This process draws nothing itself."""
    monkeypatch.setattr(drawing, "_drawn", lambda _: pytest.fail("drawn here"))


@pytest.mark.usefixtures("elsewhere")
def test_a_chart_has_the_same_bytes_wherever_it_is_drawn(request):
    here = drawing._drawn(SPEC)  # noqa: SLF001  # what this process draws itself
    request.getfixturevalue("alone")
    assert [drawing.svg(SPEC), drawing.svg(SPEC)] == [here, here]
    assert here.startswith("<svg")


def test_a_chart_is_drawn_here_once_the_other_process_is_gone(elsewhere):
    elsewhere.kill()
    elsewhere.wait()
    assert drawing.svg(SPEC).startswith("<svg")


@pytest.mark.usefixtures("elsewhere")
def test_what_cannot_be_drawn_is_told_here_and_the_next_chart_is_drawn(tmp_path, request):
    with pytest.raises(ValueError, match="conversion failed"):
        drawing.svg(NONE)
    with socket.socket(socket.AF_UNIX) as door:  # of a notebook that was ended meanwhile
        door.connect(str(tmp_path / "drawing"))
        door.sendall(json.dumps(SPEC).encode()[:20])
    request.getfixturevalue("alone")
    assert drawing.svg(SPEC).startswith("<svg")


def test_the_process_ends_with_whoever_started_it(elsewhere):
    elsewhere.stdin.close()
    assert elsewhere.wait() == 0
