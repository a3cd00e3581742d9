"""Command line of the stage."""

from pathlib import Path

import click

from stages.core.command import params_option, path_option, stage


@click.command()
@params_option
@path_option("--out", "Folder for the simulated recordings.")
@stage
def main(params_file: Path, out: Path) -> None:
    """Simulate people reading a story, in the raw format of the Wehbe release.

    Writes subject_1.mat and so on, story_features.mat, and what is true of them in truth.json.
    """
    from stages.core.files import write_json
    from stages.core.params import read_params
    from stages.simulate.layers import last_token_states, passages
    from stages.simulate.release import feature_variables, write_mat
    from stages.simulate.study import make_story, make_subjects, make_truth, region_drivers
    from stages.simulate.timetable import word_times

    params = read_params(params_file)
    simulate = params.simulate
    texts, features = make_story(simulate.seed)
    shown = passages(texts, word_times()["run"].to_numpy(), simulate.context)
    courses = region_drivers(last_token_states(shown), features, simulate.seed)
    write_mat(out / "story_features.mat", feature_variables(features.blocks))
    for name, variables in make_subjects(texts, courses, simulate):
        write_mat(out / f"{name}.mat", variables)
    write_json(out / "truth.json", make_truth(simulate, features))


if __name__ == "__main__":
    main()
