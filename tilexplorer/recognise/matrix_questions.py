"""What is asked about a matrix of gene expression: its scale, its missing genes, its samples; and it in words."""

from __future__ import annotations

from collections.abc import Iterator

from tilexplorer import vocabulary
from tilexplorer.importers.score_step import SCALES
from tilexplorer.recognise.draft import Draft, Question
from tilexplorer.recognise.layout import Layout
from tilexplorer.recognise.matrix import Matrix
from tilexplorer.recognise.scored import linked, matrices
from tilexplorer.recognise.source import Source
from tilexplorer.signatures import SIGNATURES


def matrix_questions(draft: Draft, plan: Layout) -> Iterator[Question]:
    """Nothing is required: a matrix that cannot be scored is declared, and the rest is read without it."""
    for source, matrix in matrices(draft):
        section, file = f"files.{source.key}", source.file.name
        link = linked(plan, matrix)
        if link is None:
            shown = ", ".join(f"'{name}'" for name in matrix.names[:3])
            text = f"the samples of {file} ({shown} ...) are in no column of the other files: nothing of it is scored"
            yield Question(f"matrix.{source.key}", section, text)
        if not matrix.confirmed:
            yield Question(f"scale.{source.key}", section, _scale(file, matrix))
        if lacking := genes_missing(matrix):
            yield Question(f"genes.{source.key}", section, f"confirm the scores of {file}: {'; '.join(lacking)}")
        told = link is not None and link.joined and link.source.only("timepoint") is not None
        if matrix.measures and not draft.timepoint and not told:
            text = f"confirm that the samples of {file} were taken before treatment: no column says when"
            yield Question(f"timepoint.{source.key}", section, text)


def _scale(file: str, matrix: Matrix) -> str:
    guess = matrix.scale
    if not guess.name:
        return f"say what the numbers of {file} are ({', '.join(SCALES)}): until then nothing is scored; {guess.why}"
    return f"confirm that the numbers of {file} are {guess.name} ({guess.confidence:.0%}: {guess.why})"


def genes_missing(matrix: Matrix) -> tuple[str, ...]:
    """For each signature that lacks genes, which, and whether it is scored without them."""
    lines = []
    for name, signature in SIGNATURES.items():
        absent = matrix.absent(name)
        if absent and len(signature.genes) > 1:
            left = "" if name in matrix.measures else ", and is not scored"
            lacks = f"lacks {', '.join(absent)} ({len(absent)} of {len(signature.genes)} genes)"
            lines.append(f"{vocabulary.measures()[name].label} {lacks}{left}")
    return tuple(lines)


def described(source: Source, matrix: Matrix) -> str:
    """A matrix in one sentence: '60 samples in columns, 20,000 genes by symbol in 'gene''."""
    ids = "Ensembl id" if matrix.ids == "ensembl" else "symbol"
    n = len(matrix.names)
    if matrix.genes:
        return f"a matrix of gene expression: {len(source.frame)} genes by {ids} in '{matrix.genes}', {n} samples"
    genes = len(source.frame.columns) - 1 - len(matrix.ignore)
    return f"a matrix of gene expression: {n} samples in '{matrix.samples}', {genes} genes by {ids} in columns"
