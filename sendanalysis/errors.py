"""Errors a reader of the terminal can act on: where, what was found, what is expected and what to do."""

import errno

SURROUNDINGS = {
    errno.ENOSPC: "the disk is full. Free some space, or choose another folder",
    errno.EDQUOT: "the quota of the disk is used up. Free some space, or choose another folder",
    errno.EMFILE: "too many files are open at once. Raise the limit with ulimit -n 1024",
    errno.ENFILE: "too many files are open on this machine. Close other programs",
    errno.ENAMETOOLONG: "the path is too long. Choose a folder with a shorter path",
    errno.EFBIG: "a file would be larger than the system allows. Raise the limit with ulimit -f unlimited",
}


class AnalysisError(Exception):
    """Anything a person can put right; the command line shows its text alone and exits with `exit_code`."""

    exit_code = 2

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback, of which nobody who set a parameter is the wiser."""
        return [str(self)]


class InputError(AnalysisError):
    """An area, table, parameter or value that cannot be used as it is."""


class MethodError(AnalysisError, ValueError):
    """A statistical method was given values it has no answer for."""


class RunError(AnalysisError):
    """The input was right and a notebook failed all the same; nothing was published."""

    exit_code = 1


def fault_of_surroundings(error: OSError) -> RunError | None:
    """A full disk, too few file handles and the like as one clear line; None for any other error."""
    words = SURROUNDINGS.get(error.errno or 0)
    place = f"{error.filename}: " if error.filename else ""
    return RunError(f"{place}{words}. No publication is left half written.") if words else None
