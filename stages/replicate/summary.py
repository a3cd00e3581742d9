"""What the metrics file says of the replications."""

from typing import Any

import pandas as pd

from stages.core.results.replications import DIFFERS, NEEDS, VERDICTS
from stages.core.results.results import rounded

# By which two runs are compared: names in the metrics file, and where in the table they are.
HEADLINES = {
    "neural_next_word": ("schrimpf2021", "neural ~ next-word"),
    "neural_next_word_contextual": (
        "schrimpf2021",
        "neural ~ next-word without static embeddings",
    ),
    "neural_next_word_unseen_layers": ("schrimpf2021", "neural ~ next-word, unseen layers"),
    "next_word_behaviour": ("schrimpf2021", "next-word ~ behaviour"),
    "pereira_gpt2_shuffled": ("hadidi2026", "pereira, GPT2-XL, shuffled"),
    "pereira_gpt2_contiguous": ("hadidi2026", "pereira, GPT2-XL, contiguous"),
    "pereira_oasm_shuffled": ("hadidi2026", "pereira, OASM, shuffled"),
    "sizes_that_precede_accuracy": (
        "brainalign-training",
        "sizes in which alignment precedes accuracy",
    ),
    "sizes_that_precede_loss": (
        "brainalign-training",
        "sizes in which alignment precedes log-perplexity",
    ),
    "monkey_human": ("kriegeskorte2008", "monkey ~ human"),
}


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Count the verdicts, and tell each number that is shown in a line.

    Parameters
    ----------
    table : DataFrame
        From `replication_table`.

    Returns
    -------
    dict
        `numbers`, and how many have each verdict, of those shown; `checked`, of all; the
        headlines that are known; and by source a list of lines such as
        `r: .44 -> .457 (within)`, which `dvc metrics` passes over, as it does every list.
    """
    shown = table[table["shown"]]
    counts = {verdict: int(shown["verdict"].eq(verdict).sum()) for verdict in VERDICTS}
    summary: dict[str, Any] = {"numbers": len(shown)}
    summary |= {verdict.replace(" ", "_"): count for verdict, count in counts.items()}
    summary |= {
        "checked": len(table),
        "checked_does_not_recompute": int(table["verdict"].eq(DIFFERS).sum()),
    }
    ours = table.set_index(["source", "quantity"])["ours"].dropna()
    summary |= {name: rounded(ours[at]) for name, at in HEADLINES.items() if at in ours.index}
    for row in shown.to_dict("records"):
        line = f"{row['quantity']}: {told(row)}"
        summary.setdefault(str(row["source"]), []).append(line)
    return summary


def told(row: dict[Any, Any]) -> str:
    """Tell a number in a line: published, ours with its interval, and the verdict."""
    published = "" if pd.isna(row["published"]) else f"{short(row['published'])} "
    if row["verdict"] == NEEDS:
        return f"{published}({NEEDS} {row['needs']})"
    known = pd.notna(row["low"])
    interval = f" [{short(row['low'])}, {short(row['high'])}]" if known else ""
    return f"{published}-> {short(row['ours'])}{interval} ({row['verdict']})"


def short(value: float) -> str:
    """Write a number with four significant digits; whole ones of any length in full."""
    if float(value).is_integer() and abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.4g}"
