"""Who may read a release and what of its counts: shipped rules, an area's stricter ones, and none that is laxer."""

import shutil
from pathlib import Path

import pytest

from sendanalysis.cli import main
from sendanalysis.errors import InputError
from sendanalysis.inputs.audiences import read_rules, strictest
from sendanalysis.methods.disclosure_rule import Rule

AREA = Path(__file__).parents[2] / "data" / "wexmoor"


def test_the_shipped_rules_hide_up_to_4_for_partners_and_up_to_9_for_the_public_in_tens():
    rules = read_rules({}, "area.toml")
    assert rules["partner"] == {"": Rule(5)}
    assert rules["public"] == {"": Rule(10, round_to=10, percentages="rounded")}


def test_an_area_may_be_stricter_for_all_tables_or_for_one():
    rules = read_rules({"partner": {"threshold": 6, "advice_requests": {"zero": False}}}, "area.toml")
    assert rules["partner"] == {"": Rule(6), "advice_requests": Rule(6, zero=False)}
    assert strictest(rules["partner"].values()) == Rule(6, zero=False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"partner": {"threshold": 3}}, "disclosure.partner: it would show more than the rule above it"),
        ({"public": {"round_to": 5}}, "A rule may be stricter, never laxer"),
        ({"partner": {"secondary": False}}, "counts of 1 to 4 are hidden"),
        ({"public": {"threshold": 12, "survey_responses": {"threshold": 11}}}, "disclosure.public.survey_responses"),
        ({"press": {"threshold": 20}}, "disclosure.press: no such audience"),
        ({"partner": {"treshold": 6}}, "disclosure.partner.treshold: no such setting"),
        ({"partner": {"threshold": "six"}}, "'six' is not a whole number"),
        ({"partner": {"percentages": "none"}}, 'disclosure.partner.percentages: "none" is not known'),
        ({"partner": 7}, "write it in a section of its own"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_in_one_line(given, words):
    with pytest.raises(InputError, match=r"area\.toml") as refused:
        read_rules(given, "area.toml")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_area_whose_rules_are_laxer_is_not_run(tmp_path, capsys):
    area = tmp_path / "wexmoor"
    shutil.copytree(AREA, area)
    with (area / "area.toml").open("a", encoding="utf-8") as file:
        file.write("\n[disclosure.public]\nthreshold = 5\n")
    assert main(["run", str(area), "--audience", "public", "--output", str(tmp_path / "out")]) == 2
    assert "area.toml, disclosure.public: it would show more" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_audience_that_is_not_known_is_refused_by_name(tmp_path, capsys):
    assert main(["run", str(AREA), "--audience", "press", "--output", str(tmp_path)]) == 2
    assert "audience: 'press' is not available. Audiences are: internal, partner, public." in capsys.readouterr().err
