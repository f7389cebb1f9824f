"""Charts drawn as SVG: by the process that a run keeps for it, else by this one.

What draws takes longer to start than to draw, and each notebook runs in a process of its own. Run as a module this is
the process that draws for all notebooks of a run.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = "SENDANALYSIS_DRAWING"  # names the socket at which charts are drawn


def svg(spec: Mapping[str, Any]) -> str:
    """A chart as SVG.

    Args:
        spec: The chart in Vega-Lite's JSON.

    Returns:
        What vl-convert draws; the same whichever process does.
    """
    drawn = _drawn_elsewhere(spec) if PLACE in os.environ else ""
    return drawn or _drawn(spec)


def _drawn(spec: Mapping[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415  # where another process draws, this one does without

    return str(vl_convert.vegalite_to_svg(dict(spec)))


def _drawn_elsewhere(spec: Mapping[str, Any]) -> str:
    """What the process drew; empty where it is gone, or could not."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as door:
        door.connect(os.environ[PLACE])
        with door.makefile("rw", encoding="utf-8") as lines:
            print(json.dumps(spec), file=lines, flush=True)
            return str(json.loads(lines.readline() or '""'))
    return ""


def main(listening: int) -> None:
    """Draw what is asked for at a socket, one chart after the other, until standard input ends.

    Args:
        listening: Number of the open socket.
    """
    with socket.socket(fileno=listening) as listener, selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return
                door, _ = listener.accept()
                with contextlib.suppress(OSError), door, door.makefile("rw", encoding="utf-8") as lines:
                    print(json.dumps(_attempt(lines.readline())), file=lines, flush=True)


def _attempt(spec: str) -> str:
    try:
        return _drawn(json.loads(spec))
    except ValueError:
        return ""  # who asked draws it, and is told what is wrong with it


if __name__ == "__main__":
    main(int(sys.argv[1]))
