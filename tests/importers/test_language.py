"""What the mapping language can say, each on a made-up file that nobody has seen before."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.importers.made import MAPPING, ROWS, imported
from tilexplorer.errors import InvalidData, InvalidMapping
from tilexplorer.importers.mapping import DAYS
from tilexplorer.importers.outcomes import whole_days
from tilexplorer.importers.regimens import regimen_id
from tilexplorer.schema import BY_NAME, Canonical


def values(tables: Canonical, measure: str) -> dict[tuple[str, str], float]:
    chosen = tables["value"][tables["value"]["measure"] == measure]
    keys = zip(chosen["patient"], chosen["sample"], strict=True)
    return dict(zip(keys, chosen["number"].astype(float), strict=True))


def test_a_small_file(tmp_path: Path) -> None:
    tables = imported(tmp_path)
    assert list(tables["patient"]["patient"]) == ["0040", "0041", "0042"]
    assert list(tables["outcome"]["days"]) == [380, 91, 251]
    assert list(tables["outcome"]["event"]) == [False, True, True]
    assert list(tables["course"]["response"]) == ["PR", "PD", "NE"]
    assert values(tables, "til_percent") == {("0040", "0040"): 30.0, ("0041", "0041"): 5.0}
    for name, table in BY_NAME.items():
        assert tuple(tables[name].columns) == table.names


def test_the_same_files_give_the_same_tables(tmp_path: Path) -> None:
    one, two = imported(tmp_path), imported(tmp_path)
    assert all(one[name].equals(two[name]) for name in BY_NAME)


LONG = """
[cohort]
id = "long"
title = "A long table of samples by timepoint"

[files.long]
name = "long.csv"
format = "delimited"
delimiter = ";"
encoding = "latin-1"
missing = ["x", "unk", "unknown", "unkown", "na"]

[tables.long]
file = "long"
steps = [{do = "combine", column = "sample", sources = ["id", "visit", "tissue"], separator = "/"}]

[patients]
table = "long"
id = {column = "id"}
duplicates = "one row per sample"
tumour = {column = "tumour", map = {"Mélanome" = "MEL"}}
regimen = {column = "drugs", separator = "+"}
response = {column = "bor", map = {MR = "SD", PR = "PR", PD = "PD"}}
sex = {column = "sex", map = {f = "female", m = "male"}, fold_case = true}

[[endpoints]]
id = "pfs"
time = "weeks"
unit = "weeks"
status = "progressed"
event = ["yes"]
censored = ["no"]
decimal = ","

[measures.t_cell_fraction]
assay = "TCR sequencing"
[measures.t_cell_fraction_blood]
assay = "TCR sequencing"

[[samples]]
table = "long"
patient = {column = "id"}
sample = {column = "sample"}
timepoint = {column = "visit", map = {C1 = "baseline", C3 = "on_treatment"}}
tissue = {column = "tissue", map = {biopsy = "tumour", blood = "blood"}}
[samples.values]
t_cell_fraction = {column = "t", where = {column = "tissue", values = ["biopsy"]}, factor = 0.01, decimal = ","}
t_cell_fraction_blood = {column = "t", where = {column = "tissue", values = ["blood"]}, decimal = ","}
"""

LONG_ROWS = "\r".join(
    [
        "id;sex;tumour;drugs;bor;weeks;progressed;visit;tissue;t;;",
        "0040;F;Mélanome;Nivo + Ipi;MR;10,5;yes;C1;biopsy;25,5;;",
        "0040;F;Mélanome;Nivo + Ipi;MR;10,5;yes;C3;biopsy;40;;",
        "0040;F;Mélanome;Nivo + Ipi;MR;10,5;yes;C1;blood;0,3;;",
        "0041;unkown;Mélanome;pembrolizumab;PR;52;no;C1;biopsy;x;;",
        "0041;m;Mélanome;pembrolizumab;PR;52;no;C1;blood;0,125;;",
    ]
)


def test_a_long_table_in_which_the_unit_differs_between_tissues(tmp_path: Path) -> None:
    tables = imported(tmp_path, LONG, long__csv=LONG_ROWS.encode("latin-1"))
    assert values(tables, "t_cell_fraction") == {("0040", "0040/C1/biopsy"): 0.255, ("0040", "0040/C3/biopsy"): 0.4}
    assert values(tables, "t_cell_fraction_blood") == {("0040", "0040/C1/blood"): 0.3, ("0041", "0041/C1/blood"): 0.125}
    assert list(tables["patient"]["sex"]) == ["female", "male"]
    assert list(tables["course"]["response"]) == ["SD", "PR"]
    assert list(tables["course"]["regimen"]) == ["nivolumab + ipilimumab", "pembrolizumab"]
    assert list(tables["outcome"]["days"]) == [74, 364]
    assert len(tables["sample"]) == 5
    assert len(tables["exclusion"]) == 0


def test_a_percentage_that_is_read_as_a_share_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"long.csv, row 2, column 't': '25,5' lies outside of 0 to 1, .*factor"):
        imported(tmp_path, LONG.replace("factor = 0.01, ", ""), long__csv=LONG_ROWS.encode("latin-1"))


WIDE = MAPPING.replace(
    '[samples.values]\ntil_percent = {column = "tils"}',
    '[samples.values]\ntil_percent = {column = "TIL pre"}\n'
    '[[samples]]\ntable = "clinical"\npatient = {column = "id"}\nsample = {column = "id", prefix = "on-"}\n'
    'timepoint = {value = "on_treatment"}\n[samples.values]\ntil_percent = {column = "TIL on", limits = true}',
).replace('format = "csv"', 'format = "excel"\nheader = [2, 3]\nsheet = "data"')


def test_wide_columns_of_a_workbook_with_two_header_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("data")
    for row in (
        ["Table 1"],
        ["", "", "", "", "TIL", None],
        ["id", "bor", "months", "dead", "pre", "on"],
        ["0040", "PR", 12.5, 0, 30, ">80"],
        ["0041", "PD", 3, 1, 5, None],
    ):
        sheet.append(row)
    book.save(tmp_path / "made.xlsx")
    content = (tmp_path / "made.xlsx").read_bytes()
    tables = imported(tmp_path, WIDE, clinical__csv=content)
    assert values(tables, "til_percent") == {("0040", "0040"): 30, ("0041", "0041"): 5, ("0040", "on-0040"): 80}
    assert tables["value"].set_index("sample")["limit"].dropna().to_dict() == {"on-0040": ">"}
    assert tables["sample"].set_index("sample")["timepoint"]["on-0040"] == "on_treatment"


def with_steps(*steps: str) -> str:
    text = MAPPING.replace('table = "clinical"', 'table = "rows"')
    return text + f'\n[tables.rows]\nfile = "clinical"\nsteps = [{", ".join(steps)}]\n'


def test_a_repair_and_what_it_is_expected_to_change(tmp_path: Path) -> None:
    damaged = ROWS.replace("12.5", "12;5")
    step = '{do = "repair", column = "months", pattern = ";", replace = ".", expect = 1}'
    assert imported(tmp_path, with_steps(step), clinical__csv=damaged)["outcome"]["days"].iloc[0] == 380
    with pytest.raises(InvalidData, match=r"the repair of column 'months' changed 0 rows, the mapping expects 1"):
        imported(tmp_path, with_steps(step))


def test_rows_that_are_left_out_are_counted(tmp_path: Path) -> None:
    step = '{do = "drop", column = "bor", values = ["NE"], reason = "never treated"}'
    tables = imported(tmp_path, with_steps(step))
    assert list(tables["patient"]["patient"]) == ["0040", "0041"]
    assert tables["exclusion"][["what", "reason", "n"]].to_numpy().tolist() == [["patient", "never treated", 1]]


def test_rows_of_another_cohort_are_not_exclusions(tmp_path: Path) -> None:
    tables = imported(tmp_path, with_steps('{do = "keep", column = "bor", values = ["PR", "PD"]}'))
    assert len(tables["patient"]) == 2
    assert len(tables["exclusion"]) == 0


def test_the_first_row_by_sorting(tmp_path: Path) -> None:
    rows = ROWS + "0040,PR,12.5,0,77\n"
    step = '{do = "first", by = "id", sort = ["tils"], reason = "further row"}'
    tables = imported(tmp_path, with_steps(step), clinical__csv=rows)
    assert values(tables, "til_percent")["0040", "0040"] == 30
    assert tables["exclusion"][["reason", "n"]].to_numpy().tolist() == [["further row", 1]]


def test_times_from_dates(tmp_path: Path) -> None:
    rows = "id,bor,start,end,dead,tils\n1,PR,31.12.2019,01.03.2020,1,5\n2,PD,01.01.2020,NA,0,5\n"
    step = '{do = "days between", column = "months", start = "start", end = "end", format = "%d.%m.%Y"}'
    text = with_steps(step).replace('unit = "months"', 'unit = "days"')
    tables = imported(tmp_path, text, clinical__csv=rows)
    assert list(tables["outcome"]["days"]) == [61]
    assert tables["exclusion"]["n"].tolist() == [1]
    with pytest.raises(InvalidData, match=r"row 2, column 'end': '01.13.2020' is no date as %d.%m.%Y"):
        imported(tmp_path, text, clinical__csv=rows.replace("01.03", "01.13"))


def test_typed_dates_beside_written_ones_and_a_year_alone(tmp_path: Path) -> None:
    rows = (
        "id,bor,start,end,dead,tils\n1,PR,2019-12-31 00:00:00,01.03.2020,1,5\n2,PD,01.01.2020,2020-01-11 00:00:00,0,5\n"
    )
    step = '{do = "days between", column = "months", start = "start", end = "end", format = "%d.%m.%Y"}'
    text = with_steps(step).replace('unit = "months"', 'unit = "days"')
    assert list(imported(tmp_path, text, clinical__csv=rows)["outcome"]["days"]) == [61, 10]
    for short in ("2020", "2020-03"):
        iso = rows.replace("01.01.2020", "2020-01-01").replace("01.03.2020", short)
        for mapping in (text, text.replace(', format = "%d.%m.%Y"', "")):
            with pytest.raises(InvalidData, match=f"row 2, column 'end': '{short}' is no date as"):
                imported(tmp_path, mapping, clinical__csv=iso)


def test_neither_the_time_of_day_nor_its_zone_makes_a_day(tmp_path: Path) -> None:
    rows = (
        "id,bor,start,end,dead,tils\n"
        "1,PR,2019-12-31 23:30:00+01:00,2020-07-01 00:30:00+02:00,1,5\n"
        "2,PD,2020-01-01T18:00:00Z,2020-01-02,0,5\n"
    )
    step = '{do = "days between", column = "months", start = "start", end = "end"}'
    tables = imported(tmp_path, with_steps(step).replace('unit = "months"', 'unit = "days"'), clinical__csv=rows)
    assert list(tables["outcome"]["days"]) == [183, 1]


def test_a_pattern_with_a_flag_of_its_own_and_an_optional_group(tmp_path: Path) -> None:
    step = """{do = "derive", column = "arm", source = "bor", pattern = '(?i)p(d)?.*|ne', replace = '\\1'}"""
    text = with_steps(step).replace("response =", 'arm = {column = "arm"}\nresponse =')
    assert [None if pd.isna(arm) else arm for arm in imported(tmp_path, text)["course"]["arm"]] == [None, "D", None]


def test_what_a_repair_empties_is_missing(tmp_path: Path) -> None:
    step = '{do = "repair", column = "tils", pattern = "^5$", replace = " "}'
    assert values(imported(tmp_path, with_steps(step)), "til_percent") == {("0040", "0040"): 30}


def test_an_empty_text_among_values_is_an_empty_cell(tmp_path: Path) -> None:
    rows = "id,bor,months,dead,tils\n1,PR,12,,30\n2,PD,3,x,5\n* RECIST 1.1,,,,\n"
    text = with_steps('{do = "drop", column = "bor", values = [""], reason = "footnote", what = "row"}')
    text = text.replace('event = ["1"]', 'event = ["x"]').replace('censored = ["0"]', 'censored = [""]')
    text = text.replace('{column = "tils"}', '{column = "tils", where = {column = "dead", values = [""]}}')
    tables = imported(tmp_path, text, clinical__csv=rows)
    assert tables["outcome"][["days", "event"]].to_numpy().tolist() == [[365, False], [91, True]]
    assert values(tables, "til_percent") == {("1", "1"): 30}
    assert tables["exclusion"][["reason", "n"]].to_numpy().tolist() == [["footnote", 1]]


def test_merged_cells_of_rows_are_filled(tmp_path: Path) -> None:
    rows = "id,bor,months,dead,visit,tils\n1,PR,12,0,baseline,30\n,,,,on_treatment,40\n2,PD,3,1,baseline,5\n"
    text = with_steps('{do = "fill", column = "id"}').replace(
        "[patients]", '[patients]\nduplicates = "one row per sample"'
    )
    text = text.replace('timepoint = {value = "baseline"}', 'timepoint = {column = "visit"}')
    text = text.replace('sample = {column = "id"}', 'sample = {column = "visit"}')
    tables = imported(tmp_path, text, clinical__csv=rows)
    assert list(tables["patient"]["patient"]) == ["1", "2"]
    found = {("1", "baseline"): 30, ("1", "on_treatment"): 40, ("2", "baseline"): 5}
    assert values(tables, "til_percent") == found


JOINED = """
[files.extra]
name = "extra.csv"
format = "csv"
"""


@pytest.mark.parametrize(
    ("options", "patients", "message"),
    [
        ("fold_case = true", 3, ""),
        ("fold_case = true, expect = 3", 0, "the join with 'extra' found 2 rows, the mapping expects 3"),
        ("", 3, ""),
        ('fold_case = true, how = "inner", reason = "no extra row"', 2, ""),
    ],
)
def test_joins(tmp_path: Path, options: str, patients: int, message: str) -> None:
    rows, extra = ROWS.replace("004", "Pt4"), "ID,score\npt40,1\nPT41,2\npt99,3\n"
    options = f", {options}" if options else ""
    text = with_steps(f'{{do = "join", table = "extra", on = {{id = "ID"}}{options}}}') + JOINED
    text = text.replace('til_percent = {column = "tils"}', 'til_percent = {column = "extra:score"}')
    if message:
        with pytest.raises(InvalidData, match=message):
            imported(tmp_path, text, clinical__csv=rows, extra__csv=extra)
        return
    tables = imported(tmp_path, text, clinical__csv=rows, extra__csv=extra)
    assert len(tables["patient"]) == patients
    found = {("Pt40", "Pt40"): 1, ("Pt41", "Pt41"): 2} if "fold_case" in options else {}
    assert values(tables, "til_percent") == found
    assert tables["exclusion"]["n"].sum() == (1 if "inner" in options else 0)


def test_an_error_in_a_joined_column_names_the_joined_file(tmp_path: Path) -> None:
    text = with_steps('{do = "join", table = "extra", on = {id = "ID"}}') + JOINED
    text = text.replace('til_percent = {column = "tils"}', 'til_percent = {column = "extra:score"}')
    with pytest.raises(InvalidData, match=r"extra.csv, row 3, column 'score': 'many' is no number"):
        imported(tmp_path, text, clinical__csv=ROWS, extra__csv="ID,score\n0040,1\n0042,many\n")


def test_a_join_needs_a_unique_key(tmp_path: Path) -> None:
    text = with_steps('{do = "join", table = "extra", on = {id = "ID"}}') + JOINED
    with pytest.raises(InvalidData, match=r"extra.csv, row 2, column 'ID': '0040' is there more than once"):
        imported(tmp_path, text, clinical__csv=ROWS, extra__csv="ID,score\n0040,1\n0040,2\n")


def test_maps_by_case_by_pattern_and_for_empty_cells(tmp_path: Path) -> None:
    rule = (
        'response = {column = "bor", map = {partial = "PR"}, fold_case = true, empty = "NE", '
        'patterns = [{match = "progress.*", value = "PD"}]}'
    )
    text = MAPPING.replace('response = {column = "bor"}', rule)
    rows = ROWS.replace(",PR,", ",PARTIAL,").replace(",PD,", ",Progression,").replace(",NE,", ",NA,")
    assert list(imported(tmp_path, text, clinical__csv=rows)["course"]["response"]) == ["PR", "PD", "NE"]


@pytest.mark.parametrize(("unmapped", "found"), [("missing", ["PR", None, None]), ("keep", ["PR", "PD", "NE"])])
def test_unmapped_values_that_may_be(tmp_path: Path, unmapped: str, found: list[str | None]) -> None:
    rule = f'response = {{column = "bor", map = {{PR = "PR"}}, unmapped = "{unmapped}"}}'
    tables = imported(tmp_path, MAPPING.replace('response = {column = "bor"}', rule))
    assert [None if pd.isna(word) else word for word in tables["course"]["response"]] == found


def test_an_unmapped_value_is_an_error_that_names_it(tmp_path: Path) -> None:
    rule = 'response = {column = "bor", map = {PR = "PR", PD = "PD"}}'
    with pytest.raises(InvalidData, match=r"row 4, column 'bor': 'NE' has no place in the map of response.*add it"):
        imported(tmp_path, MAPPING.replace('response = {column = "bor"}', rule))


def test_several_columns_in_order_of_preference(tmp_path: Path) -> None:
    rows = "id,sample,bor,months,dead,tils\nNA,s1,PR,12.5,0,30\np2,s2,PD,3,1,5\n"
    text = MAPPING.replace('id = {column = "id"}', 'id = {columns = ["id", "sample"]}')
    text = text.replace('patient = {column = "id"}', 'patient = {columns = ["id", "sample"]}')
    text = text.replace('sample = {column = "id"}', 'sample = {column = "sample"}')
    assert list(imported(tmp_path, text, clinical__csv=rows)["patient"]["patient"]) == ["s1", "p2"]


def test_a_patient_counted_once_and_the_second_row_a_sample(tmp_path: Path) -> None:
    rows = "id,sample,bor,months,dead,tils\n1,a,PR,12.5,0,30\n1,b,PR,12.5,0,40\n2,c,PD,3,1,5\n"
    text = MAPPING.replace('sample = {column = "id"}', 'sample = {column = "sample"}')
    text = text.replace("[patients]", '[patients]\nduplicates = "identical outcome, keep first"')
    tables = imported(tmp_path, text, clinical__csv=rows)
    assert len(tables["patient"]) == 2
    assert values(tables, "til_percent") == {("1", "a"): 30, ("1", "b"): 40, ("2", "c"): 5}
    assert tables["exclusion"]["n"].tolist() == [1]


def test_an_absent_endpoint_is_told_with_its_reason(tmp_path: Path) -> None:
    text = MAPPING + '\n[[absent]]\nid = "pfs"\nreason = "only progression was recorded"\n'
    note = imported(tmp_path, text)["cohort"]["note"].iloc[0]
    assert "PFS is not offered: only progression was recorded" in note


@pytest.mark.parametrize(("names", "found"), [([], [""]), (["1", "2"], ["1", "2"])])
def test_the_same_patients_in_another_cohort(tmp_path: Path, names: list[str], found: list[str]) -> None:
    text = MAPPING + f'\n[[same_patients]]\npreferred = "other"\npatients = {names}\n'.replace("'", '"')
    assert list(imported(tmp_path, text)["overlap"]["patient"]) == found


def test_a_bispecific_has_a_row_for_each_of_its_classes(tmp_path: Path) -> None:
    tables = imported(tmp_path, MAPPING.replace('["nivolumab"]', '["cadonilimab", "lenvatinib"]'))
    assert tables["regimen"].to_dict("records") == [
        {
            "regimen": "cadonilimab + lenvatinib",
            "combination": "anti-PD-1 + anti-CTLA-4 + VEGF pathway",
            "immunotherapy": True,
        }
    ]
    assert sorted(tables["component"]["class"]) == ["VEGF pathway", "anti-CTLA-4", "anti-PD-1"]


def test_a_regimen_has_one_id_however_it_is_written() -> None:
    assert regimen_id(["ipilimumab", "Opdivo"]) == regimen_id(["nivo", "Yervoy"]) == "nivolumab + ipilimumab"


@given(st.integers(0, 20_000), st.sampled_from(["days", "weeks", "months", "years"]))
def test_days_survive_their_conversion(days: int, unit: str) -> None:
    """A source that wrote whole days as months or years gets its days back."""
    assert int(whole_days(pd.Series([days / DAYS[unit]]), DAYS[unit]).iloc[0]) == days


def test_half_a_day_is_rounded_up() -> None:
    assert list(whole_days(pd.Series([0.5, 1.5, 2.4999]), 1.0)) == [1, 2, 2]


def test_a_month_of_the_source(tmp_path: Path) -> None:
    mapping = MAPPING.replace('unit = "months"', 'unit = "months"\nmonth = 30.5')
    tables = imported(tmp_path, mapping, clinical__csv=ROWS.replace("12.5,", "12,"))
    assert list(tables["outcome"]["days"]) == [366, 92, 252]
    assert tables["endpoint"]["source_unit"].tolist() == ["months of 30.5 days"]
    for wrong in ('unit = "months"\nmonth = 12', 'unit = "days"\nmonth = 30.5'):
        with pytest.raises(InvalidMapping, match="month says how many days"):
            imported(tmp_path, MAPPING.replace('unit = "months"', wrong))
