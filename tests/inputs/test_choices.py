from __future__ import annotations

import datetime as dt

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.choices import Choices, explain_choices


def test_text_is_read_as_the_type_of_the_choice():
    choices = Choices().with_values(
        {"limit_days": "30", "asd_deadline": "2021-09-30", "care_sections": "D, F", "strict_red": "True"}
    )
    assert choices.limit_days == 30
    assert choices.asd_deadline == dt.date(2021, 9, 30)
    assert choices.care_sections == ("D", "F")
    assert choices.strict_red is True


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"qa_untis": "answer"}, "no such choice"),
        ({"qa_unit": "question"}, "not one of answer, plan_mean"),
        ({"limit_days": "six weeks"}, "not a whole number"),
        ({"limit_days": "0"}, "Allowed is 1 to 1000"),
        ({"limit_days": "99999999"}, "Allowed is 1 to 1000"),
        ({"clock_start": "9999-12-31"}, "Name a day from 2000-01-01"),
        ({"care_sections": ""}, "it is empty"),
        ({"care_sections": "D,H3"}, "'H3' is not one of"),
        ({"advice_target_value": "inf"}, "not allowed"),
        ({"advice_target_value": "nan"}, "not allowed"),
        ({"asd_deadline": "31/10/2021"}, "not a date"),
        ({"strict_red": "perhaps"}, "not true or false"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused_in_words(values, words):
    with pytest.raises(InputError, match=words):
        Choices().with_values(values)


def test_only_choices_that_differ_from_the_default_are_named_as_changed():
    assert Choices().with_values({"qa_unit": "answer", "window": "6"}).changed() == {"window": "6"}


def test_every_choice_is_explained():
    assert all(row["meaning"] and row["ambiguity"].startswith("AMB") for row in explain_choices())
