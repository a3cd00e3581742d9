"""What models lost on texts; recordings, and what failed, are left out."""

import numpy as np
import pandas as pd

from stages.core.results.text_losses import TEXT_LOSSES, read_text_losses
from stages.core.run.tables import write_table


def test_rows_without_a_loss_are_left_out(tmp_path):
    table = pd.DataFrame(
        {name: ["x"] * 3 if kind == "text" else [1.0] * 3 for name, kind in TEXT_LOSSES.items()}
    )
    table["loss"] = [np.nan, 2.5, 0.0]
    write_table(tmp_path / "t.parquet", table)
    found = read_text_losses(tmp_path / "t.parquet")
    assert list(found["loss"]) == [2.5, 0.0]
    assert list(found.index) == [0, 1]
    assert list(found) == list(TEXT_LOSSES)
