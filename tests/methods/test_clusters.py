"""Shares of outcomes in clusters: what their intervals must always do, and how clusters are told to move together."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.errors import MethodError
from sendanalysis.methods.clusters import clustered, correlation, mean_of_shares
from sendanalysis.methods.proportions import wilson

CLUSTERS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (min(pair), max(pair))), max_size=9
)


def test_clusters_without_outcomes_are_no_share():
    assert math.isnan(clustered([], []).value)
    assert math.isnan(mean_of_shares([0], [0]).value)


def test_answers_that_move_together_leave_more_uncertain_than_independent_ones():
    events, n = [20, 20, 20, 20, 0, 20, 20, 5], [20] * 8
    pooled, alone = clustered(events, n), wilson(sum(events), sum(n))
    assert pooled.value == alone.value
    assert pooled.upper - pooled.lower > alone.upper - alone.lower


def test_many_clusters_have_the_spread_that_theory_expects():
    rng = np.random.default_rng(3)
    events = rng.binomial(30, rng.beta(7, 3, 200))
    share, error = clustered(events, [30] * 200), events.std() / 30 / math.sqrt(200)
    assert share.upper - share.lower == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_clusters_alike_in_themselves_are_wholly_correlated_and_those_split_alike_are_not():
    assert correlation([10, 0] * 50, [10] * 100) == pytest.approx(1)
    assert correlation([5] * 100, [10] * 100) == 0
    assert correlation([10, 10], [10, 10]) == correlation([1], [2]) == correlation([], []) == 1


@pytest.mark.parametrize("alike", [0.05, 0.2, 0.5])
def test_the_correlation_is_found_again_in_many_clusters(alike):
    rng = np.random.default_rng(4)
    n = rng.integers(5, 40, 4000)
    found = correlation(rng.binomial(n, rng.beta(0.8 * (1 / alike - 1), 0.2 * (1 / alike - 1), 4000)), n)
    assert found == pytest.approx(alike, rel=0.1)


def test_few_clusters_are_told_by_many_how_much_they_move_together():
    events, n = [9, 8, 10], [10, 10, 10]
    alone, little, wholly = (clustered(events, n, known) for known in (None, 0.05, 1))
    assert little.value == alone.value == 0.9
    assert little.upper - little.lower < alone.upper - alone.lower <= wholly.upper - wholly.lower
    assert clustered(events, n, 0).lower == pytest.approx(wilson(27, 30).lower)
    assert mean_of_shares(events, n, 0.05).lower == pytest.approx(little.lower)


def test_a_single_plan_has_a_share_and_no_interval():
    share = clustered([7], [9])
    assert share.value == pytest.approx(7 / 9)
    assert math.isnan(share.lower)


def test_plans_weigh_alike_in_the_mean_of_shares_and_those_without_answers_are_left_out():
    share = mean_of_shares([1, 1, 0], [1, 4, 0])
    assert (share.events, share.n, share.value) == (1.25, 2, 0.625)
    assert clustered([1, 1, 0], [1, 4, 0]).value == 0.4


def test_where_all_answers_are_yes_the_plans_are_the_trials():
    assert clustered([20, 30, 10], [20, 30, 10]).lower == pytest.approx(1 / (1 + 1.959964**2 * 1400 / 3600), abs=1e-6)
    assert mean_of_shares([20, 30, 10], [20, 30, 10]).lower == pytest.approx(wilson(3, 3).lower)


@settings(max_examples=100, deadline=None)
@given(CLUSTERS)
def test_the_interval_of_clusters_holds_the_share_and_is_never_narrower_than_wilsons(clusters):
    events, n = [e for e, _ in clusters], [n for _, n in clusters]
    for share in (clustered(events, n), mean_of_shares(events, n)):
        assert math.isnan(share.lower) or 0 <= share.lower <= share.value <= share.upper <= 1
    pooled, alone = clustered(events, n), wilson(sum(events), sum(n))
    assert math.isnan(pooled.lower) or pooled.upper - pooled.lower >= alone.upper - alone.lower - 1e-9


@settings(max_examples=40, deadline=None)
@given(CLUSTERS, st.randoms(use_true_random=False))
def test_the_order_of_the_clusters_does_not_matter(clusters, random):
    shuffled = random.sample(clusters, len(clusters))
    for estimate in (clustered, mean_of_shares):
        there, back = (estimate([e for e, _ in some], [n for _, n in some]) for some in (clusters, shuffled))
        np.testing.assert_array_equal([there.value, there.lower, there.upper], [back.value, back.lower, back.upper])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clustered([1, 3], [1, 2]), "3 of 2 in cluster 2"),
        (lambda: clustered([1], [1, 2]), "1 and 2 clusters"),
        (lambda: mean_of_shares([math.nan], [2]), "nan of 2 in cluster 1"),
        (lambda: correlation([1, -1], [2, 2]), "-1 of 2 in cluster 2"),
    ],
)
def test_what_is_no_count_of_a_cluster_is_named(call, message):
    with pytest.raises(MethodError, match=message):
        call()
