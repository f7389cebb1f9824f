"""The entry point by which papermill finds the engine: `papermill --engine sendanalysis in.ipynb out.ipynb`."""

from __future__ import annotations

from typing import Any

NAME = "sendanalysis"


class _Registered:
    """Stands for the engine until it is used: papermill takes its entry points up while it is itself being loaded."""

    def __getattr__(self, name: str) -> Any:
        from sendanalysis.publishing.bounded import BoundedEngine  # noqa: PLC0415  # see above

        return getattr(BoundedEngine, name)


ENGINE = _Registered()
