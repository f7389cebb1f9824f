"""Errors a reader of the terminal can act on: where, what was found, what is expected and what to do."""


class AnalysisError(Exception):
    """Anything a person can put right; the command line shows its text alone and exits with `exit_code`."""

    exit_code = 2


class InputError(AnalysisError):
    """An area, table, parameter or value that cannot be used as it is."""


class MethodError(AnalysisError, ValueError):
    """A statistical method was given values it has no answer for."""


class RunError(AnalysisError):
    """The input was right and a notebook failed all the same; nothing was published."""

    exit_code = 1
