"""Methods and sources: complete, and read from where things are defined."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from tests.command import analyse
from tilexplorer import schema, vocabulary
from tilexplorer.analysis.methods import PLUMBING, STATISTICS, split, statistics
from tilexplorer.statistics import small

METHODS = {method.name: method for method in statistics()}


@pytest.mark.parametrize("name", METHODS)
def test_every_public_function_is_told(name: str) -> None:
    module = importlib.import_module(f"tilexplorer.statistics.{name}")
    own = {
        function_name
        for function_name, function in inspect.getmembers(module, lambda member: callable(member))
        if inspect.isfunction(inspect.unwrap(function))  # a cached function is a function
        and function.__module__ == module.__name__
        and not function_name.startswith("_")
    }
    assert {function.name for function in METHODS[name].functions} == own
    assert METHODS[name].summary
    assert all(function.summary for function in METHODS[name].functions)


def test_what_is_left_out_is_there() -> None:
    """A name in the list of plumbing that no longer exists would hide nothing and mislead."""
    assert {f"{name}.py" for name in PLUMBING} <= {path.name for path in STATISTICS.glob("*.py")}


def test_a_docstring_is_split_at_its_first_paragraph() -> None:
    assert split("One line\nand more.\n\nThen details.\n") == ("One line and more.", "Then details.")
    assert split("") == ("", "")


def test_the_tables_are_those_of_the_program_and_the_store(simulated_store: Path) -> None:
    found = analyse(simulated_store, "methods", "cohort=sim-uro")
    tables = found["tables"]
    assert len(tables["Data dictionary"]) == sum(len(table.columns) for table in schema.TABLES)
    assert {"Printed only from": "auc class", "Number": small.DEFAULT.auc_class} in tables["Small numbers"]
    assert {row["Key"] for row in tables["Response rates"]} == set(vocabulary.RESPONSE_RATES)
    assert sum(row["Patients"] for row in tables["Tumour types"]) == 240
    assert {row["Cohort"] for row in tables["Measures"]} == {"SIMULATED urothelial carcinoma"}
    assert found["sources"][0]["cohort"] == "sim-uro"


@pytest.mark.parametrize("words", ["not standardised", "not causation", "no advice for one patient"])
def test_the_limits_are_said(simulated_store: Path, words: str) -> None:
    assert any(words in line for line in analyse(simulated_store, "methods")["limits"])


@pytest.mark.cohorts
def test_every_real_cohort_has_its_source(real_store: Path) -> None:
    found = analyse(real_store, "methods")
    assert len(found["sources"]) >= 8
    assert all(source["citation"] and source["licence"] for source in found["sources"])
