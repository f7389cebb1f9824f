from __future__ import annotations

import datetime as dt

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.parameters import Parameters, explain_parameters, families


def test_text_is_read_as_the_type_of_the_parameter():
    found = Parameters().with_values(
        {
            "advice.limit_days": "30",
            "autism.cohort_on": "2021-09-30",
            "quality.care_sections": "D, F",
            "actions.strict_red": "True",
            "scorecard.amber_points": "2.5",
        }
    )
    assert found.advice.limit_days == 30
    assert found.autism.cohort_on == dt.date(2021, 9, 30)
    assert found.quality.care_sections == ("D", "F")
    assert found.actions.strict_red is True
    assert found.scorecard.amber_points == 2.5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"quality.untis": "answer"}, "no such parameter. Parameters are: plan.clock_start, scorecard.trajectory"),
        ({"unit": "answer"}, "no such parameter"),
        ({"quality.unit": "question"}, "not one of answer, plan_mean"),
        ({"advice.limit_days": "six weeks"}, "not a whole number"),
        ({"advice.limit_days": "0"}, "Allowed is 1 to 1000"),
        ({"advice.limit_days": "99999999"}, "Allowed is 1 to 1000"),
        ({"plan.clock_start": "9999-12-31"}, "Name a day from 2000-01-01"),
        ({"quality.care_sections": ""}, "it is empty"),
        ({"quality.care_sections": "D,H3"}, "'H3' is not one of"),
        ({"scorecard.amber_points": "inf"}, "not allowed"),
        ({"scorecard.amber_points": "nan"}, "not allowed"),
        ({"autism.cohort_on": "31/10/2021"}, "not a date"),
        ({"autism.series_breaks": "March 2022"}, "'March 2022' is not a date"),
        ({"actions.strict_red": "perhaps"}, "not true or false"),
    ],
)
def test_a_parameter_that_cannot_be_set_is_refused_in_words(values, words):
    with pytest.raises(InputError, match=words) as error:
        Parameters().with_values(values)
    assert next(iter(values)) in str(error.value)


def test_only_parameters_that_differ_from_the_default_are_named_as_changed():
    given = {"quality.unit": "answer", "quality.window": "6"}
    assert Parameters().with_values(given).changed() == {"quality.window": "6"}


def test_every_parameter_is_explained_under_its_measure():
    rows = explain_parameters()
    assert all(row["meaning"] and row["ambiguity"].startswith("AMB") for row in rows)
    assert {row["name"].partition(".")[0] for row in rows} == set(families())


def test_the_text_of_every_parameter_is_read_back_as_it_was():
    given = {"autism.cohort_on": "2021-03-31", "survey.target_year": "2020/21", "autism.series_breaks": "2022-03-01"}
    found = Parameters().with_values(given)
    assert Parameters().with_values({name: value for name, value in found.as_dict().items() if value}) == found
