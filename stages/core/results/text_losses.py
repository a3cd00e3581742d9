"""How well models predict the next word, one row per model and text.

`loss` is nats per token, and `perplexity` its exponential, which compare only between models of one
vocabulary; `bits_per_byte` compares between all, and is all that there is of a recording's words.
A model that failed has its `error` alone.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

TEXT_LOSSES: Columns = (
    text("model", "string", "text")
    | number("tokens", "words", "bytes", "loss", "perplexity", "loss_per_word", "bits_per_byte")
    | text("error")
)


def read_text_losses(path: Path) -> pd.DataFrame:
    """Read what models lost on texts that nobody was measured on; recordings are left out.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    table = read_typed(path, TEXT_LOSSES, "Run `dvc repro metrics/dvc.yaml:predict_language`.")
    return table[table["loss"].notna()].reset_index(drop=True)
