"""The command line: what each command does, what it says when it cannot, and that a fault leaves the store alone."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import analyse, one_message, run
from tests.miniature import miniature, published_store
from tests.shared import ROOT, real_cohorts
from tilexplorer.analysis.views import VIEWS
from tilexplorer.cli.analysing import OTHER_VIEWS
from tilexplorer.store import published


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one published generation."""
    folder = tmp_path / "store"
    published_store(folder, miniature("alpha"))
    return folder


# catalog --------------------------------------------------------------------------------------------------------------


def test_an_unknown_cohort_names_the_nearest(store: Path) -> None:
    before = published(store)
    assert "did you mean 'riaz2017'" in one_message(run("catalog", "add", "riaz2071", "--store", store))
    assert "alpha" in one_message(run("catalog", "remove", "nosuch", "--store", store))
    assert "alpha" in one_message(run("analyse", "survival", "cohort=nosuch", "--store", store))
    assert published(store) == before


def test_catalog_add_needs_a_name(store: Path) -> None:
    assert "--all" in one_message(run("catalog", "add", "--store", store))


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror with the files of two small cohorts."""
    folder = tmp_path / "mirror"
    for name in ("riaz2017_nivolumab_melanoma", "gide2019_melanoma_clinical", "iatlas_ici_2021"):
        shutil.copytree(real_cohorts() / name, folder / name)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.mark.cohorts
def test_a_wrong_checksum_leaves_the_other_cohorts(mirror: Path, store: Path) -> None:
    before = published(store)
    damaged = mirror / "riaz2017_nivolumab_melanoma" / "bms038_clinical_data.csv"
    content = damaged.read_bytes()
    damaged.write_bytes(content.replace(b"PD", b"PR", 1))
    message = one_message(run("catalog", "add", "riaz2017", "--mirror", mirror, "--store", store))
    for word in ("riaz2017", "bms038_clinical_data.csv", "sha256", "fetch it again"):
        assert word in message
    assert published(store) == before
    ran = run("catalog", "add", "riaz2017", "gide2019", "--mirror", mirror, "--store", store)
    assert "bms038_clinical_data.csv" in one_message(ran)
    assert "[2/2] gide2019: 73 patients" in ran.err
    assert {c["cohort"] for c in analyse(store, "overview")["cohorts"]} == {"alpha", "gide2019"}


@pytest.mark.cohorts
def test_a_mirror_without_the_file_says_which(tmp_path: Path, store: Path) -> None:
    before = published(store)
    message = one_message(run("catalog", "add", "riaz2017", "--mirror", tmp_path, "--store", store))
    assert "bms038_clinical_data.csv" in message
    assert published(store) == before


@pytest.mark.cohorts
def test_catalog_add_and_remove_give_the_old_generation_back(mirror: Path, store: Path) -> None:
    before = published(store)
    assert run("catalog", "add", "gide2019", "--mirror", mirror, "--store", store).code == 0
    assert published(store) != before
    assert "* gide2019" in run("catalog", "list", "--store", store).out
    assert run("catalog", "remove", "gide2019", "--store", store).code == 0
    assert published(store) == before


def test_catalog_list_needs_no_store(tmp_path: Path) -> None:
    ran = run("catalog", "list", "--store", tmp_path / "nothing")
    assert ran.code == 0
    for name in ("braun2020", "imvigor210", "riaz2017", "tcga"):
        assert name in ran.out


# analyse --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["overview", "survival", "response"])
def test_every_view_prints_json_with_n(store: Path, view: str) -> None:
    assert analyse(store, view, "cohort=alpha")["n"] == 60


def test_an_unknown_view_is_one_message(store: Path) -> None:
    message = one_message(run("analyse", "survivall", "--store", store))
    assert "survivall" in message
    assert "survival" in message


@pytest.mark.parametrize("view", ["survival", "response", "overview"])
def test_what_a_query_gets_wrong_is_listed_and_ignored(store: Path, view: str) -> None:
    query = (
        "colour=red&by=levels&tau=soon&cohort=alpha&cohort=nosuch&rule=thirds&endpoint=xyz&measure=none&response=all"
    )
    found = analyse(store, view, query)
    assert found["n"] == 60
    told = " | ".join(found["problems"])
    for word in ("'colour'", "'levels'", "'soon'", "'nosuch'", "'thirds'", "'xyz'", "'none'", "'all'"):
        assert word in told


def test_a_page_address_is_a_query(store: Path) -> None:
    query = "cohort=alpha&by=regimen"
    plain = analyse(store, "survival", query)
    assert analyse(store, "survival", f"http://localhost:8501/survival?{query}") == plain
    assert analyse(store, "survival", f"?{query}") == plain
    again = analyse(store, "survival", plain["query"])
    assert again["groups"] == plain["groups"]


def test_a_link_of_another_generation_says_so(store: Path) -> None:
    found = analyse(store, "survival", "cohort=alpha&generation=0123456789abcdef")
    assert any("0123456789abcdef" in warning and published(store) in warning for warning in found["warnings"])


@pytest.mark.parametrize("command", [["analyse", "survival"], ["generations"], ["doctor"]])
def test_an_empty_store_says_what_to_do(tmp_path: Path, command: list[str]) -> None:
    ran = run(*command, "--store", tmp_path / "nothing")
    assert ran.code == 1
    assert "python -m tilexplorer simulate" in ran.err + ran.out
    assert "python -m tilexplorer catalog add" in ran.err + ran.out


@pytest.mark.parametrize("view", OTHER_VIEWS)
def test_a_promised_view_answers_or_says_that_it_is_not_there(store: Path, view: str) -> None:
    if view in VIEWS:
        assert "n" in analyse(store, view)
    else:
        assert f"'{view}'" in one_message(run("analyse", view, "--store", store))


def test_csv_runs_no_formula(tmp_path: Path) -> None:
    cohort = miniature("alpha")
    cohort.frames["cohort"].loc[0, "title"] = "=HYPERLINK(1)"
    folder = tmp_path / "store"
    published_store(folder, cohort)
    ran = run("analyse", "survival", "by=cohort", "--format", "csv", "--store", folder)
    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert row["label"] == "'=HYPERLINK(1)"
    assert float(row["n"]) == 60
    for line in csv.reader(io.StringIO(ran.out)):
        assert not any(cell[:1] in tuple("=+@\t\r") for cell in line)


# generations ----------------------------------------------------------------------------------------------------------


def test_generations_and_rollback(store: Path) -> None:
    first = published(store)
    assert run("simulate", "--patients", "300", "--seed", "5", "--store", store).code == 0
    second = published(store)
    listed = run("generations", "--store", store).out.splitlines()
    assert {line[2:].split()[0] for line in listed} == {first, second}
    assert [line[2:].split()[0] for line in listed if line.startswith("*")] == [second]
    assert run("rollback", first, "--store", store).code == 0
    assert published(store) == first
    assert "gone" in one_message(run("rollback", "0123456789abcdef", "--store", store))
    assert published(store) == first


def test_simulate_if_empty_keeps_what_is_there(tmp_path: Path, store: Path) -> None:
    before = published(store)
    assert run("simulate", "--if-empty", "--store", store).code == 0
    assert published(store) == before
    fresh = tmp_path / "fresh"
    assert run("simulate", "--if-empty", "--patients", "300", "--store", fresh).code == 0
    found = analyse(fresh, "survival")
    assert found["simulated"]
    assert "SIMULATED" in found["sentence"]


def test_the_same_seed_gives_the_same_generation(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("simulate", "--patients", "300", "--seed", "5", "--store", tmp_path / name)
    run("simulate", "--patients", "300", "--seed", "6", "--store", tmp_path / "c")
    assert published(tmp_path / "a") == published(tmp_path / "b") != published(tmp_path / "c")


def test_simulate_needs_a_patient(store: Path) -> None:
    assert "the number of patients is 0" in one_message(run("simulate", "--patients", "0", "--store", store))


# The process ----------------------------------------------------------------------------------------------------------


def test_doctor_finds_a_sound_store(store: Path) -> None:
    ran = run("doctor", "--store", store)
    assert published(store) in ran.out
    assert "60 patients" in ran.out
    problems = [line for line in ran.out.splitlines() if line.startswith("problem")]
    assert ran.code == (1 if problems else 0)
    assert not [line for line in problems if "generation" in line]


def test_a_misspelt_command_ends_with_two() -> None:
    with pytest.raises(SystemExit, match="2"):
        run("analyze")


def test_the_module_runs_and_takes_the_store_from_the_environment(store: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tilexplorer", "analyse", "overview", "cohort=alpha"],
        cwd=ROOT,
        env={**os.environ, "TILEXPLORER_STORE": str(store)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["n"] == 60
    assert done.stderr == ""
