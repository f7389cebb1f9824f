"""The rules of rules.csv are data: each can be evaluated, and takes its words from columns that there are."""

from string import Formatter

import pytest

from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.reading import read_table
from sendanalysis.inputs.rules import beside_faults, rule_faults

COLUMNS = {contract.name: [column.name for column in contract.columns] for contract in CONTRACTS}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Every table, with its columns and no row."""
    folder = tmp_path_factory.mktemp("nothing")
    return {found.name: read_table(folder / f"{found.name}.csv", found, needed=False)[0] for found in CONTRACTS}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_rule_can_be_evaluated_over_a_table_without_rows(contract, tables):
    assert rule_faults(tables[contract.name], tables[contract.name], contract.rules, "a.csv") == []
    assert beside_faults(tables, contract.name) == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_rule_names_columns_that_there_are(contract):
    for rule in (*contract.rules, *contract.beside):
        known = {*COLUMNS[contract.name], *(f"its_{name}" for name in COLUMNS.get(rule.beside, []))}
        words = {name for _, name, _, _ in Formatter().parse(rule.problem) if name}
        assert {rule.column, *words} <= known, rule
        assert rule.remedy.endswith("."), rule
