"""A mapping that is written is read back as the same mapping: the catalogue's, and random ones."""

from __future__ import annotations

import tomllib
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.importers.made import MAPPING
from tilexplorer import catalog, vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.mapping import (
    Absent,
    Cohort,
    Endpoint,
    File,
    Mapped,
    Measure,
    Patients,
    Pattern,
    Regimen,
    Rule,
    SamePatients,
    Samples,
    Study,
    Table,
    Value,
    Where,
)
from tilexplorer.importers.mapping_toml import ORDER, WIDTH, write_mapping
from tilexplorer.importers.steps import Combine, DaysBetween, Derive, Drop, Fill, First, Join, Keep, Repair
from tilexplorer.importers.toml_text import inline

TEXT = st.text(max_size=12)
WORD = st.text(min_size=1, max_size=12)
WORDS = st.lists(TEXT, max_size=3).map(tuple)
MAYBE = st.none() | st.booleans()
HEADER = st.just((1, 2))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
# Texts that a regular expression takes as they are, and some with backslashes and quotes.
PATTERN = st.sampled_from(["a.*", r"\d+_(on|pre)", "it's", 'say "x"', r"'\\'", "é"])

COLUMN = st.one_of(
    st.builds(
        Rule,
        column=WORD,
        map=st.dictionaries(TEXT, st.sampled_from(["true", "false", "", "CR", "a'b", "\\"]), max_size=3),
        patterns=st.lists(st.builds(Pattern, match=PATTERN, value=TEXT), max_size=2).map(tuple),
        fold_case=st.booleans(),
        missing=WORDS,
        factor=NUMBER,
        limits=st.booleans(),
    ),
    st.builds(Rule, columns=st.lists(WORD, min_size=1, max_size=3).map(tuple), unmapped=st.just("keep")),
)
RULE = st.builds(Rule, value=TEXT) | COLUMN
# A constant of a field that holds words has to be one of them.
TIMEPOINT = st.builds(Rule, value=st.sampled_from(vocabulary.TIMEPOINTS)) | COLUMN
REPLACEMENT = TEXT.map(lambda text: text.replace("\\", "/"))
STEP = st.one_of(
    st.builds(Repair, column=TEXT, pattern=PATTERN, replace=REPLACEMENT, expect=st.none() | st.integers(0, 9)),
    st.builds(Derive, column=TEXT, source=TEXT, pattern=PATTERN, replace=REPLACEMENT),
    st.builds(Combine, column=TEXT, sources=st.lists(TEXT, min_size=1, max_size=3).map(tuple), separator=TEXT),
    st.builds(DaysBetween, column=TEXT, start=TEXT, end=TEXT, format=TEXT),
    st.builds(Keep, column=TEXT, values=WORDS),
    st.builds(Drop, column=TEXT, values=WORDS, reason=TEXT),
    st.builds(Fill, column=TEXT),
    st.builds(First, by=TEXT, sort=WORDS, reason=TEXT),
    st.builds(Join, table=st.just("one file"), on=st.dictionaries(TEXT, TEXT, min_size=1, max_size=2)),
)
VALUE = st.builds(Value, column=WORD, factor=NUMBER, where=st.none() | st.builds(Where, column=TEXT, values=WORDS))
SAMPLES = st.builds(
    Samples,
    table=st.just("rows"),
    patient=RULE,
    sample=RULE,
    timepoint=TIMEPOINT,
    tissue=COLUMN,
    site=st.none() | RULE,
    measured=st.dictionaries(st.sampled_from(["tmb", "til_percent"]), VALUE),
)
ENDPOINT = st.builds(
    Endpoint,
    id=st.sampled_from(list(vocabulary.ENDPOINTS)),
    time=TEXT,
    unit=st.just("weeks"),
    status=TEXT,
    event=st.just(("1",)),
    censored=st.lists(st.sampled_from(["0", "", "é"]), max_size=2).map(tuple),
    note=TEXT,
)
MAPPED = st.builds(
    Mapped,
    cohort=st.builds(Cohort, id=st.just("c"), title=TEXT, notes=WORDS, immunotherapy=st.booleans()),
    files=st.fixed_dictionaries(
        {"one file": st.builds(File, name=TEXT, format=st.just("csv"), quote=TEXT, missing=WORDS, header=HEADER)}
    ),
    tables=st.fixed_dictionaries(
        {"rows": st.builds(Table, file=st.just("one file"), steps=st.lists(STEP, max_size=3).map(tuple))}
    ),
    studies=st.lists(st.builds(Study, id=TEXT, title=TEXT, randomised=MAYBE), max_size=2, unique_by=lambda s: s.id).map(
        tuple
    ),
    patients=st.builds(
        Patients,
        table=st.just("rows"),
        id=RULE,
        tumour=COLUMN,
        regimen=st.one_of(
            st.just(Regimen(components=("nivolumab", "ipilimumab"))),
            st.builds(Regimen, column=WORD, map=st.dictionaries(TEXT, st.just(("nivolumab",)), max_size=2)),
        ),
        sex=st.none() | COLUMN,
        response=st.none() | COLUMN,
    ),
    endpoints=st.lists(ENDPOINT, max_size=2, unique_by=lambda e: e.id).map(tuple),
    absent=st.lists(st.builds(Absent, id=st.just("pfs"), reason=TEXT), max_size=1).map(tuple),
    measures=st.fixed_dictionaries(
        {"tmb": st.builds(Measure, assay=TEXT, levels=WORDS), "til_percent": st.builds(Measure, note=TEXT)}
    ),
    samples=st.lists(SAMPLES, max_size=2).map(tuple),
    same_patients=st.lists(st.builds(SamePatients, preferred=TEXT, patients=WORDS), max_size=1).map(tuple),
)


@pytest.mark.parametrize("name", catalog.names())
def test_a_mapping_of_the_catalogue_comes_back(name: str) -> None:
    mapped = catalog.entry(name)
    assert parse_mapping(write_mapping(mapped), name) == mapped


@given(MAPPED)
@settings(max_examples=60, deadline=None)
def test_any_mapping_comes_back(mapped: Mapped) -> None:
    assert parse_mapping(write_mapping(mapped), "written") == mapped


@given(st.recursive(TEXT | NUMBER | st.booleans(), lambda s: st.lists(s, max_size=3) | st.dictionaries(TEXT, s)))
@settings(max_examples=100, deadline=None)
def test_any_value_comes_back(value: object) -> None:
    assert tomllib.loads(f"x = {inline(value)}") == {"x": value}


def test_every_part_of_the_language_has_its_place() -> None:
    assert set(ORDER) == {field.metadata.get("key", field.name) for field in fields(Mapped)}


def test_defaults_are_left_out_and_flags_are_bare() -> None:
    mapped = parse_mapping(
        MAPPING.replace("response = {", 'durable = {column = "b", map = {Y = true}}\nresponse = {'), "m"
    )
    text = write_mapping(mapped)
    assert "map = {Y = true}" in text
    assert "encoding" not in text
    assert "tissue" not in text


def test_comments_stand_above_their_section() -> None:
    text = write_mapping(parse_mapping(MAPPING, "m"), {"": ["Draft."], "endpoints.os": ["Confirm: the unit."]})
    assert text.startswith("# Draft.\n\n[cohort]")
    assert '# Confirm: the unit.\n[[endpoints]]\nid = "os"' in text
    assert parse_mapping(text, "m") == parse_mapping(MAPPING, "m")


def test_a_key_that_is_open_cannot_be_imported() -> None:
    text = write_mapping(parse_mapping(MAPPING, "m"), absent=["patients.regimen"])
    assert "# regimen = ...  # open: has to be filled in" in text
    with pytest.raises(InvalidMapping, match="the key 'regimen' is missing"):
        parse_mapping(text, "m")


@pytest.mark.parametrize("name", catalog.names())
def test_lines_can_be_read(name: str) -> None:
    lines = write_mapping(catalog.entry(name)).splitlines()
    # Only a text that cannot be broken (a citation, one map) may be longer than the width and some room for its key.
    assert sum(len(line) > 2 * WIDTH for line in lines) <= 6
