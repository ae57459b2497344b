"""The preview counts what the import counts, with the pages' statistics, and warns of what is hard to believe."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from tests.importers.made import MAPPING
from tests.recognise.files import people
from tests.shared import real_cohorts
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.mapping import Mapped
from tilexplorer.recognise import Preview, draft, edit, preview

ENDPOINTS = """[[endpoints]]
id = "os"
time = "days"
unit = "days"
status = "dead"
event = ["1"]
censored = ["0"]

[[endpoints]]
id = "pfs"
time = "pfs_days"
unit = "days"
status = "progressed"
event = ["1"]
censored = ["0"]

[measures"""
FULL = re.sub(r"\[\[endpoints\]\].*?\[measures", ENDPOINTS, MAPPING, flags=re.DOTALL).replace('"bor"', '"response"')


def mapped(text: str = FULL) -> Mapped:
    return parse_mapping(text, "made.toml")


def frame(n: int = 60, **changes: Any) -> pd.DataFrame:
    made = people(n).assign(tils=[str(5 + i % 40) for i in range(n)])
    return made.assign(**changes).astype("string")


def shown(text: str = FULL, **changes: Any) -> Preview:
    return preview(mapped(text), {"clinical": frame(**changes)})


def test_what_is_counted_by_hand() -> None:
    # 61 patients: with 60 the curve is flat at one half, where the second opinion takes another point of the step.
    rows = frame(61)
    found = preview(mapped(), {"clinical": rows})
    assert found.error == ""
    assert found.patients == 61
    os = found.endpoints[0]
    days, dead = rows["days"].astype(int), rows["dead"].astype(int)
    assert (os.endpoint, os.n, os.events) == ("os", 61, int(dead.sum()))
    assert os.median.value == KaplanMeierFitter().fit(days, dead).median_survival_time_
    assert dict(found.responses) == rows["response"].value_counts().to_dict()
    assert [word for word, _ in found.responses] == ["CR", "PR", "SD", "PD"]
    assert found.response_rate is not None
    assert found.response_rate.value == rows["response"].isin(["CR", "PR"]).mean()
    tils = found.measures[0]
    numbers = rows["tils"].astype(float)
    assert (tils.measure, tils.timepoint, tils.n) == ("til_percent", "baseline", 61)
    assert (tils.median, tils.lowest, tils.highest) == (numbers.median(), numbers.min(), numbers.max())
    assert found.warnings == ()


def test_who_is_left_out_is_counted() -> None:
    found = shown(dead=["", *frame()["dead"][1:]])
    assert ("outcome", "os: time or status not recorded", 1) in found.excluded
    assert found.endpoints[0].n == 59


def test_a_fault_in_the_data_is_said_and_does_not_stop_the_page() -> None:
    found = shown(response=["??", *frame()["response"][1:]])
    assert found.patients == 0
    assert "column 'response': '??'" in found.error


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_an_exchanged_event_is_warned_of(endpoint: str) -> None:
    made = mapped()
    turned = [replace(e, event=e.censored, censored=e.event) if e.id == endpoint else e for e in made.endpoints]
    found = preview(replace(made, endpoints=tuple(turned)), {"clinical": frame()})
    assert [text for text in found.warnings if text.startswith(endpoint.upper()) and "turned round" in text]
    assert "progressive disease" in " ".join(found.warnings)


@pytest.mark.parametrize(("unit", "warned"), [("days", False), ("weeks", False), ("months", True)])
def test_a_unit_that_is_hard_to_believe_is_warned_of(unit: str, warned: bool) -> None:
    text = FULL.replace('time = "days"\nunit = "days"', f'time = "days"\nunit = "{unit}"')
    found = shown(text)
    # 416 days: read as months the median would be 35 years, which the import itself refuses.
    assert (("check the unit" in " ".join(found.warnings)) or ('correct unit = "..."' in found.error)) is warned


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dead": "0"}, "OS: nobody has the event"),
        ({"dead": "1"}, "OS: every patient has the event"),
        ({"response": "CR"}, "100% of 60 patients responded"),
        ({"response": "PD"}, "0% of 60 patients responded"),
        ({"tils": "10"}, "Stromal TILs: every value is 10"),
        ({"tils": [f"{i / 100}" for i in range(60)]}, "Stromal TILs: a median of 0.295 % is unusual"),
        ({"pfs_days": people(60)["days"].astype(int) + 30}, "PFS is longer than OS in 60 of 60"),
    ],
)
def test_what_is_hard_to_believe_is_warned_of(changes: dict[str, Any], words: str) -> None:
    assert [text for text in shown(**changes).warnings if text.startswith(words)]


def test_it_is_live_on_ten_thousand_rows() -> None:
    draw = np.random.default_rng(5)
    rows = frame(10_000, tils=draw.integers(0, 90, 10_000).astype(str))
    preview(mapped(), {"clinical": rows})
    start = time.perf_counter()
    found = preview(mapped(), {"clinical": rows})
    assert found.patients == 10_000
    # 0.2 s alone on one core; the limit leaves room for a machine that others use.
    assert time.perf_counter() - start < 1.5


@pytest.mark.cohorts
def test_the_published_figures_of_imvigor210_from_a_draft() -> None:
    """Mariathasan 2018: 348 samples of 347 patients, 231 deaths, 68 of 298 evaluable responded, 284 phenotypes."""
    path: Path = real_cohorts() / "imvigor210_mariathasan2018" / "pData_IMvigor210.csv"
    made = edit.set_regimen(edit.set_tumour(draft([path]), "BLCA"), ["atezolizumab"])
    found = preview(made.mapped(), made.frames)
    assert (found.patients, found.endpoints[0].events) == (347, 231)
    assert dict(found.responses) == {"CR": 25, "PR": 43, "SD": 63, "PD": 167, "NE": 49}
    assert found.endpoints[0].median.value == 269
    phenotype = found.measures[0]
    assert (phenotype.n, phenotype.levels) == (284, (("desert", 76), ("excluded", 134), ("inflamed", 74)))
    assert found.warnings == ()
