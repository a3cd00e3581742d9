"""Command of the predict stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Measure how well models predict the next word."""


@main.command()
@path_option("--text", "Folder with the sources.json of the text.")
@path_option("--tables", "Folder of the tables of survey, with what the stimuli were.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Perplexity and bits per byte, to write (JSON).")
@params_option
@stage
def language(text: Path, tables: Path, out: Path, summary: Path, params_file: Path) -> None:
    """Measure the models of language.zoo on WikiText-2, beside the words of each recording."""
    from stages.core.params.read import read_params
    from stages.core.results.language_scores import read_language_scores
    from stages.core.run.files import write_json
    from stages.core.run.origins import together
    from stages.core.run.tables import write_table
    from stages.predict.next_words import predict, shown_numbers
    from stages.predict.text_beginning import read_beginning

    params = read_params(params_file)
    content = read_beginning(text, params.predict.words)
    words = read_language_scores(tables)["words"]
    table = predict(params.language_specs, text.name, content, words)
    write_table(out, table, together(tables / "words.parquet"))
    write_json(summary, shown_numbers(table))


if __name__ == "__main__":
    main()
