"""What a run refuses before a kernel starts."""

from pathlib import Path

import pytest

from sendanalysis.errors import InputError
from sendanalysis.publishing.refusals import refuse_surroundings

resource = pytest.importorskip("resource")  # which Windows has not


@pytest.fixture
def few_files():
    """A process that may open few files at once."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, usual)


@pytest.mark.usefixtures("few_files")
def test_a_limit_of_open_files_with_which_kernels_die_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"^64 files may be open at once, and a run needs 96\. Say ulimit -n 1024"):
        refuse_surroundings(tmp_path)


def test_a_place_whose_files_would_have_paths_that_are_too_long_is_one_line(tmp_path):
    refuse_surroundings(tmp_path)
    with pytest.raises(InputError, match=r"…: the path is too long\. Choose a folder with a shorter path\.$"):
        refuse_surroundings(Path("/", *["d" * 199] * 20))
