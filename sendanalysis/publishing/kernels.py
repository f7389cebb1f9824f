"""Kernels forked from a process that has imported everything, so that a notebook starts at once.

Run as a module it is that process. Papermill and its client stay as they come: only how a kernel starts is different.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from sendanalysis.publishing.batch import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_client.connect import KernelConnectionInfo

_LAUNCHER = "ipykernel_launcher"
_IMPORTED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell"),
    *("sendanalysis.display.board", "sendanalysis.display.show", "sendanalysis.display.tables"),
)


class ForkedKernelManager(AsyncKernelManager):
    """Jupyter's own, which has its kernels forked."""

    async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
        if self.provisioner is None:
            self.provisioner = _Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kw)

    pre_start_kernel = _async_pre_start_kernel


def can_be_had() -> bool:
    """Whether kernels are forked here: a process that does so is named and answers."""
    if PLACE not in os.environ:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as door:
        door.connect(os.environ[PLACE])
        return True
    return False


class _Provisioner(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        kernel = _Kernel(cmd[cmd.index(_LAUNCHER) + 1 :], kwargs["env"], str(kwargs.get("cwd") or Path.cwd()))
        self.process = kernel  # type: ignore[assignment]  # in the shape of what Jupyter asks of it
        self.pid = self.pgid = kernel.pid
        return self.connection_info


class _Kernel:
    """A kernel as its starter sees it, in the shape of `subprocess.Popen`; it dies with its starter."""

    stdin = stdout = stderr = None

    def __init__(self, words: list[str], env: Mapping[str, str], cwd: str) -> None:
        self._door = socket.socket(socket.AF_UNIX)
        self._door.connect(os.environ[PLACE])
        with self._door.makefile("rw", encoding="utf-8") as lines:
            print(json.dumps({"words": words, "env": dict(env), "cwd": cwd}), file=lines, flush=True)
            self.pid = int(lines.readline())

    def poll(self) -> int | None:
        """None while it runs, then 0: how it ended is not known."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            self._door.close()
            return 0
        return None

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.01)
        return 0

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def main(listening: int) -> None:
    """Start kernels as they are ordered at a socket, until standard input ends.

    The first line of standard input says in JSON which release the notebooks open, by the names of `open_release`
    (none, where it is empty), and what they find in their environment to open it.

    Args:
        listening: Number of the open socket.
    """
    for module in _IMPORTED:
        importlib.import_module(module)
    told = json.loads(sys.stdin.readline() or "{}")
    if told.get("opened"):
        from sendanalysis.release import open_ahead  # noqa: PLC0415  # nothing for the processes that ask for kernels

        os.environ |= told["variables"]
        open_ahead(**told["opened"])
    gc.freeze()  # a kernel's collector then writes to none of what it shares with this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a kernel ended
    with socket.socket(fileno=listening) as listener:
        order = _ordered(listener)
    if order:
        _become(order)


def _ordered(listener: socket.socket) -> dict[str, Any] | None:
    """Fork at each order: the order in the new process; None in this one, once standard input has ended."""
    kernels: dict[socket.socket, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    _end(kernels.values())
                    return None
                if key.fileobj is listener:
                    door, _ = listener.accept()
                    if order := _read(door):
                        kernels[door] = os.fork()
                        if not kernels[door]:
                            os.setsid()
                            door.sendall(f"{os.getpid()}\n".encode())
                            for each in kernels:
                                each.close()
                            return order
                        selector.register(door, selectors.EVENT_READ)
                else:
                    gone = next(door for door in kernels if door is key.fileobj)  # its starter closed it, or died
                    selector.unregister(gone)
                    gone.close()
                    _end([kernels.pop(gone)])


def _read(door: socket.socket) -> dict[str, Any]:
    """The order that a starter gives; empty from one that only asks whether anybody is there."""
    with door.makefile("r", encoding="utf-8") as lines:
        order: dict[str, Any] = json.loads(lines.readline() or "{}")
    if not order:
        door.close()
    return order


def _end(kernels: Iterable[int]) -> None:
    """End kernels and what they have started."""
    for kernel in kernels:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(kernel, signal.SIGKILL)


def _become(order: dict[str, Any]) -> None:
    """Be the kernel that was ordered, to its end."""
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415  # imported already, in the process that forks

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(order["env"], JPY_PARENT_PID=str(os.getppid()))
    time.tzset()
    os.chdir(order["cwd"])
    launcher = importlib.util.find_spec(_LAUNCHER)
    sys.argv = [launcher.origin if launcher and launcher.origin else _LAUNCHER, *order["words"]]
    IPKernelApp.launch_instance(argv=order["words"])


if __name__ == "__main__":
    del sys.path[0]  # the folder this was started in, which is no place of modules for a kernel either
    main(int(sys.argv[1]))
