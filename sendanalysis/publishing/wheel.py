"""The package as a wheel, written from its own files: the same files give the same bytes, and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from pathlib import Path

from sendanalysis.publishing.archive import zipped

PACKAGE = Path(__file__).parents[1]
HEADERS = ("Metadata-Version", "Name", "Version", "Summary", "License-Expression", "Requires-Python", "Requires-Dist")


def wheel() -> tuple[str, bytes]:
    """Name and bytes of a wheel of the package that runs, with what its installation says of it.

    The form is that of the binary distribution format of the Python Packaging User Guide.
    """
    held = metadata.distribution(PACKAGE.name)
    name = f"{PACKAGE.name}-{held.version}"
    said = [(header, value) for header in HEADERS for value in held.metadata.get_all(header) or []]
    members = {
        f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__" and not path.name.startswith(".")
    }
    info = {
        "METADATA": [f"{header}: {value}" for header, value in said if "extra ==" not in value],
        "WHEEL": ["Wheel-Version: 1.0", f"Generator: {name}", "Root-Is-Purelib: true", "Tag: py3-none-any"],
        "entry_points.txt": (held.read_text("entry_points.txt") or "").splitlines(),
    }
    members |= {f"{name}.dist-info/{file}": _lines(lines) for file, lines in info.items()}
    record = f"{name}.dist-info/RECORD"
    listed = [f"{member},sha256={_digest(data)},{len(data)}" for member, data in sorted(members.items())]
    members[record] = _lines([*listed, f"{record},,"])
    return f"{name}-py3-none-any.whl", zipped(members, smaller=False)


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
