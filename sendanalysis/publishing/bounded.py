"""Papermill's engine, with forked kernels where they are to be had, and an end for what never stops to print."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
from typing import Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger

from sendanalysis.publishing.kernels import ForkedKernelManager, can_be_had

STARTS = 3  # attempts to start a kernel, which ends at once where another process took its port in the meantime
_ENDED_AT_ONCE = "Kernel died before replying to kernel_info"  # as jupyter_client says it
OUTPUT_LIMIT = 10_000_000  # signs that one notebook may show; the largest briefing has three hundred thousand


class TooMuchShownError(Exception):
    """A notebook showed more than it may."""


class BoundedEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Papermill's engine; see `registered` for the name that it is found by."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        **options: Any,
    ) -> Any:
        """Run a notebook, as papermill asks it to.

        Args:
            nb_man: What papermill keeps of it.
            kernel_name: The kernel.
            start_timeout: Seconds in which the kernel must have started.
            execution_timeout: Seconds in which a cell must have ended; any, if not given.
            options: Others of papermill's client, and `most`: signs that all cells together may show.

        Raises:
            TooMuchShownError: They showed more.
        """
        options.pop("input_path", None)
        given = {"timeout": execution_timeout, "startup_timeout": start_timeout, "most": OUTPUT_LIMIT}
        forked = {"kernel_manager_class": ForkedKernelManager} if can_be_had() else {}
        wanted = {**given, **forked, **options}
        left = STARTS
        while True:
            left -= 1
            try:
                return _Client(nb_man, kernel_name=kernel_name, log=logger, **wanted).execute()
            except RuntimeError as error:
                if str(error) != _ENDED_AT_ONCE or not left:
                    raise


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Papermill's client, which ends a notebook that never stops to print before it fills the memory."""

    def __init__(self, nb_man: Any, *, most: int, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._left = most

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        self._left -= len(json.dumps(msg["content"], default=str))
        if self._left < 0 and self.task_poll_for_reply:
            self.task_poll_for_reply.cancel()  # which ends the cell as if its kernel had died, and then the kernel
            return None
        return super().process_message(msg, cell, cell_index)

    def execute(self, **options: Any) -> Any:
        try:
            return super().execute(**options)
        except DeadKernelError:
            if self._left < 0:
                raise TooMuchShownError from None
            raise
