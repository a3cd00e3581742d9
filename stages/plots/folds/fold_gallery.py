"""What the folder of the folds holds: the picture and its data, by the name of the file."""

import pandas as pd

from stages.core.results.shown import shown_subject
from stages.core.run.errors import InputError
from stages.plots.folds.fold_dots import fold_dots
from stages.plots.kit.picture import Files, Picture, counted

FOLDER = "folds"
CONTROL = "oasm"
SHUFFLED, CONTIGUOUS = "shuffled", "contiguous"
SPLIT = f"held-out {SHUFFLED}"


def fold_files(contiguous: pd.DataFrame, shuffled: pd.DataFrame) -> Files:
    """Draw scores by folds that leak beside those by folds that do not.

    Parameters
    ----------
    contiguous, shuffled : DataFrame
        Results of encode, of one model.

    Raises
    ------
    InputError
        As `fold_pairs`.
    """
    pairs = fold_pairs(contiguous, shuffled)
    means = pairs.groupby("what", sort=False)[[CONTIGUOUS, SHUFFLED]].mean()
    told = "; ".join(
        f"{what} {row[SHUFFLED]:.2f} → {row[CONTIGUOUS]:.2f}" for what, row in means.iterrows()
    )
    model, subject = contiguous["model"].iloc[0], pairs["subject"].iloc[0]
    title = f"SHUFFLED → contiguous folds, {pairs['dataset'].iloc[0]}, {subject}: {told}"
    regions = counted(pairs["region"].nunique(), "region")
    caption = (
        f"Held-out r of the layer of {model} that inner folds choose, and of {CONTROL}, which "
        f"knows nothing but the position in time, in {regions}: "
        "hollow where single samples are left out at random, so that neighbours in time are in "
        "training and test data, filled where runs or blocks are."
    )
    picture = Picture(fold_dots(pairs, title), caption, f"{FOLDER}/pairs.csv")
    return {f"{FOLDER}/pairs.csv": pairs, f"{FOLDER}/pairs.png": picture}


def fold_pairs(contiguous: pd.DataFrame, shuffled: pd.DataFrame) -> pd.DataFrame:
    """Put the scores of the model and of the control side by side.

    Voxels are averaged by region.

    Returns
    -------
    DataFrame
        Columns dataset, subject (the average, or the first one), region, what (the model, or the
        control), contiguous and shuffled (r).

    Raises
    ------
    InputError
        If the folds of a table are not what they should be, it has no control, or the two are of
        other models, people or regions.
    """
    tables = {CONTIGUOUS: contiguous, SHUFFLED: shuffled}
    for name, table in tables.items():
        if table.empty:
            raise InputError("no scores", where=f"{name} folds", do="Run `dvc repro encode`.")
        if table["split"].eq(SPLIT).all() != (name == SHUFFLED):
            raise InputError(
                "wrong folds",
                where=f"{name} folds",
                expected=f"another split than `{SPLIT}`" if name == CONTIGUOUS else f"`{SPLIT}`",
                got=sorted(table["split"].unique()),
                do="Set folds.scheme in params.yaml to `auto`.",
            )
    found = {name: _scores(table) for name, table in tables.items()}
    pairs = pd.concat(found.values(), axis=1, keys=found, join="outer")
    lacking = pairs[pairs.isna().any(axis=1)]
    if len(lacking):
        where = ", ".join(str(part) for part in lacking.index[0])
        raise InputError("score by one kind of folds alone", where=where, do="Run `dvc repro`.")
    pairs = pairs.astype(float).round(4).reset_index()
    return pairs.sort_values(
        "what", key=lambda what: what.eq(CONTROL), ignore_index=True, kind="stable"
    )


def _scores(table: pd.DataFrame) -> "pd.Series[float]":
    """Take r of the chosen layer and of the control in every region of the subject shown."""
    rows = table[table["metric"].eq("r") & table["subject"].eq(shown_subject(table))]
    chosen, control = rows["kind"].eq("nested"), rows["layer"].eq(CONTROL)
    for some, what in ((chosen, "chosen layer"), (control, f"control `{CONTROL}`")):
        if not some.any():
            do = "Add it to encode.controls in params.yaml." if what != "chosen layer" else ""
            raise InputError(f"no {what}", where="results of encode", do=do)
    rows = rows.assign(what=rows["model"].astype(str).where(chosen, CONTROL))[chosen | control]
    by = ["dataset", "subject", "region", "what"]
    return rows.astype(dict.fromkeys(by, str)).groupby(by, sort=False)["score"].mean()
