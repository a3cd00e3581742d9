"""What params.yaml may not say, key by key: each is refused in one short line."""

import copy

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from stages.core.params.faults import explain_all
from stages.core.params.schema import Params
from tests.conftest import PROJECT

YAML_OF = YAML(typ="safe")
STUDY = YAML_OF.load(PROJECT / "params.yaml")
MOST = 400
# A key, and values that it must not have, as YAML, with | between them.
BAD = """
align.metrics: [cka_linaer] | [cka_rbf_0] | [cka_rbf_nan] | [cka_rbf_inf] | [cka_rbf_1e400]
align.metrics: ["cka_rbf_-1"] | [mutual_knn_0] | [mutual_knn_1e12] | [mutual_knn_999999999999]
align.metrics: [cknna_1] | [cka_linear, cka_linear] | [cka_rbf_1, "cka_rbf_1.0"] | [] | cka_linear
align.metrics: [svcca_0] | [rsa_kendall] | [1] | null | ["mutual_knn_10 "] | [cka_rbf_1_000]
align.metrics: ["mutual_knn_１０"] | [mutual_knn_010]
align.compared: [cka_rbf_3] | []
align.draws: 0 | 1000000000000.0 | true | "100"
align.block: -1 | 3 | 10000000
align.pieces: 1
align.permute: row
align.width: 1.5
align.seed: -1
align.min_voxels: .nan
models.own: "noise:abc" | "noise:0" | "noise:1-999999999999" | "noise:8-4" | "file:" | "hf:a@"
models.own: "hf:a+untrained:-1" | "hf:a+untrained:99999999999" | "hf:a b" | "hf:../x" | "timm:<b>"
models.own: "hf:a\\nb" | "control:x"
models: {} | [] | {"a/b": "hf:x"} | {1: "hf:x"} | {"<b>": "hf:x"}
model: "a\\nb"
model: "" | [] | noise | "minilm,gpt2" | ".." | "hf:a/b"
predict.words: 1 | 0 | 1.5 | 1000000000000
contexts.lengths: [] | [1, 1] | [-1] | 5
contexts.recording: nope | [alice]
contexts.model: "" | [minilm] | nope
zoo: [] | [minilm, minilm] | [nope] | minilm | [[a]] | [null]
story.dataset: alic | nsd | [alice] | "../raw"
story.zoo: [efficientnet]
story.families: [nope]
story.centre: "yes" | 1
story.prepare.high_pass: 0.008 | .inf | 1e+308 | "128s"
story.prepare.smoothing: -1 | .nan | 0.001
story.prepare.subjects: [a, a] | [1] | ["../x"] | ["<b>"] | {"a": 1}
story.extract.context: -1 | 1000000000000 | 1.0
story.extract.pooling: max
story.extract.presentation: whole
story.simulate.subjects: 0 | 1000000000000
story.simulate.autocorrelation: 1.0
story.simulate.signal: .nan
story.simulate.context: 1000000000
story.simulate.seed: 18446744073709551616
story.plant.steps: [1, 0] | [0, 1000000000000000000000000000000]
story.plant.width: 0
story.plant.seeds: 1000000000
folds.blocks: 1 | 1000000000000
folds.gap: -1 | .inf
folds.scheme: run
ridge.lambdas.low: 0 | .inf | 10000000.0
ridge.lambdas.high: 1e+308
ridge.lambdas.count: 1000000000000 | 0
ridge.lambdas: [1, 2]
chance.draws: 1000000000000 | 0 | -5
chance.seed: "0" | 0.5
decode.lambdas.low: -1
decode.parcels: 0 | 101
decode.screening: .inf
decode.delay: -1 | 1000000000
decode.regions: [44] | [] | V1 | [Angular_L, Angular_L] | [[a]]
encode.delays: [100000000] | [1, 1] | [] | 3 | [0.5]
encode.nuisance_delays: [] | [2] | [0, 0.0] | [0, -11] | [0, 31] | [0, .nan] | 0 | [0, "2"]
encode.spillover: -1 | 21 | 1.5 | null
encode.pieces: 1000000000000 | 0 | 1
encode.targets: voxels
encode.regions: [44, 45] | ["<script>"]
encode_scene.targets: voxels
encode_scene.least_ncsnr: -1 | .nan | .inf
encode_scene.width: 0 | 1.5
encode_scene.alike: 0 | 1.1 | .nan
encode_scene.pieces: 0 | 1 | 2.5
encode_scene.permute: row | shift
encode_scene.block: 0 | 3 | 2.5 | 10000000
encode_scene.draws: 0 | 1000000000000
probe.shuffles: 0 | 1000000000000
profile.draws: 1e+30
profile.seed: null
ceilings_story.block: 0
ceilings_story.subsets: 1000000000000
ceilings_story.draws: true
ceilings_story.extrapolation: exp
scene.regions: [44, 45] | [v1] | [V1, V1] | []
scene.sessions: [0] | [1, 1] | ["1"] | 1 | [1.0] | [true]
scene.subjects: ["1", "1"]
scene.dataset: nsd2
scene.families: [] | [labels, labels]
scene.simulate.own: 1000000000000
scene.simulate.shared: 0
scene.extract.units: 1
scene.extract.whole: -1
scene.extract.vision: flat
scene.extract.template: none | answer
scene.extract.captions: every
scene.extract.pooling: sum | ends
scene.extract.prompt: "" | what is it? | "{captions} {captions}" | "{caption}"
survey.metric: cka
survey.bins: 1 | 1000000000000
survey.neighbours: 0 | .nan
ladder.share: 0 | 1.1 | .nan | "50%"
relate.draws: 1 | 1000000000000
calibrate.draws: 20
calibrate.recordings: 1000000000
calibrate.targets: 0
calibrate.simulations: .inf
bids.derivative: "../../etc" | "/etc"
bids.space: 1
bids.words: "" | "../x.TextGrid"
bids.offset: x | .inf
bids.language: english
bids.atlas: "../x"
bids.confounds: [] | [a, a] | ["<b>"]
bids.repetition_time: 0
bids.dummies: -1 | 1000000000
bids.tasks: [] | [a, a]
bids.select: {"x!": "1"}
bids.rows: {"": [a]} | {"a": [b, b]}
bids.incomplete: run
bids.slice_reference: 1000000000.0
bids.column: "<b>"
language.recordings: [pereira] | [] | [blank2014, blank2014]
language.zoo: [] | [noise]
language.simulate.passages: 1
language.simulate.words: 1000000000000
language.simulate.readers: .nan
language.extract.pooling: sum
language.extract.context: 1000000000
language.extract.exceptions: {minlm: 1} | {minilm: -1} | [minilm]
families.read.steps: ["0-1000000000000+1"] | ["1-512*1"] | ["5-1"] | [abc] | [] | [0, 0] | [-1]
families.read.steps: [1000000000000000000000000000000] | ["1-1e99*2"]
families.read.steps: ["1-99999999999999999999999*2"]
families.read.pattern: "hf:x" | "{step}{nope}" | "hf:{step.__class__}"
families.read.seen: 0 | .inf
families.read.seeds: [0, 0]
families.read.sizes: [a, a]
families.read.unit: words
families: {"../x": {pattern: x}} | {"planted": {pattern: x}}
train.text: "../x"
train.images: ""
train.simulate.side: 1000000000000
train.simulate.pictures: 1000000000000
train.simulate.words: 1000000000000
train.story.size: huge
train.story.sizes: {}
train.story.sizes.tiny.heads: 5
train.story.sizes.tiny.width: 1000000000000
train.story.lr: 0 | .inf
train.story.warmup: 1
train.story.betas: [0.9] | [0.9, 1.0]
train.story.runs: ["read-0", "read-0"] | ["write-0"] | [read] | ["read-huge-0"] | ["read--1"]
train.story.runs: ["read-99999999999999999999"] | ["read-tiny-0", "read-0"]
train.story.keep: [5, 1] | [1000000] | [1, 1]
train.story.precision: float16
train.story.held_out: 1
train.story.vocabulary: 1000000000000
train.story.batch: 1000000000000
train.story.steps: 1000000000000
train.story.block: 1000000000000
train.story.floor: 2
train.story.eps: .nan
train.scene.model: "../x" | "<b>"
train.scene.size: 1000000000000
train.scene.batch: 1
train.scene.epochs: 1000000000000
train.scene.runs: [labels] | ["ladels-0"]
train.scene.optimiser.lr: -1
train.scene.optimiser.momentum: 1
train.scene.optimiser.name: adam
train.scene.schedule.decay_epochs: 0
train.scene.schedule.warmup_lr: .inf
train.scene.schedule.min_lr: 1.0
train.scene.augment.scale: [1, 0.5] | [0, 1]
train.scene.augment.policy: "rnd-m9" | "rand-m9-xyz1"
train.scene.augment.erase: 1.1
train.scene.keep: [1000000000]
train.scene.keep_epochs: [1000000]
train.scene.crop: 0
train.scene.ema.decay: 1
train.scene.drop: .nan
train.scene.precision: int8
train.scene.held_out: 0
train.scene.schedule.warmup_epochs: 100000
trajectory.shares: [] | [0.1] | [0.5, 0.5] | [0.5, .nan] | [0.5, 1.0]
trajectory.metric: r
trajectory.shifts: 1000000000000
trajectory.base: 0 | 1000000000000
trajectory.plateau: 1000000000000
trajectory.lag: 1000000000000
trajectory.draws: 1
unknown: 1
align.metric: [a]
chance.shifts: 10
chance: null
"""
CASES = [
    (key, value)
    for line in BAD.strip().splitlines()
    for key, _, values in [line.partition(": ")]
    for value in values.split(" | ")
]


def said_of(key, value):
    """What is said of params.yaml with one value changed; empty where it passes."""
    content = copy.deepcopy(STUDY)
    *path, last = key.split(".")
    section = content
    for part in path:
        section = section[part]
    section[last] = value
    try:
        Params.model_validate(content)
    except ValidationError as error:
        return explain_all(error.errors(include_url=False))
    return ""


@pytest.mark.parametrize(("key", "value"), CASES)
def test_it_is_refused_by_its_key(key, value):
    said = said_of(key, YAML_OF.load(value))
    assert said, "passes"
    section, _, last = key.rpartition(".")
    assert said.startswith((key, section or key)) or last in said.partition(", got")[0], said
    assert len(said) < MOST
    assert said.isprintable()


def test_all_sections_are_tried():
    assert {key.partition(".")[0] for key, _ in CASES} >= set(STUDY)
    assert len(CASES) > 300


@pytest.mark.parametrize("key", ["model", "folds", "train.scene.optimiser.lr"])
def test_what_stands_there_passes(key):
    value = STUDY
    for part in key.split("."):
        value = value[part]
    assert said_of(key, value) == ""
