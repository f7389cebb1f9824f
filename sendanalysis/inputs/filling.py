"""Texts that an area is begun with or described by: templates in the folder `template`, filled in."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def filled(template: str, **values: Any) -> str:
    """The text of a template, such as `area.toml`, with its values."""
    environment = Environment(  # noqa: S701  # TOML and Markdown, in which nothing is escaped
        loader=PackageLoader("sendanalysis.inputs", "template"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    return environment.get_template(f"{template}.j2").render(values)
