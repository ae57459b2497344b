"""Which value means the event is read from the data: exchanged, it is still found; without evidence it is not sure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognise.files import people
from tilexplorer.recognise import Recognised, recognise
from tilexplorer.recognise.guess import SURE


def status(frame: pd.DataFrame, name: str) -> Recognised:
    return next(one for one in recognise(frame) if one.column == name)


def named(os: str, pfs: str, *, one_is_event: bool, response: bool = True) -> pd.DataFrame:
    made = people(80).rename(columns={"days": "OS days", "pfs_days": "PFS days", "dead": os, "progressed": pfs})
    if not one_is_event:
        made[[os, pfs]] = made[[os, pfs]].replace({"1": "0", "0": "1"})
    return made if response else made.drop(columns="response")


@pytest.mark.parametrize("one_is_event", [True, False])
@pytest.mark.parametrize(("os", "pfs"), [("OS_CNSR", "PFS_CNSR"), ("OS_SOR", "PFS_SOR"), ("censOS", "censPFS")])
def test_names_that_lie_do_not_matter(os: str, pfs: str, one_is_event: bool) -> None:
    made = named(os, pfs, one_is_event=one_is_event)
    for name in (os, pfs):
        found = status(made, name)
        assert found.details.event == (("1",) if one_is_event else ("0",))
        assert found.confidence >= SURE
        assert "progressive disease" in found.why


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_sure_direction_is_the_right_one(seed: int, one_is_event: bool) -> None:
    made = (
        people(40, seed).rename(columns={"days": "OS days", "dead": "OS_CNSR"}).drop(columns=["progressed", "pfs_days"])
    )
    if not one_is_event:
        made["OS_CNSR"] = made["OS_CNSR"].replace({"1": "0", "0": "1"})
    found = status(made, "OS_CNSR")
    if found.confidence >= SURE and len(found.details.censored):
        assert found.details.event == (("1",) if one_is_event else ("0",))


def test_times_that_say_nothing_leave_it_open() -> None:
    draw = np.random.default_rng(3)
    made = pd.DataFrame({"OS days": draw.integers(30, 900, 60), "OS_CNSR": draw.integers(0, 2, 60)}).astype(str)
    found = status(made.astype("string"), "OS_CNSR")
    assert found.confidence < SURE
    assert found.alternatives[0].details.event == found.details.censored


def test_an_empty_cell_beside_words_for_the_event_is_asked_about() -> None:
    made = named("OS event", "PFS event", one_is_event=True)
    made["PFS event"] = made["PFS event"].replace({"1": "progressed", "0": ""}).replace("", None)
    found = status(made, "PFS event")
    assert (found.details.event, found.details.censored) == (("progressed",), ("",))
    assert found.confidence < SURE
    assert "an empty cell is taken for censored" in found.why


def test_words_that_the_data_contradict_are_not_sure() -> None:
    made = named("OS_STATUS", "PFS_STATUS", one_is_event=False)
    made["OS_STATUS"] = made["OS_STATUS"].replace({"1": "DECEASED", "0": "LIVING"})
    found = status(made, "OS_STATUS")
    assert found.details.event == ("DECEASED",)
    assert found.confidence < SURE
    assert "unusual" in found.why


def test_a_status_without_an_endpoint_belongs_to_the_only_time() -> None:
    made = people().rename(columns={"pfs_days": "PFS days", "progressed": "EVENT_TYPE"}).drop(columns=["days", "dead"])
    found = status(made, "EVENT_TYPE")
    assert (found.role, found.details.endpoint, found.details.event) == ("status", "pfs", ("1",))
