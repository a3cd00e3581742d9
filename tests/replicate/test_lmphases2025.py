import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.replicate.lmphases2025 import NAME, OF, REGRESSION, derive_lmphases

SHOWN = {"0": [0.1, 0.9, 0.7], "1": [0.2, 0.8, 0.6], "2": [0.3, 0.4, 0.75]}
OTHER = {"0": [0.1, 0.9, 0.7], "1": [0.2, 0.1, 0.6], "2": [0.3, 0.4, 0.75]}


def table(family="pythia", size="14m"):
    rows = [
        (regression, family, size, seed, step, value)
        for regression, curves in ((REGRESSION, SHOWN), ("Other", OTHER))
        for seed, values in curves.items()
        for step, value in zip((1000, 256, 2000), (values[0], values[1], values[2]), strict=True)
    ]
    names = ["RegressionType", "ModelFamily", "ModelSize", "ModelSeed", "ModelStep", "Rsquared"]
    return pd.DataFrame(rows, columns=names)


def derived(folder, rows):
    path = folder / "table.tsv"
    rows.to_csv(path, sep="\t", index=False)
    return derive_lmphases({NAME: path})


def test_peaks_and_ends_of_the_seeds(tmp_path):
    others = [table(family="x").assign(Rsquared=9.0), table(size="70m").assign(Rsquared=-9.0)]
    found = derived(tmp_path, pd.concat([table(), *others]))
    values = {name.removeprefix(f"{OF}, "): one.value for name, one in found.items()}
    assert values == {
        "seeds": 3, "seeds whose R² is greatest at step 256": 2, "least of the greatest R²": 0.75,
        "greatest of the greatest R²": 0.9, "least R² at the end": 0.6,
        "greatest R² at the end": 0.75, "seeds that peak there, fewest of eight regressions": 1,
    }  # fmt: skip
    assert {one.n for one in found.values()} == {3}
    assert (
        found[f"{OF}, seeds that peak there, fewest of eight regressions"].note == "2 regressions"
    )


def test_tables_that_lack_something_are_refused(tmp_path):
    with pytest.raises(InputError, match="seed that lacks a step"):
        derived(tmp_path, table().iloc[1:])
    with pytest.raises(InputError, match="step that occurs twice"):
        derived(tmp_path, pd.concat([table(), table().iloc[:1]]))
    with pytest.raises(InputError, match="regression missing"):
        derived(tmp_path, table().query("RegressionType == 'Other'"))
