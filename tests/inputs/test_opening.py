"""Opening an area for one month: how far its data reach."""

import datetime as dt
import shutil

import pytest

from sendanalysis.errors import InputError
from sendanalysis.release import open_release


@pytest.fixture
def covering(tmp_path):
    """A function from the last day that extracts cover to a copy of the area that says so."""

    def copied(day):
        area = shutil.copytree("data/southend", tmp_path / "southend")
        toml = area / "area.toml"
        toml.write_text(f"extracts_to = {day}\n" + toml.read_text(encoding="utf-8"), encoding="utf-8")
        return area

    return copied


def test_a_month_beyond_the_extracts_is_reported_at_the_last_day_they_cover(covering):
    release = open_release(covering("2022-03-15"), "2022-03")
    assert release.period.data_date == dt.date(2022, 3, 15)
    assert not release.period.whole
    assert release.lead("advice").last_on == dt.date(2022, 3, 15)


def test_a_month_that_the_extracts_cover_is_reported_at_its_end(covering):
    assert open_release(covering("2022-03-31"), "2022-03").period.data_date == dt.date(2022, 3, 31)


def test_a_part_of_a_month_is_no_point_of_a_control_chart(covering):
    area = covering("2022-03-15")
    part, _ = open_release(area, "2022-03").control("QA_ALL")
    whole, _ = open_release(area, "2022-02").control("QA_ALL")
    assert part["first_on"].max() == whole["first_on"].max()


def test_another_parameter_is_held_against_the_plan_as_the_area_itself_is():
    with pytest.raises(InputError, match=r"cohort_on.*before the first referral"):
        open_release("data/southend", "2022-03", choices="autism.cohort_on=2010-01-01")
