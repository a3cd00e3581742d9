"""Commands of the simulate stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

OUT = path_option("--out", "Folder for the simulated release.")


@click.group()
def main() -> None:
    """Simulate brains with a known truth, in the raw formats of public releases."""


@main.command()
@params_option
@OUT
@stage
def story(params_file: Path, out: Path) -> None:
    """Simulate people reading a story, in the raw format of the Wehbe release.

    Writes subject_1.mat and so on, story_features.mat, and what is true of them in truth.json.
    """
    from stages.core.params.read import read_params
    from stages.simulate.story.study import write_study

    write_study(out, read_params(params_file).story.simulate)


@main.command()
@params_option
@OUT
@stage
def scene(params_file: Path, out: Path) -> None:
    """Simulate people looking at scenes, in the layout of the Natural Scenes Dataset.

    Writes the tree of that release, and what is true of it in truth.json.
    """
    from stages.core.params.read import read_params
    from stages.simulate.scene.study import write_study

    write_study(out, read_params(params_file).scene.simulate)


@main.command()
@params_option
@path_option("--sentences", "Folder for the assembly of sentences.")
@path_option("--times", "Folder for the assembly of reading times.")
@stage
def language(params_file: Path, sentences: Path, times: Path) -> None:
    """Simulate people reading sentences and stories, in the layout of the public assemblies.

    Writes a netCDF file into each folder, and what is true of it in truth.json.
    """
    from stages.core.params.read import read_params
    from stages.simulate.language.assemblies import write_sentences, write_times

    settings = read_params(params_file).language.simulate
    write_sentences(sentences, settings)
    write_times(times, settings)


@main.command()
@params_option
@path_option("--corpus", "Folder for the text.")
@path_option("--pictures", "Folder for the pictures, with a folder for each category.")
@stage
def training(params_file: Path, corpus: Path, pictures: Path) -> None:
    """Write a text and labelled pictures to train networks on, unlike those that people meet."""
    from stages.core.params.read import read_params
    from stages.core.run.files import atomic
    from stages.simulate.scene.class_pictures import write_pictures
    from stages.simulate.story.texts import tell_corpus

    settings = read_params(params_file).train.simulate
    with atomic(corpus / "stories.txt") as partial:
        partial.write_text(tell_corpus(settings.words, settings.seed), encoding="utf-8")
    write_pictures(pictures, settings.pictures, settings.side, settings.seed)


if __name__ == "__main__":
    main()
