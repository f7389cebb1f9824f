"""A plugin for `pytest --nbval`: it waits for what a kernel shows, where nbval gives a cell five seconds."""

import pytest
from nbval.kernel import RunningKernel

HANGS = 1_200
AT_START = 1  # nbval asks once more after this many seconds, as a message may come before it listens


@pytest.hookimpl
def pytest_configure(config):
    get_message = RunningKernel.get_message

    def patient(self, stream, timeout=None):
        return get_message(self, stream, timeout if timeout == AT_START else HANGS)

    RunningKernel.get_message = patient
