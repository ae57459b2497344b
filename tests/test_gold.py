"""Every number of the gold answers, which R computed, against ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gold.harness import MODULES, Case, cases, check, claims_of, gold_folder
from tests.gold.summary import record

CASES = cases(gold_folder())
ABSENT = pytest.param(
    None,
    id="absent",
    marks=pytest.mark.skip(reason=f"NOT RUN: no gold answers in {gold_folder().name}; set TILEXPLORER_GOLD"),
)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for inputs that are made by a recipe."""
    return tmp_path_factory.mktemp("gold")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES] or [ABSENT])
def test_every_answer_of_r_is_met(
    case: Case, generated: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, Any], None]
) -> None:
    monkeypatch.setenv("TILEXPLORER_GOLD_TEMP", str(generated))
    if case.kind in MODULES and claims_of(case.kind) is None:
        pytest.skip(f"NOT RUN: tests/gold/{MODULES[case.kind]}.py, which claims {case.kind} cases, does not exist")
    report = check(case)
    record_property(*record(report))
    assert not report.failures, "\n".join(report.failures[:20])


SMALL = "id,time,event,group,stratum,x\n1,2,1,a,s,1\n2,3,0,a,s,2\n3,4,1,b,s,3\n4,5,1,b,s,4\n"


def small_case(folder: Path, answers: dict[str, Any]) -> Case:
    """A case of a few rows with chosen answers."""
    (folder / "input.csv").write_text(SMALL, encoding="utf-8")
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    return Case("small", "landmark", folder)


# 4 patients; landmark 0: nobody responded
LANDMARK = {"landmarks": [], "time_varying_cox": {"coef": [1.0]}}


def test_an_answer_that_nobody_claims_is_a_failure(tmp_path: Path) -> None:
    case = small_case(tmp_path, LANDMARK | {"new_statistic": {"p": 0.5}})
    case.input["resp_time"] = ["NA"] * 4
    assert check(case).failures == ["small: nobody claims new_statistic/p"]


def test_what_is_not_compared_is_counted_with_its_reason(tmp_path: Path) -> None:
    case = small_case(tmp_path, LANDMARK)
    case.input["resp_time"] = ["NA"] * 4
    (line,) = check(case).lines.values()
    assert (line.values, list(line.not_compared.values())) == (0, [1])


@pytest.mark.skipif(not any(case.name == "leukemia" for case in CASES), reason="NOT RUN: needs the leukemia answers")
@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("km/log-log/Maintained/median", 31.0001),
        ("logrank/stratified/chisq", 1.0),
        ("cox/efron/x/coef", [0.5]),
        ("risk_table/times", [0]),
        ("km/log/Maintained/n_risk", "NA"),
    ],
)
def test_a_wrong_answer_is_found(key: str, wrong: Any) -> None:
    case = next(case for case in CASES if case.name == "leukemia")
    spoilt = Case(case.name, case.kind, case.folder)
    *path, last = key.split("/")
    spoilt.gold("/".join(path))[last] = wrong
    failures = check(spoilt).failures
    assert any(key.split("/")[0] in failure for failure in failures)


def test_a_kind_that_nobody_knows_is_a_failure(tmp_path: Path) -> None:
    case = small_case(tmp_path, {"p": 0.5})
    assert check(Case("new", "astrology", case.folder)).failures == ["new: no claims module for kind 'astrology'"]
