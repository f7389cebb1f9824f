"""Other readings in words: every choice that there is has its sentence."""

from sendanalysis.display import readings
from sendanalysis.inputs.parameters import Parameters, explain_parameters

DEFAULT = Parameters().as_dict()
HAS_NO_OTHER = {"plan.clock_start"}  # every plan has its own


def test_every_value_of_every_choice_is_told_in_words():
    for each in explain_parameters():
        name, values = each["name"], each["values"].split(", ") if each["values"] else []
        if name in HAS_NO_OTHER:
            continue
        others = [value for value in values if value != each["default"]] or ["2020-01-01"]
        if each["default"] == "False":
            others = ["True"]
        for value in others if name != "quality.care_sections" else ["D,F"]:
            told = readings.other({name: value}, DEFAULT)
            assert told.endswith(f" ({name} = {value})"), name
            assert len(told.split(" (")[0].split()) > 3, told


def test_no_value_is_told_that_no_choice_can_take():
    known = {each["name"]: each["values"].split(", ") for each in explain_parameters()}
    for name, values in readings.OF_VALUES.items():
        assert values.keys() <= {*known[name], "True"} - {DEFAULT[name]}
    assert readings.OF_VALUES.keys() | readings.OF_SIZES.keys() | HAS_NO_OTHER == DEFAULT.keys()


def test_a_day_is_told_as_prose_writes_it():
    told = readings.other({"autism.series_breaks": "2021-03-01,2022-03-01"}, DEFAULT)
    assert told.startswith("the waiting list changed provider on 1 March 2021, 1 March 2022 (autism.series_breaks = ")


def test_what_is_as_usual_is_not_told():
    assert readings.other(DEFAULT, DEFAULT) == ""
    sections = readings.other({"quality.care_sections": "D,F"}, DEFAULT)
    assert sections == "social care is read in the sections D, F (quality.care_sections = D,F)"
