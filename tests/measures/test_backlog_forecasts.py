"""Why the backlog has no forecast: the back-test that each model failed, run smaller."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "backlog_forecasts.py"


@pytest.fixture(scope="module")
def back_test():
    """The script of the back-test."""
    spec = importlib.util.spec_from_file_location("backlog_forecasts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_model_holds_its_band_where_a_clinic_has_fixed_places(back_test):
    held = back_test.bands_held("fixed places", 4, list(back_test.MODELS.values()))
    assert held.shape[1] == len(back_test.MODELS)
    assert (held.mean(axis=0) < 0.75).all()


def test_a_hazard_of_late_holds_while_it_is_constant_and_not_once_it_falls(back_test):
    model = [back_test.MODELS["hazard of 13 weeks"]]
    constant, falling = (back_test.bands_held(truth, 20, model).mean() for truth in ("constant", "falling"))
    assert 0.75 <= constant <= 0.9
    assert falling < 0.7
