"""Batches: several notebooks at once, each run in a process of its own, one failure never stopping the others.

The processes can be started ahead of their notebooks, since they take seconds to load what they need.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

from sendanalysis.display import drawing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CELL_SECONDS = 600
CAN_FORK = sys.platform == "linux"  # the libraries of macOS do not outlive a fork
KERNELS = "sendanalysis.publishing.kernels"
PLACE = "SENDANALYSIS_KERNELS"  # names the socket at which kernels are to be had
_SOCKET_PATH_LIMIT = 100  # macOS takes 103 characters, of which "-1" to "-5" are a kernel's
_PLAIN_PLACE = Path("/tmp")  # noqa: S108  # where the folder for temporary files has too long a path for sockets
QUICK, STOCK = "quick", "stock"
ENGINES = (QUICK, STOCK)


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
        variables: What its kernel finds in its environment beside what is there.
    """

    name: str
    notebook: Path
    output: Path
    parameters: dict[str, object] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


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


def socket_in(folder: Path) -> Path | None:
    """A new path for sockets in a folder; None where there are none, or the path is longer than one may be."""
    path = folder / f"sendanalysis-{secrets.token_hex(4)}"
    return path if os.name == "posix" and len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT else None


def most_at_once() -> int:
    """As many notebooks as there are processors and one more, since each waits for its kernel to start and to end."""
    return (os.cpu_count() or 1) + 1


class Crew:
    """Processes that run notebooks side by side, each one after another, from the moment it is made until it ends.

    Args:
        folder: Working directory of every notebook; the current one if not given.
        workers: How many run at once; see `most_at_once` if not given.
        engine: `quick`: kernels are forked from a process that has loaded everything, where that can be;
            `stock`: papermill's own engine, with kernels of its own. Both show the same.
    """

    def __init__(self, folder: Path | None = None, workers: int | None = None, engine: str = QUICK) -> None:
        """See above."""
        self._scratch = _scratch()
        self._engine, environment, place = engine, _environment(Path(self._scratch.name)), (folder or Path()).resolve()
        together = CAN_FORK and engine == QUICK and socket_in(Path(self._scratch.name)) is not None
        self._drawing = _at_socket(drawing.__name__, drawing.PLACE, environment, place) if together else None
        self._kernels = _at_socket(KERNELS, PLACE, environment, place) if together else None
        self._runners = [_Runner(environment, place) for _ in range(workers or most_at_once())]
        for runner in self._runners:
            runner.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(
        self,
        jobs: Sequence[Job],
        *,
        opened: Mapping[str, object] | None = None,
        cell_seconds: float = CELL_SECONDS,
        on_done: Callable[[Outcome], None] | None = None,
    ) -> list[Outcome]:
        """Run notebooks; once only.

        Args:
            jobs: Notebooks with their parameters.
            opened: The release that all of them open, by the names of `open_release`.
            cell_seconds: A cell that takes longer fails.
            on_done: Called with each outcome as it comes, in the calling thread.

        Returns:
            One outcome for each job, in the order of `jobs`.
        """
        self._tell_kernels({"opened": dict(opened or {}), "variables": jobs[0].variables if jobs else {}})
        idle: SimpleQueue[_Runner] = SimpleQueue()
        for runner in self._runners:
            idle.put(runner)
        pool = ThreadPoolExecutor(len(self._runners))
        try:
            futures = [pool.submit(_run, job, idle, cell_seconds, self._engine) for job in jobs]
            for future in as_completed(futures):
                if on_done:
                    on_done(future.result())
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self.stop()
            pool.shutdown()

    def stop(self) -> None:
        """End all processes, and what they have started."""
        for runner in self._runners:
            runner.stop()
        for process in filter(None, (self._kernels, self._drawing)):
            process.communicate()  # without input it ends what it has started, then itself
        self._kernels = self._drawing = None
        self._scratch.cleanup()

    def _tell_kernels(self, told: Mapping[str, object]) -> None:
        if self._kernels and self._kernels.stdin:
            with contextlib.suppress(OSError):  # it has died: notebooks then start kernels of their own
                self._kernels.stdin.write(json.dumps(told).encode() + b"\n")
                self._kernels.stdin.flush()


def _run(job: Job, idle: SimpleQueue[_Runner], cell_seconds: float, engine: str) -> Outcome:
    runner = idle.get()
    began = time.monotonic()
    try:
        failure = runner.run(job, cell_seconds, engine)
    finally:
        idle.put(runner)
    return Outcome(job.name, time.monotonic() - began, job.output, failure)


class _Runner:
    """A process that runs one notebook after another, started again when it has died."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, job: Job, cell_seconds: float, engine: str) -> Failure | None:
        process = self._process or self.start()
        paths = {"notebook": str(job.notebook.resolve()), "output": str(job.output.resolve())}
        limits = {"cell_seconds": cell_seconds, "engine": engine}
        order = {**paths, "parameters": job.parameters, "variables": job.variables, **limits}
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

    def start(self) -> subprocess.Popen[str]:
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
        process, self._process = self._process, None  # at once, since its own thread may stop it, too
        if process:
            process.kill()
            process.communicate()


def _at_socket(module: str, place: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """A process that is asked at a socket; where it is to be found is added to the environment."""
    environment[place] = str(Path(environment["TMPDIR"], module.rpartition(".")[2]))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(environment[place])
        listener.listen()
        return subprocess.Popen(  # noqa: S603  # this Python, and words of our own
            [sys.executable, "-m", module, str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            cwd=folder,
            env=environment,
            start_new_session=True,
        )


def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for what notebooks put down while they run, with a path that sockets can have."""
    usual = Path(tempfile.gettempdir())
    short = (
        usual if socket_in(usual / "sendanalysis-12345678") or not os.access(_PLAIN_PLACE, os.W_OK) else _PLAIN_PLACE
    )
    return tempfile.TemporaryDirectory(prefix="sendanalysis-", dir=short, ignore_cleanup_errors=True)


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
