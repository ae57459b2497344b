"""The event table: what is counted, merged, ordered and excluded."""

from __future__ import annotations

import numpy as np
import pytest

from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.ties import distinct_times


def test_duplicates_are_merged_and_empty_rows_dropped() -> None:
    table = EventTable.from_counts([5, 3, 5, 9], [1, 0, 2, 0], [0, 1, 1, 0])
    assert (table.time.tolist(), table.events.tolist(), table.censored.tolist()) == ([3, 5], [0, 3], [1, 1])


def test_levels_keep_the_declared_order_and_empty_levels_their_place() -> None:
    table = EventTable.from_rows([1, 2, 3], [1, 0, 1], group=["low", "high", "low"], groups=["low", "mid", "high"])
    assert table.n_by_group.tolist() == [2, 0, 1]
    assert table.nonempty().groups == ("low", "high")
    assert table.nonempty().n_by_group.tolist() == [2, 1]


def test_without_declared_levels_they_stand_by_first_appearance() -> None:
    assert EventTable.from_rows([1, 2], [1, 1], group=["z", "a"]).groups == ("z", "a")


def test_codes_and_labels_give_the_same_table() -> None:
    time, event = [4, 2, 2, 7], [1, 1, 0, 1]
    by_code = EventTable.from_rows(time, event, group=[1, 0, 1, 0], groups=["a", "b"])
    by_label = EventTable.from_rows(time, event, group=["b", "a", "b", "a"], groups=["a", "b"])
    for name in ("group", "time", "events", "censored"):
        assert getattr(by_code, name).tolist() == getattr(by_label, name).tolist()


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [(-1.0, 1.0, "a"), (np.nan, 1.0, "a"), (2.0, np.nan, "a"), (2.0, 2.0, "a"), (2.0, 1.0, None), (2.0, 1.0, "other")],
)
def test_what_cannot_be_counted_is_excluded_and_counted(time: float, event: float, group: str | None) -> None:
    groups = np.array([group, "a", "b"], object)
    table = EventTable.from_rows([time, 3.0, 4.0], [event, 1.0, 0.0], group=groups, groups=["a", "b"])
    assert (table.n, table.n_events, table.excluded) == (2, 1, 1)


def test_times_that_differ_in_the_last_bits_are_one_time() -> None:
    table = EventTable.from_rows([0.1 + 0.2, 0.3, 0.7], [1, 1, 0])
    assert table.time.size == 2


def test_after_a_landmark_the_clock_starts_again_for_those_still_followed() -> None:
    table = EventTable.from_rows([5, 10, 11, 20], [1, 1, 0, 1]).after(10)
    assert (table.time.tolist(), table.events.tolist()) == ([1, 10], [0, 1])


def test_until_a_limit_later_events_are_censored_there() -> None:
    table = EventTable.from_rows([5, 10, 11, 20], [1, 1, 0, 1]).until(10)
    assert (table.time.tolist(), table.events.tolist(), table.censored.tolist()) == ([5, 10], [1, 1], [0, 2])


def test_a_group_of_a_table_is_the_same_with_one_stratum_and_with_several() -> None:
    time, event, group = [5, 3, 8, 8], [1, 0, 1, 1], ["a", "b", "b", "a"]
    one = EventTable.from_rows(time, event, group=group)
    several = EventTable.from_rows(time, event, group=group, stratum=["x", "y", "y", "x"])
    for part in (one.of_group("b"), several.of_group("b").merge_strata()):
        assert (part.time.tolist(), part.events.tolist()) == ([3, 8], [0, 1])


def test_wrong_shapes_and_unknown_groups_are_errors_of_the_program() -> None:
    with pytest.raises(ValueError, match="expected 2 counts"):
        EventTable.from_rows([1, 2], [1])
    with pytest.raises(ValueError, match="no such group: b"):
        EventTable.from_rows([1, 2], [1, 0]).of_group("b")


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_distinct_times_are_the_same_by_lookup_and_by_sorting(dtype: type[np.generic]) -> None:
    time = np.array([7, 0, 7, 3]).astype(dtype)
    distinct, position = distinct_times(time)
    assert (distinct.tolist(), position.tolist()) == ([0, 3, 7], [2, 0, 2, 1])
    assert distinct_times(np.array([500_000, 2]))[1].tolist() == [1, 0]
