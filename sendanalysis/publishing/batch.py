"""Batches: several notebooks at once, each run in a process of its own, one failure never stopping the others."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from sendanalysis.publishing.kernels import CAN_FORK, PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CELL_SECONDS = 600


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end.

    Attributes:
        cell: Place of the cell among all cells of the notebook, from 1; 0 where no cell had started.
        source: First lines of that cell.
        error: Name of the error, such as `KeyError`.
        message: What happened, in words.
    """

    cell: int
    source: str
    error: str
    message: str


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Attributes:
        name: What reports call it.
        notebook: The notebook; it is only read.
        output: Where the executed notebook goes; written only when every cell has run.
        parameters: Values for its parameters cell.
    """

    name: str
    notebook: Path
    output: Path
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a job went.

    Attributes:
        name: The job's name.
        seconds: Time it took.
        output: The executed notebook, which exists where `failure` is None.
        failure: Why it did not run to its end.
    """

    name: str
    seconds: float
    output: Path
    failure: Failure | None


def run_notebooks(  # noqa: PLR0913  # each says something else of how they run
    jobs: Sequence[Job],
    *,
    folder: Path | None = None,
    opened: Mapping[str, object] | None = None,
    variables: Mapping[str, str] | None = None,
    workers: int | None = None,
    cell_seconds: float = CELL_SECONDS,
    on_done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run notebooks side by side.

    Args:
        jobs: Notebooks with their parameters.
        folder: Working directory of every notebook; the current one if not given.
        opened: The release that all of them open, by the names of `open_release`; it is then measured once.
        variables: Further variables of their environment.
        workers: How many run at once; as many as there are processors if not given.
        cell_seconds: A cell that takes longer fails.
        on_done: Called with each outcome as it comes, in the calling thread.

    Returns:
        One outcome for each job, in the order of `jobs`.
    """
    count = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    with tempfile.TemporaryDirectory(prefix="sendanalysis-", ignore_cleanup_errors=True) as scratch:
        environment = _environment(Path(scratch)) | dict(variables or {})
        place = (folder or Path()).resolve()
        kernels = _kernels(environment, place, opened or {}) if CAN_FORK else None
        crew = [_Runner(environment, place) for _ in range(count)]
        idle: SimpleQueue[_Runner] = SimpleQueue()
        for runner in crew:
            idle.put(runner)
        pool = ThreadPoolExecutor(count)
        try:
            futures = [pool.submit(_run, job, idle, cell_seconds) for job in jobs]
            for future in as_completed(futures):
                if on_done:
                    on_done(future.result())
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for runner in crew:
                runner.stop()
            if kernels:
                kernels.communicate()  # without input it ends what it has started, then itself
            pool.shutdown()


def _run(job: Job, idle: SimpleQueue[_Runner], cell_seconds: float) -> Outcome:
    runner = idle.get()
    began = time.monotonic()
    try:
        failure = runner.run(job, cell_seconds)
    finally:
        idle.put(runner)
    return Outcome(job.name, time.monotonic() - began, job.output, failure)


class _Runner:
    """A process that runs one notebook after another, started when first needed and again when it has died."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, job: Job, cell_seconds: float) -> Failure | None:
        process = self._process or self._start()
        paths = {"notebook": str(job.notebook.resolve()), "output": str(job.output.resolve())}
        order = {**paths, "parameters": job.parameters, "cell_seconds": cell_seconds}
        try:
            print(json.dumps(order), file=process.stdin, flush=True)
            reply = process.stdout.readline() if process.stdout else ""
        except OSError:
            reply = ""
        if reply:
            failure = json.loads(reply)
            return failure and Failure(**failure)
        self.stop()
        words = f"the process that ran the notebook ended by itself (exit code {process.returncode})"
        return Failure(0, "", "RunnerDied", words)

    def _start(self) -> subprocess.Popen[str]:
        """A new process, whose noise goes nowhere and which Ctrl-C in the terminal does not reach."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sendanalysis.publishing.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=self._environment,
            encoding="utf-8",
            start_new_session=True,
        )
        return self._process

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _kernels(environment: dict[str, str], folder: Path, opened: Mapping[str, object]) -> subprocess.Popen[bytes]:
    """The process that kernels are forked from; where it is to be found is added to the environment."""
    environment[PLACE] = str(Path(environment["TMPDIR"], "kernels"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(environment[PLACE])
        listener.listen()
        return subprocess.Popen(  # noqa: S603  # this Python, and words of our own
            [sys.executable, "-m", "sendanalysis.publishing.kernels", str(listener.fileno()), json.dumps(opened)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            cwd=folder,
            env=environment,
            start_new_session=True,
        )


def _environment(scratch: Path) -> dict[str, str]:
    """Surroundings in which a notebook gives the same output for everybody, whatever their own Jupyter set-up."""
    kept = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}
    return kept | {
        "IPYTHONDIR": str(scratch / "ipython"),  # no start-up files, no shared history
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not the user's own python3
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "TMPDIR": str(scratch),
    }
