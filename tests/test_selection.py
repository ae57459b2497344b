"""A selection survives its query string, and a bad query is reported, never obeyed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tilexplorer.selection import BY, FILTERS, INTERVALS, Selection, parse_query

ids = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
many = st.lists(ids, unique=True, max_size=3).map(tuple)
selections = st.builds(
    Selection,
    cohort=many,
    **dict.fromkeys(FILTERS, many),
    age_min=st.none() | st.integers(0, 99).map(float),
    tau=st.none() | st.integers(1, 120).map(float),
    measure=st.sampled_from(["", "tmb", "immune_phenotype"]),
    rule=st.sampled_from(["", "recorded", "median", "tertile", "quartile", "cut:1.5", "cut:-2,3"]),
    by=st.lists(st.sampled_from(sorted(BY)), min_size=1, max_size=2, unique=True).map(tuple),
    interval=st.sampled_from(INTERVALS),
)


@given(selections, ids)
def test_round_trip(selection: Selection, generation: str) -> None:
    parsed = parse_query(selection.to_query(generation))
    assert parsed.selection == selection
    assert parsed.problems == ()
    assert parsed.generation == generation


def test_a_whole_address_is_read() -> None:
    parsed = parse_query("http://localhost:8501/survival?cohort=a&cohort=b&by=tumour#part")
    assert parsed.selection == Selection(cohort=("a", "b"), by=("tumour",))


def test_what_is_not_understood_is_reported_and_ignored() -> None:
    parsed = parse_query("?rule=half&by=nosuch&by=level&response=xyz&age_min=old&nonsense=1&tau=-3&cohort=a&v=9")
    assert parsed.selection == Selection(cohort=("a",))
    assert len(parsed.problems) == 7
    assert any("cut:<x>" in problem for problem in parsed.problems)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(parse_query(text).selection, Selection)
