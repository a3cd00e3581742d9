"""Command line of the stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Simulate brains with a known truth, in the raw formats of public releases."""


@main.command()
@params_option
@path_option("--out", "Folder for the simulated recordings.")
@stage
def story(params_file: Path, out: Path) -> None:
    """Simulate people reading a story, in the raw format of the Wehbe release.

    Writes subject_1.mat and so on, story_features.mat, and what is true of them in truth.json.
    """
    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.simulate.planted_layers import last_token_states, passages
    from stages.simulate.story.release import feature_variables, write_mat
    from stages.simulate.story.study import make_story, make_subjects, make_truth, region_drivers
    from stages.simulate.story.timetable import word_times

    params = read_params(params_file)
    simulate = params.story.simulate
    texts, features = make_story(simulate.seed)
    shown = passages(texts, word_times()["run"].to_numpy(), simulate.context)
    courses = region_drivers(last_token_states(shown), features, simulate.seed)
    write_mat(out / "story_features.mat", feature_variables(features.blocks))
    for name, variables in make_subjects(texts, courses, simulate):
        write_mat(out / f"{name}.mat", variables)
    write_json(out / "truth.json", make_truth(simulate, features))


@main.command()
@params_option
@path_option("--out", "Folder for the simulated release.")
@stage
def scene(params_file: Path, out: Path) -> None:
    """Simulate people looking at scenes, in the layout of the Natural Scenes Dataset.

    Writes the tree of that release, and what is true of it in truth.json.
    """
    import numpy as np

    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.simulate.planted_layers import mean_token_states
    from stages.simulate.scene import release
    from stages.simulate.scene.planted_blocks import block_outputs
    from stages.simulate.scene.scenery import CATEGORIES
    from stages.simulate.scene.sheet import surface_labels
    from stages.simulate.scene.study import (
        CROP,
        drive,
        make_images,
        make_truth,
        make_viewers,
        plan,
    )

    params = read_params(params_file)
    simulate = params.scene.simulate
    design, images = plan(simulate)
    shown = make_images(len(images), simulate.seed)
    release.write_design(out, design, CROP)
    release.write_stimuli(out, dict(zip(images.tolist(), shown, strict=True)), CATEGORIES)
    release.write_names(out)
    for hemisphere, labels in surface_labels().items():
        release.write_surface(out, hemisphere, labels)
    rng = np.random.default_rng([simulate.seed, 3])
    outputs = block_outputs([one.pixels for one in shown], rng)
    drivers = drive(outputs, mean_token_states([one.captions[0] for one in shown]))
    for viewer in make_viewers(design, images, drivers, simulate):
        release.write_brain(out, viewer.number, viewer.brain)
        slab = viewer.slab
        for session, betas in enumerate(viewer.sessions, start=1):
            path = release.session_path(out, viewer.number, session)
            release.write_session(path, slab.shape, slab.voxels, betas)
        release.write_trials(out, viewer.number, design, session)
    write_json(out / "truth.json", make_truth(simulate))


if __name__ == "__main__":
    main()
