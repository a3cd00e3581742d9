"""Ask stages what is not there: the commands that `docs/evidence.md` names beside what they found.

    python -m tests.inferences dealt RECORDING ACTIVATIONS      # features of other words, and dice
    python -m tests.inferences pseudo RECORDING                 # a model that is shown other words
    python -m tests.inferences at-once RECORDING ACTIVATIONS    # nuisance out of all rows at once
    python -m tests.inferences late RECORDING ACTIVATIONS       # brains that are earlier or later
    python -m tests.inferences reordered RECORDING ACTIVATIONS  # the same images in other orders
    python -m tests.inferences slow                             # onsets, and lines taken from runs
    python -m tests.inferences profiles RECORDING PROBED        # profiles of regions of noise

RECORDING is a folder of data/prepared, ACTIVATIONS one of a model in data/activations, PROBED a
table of data/results/probe. Stages run as they are, by params.yaml, words centred and not.
"""

import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, zscore

from stages.align.engine import align
from stages.align.representation import Dissimilarities
from stages.align.sides import cut_sides
from stages.calibrate.order_cases import SITUATIONS
from stages.calibrate.simulated_layers import remembered
from stages.core.activations.activations import read_about, read_layer
from stages.core.names.vocabulary import GROUP
from stages.core.params.read import read_params
from stages.core.recording.recording_files import read_description, read_recording, write_recording
from stages.core.recording.types import stimuli_digest
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson
from stages.core.time.cleaning import clean
from stages.encode.designs import control_designs, layer_designs
from stages.encode.one_model import Settings, prepare
from stages.profile.comparison import measure as compare
from tests.changed_params import write_params

PARAMS = Path("params.yaml")
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
DEALT, DICE, ORDERS = 20, 60, 20
DRAWS = 199
FEW = 19  # shifts of decoding, where its own tests are not asked
LATE, DRIVEN = (-2, -1, 0, 1, 2, 4), 96  # seconds; responses
LENGTH, CLEANED = "word_length", "drifting, memory .98, cleaned"


@click.group()
def main():
    """Ask stages what is not there."""


@main.command()
@click.argument("recording", type=Path)
@click.argument("activations", type=Path)
def dealt(recording, activations):
    """Probe for lexical features dealt to other words, and for random ones of 0 and 1."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "recording"
        write_recording(made, with_features_of_nothing(read_recording(recording)))
        for centre, params in both_ways(Path(folder)):
            out = Path(folder) / "probe.parquet"
            stage("probe", "--recording", made, "--activations", activations, "--out", out, *params)
            table = hidden(out)
            for kind, rows in table.groupby(table["target"].str.split("/").str[0]):
                for metric in ("r", "r_words", "r_partial"):
                    told(f"{kind}, centred: {centre}, {metric}", rows[rows["metric"] == metric])


def with_features_of_nothing(recording):
    """Keep the lexical features, deal their values to other words, and throw dice."""
    rng = np.random.default_rng(0)
    features = recording.features.set_index("id").filter(like="Lexical/")
    wrong = {
        f"dealt/{name.removeprefix('Lexical/')}_{one}": rng.permutation(features[name].to_numpy())
        for name in features
        for one in range(DEALT)
    }
    dice = (rng.random((len(features), DICE)) < 0.3).astype(float)
    thrown = {f"dice/{one}": values for one, values in enumerate(dice.T)}
    table = pd.concat([features, pd.DataFrame(wrong | thrown, index=features.index)], axis=1)
    return replace(recording, features=table.reset_index())


@main.command()
@click.argument("recording", type=Path)
@click.option("--model", default="minilm")
@click.option("--seed", default=0)
def pseudo(recording, model, seed):
    """Show a model words of random letters, and compare it with features and brains of the others.

    Lengths of the words are drawn from those of the recording.
    """
    with TemporaryDirectory() as folder:
        made, shown = Path(folder) / "recording", Path(folder) / "shown"
        there = read_recording(recording)
        write_recording(made, replace(there, stimuli=with_pseudo_words(there.stimuli, seed)))
        for centre, params in both_ways(Path(folder)):
            if not shown.exists():
                words = ("--stimuli", made / "stimuli.parquet", "--model", model)
                stage("extract", "story", *words, "--out", shown, *params)
            both = ("--recording", made, "--activations", shown)
            for name, command in (("probe", ["probe"]), ("encode", ["encode", "model"])):
                out = Path(folder) / f"{name}.parquet"
                more = ("--jackknife", Path(folder) / "jack.parquet") if name == "encode" else ()
                stage(*command, *both, "--out", out, *more, *params)
                table = hidden(out)
                for metric in ("r", "r_words", "r_partial"):
                    rows = table[table["metric"] == metric]
                    told(f"{name}, centred: {centre}, {metric}", rows)
                    if name == "probe":
                        own = rows[rows["target"].str.endswith(LENGTH)]
                        told(f"{name}, centred: {centre}, {metric}, {LENGTH}", own)


def with_pseudo_words(stimuli, seed):
    """Write words of random letters, as long as words of the recording drawn at random."""
    rng = np.random.default_rng(seed)
    lengths = rng.permutation(stimuli["text"].str.len().to_numpy()).clip(1)
    return stimuli.assign(text=["".join(rng.choice(LETTERS, length)) for length in lengths])


def both_ways(folder):
    """Give parameters with words centred and not, without attention."""
    text = PARAMS.read_text().replace("attention: true", "attention: false")
    for centre in (False, True):
        path = folder / f"centre-{centre}.yaml"
        path.write_text(text.replace("  centre: true", f"  centre: {str(centre).lower()}"))
        yield centre, ("--params", path)


def stage(name, *arguments):
    """Run a stage, whose messages go to stderr."""
    command = [sys.executable, "-m", f"stages.{name}", *map(str, arguments)]
    subprocess.run(command, check=True)


def hidden(path):
    """Read the hidden layers' scores: of the mean of people, where people are told apart."""
    table = pd.read_parquet(path)
    people = table["subject"].isin(["", GROUP])
    return table[(table["kind"] == "hidden") & people]


def told(name, rows):
    """Print the range of scores, and how many pass."""
    if len(rows):
        best = rows.loc[rows["score"].idxmax()]
        click.echo(
            f"{name}: n {len(rows)}, score {rows['score'].min():.3f} to {best['score']:.3f} "
            f"(its q {best['q']:.4f}), mean {rows['score'].mean():.3f}, "
            f"p < .05 {(rows['p'] < 0.05).mean():.3f}, q < .05 {(rows['q'] < 0.05).sum()}"
        )


@main.command("at-once")
@click.argument("recording", type=Path)
@click.argument("activations", type=Path)
def at_once(recording, activations):
    """Encode after nuisance variables left all rows at once, training and test rows together."""
    encoding, designs = hidden_designs(read_recording(recording), activations)
    known = np.column_stack([encoding.controls["nuisance"], np.ones(len(encoding.orders[0]))])
    targets = left_of(of_group(encoding.responses), known)
    layers = [left_of(design, known) for design in designs]
    told("nuisance out of all rows at once", encoded(layers, targets, encoding))


def hidden_designs(recording, activations, **changed):
    """Prepare to encode by params.yaml, but for what of `encode` is changed, from hidden layers."""
    params = read_params(PARAMS)
    encode = params.encode.model_copy(update=changed)
    sections = params.folds, params.ridge, params.chance, encode
    asked = Settings(*sections, centre=params.story.centre)
    about, rows = read_about(activations, stimuli_digest(recording.stimuli))
    designs = layer_designs(activations, about, rows, recording, encode, centre=asked.centre)
    layers = [design for name, design in designs.items() if name.startswith("layer")]
    return prepare(recording, asked), layers


def of_group(responses):
    """Keep the series of the mean of people."""
    return responses.series[:, (responses.targets["subject"] == GROUP).to_numpy()]


def encoded(designs, targets, encoding, known=None):
    """Encode targets from each design, and tell all scores with their p and q."""
    grid, folds = lambda_grid(encoding.settings.ridge.lambdas), encoding.cut.folds
    each = [
        judged(cross_validate(one, targets, folds, grid, known), targets, encoding.null)
        for one in designs
    ]
    score, p = map(np.concatenate, zip(*each, strict=True))
    return pd.DataFrame({"score": score, "p": p, "q": false_discovery_control(p)})


def left_of(series, known):
    """Take variables out of series."""
    return series - known @ np.linalg.lstsq(known, series, rcond=None)[0]


@main.command()
@click.argument("recording", type=Path)
@click.argument("activations", type=Path)
@click.option("--noise", default=0.7, help="Standard deviations of noise for one of what drives.")
def late(recording, activations, noise):
    """Encode what nuisance variables alone drive, earlier or later than Glover's response has it.

    Nuisance variables are taken out as params.yaml says, and as if they acted on time alone.
    """
    there = read_recording(recording)
    for delays in ([0], read_params(PARAMS).encode.nuisance_delays):
        encoding, layers = hidden_designs(there, activations, nuisance_delays=delays)
        asked = {
            f"{seconds} s late": driven_late(there, seconds, noise, np.random.default_rng(0))
            for seconds in LATE
        }
        asked["the mean of people"] = of_group(encoding.responses)
        for name, targets in asked.items():
            table = encoded(layers, targets, encoding, encoding.controls["nuisance"])
            told(f"nuisance delays {delays}, {name}, r_partial", table)


def driven_late(recording, seconds, noise, rng):
    """Draw responses that nuisance variables drive so late, with noise of memory .9."""
    onset = recording.stimuli["onset"] + seconds
    moved = replace(recording, stimuli=recording.stimuli.assign(onset=onset))
    on_time = {"delays": [0], "nuisance_delays": [0]}
    encode = read_params(PARAMS).encode.model_copy(update=on_time)
    known = zscore(control_designs(moved, encode)["nuisance"])
    driven = zscore(known @ rng.standard_normal((known.shape[1], DRIVEN)))
    driven += noise * zscore(remembered(rng.standard_normal(driven.shape), 0.9))
    runs = recording.samples["run"].to_numpy()
    return clean(driven, runs, recording.tr, recording.cleaning)


@main.command()
@click.argument("recording", type=Path)
@click.argument("activations", type=Path)
def reordered(recording, activations):
    """Align the last layer with the mean of people, images and units in other orders."""
    there = read_recording(recording)
    about, _ = read_about(activations, read_description(recording)["stimuli_digest"])
    (side,) = cut_sides(there, 0)
    layer = read_layer(activations, list(about.layers)[-1], about, len(side.ids))
    for subject, region in zip(side.subjects, side.representations(), strict=True):
        if subject in (GROUP, "monkey"):
            for what, moved in (("images", (True, False)), ("units", (False, True))):
                for metric, values in in_orders(layer, region.values, side.ids, moved).items():
                    span = f"{min(values):.4f} to {max(values):.4f}"
                    click.echo(f"{metric}, {subject}: {span} over {ORDERS} orders of {what}")


def in_orders(layer, matrix, ids, moved):
    """Align a layer with a matrix, with rows or units, or both, in other orders."""
    rng = np.random.default_rng(0)
    found = {"rsa_spearman": [], "mutual_knn_10": []}
    for _ in range(ORDERS):
        rows, units = (
            rng.permutation(n) if one else np.arange(n)
            for n, one in zip(layer.shape, moved, strict=True)
        )
        left, right = layer[np.ix_(rows, units)], Dissimilarities(matrix[np.ix_(rows, rows)])
        names = [ids[row] for row in rows]
        scores = align([left], [right], list(found), draws=1, seed=0, rows=names)
        for metric, one in scores.items():
            found[metric].append(one.score.item())
    return found


@main.command()
@click.option("--recordings", default=42)
def slow(recordings):
    """Encode series with nothing in common but when runs begin, or a line that was taken away."""
    params = read_params(PARAMS)
    folds = params.folds.model_copy(update={"scheme": "auto"})
    grid = lambda_grid(params.ridge.lambdas)
    for lengths in ([30] * 3, [362], [180] * 2, [130] * 3, [325] * 4):
        cut = partition(np.repeat(np.arange(len(lengths)), lengths), folds)
        since = np.concatenate([np.arange(n) for n in lengths])
        fading = np.exp(-since[:, None] / [1, 4])
        for situation, known in product(("locked to run onset", CLEANED), (None, fading)):
            if known is not None and (situation == CLEANED or len(lengths) == 1):
                continue
            found = []
            for one in range(recordings):
                rng = np.random.default_rng([0, 8000, one])
                series = [SITUATIONS[situation].draw(cut.segments, rng) for _ in range(2)]
                orders = draw_shifts(cut.segments, DRAWS, folds.gap, one)
                null = ShiftNull(cut.folds, orders)
                fit = cross_validate(series[0], series[1], cut.folds, grid, known)
                found.append(judged(fit, series[1], null)[1] <= 0.05)
            beyond = "" if known is None else ", beyond what fades after run onset"
            told = f"{np.mean(found):.3f} of {np.size(found)}"
            click.echo(f"{len(lengths)} runs of {lengths[0]}, {situation}{beyond}: {told}")


@main.command()
@click.argument("recording", type=Path)
@click.argument("probed", type=Path)
@click.option("--recordings", default=10)
def profiles(recording, probed, recordings):
    """Compare layers with regions of voxels that are nothing but noise."""
    there, layers = read_recording(recording), pd.read_parquet(probed)
    found = []
    with TemporaryDirectory() as folder:
        params, made, out = (Path(folder) / name for name in ("params.yaml", "recording", "out"))
        write_params(params, {"chance.draws": FEW})
        ways = ("--maps", Path(folder) / "maps", "--summary", Path(folder) / "summary.json")
        for seed in range(recordings):
            write_recording(made, of_noise(there, seed))
            stage("decode", "--recording", made, "--out", out, *ways, "--params", params)
            rows = compare(pd.read_parquet(out), layers, read_params(params).profile)
            found += [row for row in rows if row["subject"] != GROUP]
    for names, rows in pd.DataFrame(found).groupby(["metric", "family", "kind"]):
        click.echo(f"{', '.join(names)}: p < .05 in {(rows['p'] < 0.05).mean():.3f} of {len(rows)}")


def of_noise(recording, seed):
    """Give every voxel noise of its own for responses, correlated .4 from sample to sample."""
    rng = np.random.default_rng([seed, 1])
    runs = recording.samples["run"].to_numpy()
    subjects = []
    for one in recording.subjects:
        noise = remembered(rng.standard_normal(one.responses.shape), 0.4)
        cleaned = clean(noise, runs, recording.tr, recording.cleaning)
        subjects.append(replace(one, responses=cleaned.astype(np.float32)))
    return replace(recording, subjects=subjects)


def judged(fit, targets, null):
    """Find the scores of a fit and their p."""
    drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
    scores = pearson(fit.observed)
    return scores.ravel(), significance(scores, np.concatenate(drawn)).p.ravel()


if __name__ == "__main__":
    main()
