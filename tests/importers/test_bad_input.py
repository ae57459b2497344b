"""Bad input ends in one clear message that names file, row, column, value and the way to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.made import MAPPING, ROWS, imported
from tilexplorer import importers
from tilexplorer.errors import InvalidData, InvalidMapping, UnreachableFile, WrongChecksum
from tilexplorer.importers.local import match_files


def rows(old: str, new: str) -> str:
    assert old in ROWS
    return ROWS.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("months,dead", "month,dead", ["clinical.csv", "no column 'months'", "did you mean 'month'"]),
        ("8.25", "8.25x", ["clinical.csv, row 4, column 'months'", "'8.25x' is no number", "repair"]),
        ("3,1,5", "-3,1,5", ["clinical.csv, row 3, column 'months'", "'-3' is a negative time"]),
        ("12.5,0", "12.5,2", ["row 2, column 'dead'", "'2' is neither event nor censored", "event ['1']"]),
        ("0041", "0040", ["row 2, column 'id'", "patient '0040' has 2 rows (also row 3)", "duplicates ="]),
        ("PR,12.5", "MR,12.5", ["row 2, column 'bor'", "'MR'", "no response", "map ="]),
        ("0,30", "0,300", ["row 2, column 'tils'", "'300' lies outside of 0 to 101", "factor"]),
        ("0,30", "0,>8", ["row 2, column 'tils'", "'>8' is no number", "limits = true"]),
        (
            "0041,PD",
            ",PD",
            ["row 3, column 'id'", "an empty cell gives no patient", "with a fill step where cells are merged"],
        ),
        ("3,1,5", "inf,1,5", ["row 3, column 'months'", "'inf' is no number"]),
    ],
)
def test_a_cell_is_named(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(InvalidData) as caught:
        imported(tmp_path, clinical__csv=rows(old, new))
    for word in words:
        assert word in str(caught.value)


def test_the_number_of_further_bad_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"row 2.*'a' is no number.*and 1 more rows"):
        imported(tmp_path, clinical__csv=ROWS.replace("12.5", "a").replace("8.25", "b"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title = ", "titel = ", "made.toml, cohort: no key is called 'titel'; did you mean 'title'"),
        ('unit = "months"', 'unit = "moons"', "'moons' is no unit of time; did you mean 'months'"),
        ('censored = ["0"]', 'censored = ["1"]', "'1' cannot mean both event and censored"),
        ('censored = ["0"]', "", "endpoints no. 1: the key 'censored' is missing"),
        ('id = "os"', 'id = "oss"', "'oss' is no endpoint; did you mean 'os'"),
        ('format = "csv"', 'format = "cvs"', "format: 'cvs' is declared nowhere; did you mean 'csv'"),
        (
            'table = "clinical"\nid',
            'table = "clinic"\nid',
            "patients, table: 'clinic' is declared nowhere; did you mean",
        ),
        (
            '["nivolumab"]',
            '["nivolumap"]',
            "patients, regimen: no therapy is called 'nivolumap'; did you mean 'nivolumab'",
        ),
        ('bor"}', 'bor", maps = {}}', "patients, response: no key is called 'maps'; did you mean 'map'"),
        ('id = {column = "id"}', "id = {}", "give exactly one of value"),
        ('{value = "MEL"}', '"MEL"', "patients, tumour: has to be a table, not 'MEL'"),
        ('column = "tils"', 'column = "tils", factor = nan', "factor has to be a number, not nan"),
        ('id = "made"', f'id = "{"x" * 101}"', "the cohort's id has 101 characters; it may have 100"),
        ("til_percent = {col", "til_percnt = {col", "samples no. 1, values: 'til_percnt' is declared nowhere"),
        ("[measures.til_percent]", "[measures.tils]", "measures: 'tils' is declared nowhere"),
        ("[cohort]", "[cohort", "is not valid TOML"),
        ('"MEL"', '"Melanoma"', "made.toml: patients, tumour: 'Melanoma' is no tumour; known are ACC, "),
        ('"baseline"', '"before"', "made.toml: samples no. 1, timepoint: 'before' is no timepoint; known are baseline"),
        ("response =", 'study = {value = "s1"}\nresponse =', "patients, study: 's1' is no study; known are made"),
        ("response =", 'prior_io = {value = "no"}\nresponse =', "patients, prior_io: 'no' is no prior_io"),
        ('[measures.til_percent]\nassay = "H&E"', "", "'til_percent' is declared nowhere; there is none yet"),
        ('title = "Made up"', "title = 3", ""),
    ],
)
def test_a_mistake_in_the_mapping_is_named(old: str, new: str, message: str) -> None:
    assert old in MAPPING
    text = MAPPING.replace(old, new)
    if not message:
        assert importers.parse_mapping(text, "made.toml").cohort.title == "3"
        return
    with pytest.raises(InvalidMapping) as caught:
        importers.parse_mapping(text, "made.toml")
    assert message in str(caught.value)


def test_a_cell_that_names_no_regimen(tmp_path: Path) -> None:
    text = MAPPING.replace('{components = ["nivolumab"]}', '{column = "bor", separator = "+"}')
    with pytest.raises(InvalidData, match=r'names no regimen \(and 2 more rows\); add .*: "..." = \["..."\]$'):
        imported(tmp_path, text)


def test_chemotherapy_and_bcg_as_trials_write_them(tmp_path: Path) -> None:
    text = MAPPING.replace('{components = ["nivolumab"]}', '{column = "bor", separator = "/"}')
    given = ROWS.replace(",PR,", ",pembrolizumab/chemotherapy,").replace(",PD,", ",BCG,").replace(",NE,", ",chemo,")
    text = text.replace('response = {column = "bor"}\n', "")
    courses = imported(tmp_path, text, clinical__csv=given)["course"]["regimen"]
    assert list(courses) == [
        "pembrolizumab + chemotherapy, unspecified",
        "BCG, intravesical",
        "chemotherapy, unspecified",
    ]


def test_an_endpoint_that_is_there_twice() -> None:
    block = MAPPING[MAPPING.index("[[endpoints]]") : MAPPING.index("[measures")]
    with pytest.raises(InvalidMapping, match=r"made.toml: endpoints no. 2: 'os' is there twice"):
        importers.parse_mapping(MAPPING + block, "made.toml")


def test_a_format_that_is_none(tmp_path: Path) -> None:
    step = '{do = "days between", column = "x", start = "months", end = "months", format = "%Q"}'
    text = MAPPING.replace('table = "clinical"', 'table = "t"') + f'\n[tables.t]\nfile = "clinical"\nsteps = [{step}]\n'
    with pytest.raises(InvalidMapping, match=r"format = '%Q' does not say how dates are written \('Q' is a bad"):
        imported(tmp_path, text)


def test_a_constant_that_is_no_whole_number(tmp_path: Path) -> None:
    text = MAPPING.replace("response =", "line = {value = 1.5}\nresponse =")
    with pytest.raises(InvalidMapping, match=r"value = '1.5' is not a whole number, but line needs one"):
        imported(tmp_path, text)


def test_a_mapping_from_a_windows_editor(tmp_path: Path) -> None:
    path = tmp_path / "made.toml"
    path.write_bytes(MAPPING.encode("utf-8-sig"))
    assert importers.read_mapping(path) == importers.parse_mapping(MAPPING, "made.toml")
    path.write_bytes(MAPPING.replace("Made up", "Made \u00fcp").encode("latin-1"))
    with pytest.raises(InvalidMapping, match=r"made.toml: is not text in UTF-8 .*; save it as UTF-8"):
        importers.read_mapping(path)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ('{do = "repare"}', "do = 'repare' is no step; did you mean 'repair'"),
        ('{do = "repair", column = "x", pattern = "(", replace = ""}', "'(' is no regular expression"),
        ('{do = "repair", column = "x", pattern = "a", replace = \'\\9\'}', "does not fit the pattern 'a'"),
        ('{do = "repair", column = "x", pattern = "a", replace = \'\\g<b>\'}', "does not fit the pattern 'a'"),
        ('{do = "join", table = "clinical", on = {}}', "is needed"),
        ('{do = "drop", column = "id", values = ["1"]}', "the key 'reason' is missing"),
        ('{do = "combine", column = "x", sources = []}', "sources = [...] has to name the columns"),
        (
            """{do = "derive", column = "x", source = "id", pattern = "(.*)", replace = '\\2'}""",
            "replace = '\\2' does not fit the pattern '(.*)' (invalid group reference 2",
        ),
        (
            """{do = "repair", column = "id", pattern = "(.*)", replace = '\\g<year>'}""",
            "does not fit the pattern '(.*)' (unknown group name 'year')",
        ),
    ],
)
def test_a_mistake_in_a_step_is_named(step: str, message: str) -> None:
    text = MAPPING + f'\n[tables.t]\nfile = "clinical"\nsteps = [{step}]\n'
    with pytest.raises(InvalidMapping) as caught:
        importers.parse_mapping(text, "made.toml")
    assert "tables, t, steps no. 1" in str(caught.value)
    assert message in str(caught.value)


def test_tables_joined_in_a_circle(tmp_path: Path) -> None:
    text = MAPPING.replace('table = "clinical"\nid', 'table = "a"\nid')
    for one, other in (("a", "b"), ("b", "a")):
        text += (
            f'\n[tables.{one}]\nfile = "clinical"\nsteps = [{{do = "join", table = "{other}", on = {{id = "id"}}}}]\n'
        )
    with pytest.raises(InvalidMapping, match="a -> b -> a are joined in a circle"):
        imported(tmp_path, text)


MANY = "id,bor,months,dead,tils\n" + "".join(f"{n},PR,{n % 5}.5,0,30\n" for n in range(20))


@pytest.mark.parametrize("unit", ["days", "years"])
def test_an_implausible_unit_is_an_error(tmp_path: Path, unit: str) -> None:
    text = MAPPING.replace('unit = "months"', f'unit = "{unit}"')
    data = MANY if unit == "days" else MANY.replace(".5,0", "00.5,0")
    with pytest.raises(InvalidData, match=f"read as {unit}, os has a median of .*implausible; correct unit"):
        imported(tmp_path, text, clinical__csv=data)


def test_a_right_unit_is_plausible(tmp_path: Path) -> None:
    assert len(imported(tmp_path, clinical__csv=MANY)["outcome"]) == 20


def test_rows_of_a_patient_that_contradict_each_other(tmp_path: Path) -> None:
    text = MAPPING.replace("[patients]", '[patients]\nduplicates = "identical outcome, keep first"')
    text = text.replace('sample = {column = "id"}', 'sample = {column = "bor"}')
    bad = ROWS.replace("0041,PD,3,1", "0040,PR,12.5,1")
    with pytest.raises(InvalidData, match=r"rows of patient '0040' contradict each other in os.event: False, True"):
        imported(tmp_path, text, clinical__csv=bad)


def test_a_sample_of_an_unknown_patient(tmp_path: Path) -> None:
    text = MAPPING.replace('patient = {column = "id"}', 'patient = {column = "bor"}')
    with pytest.raises(InvalidData, match=r"row 2, column 'bor': 'PR' is no patient of the patient table.*exclude"):
        imported(tmp_path, text)


def test_no_patient_left(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="no patient is left"):
        imported(tmp_path, clinical__csv=ROWS.splitlines()[0] + "\n")


def test_files_given_by_path(tmp_path: Path) -> None:
    text = MAPPING.replace('format = "csv"', f'format = "csv"\nsha256 = "{"0" * 64}"')
    mapped = importers.parse_mapping(text, "made.toml")
    path = tmp_path / "clinical.csv"
    with pytest.raises(UnreachableFile, match=r"needs the file clinical.csv; given are none"):
        match_files(mapped, [])
    with pytest.raises(UnreachableFile, match="no such file"):
        match_files(mapped, [path])
    path.write_text(ROWS)
    with pytest.raises(WrongChecksum, match=r"clinical.csv: has the sha256 .*the catalogue names 000"):
        match_files(mapped, [path])


def test_an_unreadable_mapping(tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match="cannot be read as a mapping"):
        importers.read_mapping(tmp_path / "none.toml")


def test_a_value_that_is_there_twice(tmp_path: Path) -> None:
    text = MAPPING.replace("[patients]", '[patients]\nduplicates = "one row per sample"')
    twice = ROWS + "0040,PR,12.5,0,31\n"
    with pytest.raises(InvalidData, match=r"sample '0040' of patient '0040' has til_percent more than once"):
        imported(tmp_path, text, clinical__csv=twice)


def test_rows_of_a_sample_that_contradict_each_other(tmp_path: Path) -> None:
    text = MAPPING.replace("[patients]", '[patients]\nduplicates = "one row per sample"')
    text = text.replace('timepoint = {value = "baseline"}', 'timepoint = {column = "visit"}')
    rows = "id,bor,months,dead,visit,tils\n1,PR,12.5,0,baseline,30\n1,PR,12.5,0,on_treatment,NA\n"
    message = r"sample '1' of patient '1': its rows contradict each other in timepoint: baseline, on_treatment"
    with pytest.raises(InvalidData, match=message):
        imported(tmp_path, text, clinical__csv=rows)
