"""What a clean notebook is: no outputs, and of all metadata the kernel's name and the tags alone.

Run as a module it is the filter that `make hooks` gives git: a notebook on standard input, cleaned, on standard output.
"""

# nbformat's types are partial:
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import sys
from typing import Any

import nbformat

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def without_outputs(notebook: Any) -> Any:
    """The same notebook, as if it had never been run."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def without_metadata(notebook: Any) -> Any:
    """The same notebook, with nothing of the program or the machine that saved it."""
    notebook.metadata = KERNEL
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
    return nbformat.from_dict(notebook)


def main() -> None:
    """Clean one notebook from standard input to standard output, its keys in the order of the alphabet."""
    notebook = nbformat.reads(sys.stdin.buffer.read().decode("utf-8"), as_version=4)
    clean = nbformat.writes(without_metadata(without_outputs(notebook)), sort_keys=True) + "\n"
    sys.stdout.buffer.write(clean.encode("utf-8"))


if __name__ == "__main__":
    main()
