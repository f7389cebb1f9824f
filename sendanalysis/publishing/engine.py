"""The engine: papermill runs a notebook, nbconvert turns it into a page.

Run as a module it is the process that `batch` keeps for each notebook at work.
"""

# papermill has no types, and nbformat's and nbconvert's are partial:
# mypy: disable-error-code="import-untyped,no-untyped-call"
from __future__ import annotations

import json
import logging
import os
import queue
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import HTMLExporter, TemplateExporter
from papermill.exceptions import PapermillExecutionError, strip_color
from traitlets.config import Config

from sendanalysis.display.page import EXPORTER_OPTIONS, HEADLINE
from sendanalysis.publishing.batch import CELL_SECONDS, STOCK, Failure, socket_in
from sendanalysis.publishing.bounded import OUTPUT_LIMIT, TooMuchShownError
from sendanalysis.publishing.cleaning import without_metadata, without_outputs
from sendanalysis.publishing.registered import NAME

if TYPE_CHECKING:
    from jinja2 import Environment

    from sendanalysis.display.page import PageContext

EXPLORE = "explore"
_MESSAGE_LIMIT = 2_000
logging.getLogger("papermill").addHandler(logging.NullHandler())


def execute(
    notebook: Path,
    output: Path,
    parameters: dict[str, object],
    *,
    cell_seconds: float = CELL_SECONDS,
    most: int | None = OUTPUT_LIMIT,
) -> Failure | None:
    """Run one notebook in the current directory and this process.

    Cells tagged `explore` are kept and not run: they may open extracts. The executed notebook is clean: the same
    inputs give the same bytes, and it carries no times, paths or warnings of the machine it ran on.

    Args:
        notebook: Path of the notebook; outputs saved in it are ignored.
        output: Path of the executed notebook, written only when every cell has run.
        parameters: Values for the cell tagged `parameters`.
        cell_seconds: A cell that takes longer fails.
        most: Signs that all cells together may show; the cell that shows one more fails. None for papermill's own
            engine, which knows no such limit.

    Returns:
        None, or why the notebook did not run to its end.
    """
    started: list[tuple[int, Any]] = []
    try:
        executed = papermill.execute_notebook(
            without_outputs(nbformat.read(notebook, as_version=4)),
            None,
            parameters,
            None if most is None else NAME,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=CELL_SECONDS,
            execution_timeout=cell_seconds,
            iopub_timeout=CELL_SECONDS,  # nbclient leaves out what comes later, and says so nowhere
            skip_cells_with_tag=EXPLORE,
            coalesce_streams=True,
            record_timing=False,
            shutdown_kernel="immediate",
            config=_transport(),
            **({} if most is None else {"most": most}),
            on_cell_start=lambda cell, cell_index: started.append((cell_index, cell)),
        )
    except PapermillExecutionError as error:
        return _failure(started[: error.cell_index + 1], error.ename, f"{error.ename}: {error.evalue}")
    except DeadKernelError:
        return _failure(started, "DeadKernelError", "the notebook's Python ended by itself in this cell")
    except TooMuchShownError:
        return _failure(started, "TooMuchShown", f"the notebook showed more than {most:,} signs")
    except CellTimeoutError:
        return _failure(started, "CellTimeoutError", f"the cell had not ended after {cell_seconds:g} seconds")
    if any(item.output_type == "error" for cell in executed.cells for item in cell.get("outputs", [])):
        return _failure(started, "SystemExit", "SystemExit: the cell ended the notebook before its last cell")
    output.write_text(nbformat.writes(_cleaned(executed)) + "\n", encoding="utf-8", newline="\n")
    return None


def to_html(executed_notebook: Path, context: PageContext) -> str:
    """The page of an executed notebook, made with the package's own template.

    Args:
        executed_notebook: A notebook that `execute` wrote.
        context: What the template says around the notebook's cells.

    Returns:
        HTML; the same notebook and context give the same text.
    """
    notebook = nbformat.read(executed_notebook, as_version=4)
    html, _ = _PageExporter(**EXPORTER_OPTIONS).from_notebook_node(notebook, context.as_resources())
    return html


def headline_in(executed_notebook: Path) -> dict[str, str]:
    """What an executed notebook says first: answer, status, a title of its own; empty for one without a headline."""
    notebook = nbformat.read(executed_notebook, as_version=4)
    outputs = (item for cell in notebook.cells if cell.cell_type == "code" for item in cell.outputs)
    return next((dict(item.data[HEADLINE]) for item in outputs if HEADLINE in item.get("data", {})), {})


class _PageExporter(HTMLExporter):
    """nbconvert's own, but text is escaped everywhere, and the page is not parsed and written anew at the end."""

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()
        environment.autoescape = True  # in the template's included parts too, which its own block does not reach
        return environment

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own
        self, nb: nbformat.NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        return TemplateExporter.from_notebook_node(self, nb, self._init_resources(resources), **kw)


def _cleaned(notebook: Any) -> Any:
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
        if cell.cell_type == "code":
            cell.outputs = [item for item in cell.outputs if item.get("name") != "stderr"]
    return without_metadata(notebook)


def _failure(started: list[tuple[int, Any]], error: str, message: str) -> Failure:
    if not started:
        return Failure(0, "", error, strip_color(message)[:_MESSAGE_LIMIT])
    index, cell = started[-1]
    injected = any("injected-parameters" in earlier.metadata.get("tags", []) for _, earlier in started)
    source = "\n".join(cell.source.splitlines()[:5])
    return Failure(index + (0 if injected else 1), source, error, strip_color(message)[:_MESSAGE_LIMIT])


def _transport() -> Config:
    """Files in place of ports where it can be, as two kernels that start at once may be given the same port."""
    socket = socket_in(Path(tempfile.gettempdir()))
    return Config({"KernelManager": {"transport": "ipc", "ip": str(socket)}} if socket else {})


def main() -> None:
    """Run the notebooks ordered on standard input, one JSON object a line, and answer each with a line."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a kernel inherits this; whatever it prints must not pass for an answer
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    while True:
        order = json.loads(orders.get())
        failure = _attempt(Path(order.pop("notebook")), Path(order.pop("output")), order)
        print(json.dumps(failure and asdict(failure)), file=answers, flush=True)


def _attempt(notebook: Path, output: Path, order: dict[str, Any]) -> Failure | None:
    try:
        os.environ |= order["variables"]  # which the kernel inherits
        limits = {"cell_seconds": order["cell_seconds"], "most": None if order["engine"] == STOCK else OUTPUT_LIMIT}
        return execute(notebook, output, order["parameters"], **limits)
    except Exception as error:  # noqa: BLE001  (whatever goes wrong in this process is told to the one that ordered)
        return _failure([], type(error).__name__, f"{type(error).__name__}: {error}")


def _listen(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    os._exit(0)  # whoever ordered is gone, and so is the reader of what is at work


if __name__ == "__main__":
    main()
