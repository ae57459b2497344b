"""What a cBioPortal study says of itself, for the draft of its mapping: its card, what is odd, and what is not read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tilexplorer.importers.cbioportal import meta
from tilexplorer.importers.cbioportal.parts import StudyFile
from tilexplorer.importers.cbioportal.study import Study
from tilexplorer.importers.mapping import Cohort
from tilexplorer.importers.toml_text import inline

# What a person can do with a file from which nothing is drafted, by its role; all of it is in docs/mapping.md.
_MEND = {
    meta.TIMELINE: "the steps regimen, difference, bands and best make regimens, days of samples and responses of it",
    meta.ASSAY: "a join by SAMPLE_ID puts its values beside the samples",
    meta.EXPRESSION: "a join by SAMPLE_ID puts genes that are named as entities beside the samples",
}


def card(study: Study) -> Cohort:
    """The card of the cohort: the study's identifier, name and citation, where it has a meta file."""
    word = re.sub(r"[^a-z0-9._-]+", "-", study.id.casefold()).strip("-._") or "cohort"
    return Cohort(id=word, title=study.meta.get("name") or study.id, citation=study.meta.get("citation", ""))


def noticed(study: Study, read: Collection[str]) -> Iterator[str]:
    """What is odd about the study, then each file of it that has another role than those that are read."""
    yield from map(str, study.findings)
    yield from (_unread(file) for file in study.files if file.role not in read)
    for suffix, made in study.case_lists.items():
        if suffix != "all":
            yield (
                f"{made.file}: '{made.name}', {len(made.samples)} samples; is not read into the draft: "
                "a sample that is not on it has no data of this kind, which is no negative result"
            )


def _unread(file: StudyFile) -> str:
    """The declaration that reads a file, and what makes use of it."""
    said = [f'name = "{file.path.name}"', f'format = "{file.declared.format}"']
    said += [f"properties = {inline(list(file.declared.properties))}"] if file.declared.properties else []
    events = sorted(set(file.clinical.frame["EVENT_TYPE"])) if file.clinical else []
    what = f"{file.role} ({', '.join(events[:5])})" if events else file.role
    key = re.sub(r"[^a-z0-9]+", "_", file.key.casefold())
    return (
        f"{file.path.name}: {what}, is not read into the draft; declare it as [files.{key}] with {', '.join(said)}: "
        f"{_MEND[file.role]}"
    )
