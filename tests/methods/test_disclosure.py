"""Small counts that no reader can work out, and little else hidden."""

import numpy as np
import pytest

from sendanalysis.errors import MethodError
from sendanalysis.methods.disclosure import merge_atoms, protect, small
from sendanalysis.methods.disclosure_audit import Share, audit, bounds
from sendanalysis.methods.disclosure_rule import Rule

FIVE = Rule(5)
PUBLIC = Rule(10, round_to=10, percentages="rounded")


def table_of(counts):
    """A table with its totals: cells row by row, row totals, column totals, the whole."""
    counts = np.array(counts)
    m, n = counts.shape
    atoms = np.eye(m * n, dtype=int).reshape(m, n, m * n)
    cells = [*atoms.reshape(-1, m * n), *atoms.sum(axis=1), *atoms.sum(axis=0), atoms.sum(axis=(0, 1))]
    return np.array(cells), counts.ravel()


def test_one_small_count_of_a_table_takes_three_more_with_it_and_no_total():
    cells, sizes = table_of([[3, 20, 40], [30, 25, 50], [60, 70, 80]])
    hidden = protect(cells, sizes, FIVE)
    assert np.flatnonzero(hidden).tolist() == [0, 1, 3, 4]
    assert audit(cells, sizes, hidden, FIVE).recoverable == ()


def test_without_more_hidden_a_small_count_is_its_total_less_the_rest():
    cells, sizes = table_of([[3, 20, 40], [30, 25, 50], [60, 70, 80]])
    found = audit(cells, sizes, small(cells @ sizes, FIVE), FIVE)
    assert found.recoverable == (0,)


def test_a_small_complement_hides_one_of_the_two_counts_that_give_it_away():
    cells, never = [[1, 0], [1, 1], [0, 1]], [False, False, True]
    hidden = protect(cells, [20, 2], FIVE, never_shown=never)
    assert hidden.tolist() == [True, False, True]
    assert audit(cells, [20, 2], hidden, FIVE, never_shown=never).recoverable == ()
    assert audit(cells, [20, 2], never, FIVE, never_shown=never).recoverable == (2,)


def test_three_months_rolled_hide_a_window_for_the_month_that_two_of_them_tell():
    months = np.eye(5, dtype=int)
    cells = np.vstack([months, [months[i : i + 3].sum(axis=0) for i in range(3)]])
    sizes = [20, 3, 30, 25, 28]
    hidden = protect(cells, sizes, FIVE)
    assert hidden[1]
    assert hidden.sum() == 3
    assert audit(cells, sizes, hidden, FIVE).recoverable == ()
    assert audit(cells, sizes, small(cells @ sizes, FIVE), FIVE).recoverable == (1,)


def test_a_year_to_date_less_last_months_is_not_published_where_the_month_is_small():
    before, now, month = [1, 0], [1, 1], [0, 1]
    hidden = protect([now, month], [40, 3], FIVE, shown_before=[before])
    assert hidden.tolist() == [True, True]
    assert audit([now, month], [40, 3], hidden, FIVE, shown_before=[before]).recoverable == ()


def test_what_earlier_publications_give_away_is_named_by_the_audit():
    before, month = [[1, 0], [1, 1]], [[0, 1]]
    hidden = protect(month, [40, 3], FIVE, shown_before=before)
    assert hidden.tolist() == [True]
    assert audit(month, [40, 3], hidden, FIVE, shown_before=before).recoverable == (0,)


def test_two_small_counts_whose_sum_is_small_too_need_a_third():
    cells, sizes = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [1, 3, 30]
    assert protect(cells, sizes, FIVE).tolist() == [True, True, True, False]


def test_nothing_is_hidden_where_nothing_is_small():
    cells, sizes = table_of([[0, 20], [5, 7]])
    assert not protect(cells, sizes, FIVE).any()


def test_a_count_that_stands_twice_is_hidden_twice():
    cells = [[1, 0], [1, 0], [1, 1], [0, 1], [0, 1]]
    assert protect(cells, [3, 30], FIVE).tolist() in ([True, True, True, False, False], [True, True, False, True, True])


def test_a_nought_that_may_not_be_shown_is_hidden_like_a_small_count():
    assert small([0, 4, 5], Rule(5, zero=False)).tolist() == [True, True, False]
    cells, rule = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], Rule(5, zero=False)
    hidden = protect(cells, [0, 9, 12], rule)
    assert hidden.sum() == 2
    assert audit(cells, [0, 9, 12], hidden, rule).recoverable == ()


def test_rounding_alone_can_keep_a_small_count():
    cells, sizes = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [4, 33, 58]
    assert protect(cells, sizes, PUBLIC).tolist() == [True, False, False, False]
    assert audit(cells, sizes, small(cells @ np.array(sizes), PUBLIC), PUBLIC).recoverable == ()


def test_without_secondary_only_small_counts_are_hidden():
    rule = Rule(8, round_to=5, percentages="rounded", secondary=False)
    assert protect([[1, 0], [0, 1], [1, 1]], [3, 30], rule).tolist() == [True, False, False]


def test_a_rounded_percentage_narrows_what_a_reader_can_tell():
    cells, values = [[1, 0], [1, 1]], [np.nan, 40]
    plain = bounds(cells, values, [0], FIVE).loc[0]
    told = bounds(cells, values, [0], FIVE, shares=[Share(0, 1, 9.5, 10.5)]).loc[0]
    assert plain.tolist() == [0, 1, 40]
    assert told.tolist() == [0, 4, 4]


def test_a_share_of_a_shown_count_bounds_a_hidden_whole():
    told = bounds([[1, 0], [1, 1]], [20, np.nan], [1], FIVE, shares=[Share(0, 1, 49.5, 50.5)]).loc[0]
    assert told.tolist() == [1, 40, 40]


def test_hidden_without_limit_has_no_upper_end():
    assert bounds([[1, 0], [0, 1]], [np.nan, 7], [0, 1], FIVE)["upper"].tolist() == [np.inf, 7]


def test_units_counted_in_the_same_cells_are_one_atom():
    cells, sizes, atom = merge_atoms([[1, 1, 0, 0], [0, 0, 1, 0]])
    assert (cells.toarray()[:, atom] == [[1, 1, 0, 0], [0, 0, 1, 0]]).all()
    assert sizes[atom].tolist() == [2, 2, 1, 1]


def test_cells_and_atoms_that_do_not_fit_are_refused():
    with pytest.raises(MethodError, match="atoms: 3 sizes for 2 and 2 columns"):
        protect([[1, 0]], [1, 2, 3], FIVE)
    with pytest.raises(MethodError, match="below 0"):
        protect([[1, -1]], [1, 2], FIVE)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"threshold": 0}, "whole numbers from 1"),
        ({"threshold": 5, "percentages": "about"}, '"about" is not known'),
        ({"threshold": 10, "round_to": 10}, "undo the rounding"),
    ],
)
def test_what_is_no_rule_is_refused(rule, words):
    with pytest.raises(MethodError, match=words):
        Rule(**rule)


def test_counts_that_contradict_each_other_are_refused():
    with pytest.raises(MethodError, match="contradict"):
        bounds([[1, 0], [0, 1], [1, 1]], [7, 7, 9], [0], FIVE)
    with pytest.raises(MethodError, match="contradict"):
        bounds([[1, 0, 1], [0, 1, 1], [1, 1, 0]], [9, 30, 6], [0], FIVE)
