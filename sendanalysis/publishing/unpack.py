"""Opening a pack: verified file by file, unpacked, and run again in JupyterLab."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sendanalysis.errors import InputError, RunError
from sendanalysis.publishing.archive import members_of
from sendanalysis.publishing.months import MANIFEST
from sendanalysis.publishing.pack import hashes_of, hashes_told
from sendanalysis.publishing.place import publication

OWN = Path(__file__).parent  # with `labconfig`, by which JupyterLab asks nothing of the network


def unpack(file: Path, to: Path | None) -> Path:
    """Verify a pack and write its members into a folder.

    Args:
        file: The pack.
        to: Folder to make, or that is empty; a new temporary one unless given.

    Returns:
        The folder.

    Raises:
        InputError: It is no pack, a member is changed, missing or not of it, or the folder holds something.
    """
    if not file.is_file():
        raise InputError(f"{file}: there is no such file. Name a pack, as sendanalysis share writes it.")
    members = members_of(file)
    _refuse_changed(file, members)
    if to and (to.is_file() or (to.is_dir() and any(to.iterdir()))):
        raise InputError(f"--to {to}: this exists already and is left alone. Name a new or an empty folder.")
    folder = to or Path(tempfile.mkdtemp(prefix=f"{file.stem}-")) / "pack"
    with publication(folder) as partial:
        for name, data in members.items():
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            (partial / name).write_bytes(data)
    return folder.resolve()


def start_lab(folder: Path) -> None:
    """Start JupyterLab on a folder, without network, until it is ended.

    Raises:
        RunError: It did not start.
    """
    surroundings = os.environ | {"JUPYTER_CONFIG_PATH": str(OWN), "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    process = subprocess.Popen(command, env=surroundings)  # noqa: S603
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):  # of which JupyterLab asks whether it was meant
            process.wait()
    if process.returncode:
        raise RunError(
            f"JupyterLab did not start, or ended with an error. The pack stands in {folder}; open its summary.html."
        )


def _refuse_changed(file: Path, members: dict[str, bytes]) -> None:
    if MANIFEST not in members:
        raise InputError(f"{file}: it holds no {MANIFEST}, so it is no pack. Ask for it again.")
    told, found = hashes_told(file, members[MANIFEST]), hashes_of(members)
    problems = (
        ("is missing", told.keys() - found.keys()),
        ("does not belong to it", found.keys() - told.keys()),
        ("is changed", {name for name in told.keys() & found.keys() if told[name] != found[name]}),
    )
    lines = [f"{name} {problem}" for problem, names in problems for name in sorted(names)]
    if lines:
        more = f", and {len(lines) - 5} more" if len(lines) > 5 else ""
        raise InputError(
            f"{file}: it is not as it was packed: {', '.join(lines[:5])}{more}. Nothing was unpacked. Ask for it again."
        )
