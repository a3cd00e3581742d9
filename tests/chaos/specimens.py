"""Whole inputs of commands, made by the tests' own helpers and by the stages before them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.run.files import write_json
from tests import changed_params
from tests.chaos.trial import Command, run

# What makes a study tiny.
TINY: dict[str, Any] = {
    "chance.draws": 4,
    "probe.shuffles": 4,
    "profile.draws": 4,
    "align.draws": 4,
    "align.min_voxels": 5,
    "align.pieces": 4,
    "align.width": 30,
    "align.metrics": ["cka_linear", "mutual_knn_5", "rsa_pearson"],
    "survey.metric": "cka_linear",
    "ridge.lambdas.count": 3,
    "decode.lambdas.count": 2,
    "decode.min_voxels": 1,
    "decode.regions": "all",
    "decode.downsample": "window",
    "probe.downsample": "window",
    "encode.downsample": "window",
    "encode.min_voxels": 1,
    "encode.pieces": 4,
    "folds.gap": 2,
    "ceilings_story.draws": 20,
    "ceilings_story.subsets": 10,
    "story.prepare.high_pass": 0.0,
    "story.extract.context": 3,
    "scene.sessions": [1, 2, 3],
    "scene.extract.units": 64,
    "scene.extract.whole": 0,
    "bids.rows": {"trial_type": ["word"]},
}
FEATURE = "Visual/length"
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Specimen:
    """A whole input of a command.

    Attributes
    ----------
    name : str
    make : callable
        Writes it into an empty folder.
    command : Command
        What reads it, in that folder.
    inputs : tuple of str
        Patterns of the files that are changed.
    outputs : tuple of str
    sealed : bool
        Whether its files are of this project's own writing, so that every change must be noticed.
    seconds : float
        After which the command hangs.
    """

    name: str
    make: Make
    command: Command
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    sealed: bool = False
    seconds: float = 120.0


def write_params(folder: Path, **changes: Any) -> None:
    """Write params.yaml of a tiny study; `a__b` is a place with dots."""
    folder.mkdir(parents=True, exist_ok=True)
    dotted = {place.replace("__", "."): value for place, value in changes.items()}
    changed_params.write_params(folder / "params.yaml", TINY | dotted)


def follow(folder: Path, command: Command) -> None:
    """Run a command that makes part of a specimen, which must succeed."""
    ended = run(command, folder, seconds=300)
    if ended.code != 0:
        raise RuntimeError(f"{command} ended with {ended.code}: {ended.said[-2000:]}")
    shutil.rmtree(folder / "scratch", ignore_errors=True)


def _apart(folder: Path, make: Make) -> None:
    """Make something in a process of its own: what a library starts must not be forked later."""
    import os

    child = os.fork()
    if child == 0:
        code = 1
        try:
            make(folder)
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"{make} failed")


def _params(folder: Path) -> None:
    write_params(folder)


def _wehbe(folder: Path) -> None:
    from tests.prepare.wehbe_release import feature_blocks, subject_variables, write_release

    rng = np.random.default_rng(42)
    write_params(folder, story__dataset="wehbe")
    write_release(folder / "raw", subject_variables(rng), feature_blocks(rng))


def _nsd(folder: Path) -> None:
    from tests.prepare.nsd_release import plant

    write_params(folder)
    plant(folder / "raw", np.random.default_rng(7))


def _sentences(folder: Path) -> None:
    from stages.core.params.read import read_params
    from stages.simulate.language.assemblies import write_sentences

    write_params(folder, language__simulate__passages=14, language__simulate__subjects=2)
    write_sentences(folder / "raw", read_params(folder / "params.yaml").language.simulate)


def _times(folder: Path) -> None:
    from stages.core.params.read import read_params
    from stages.simulate.language.assemblies import write_times

    write_params(folder, language__simulate__words=200, language__simulate__readers=4)
    write_times(folder / "raw", read_params(folder / "params.yaml").language.simulate)


def _bids(folder: Path) -> None:
    from tests.prepare.bids.lab import make_lab

    write_params(folder, story__dataset="bids")
    make_lab(folder / "raw")


def _grids(folder: Path) -> None:
    from tests.prepare.bids.lab import PEOPLE, make_lab, story

    write_params(
        folder,
        story__dataset="bids",
        bids__words="stimuli/{stimulus}.TextGrid",
        bids__rows={},
        bids__offset=0.0,
    )
    raw = make_lab(folder / "raw")
    for subject in PEOPLE:
        for path in sorted(raw.glob(f"sub-{subject}/**/*_events.tsv")):
            at = path.name.split("_run-")[1].split("_")[0]
            session = path.name.split("_ses-")[1].split("_")[0]
            path.write_text(f"onset\tduration\tstim_file\n0\t150\t{_told(subject, session, at)}\n")
    for name in "abc":
        path = raw / "stimuli" / f"{name}.TextGrid"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_grid(story(name)))


def _told(subject: str, session: str, run_number: str) -> str:
    from tests.prepare.bids.lab import ORDER

    name = next(one for ses, at, one in ORDER[subject] if (ses, at) == (session, int(run_number)))
    return f"{name}.wav"


def _grid(words: Any) -> str:
    """Tell words as a TextGrid of one tier, silence between them."""
    rows, last = [], 0.0
    for word in words.itertuples():
        if word.onset <= last:
            continue
        end = min(word.onset + 0.25, 159.0)
        text = word.text.replace('"', '""')
        rows += [(last, word.onset, ""), (word.onset, end, text)]
        last = end
    parts = [
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\n'
        f"xmax = {last}\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n"
        '        class = "IntervalTier"\n        name = "word"\n        xmin = 0\n'
        f"        xmax = {last}\n        intervals: size = {len(rows)}\n"
    ]
    parts += [
        f"        intervals [{number}]:\n            xmin = {start}\n            xmax = {end}\n"
        f'            text = "{text}"\n'
        for number, (start, end, text) in enumerate(rows, start=1)
    ]
    return "".join(parts)


def _tables(folder: Path) -> None:
    from tests.prepare.tables.lab_tables import write_series

    write_params(folder, story__dataset="table")
    (folder / "raw").mkdir()
    write_series(folder / "raw", np.random.default_rng(42))


def _parquet(folder: Path) -> None:
    """The same as parquet."""
    _tables(folder)
    for path in sorted((folder / "raw").glob("*.csv")):
        pd.read_csv(path).to_parquet(path.with_suffix(".parquet"), index=False)
        path.unlink()


def _arrays(folder: Path) -> None:
    """The same with its responses as arrays, packed."""
    _tables(folder)
    table = pd.read_csv(folder / "raw" / "responses.csv")
    (folder / "raw" / "responses.csv").unlink()
    arrays = {"responses": table.to_numpy(), "targets": np.array(list(table))}
    np.savez_compressed(folder / "raw" / "responses.npz", **arrays)


def _pictures(folder: Path) -> None:
    from tests.prepare.tables.lab_tables import write_pictures

    write_params(folder, scene__dataset="table")
    write_pictures(folder / "raw", np.random.default_rng(42))


def lab_words(folder: Path) -> None:
    """Write words and responses of a laboratory, and what a tiny network makes of the words."""
    from tests.tiny_models import save_tiny_model

    _tables(folder)
    words = pd.read_csv(folder / "raw" / "stimuli.csv")
    features = pd.DataFrame({"id": words["id"], FEATURE: words["text"].str.len()})
    features.to_csv(folder / "raw" / "features.csv", index=False)
    write_params(folder, story__dataset="table", models__tiny="file:tiny", model="tiny")
    save_tiny_model("gpt2", folder / "tiny")


def _results(folder: Path) -> None:
    _apart(folder, lab_words)
    for command in (PREPARE_TABLES, EXTRACT_WORDS, ENCODE, PROBE, DECODE):
        follow(folder, command)
    for command in (EXTRACT_WORDS, ENCODE, PROBE):
        follow(folder, _of_twin(command))


def compared(folder: Path) -> None:
    """Make all results of a story, surveyed."""
    _results(folder)
    follow(folder, SURVEY)
    follow(folder, PROFILE)


def _found(folder: Path) -> None:
    """Write results of a study whose truth is known."""
    from stages.core.results.results import results_table, write_results

    person, of_layer = {"subject": "group"}, {"model": "m", "layer": "layer_03"}
    row = {"dataset": "made", "metric": "r"}
    whole = row | person | of_layer
    encoded = [
        whole | {"kind": "nested", "region": name, "score": 0.1, "q": 0.01} for name in "AFN"
    ]
    features = [
        row | {"target": name, "family": "all", "score": 0.1, "q": q}
        for name, q in ((FEATURE, 0.01), ("f/no", 0.6))
    ]
    probed = [one | of_layer | {"kind": "hidden"} for one in features]
    decoded = [one | person | {"region": "F", "kind": "frem"} for one in features]
    near = whole | {"region": "A", "kind": "hidden", "family": "all", "q": 0.01}
    profiled = [
        near | {"layer": f"layer_0{k}", "metric": "spearman", "score": k / 9} for k in range(5)
    ]
    tables = {"encode": encoded, "probe": probed, "decode": decoded, "profile": profiled}
    for name, rows in tables.items():
        write_results(folder / "results" / f"{name}.parquet", results_table(rows))
    regions = {"A": {"driver": "layer", "layer": "layer_03"}, "N": {"driver": "nothing"}}
    regions["F"] = {"driver": "features", "features": [FEATURE]}
    truth = {"regions": regions, "features": {"planted": [FEATURE], "absent": ["f/no"]}}
    write_json(folder / "raw" / "truth.json", truth)


def _layers(folder: Path) -> None:
    _apart(folder, lab_words)
    for command in (PREPARE_TABLES, EXTRACT_WORDS):
        follow(folder, command)


def _words_and_model(folder: Path) -> None:
    _apart(folder, lab_words)
    follow(folder, PREPARE_TABLES)


def _seen(folder: Path) -> None:
    """Images and responses of two people, and layers that drive their regions."""
    from stages.core.recording.recording_files import write_recording
    from tests.align.recordings import make_events, make_layers, write_activations

    write_params(folder)
    rng = np.random.default_rng(42)
    layers = make_layers(rng)
    recording = make_events(layers, rng)
    write_recording(folder / "recording", recording)
    write_activations(folder / "activations" / "net", layers, recording.stimuli)


def _aligned(folder: Path) -> None:
    _apart(folder, _seen)
    follow(folder, CEILINGS)


def _image_model(folder: Path) -> None:
    from stages.core.params.read import read_params
    from tests.tiny_models import save_tiny_model

    _pictures(folder)
    write_params(folder, scene__dataset="table", models__tiny="file:tiny", zoo=["tiny"])
    read_params(folder / "params.yaml")
    save_tiny_model("vit", folder / "tiny")


def _images_and_model(folder: Path) -> None:
    _apart(folder, _image_model)
    follow(folder, PREPARE_PICTURES)


def _text(folder: Path) -> None:
    from tests.train.tiny_runs import WORDS, tell

    write_params(folder, train__story=WORDS | {"steps": 3, "keep": [0]})
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.txt").write_text(tell(np.random.default_rng(1), 900))


def _classes(folder: Path) -> None:
    from tests.train.tiny_runs import IMAGES, write_classes

    write_params(folder, train__scene=IMAGES | {"epochs": 1, "keep": [0]})
    write_classes(folder / "pictures", np.random.default_rng(1))


def line(text: str) -> tuple[str, ...]:
    """Cut a command line, or patterns, at blanks."""
    return tuple(text.split())


CHECK = Command("check", line("--out checked"))
PREPARE = Command("prepare", line("story --raw raw --out recording"))
PREPARE_TABLES = PREPARE
PREPARE_SCENE = Command("prepare", line("scene --raw raw --out recording"))
PREPARE_PICTURES = PREPARE_SCENE
EXTRACT_WORDS = Command(
    "extract",
    line("story --stimuli recording/stimuli.parquet --model tiny --out activations/tiny"),
)
EXTRACT_IMAGES = Command(
    "extract", line("scene --recording recording --model tiny --out activations/tiny")
)
ENCODE = Command(
    "encode",
    line(
        "model --recording recording --activations activations/tiny"
        " --out results/encode/tiny.parquet --jackknife results/jackknife/story/tiny.parquet"
    ),
)
PROBE = Command(
    "probe",
    line("--recording recording --activations activations/tiny --out results/probe/tiny.parquet"),
)
DECODE = Command(
    "decode",
    line(
        "--recording recording --out results/decode.parquet --maps results/decode_maps"
        " --summary results/summary/decode.json"
    ),
)
SURVEY = Command(
    "survey",
    line(
        "story --recording recording --activations activations --results results"
        " --jackknife results/jackknife/story --summary results/summary"
    ),
)
PROFILE = Command(
    "profile",
    line(
        "--decode results/decode.parquet --probe results/probe.parquet"
        " --out results/profile.parquet --summary results/summary/profile.json"
    ),
)
RECOVER = Command(
    "recover", line("story --raw raw --results results --summary results/summary/recover.json")
)
HEADLINE = Command("headline", line("story --summary results/summary --out story.json"))
STORY_CEILINGS = Command(
    "ceilings", line("story --recording recording --out ceilings.parquet --points points.parquet")
)
CEILINGS = Command("align", line("ceilings --recording recording --out ceilings.parquet"))
ALIGN = Command(
    "align",
    line(
        "align --recording recording --activations activations/net --ceilings ceilings.parquet"
        " --out results/net.parquet --jackknife jackknife/net.parquet"
    ),
)
TRAIN_WORDS = Command("train", line("story --text corpus --run read-0 --out run --curves c.csv"))
TRAIN_IMAGES = Command(
    "train", line("scene --images pictures --run labels-0 --out run --curves c.csv")
)


def _of_twin(command: Command) -> Command:
    """Make the command that does the same with the untrained twin."""
    changed = (word.replace("/tiny", "/tiny+untrained") for word in command.words)
    return Command(
        command.stage, tuple(f"{word}+untrained" if word == "tiny" else word for word in changed)
    )


def apart_of(make: Make) -> Make:
    """Make what makes the same in a process of its own."""
    return lambda folder: _apart(folder, make)


def specimen(
    name: str, make: Make, command: Command, inputs: str, outputs: str, **about: Any
) -> Specimen:
    """Describe one, inputs and outputs in a line each."""
    return Specimen(name, make, command, line(inputs), line(outputs), **about)


ALL: tuple[Specimen, ...] = (
    specimen("params.yaml", _params, CHECK, "params.yaml", "checked"),
    specimen("mat", apart_of(_wehbe), PREPARE, "raw/*.mat", "recording"),
    specimen("nsd", apart_of(_nsd), PREPARE_SCENE, "raw/**/*", "recording"),
    specimen(
        "netcdf",
        apart_of(_sentences),
        Command(
            "prepare",
            line("language --raw raw --name pereira2018-simulated --out recording"),
        ),
        "raw/*.nc",
        "recording",
    ),
    specimen(
        "netcdf of times",
        apart_of(_times),
        Command("prepare", line("language --raw raw --name futrell2018-simulated --out recording")),
        "raw/*.nc",
        "recording",
    ),
    specimen("bids", apart_of(_bids), PREPARE, "raw/**/*", "recording"),
    specimen("TextGrid", apart_of(_grids), PREPARE, "raw/stimuli/*", "recording"),
    specimen("tables", apart_of(_tables), PREPARE_TABLES, "raw/*", "recording"),
    specimen("parquet", apart_of(_parquet), PREPARE_TABLES, "raw/*", "recording"),
    specimen("arrays", apart_of(_arrays), PREPARE_TABLES, "raw/*.npz", "recording"),
    specimen(
        "pictures", apart_of(_pictures), PREPARE_PICTURES, "raw/images/* raw/**/*.csv", "recording"
    ),
    specimen("text model", _words_and_model, EXTRACT_WORDS, "tiny/*", "activations"),
    specimen("image model", _images_and_model, EXTRACT_IMAGES, "tiny/*", "activations"),
    specimen("text", apart_of(_text), TRAIN_WORDS, "corpus/*", "run c.csv"),
    specimen("classes", apart_of(_classes), TRAIN_IMAGES, "pictures/*/*", "run c.csv"),
    specimen(
        "stimuli",
        _words_and_model,
        EXTRACT_WORDS,
        "recording/stimuli.parquet recording/recording.json",
        "activations",
        sealed=True,
    ),
    specimen(
        "images",
        _images_and_model,
        EXTRACT_IMAGES,
        "recording/*.parquet recording/*.hdf5 recording/recording.json",
        "activations",
        sealed=True,
    ),
    specimen("encode", _layers, ENCODE, "recording/**/* activations/**/*", "results", sealed=True),
    specimen("probe", _layers, PROBE, "recording/*.* activations/**/*", "results", sealed=True),
    specimen("decode", _layers, DECODE, "recording/**/*", "results", sealed=True),
    specimen(
        "ceilings", _layers, STORY_CEILINGS, "recording/**/*", "ceilings.parquet", sealed=True
    ),
    specimen(
        "align",
        _aligned,
        ALIGN,
        "recording/**/* activations/**/* ceilings.parquet",
        "results jackknife",
        sealed=True,
    ),
    specimen(
        "survey",
        _results,
        SURVEY,
        "activations/**/*.json activations/**/*.parquet results/*/**/*.parquet",
        "results/models.parquet results/pairs.parquet results/encode.parquet results/probe.parquet"
        " results/intervals.parquet results/summary",
        sealed=True,
    ),
    specimen(
        "profile",
        compared,
        PROFILE,
        "results/decode.parquet results/probe.parquet",
        "results/profile.parquet results/summary/profile.json",
        sealed=True,
    ),
    specimen(
        "recover",
        apart_of(_found),
        RECOVER,
        "raw/truth.json results/encode.parquet results/probe.parquet results/decode.parquet"
        " results/profile.parquet",
        "results/summary/recover.json",
    ),
)
