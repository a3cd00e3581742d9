"""Extraction and encoding again and again, each time after more words."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from stages.core.activations.activations import read_failure
from stages.core.params.schema import Params
from stages.core.results.context_lengths import CONTEXTS
from stages.core.results.leaks import mark
from stages.core.results.results import read_results
from stages.core.results.shown import shown_subject
from stages.core.run.errors import ConcordError
from stages.core.run.files import write_json

ROOT = Path(__file__).parents[2]
BEYOND = "r_partial"


def context_scores(recording: Path, params: Params) -> pd.DataFrame:
    """Score the model of `contexts` on a recording after each number of words.

    Parameters
    ----------
    recording : Path
        Its folder.
    params : Params

    Returns
    -------
    DataFrame
        Columns `CONTEXTS`: of every region, the held-out correlation of the layer that inner folds
        choose, means over its targets, of the average where there is one.

    Raises
    ------
    ConcordError
        If the model cannot be run after so many words, or a stage fails.
    """
    parts = [_after(length, recording, params) for length in params.contexts.lengths]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(recording=recording.name + table["leaks"], model=params.contexts.model)
    return table[list(CONTEXTS)]


def _after(length: int, recording: Path, params: Params) -> pd.DataFrame:
    """Extract and encode with so many words before each, as the stages of the study do."""
    content = params.model_dump(mode="json")
    content["language"]["extract"] |= {"context": length, "exceptions": {}}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        layers, out, changed = folder / "layers", folder / "out.parquet", folder / "params.yaml"
        write_json(changed, content)
        common = ["--recording", str(recording), "--params", str(changed)]
        shown = ["--model", params.contexts.model, "--out", str(layers)]
        run_command("stages.extract", "language", *common, *shown)
        failure = read_failure(layers)
        if failure is not None:
            where = f"{params.contexts.model} after {length} words"
            raise ConcordError("model that could not be run", where=where, got=failure)
        left = ["--jackknife", str(folder / "jackknife.parquet"), "--out", str(out)]
        run_command("stages.encode", "language", *common, "--activations", str(layers), *left)
        return _scores(read_results(out, "encode", "Run it again.")).assign(context=float(length))


def run_command(module: str, *words: str) -> None:
    """Run a command of another stage, as its users do.

    Raises
    ------
    ConcordError
        If it fails: with the last line that it said.
    """
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if answer.returncode:
        said = answer.stderr.strip().rpartition("\n")[2]
        raise ConcordError("stage that failed", where=f"{module} {words[0]}", got=said)


def _scores(results: pd.DataFrame) -> pd.DataFrame:
    """Average the chosen layer's scores over the targets of each region."""
    nested = results[results["kind"] == "nested"]
    own = nested[nested["subject"] == shown_subject(nested)]
    plain = own[own["metric"] == "r"].groupby("region", sort=False)
    beyond = own[own["metric"] == BEYOND].groupby("region", sort=False)["score"].mean()
    found = plain.agg(
        score=("score", "mean"),
        null_mean=("null_mean", "mean"),
        null_sd=("null_sd", "mean"),
        ceiling=("ceiling", "mean"),
        layer=("layer", lambda layers: layers.mode().iloc[0]),
    )
    return found.assign(beyond=beyond, leaks=mark(own["split"])).reset_index()
