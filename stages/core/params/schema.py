"""The parameters of the study: read, checked as a whole, handed out by the slice."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stages.core.names.datasets import OWN
from stages.core.names.families import Member
from stages.core.names.models import ModelSpec, parse_model
from stages.core.names.nsd_regions import names_in
from stages.core.names.story_regions import STORY_REGIONS
from stages.core.params.bids_section import Bids
from stages.core.params.family_section import (
    Family,
    FamilyName,
    PlantFamily,
    control_faults,
    family_faults,
)
from stages.core.params.fields import (
    Context,
    ContextLengths,
    Count,
    Delay,
    Delays,
    Draws,
    Metrics,
    ModelString,
    Name,
    Names,
    NuisanceDelays,
    OptionalNames,
    People,
    Period,
    RecordingName,
    Recordings,
    Seed,
    Selected,
    Selection,
    Sessions,
    ShortName,
    Smoothing,
    Strength,
    Words,
    region_faults,
)
from stages.core.params.section import Section as Section  # noqa: PLC0414 (others look here)
from stages.core.params.studied import (
    TWIN,
    exception_faults,
    language_faults,
    story_faults,
    story_model,
    twin_faults,
    zoo_faults,
)
from stages.core.params.training import Train
from stages.core.run.errors import InputError, did_you_mean


class SimulateStory(Section):
    """The simulated brains of readers."""

    seed: Seed
    subjects: Annotated[int, Field(ge=1, le=8)]
    context: Words
    signal: Annotated[float, Field(ge=0, le=10)]
    autocorrelation: Annotated[float, Field(ge=0, lt=1)]


class PrepareStory(Section):
    """From raw files to recordings."""

    subjects: People
    detrend: bool
    high_pass: Period
    smoothing: Smoothing


class ExtractStory(Section):
    """How words are shown to the model and what is kept."""

    presentation: Literal["context", "window"]
    context: Context
    pooling: Literal["last", "mean", "sum"]
    attention: bool


class Story(Section):
    """Which recording of words is studied, how it is made, and which models are shown it."""

    dataset: Literal[
        "simulated", "wehbe", "alice", "naturalstories", "sherlock2017", "ucl2013", "bids", "table"
    ]
    centre: bool
    simulate: SimulateStory
    prepare: PrepareStory
    extract: ExtractStory
    plant: PlantFamily
    zoo: OptionalNames
    families: OptionalNames


class SimulateLanguage(Section):
    """The simulated readers of sentences and stories."""

    seed: Seed
    subjects: Annotated[int, Field(ge=2, le=100)]
    passages: Annotated[int, Field(ge=12, le=1000)]
    signal: Annotated[float, Field(ge=0, le=10)]
    words: Annotated[int, Field(ge=200, le=20_000)]
    readers: Annotated[int, Field(ge=4, le=1000)]


class ExtractLanguage(Section):
    """How words and sentences are shown to models and what is kept."""

    context: Context
    exceptions: dict[ShortName, Context]
    pooling: Literal["last", "mean"]

    def as_story(self, model: str) -> ExtractStory:
        """Tell how a model of the zoo, by its short name, is shown words, as a story is."""
        context = self.exceptions.get(model, self.context)
        return ExtractStory(
            presentation="context", context=context, pooling=self.pooling, attention=False
        )


class Language(Section):
    """Recordings of words and sentences, and the models that stand beside all of them."""

    recordings: Recordings
    zoo: Names
    extract: ExtractLanguage
    simulate: SimulateLanguage


class Folds(Section):
    """Cross-validation."""

    scheme: Literal["auto", "runs", "groups", "blocks", "shuffled"]
    blocks: Annotated[int, Field(ge=2, le=1000)]
    gap: Annotated[int, Field(ge=0, le=10_000)]


class Lambdas(Section):
    """A logarithmic grid of regularisation strengths."""

    low: Strength
    high: Strength
    count: Annotated[int, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def _ordered(self) -> "Lambdas":
        if self.low > self.high:
            raise ValueError(f"low <= high expected, got {self.low} > {self.high}")
        return self


class Ridge(Section):
    """Regularised regression."""

    lambdas: Lambdas


class Chance(Section):
    """The circular-shift null."""

    draws: Draws
    seed: Seed


class Decode(Section):
    """Brain to linguistic features."""

    regions: Selection
    min_voxels: Count
    downsample: Literal["glover", "window"]
    delay: Delay
    parcels: Annotated[float, Field(gt=0, le=100)]
    screening: Annotated[float, Field(gt=0, le=100)]
    lambdas: Lambdas
    choice: Literal["held_out", "leave_one_out"]
    parcel_weights: Literal["shared", "copied"]


class Probe(Section):
    """Layers to linguistic features."""

    downsample: Literal["glover", "window"]
    shuffles: Draws


class Profile(Section):
    """Regions beside layers."""

    draws: Draws
    seed: Seed


class Encode(Section):
    """Layers to brain."""

    targets: Literal["region", "voxel"]
    regions: Selection
    min_voxels: Count
    downsample: Literal["glover", "window"]
    delays: Delays
    nuisance_delays: NuisanceDelays
    spillover: Annotated[int, Field(ge=0, le=20)]
    pieces: Annotated[int, Field(ge=2, le=1_000_000)]


class Permuted(Section):
    """Which rows trade places under a null."""

    permute: Literal["rows", "blocks", "shifts"]
    block: Count

    @model_validator(mode="after")
    def _rows_by_themselves(self) -> "Permuted":
        if self.permute == "rows" and self.block != 1:
            raise ValueError(f"block: 1 expected where permute is rows, got {self.block}")
        return self


class EncodeScene(Permuted):
    """Layers to voxels, of images."""

    targets: Literal["region", "voxel"]
    min_voxels: Count
    least_ncsnr: Annotated[float, Field(ge=0, le=100)]
    width: Count
    alike: Annotated[float, Field(gt=0, le=1)]
    pieces: Annotated[int, Field(ge=2, le=1000)]
    draws: Draws
    seed: Seed


class CeilingsStory(Section):
    """How well any model could predict the regions."""

    extrapolation: Literal["agreement", "one_factor", "exponential"]
    block: Count
    subsets: Count
    draws: Draws
    seed: Seed


class SimulateScene(Section):
    """The simulated release in the layout of NSD."""

    seed: Seed
    subjects: Annotated[int, Field(ge=1, le=8)]
    shared: Annotated[int, Field(ge=1, le=1000)]
    own: Annotated[int, Field(ge=1, le=9000)]
    signal: Annotated[float, Field(ge=0, le=10)]

    @model_validator(mode="after")
    def _whole_sessions(self) -> "SimulateScene":
        if (self.shared + self.own) % 250:
            raise ValueError(
                f"shared + own expected to be a multiple of 250, the images of a session, "
                f"got {self.shared + self.own}"
            )
        return self


# Where the captions go in what a user says.
PLACEHOLDER = "{captions}"


class ExtractScene(Section):
    """How images and captions are shown to the zoo and what is kept."""

    vision: Literal["flattened", "pooled"]
    untrained: Literal["normalised", "initial"]
    captions: Literal["first", "all"]
    prompt: str
    template: Literal["chat", "reply", "plain"]
    pooling: Literal["last", "mean", "end"]
    units: Annotated[int, Field(ge=2, le=1_000_000)]
    whole: Annotated[int, Field(ge=0, le=1_000_000)]
    seed: Seed

    @field_validator("prompt")
    @classmethod
    def _captions_have_one_place(cls, prompt: str) -> str:
        if prompt.count(PLACEHOLDER) != 1:
            raise ValueError(f"expected {PLACEHOLDER} exactly once, got {prompt!r}")
        return prompt


class Scene(Section):
    """Which images and brains are studied, and how models see them."""

    dataset: Literal["nsd-simulated", "nsd", "kriegeskorte2008", "v4_cowley2023", "bids", "table"]
    subjects: People
    sessions: Sessions
    atlas: Literal[
        "HCP_MMP1",
        "nsdgeneral",
        "streams",
        "prf-visualrois",
        "prf-eccrois",
        "floc-faces",
        "floc-words",
        "floc-places",
        "floc-bodies",
    ]
    regions: Selection
    simulate: SimulateScene
    extract: ExtractScene
    families: Names

    @field_validator("regions")
    @classmethod
    def _areas_are_known(cls, regions: Selected, info: ValidationInfo) -> Selected:
        atlas = info.data.get("atlas")
        if atlas is not None and info.data.get("dataset") not in OWN:
            _raise(region_faults(regions, names_in(atlas), "scene.regions"))
        return regions


class Align(Permuted):
    """Layers beside regions."""

    metrics: Metrics
    min_voxels: Count
    draws: Draws
    seed: Seed
    width: Count
    pieces: Annotated[int, Field(ge=2, le=1000)]
    compared: Metrics


class Survey(Section):
    """What the alignments of all models say together."""

    metric: Name
    bins: Annotated[int, Field(ge=2, le=1000)]
    neighbours: Annotated[int, Field(ge=2, le=1000)]
    seed: Seed


class Ladder(Section):
    """The ladder of evidence."""

    share: Annotated[float, Field(gt=0, le=1)]


class Relate(Section):
    """Alignment beside performance and size."""

    draws: Annotated[int, Field(ge=100, le=1_000_000)]
    seed: Seed


class Predict(Section):
    """How much of a text is predicted, word by word."""

    words: Annotated[int, Field(ge=2, le=1_000_000)]


class Contexts(Section):
    """How much is read before each word, and of which recording by which model."""

    lengths: ContextLengths
    recording: RecordingName
    model: Name


class Calibrate(Section):
    """How much is simulated to find how often tests and intervals are wrong."""

    recordings: Annotated[int, Field(ge=1, le=1000)]
    targets: Annotated[int, Field(ge=6, le=10_000)]
    regions: Annotated[int, Field(ge=2, le=1000)]
    draws: Annotated[int, Field(ge=19, le=100_000)]
    simulations: Annotated[int, Field(ge=10, le=1_000_000)]
    seed: Seed

    @field_validator("draws")
    @classmethod
    def _tells_five_per_cent(cls, draws: int) -> int:
        if (draws + 1) % 20:
            low = draws - (draws + 1) % 20
            raise ValueError(
                f"expected a multiple of 20 less one, such as {max(low, 19)} or {low + 20}, so "
                f"that p can be .05, got {draws}"
            )
        return draws


class Trajectory(Section):
    """When alignment and performance rise in training."""

    metric: Name
    shifts: Draws
    draws: Annotated[int, Field(ge=100, le=1_000_000)]
    seed: Seed
    base: Count
    plateau: Count
    lag: Count
    shares: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1)]

    @field_validator("shares")
    @classmethod
    def _half_is_there(cls, shares: list[float]) -> list[float]:
        if 0.5 not in shares:
            raise ValueError(f"expected 0.5 among them, got {shares[:20]}")
        if len(set(shares)) < len(shares):
            raise ValueError("expected each of them once")
        return shares


class Params(Section):
    """The whole of params.yaml. `models` comes first, since what follows is held against it."""

    models: Annotated[dict[ShortName, ModelString], Field(min_length=1)]
    model: Name
    zoo: Names
    families: dict[FamilyName, Family]
    story: Story
    scene: Scene
    language: Language
    bids: Bids
    folds: Folds
    ridge: Ridge
    chance: Chance
    decode: Decode
    probe: Probe
    profile: Profile
    encode: Encode
    encode_scene: EncodeScene
    ceilings_story: CeilingsStory
    align: Align
    survey: Survey
    ladder: Ladder
    relate: Relate
    predict: Predict
    contexts: Contexts
    calibrate: Calibrate
    train: Train
    trajectory: Trajectory

    @property
    def story_specs(self) -> list[ModelSpec]:
        """The models that are shown the story: `model`, its untrained twin, those of `story.zoo`.

        The twin of a model that is itself untrained is its next draw, of the next seed.
        """
        names = [self.model, self.model + TWIN, *self.story.zoo]
        return [parse_model(name, self.models) for name in names]

    @property
    def language_specs(self) -> list[ModelSpec]:
        """The models of `language.zoo`."""
        return [parse_model(name, self.models) for name in self.language.zoo]

    def zoo_spec(self, name: str) -> ModelSpec:
        """Find a model of the scene study, by its short name.

        Raises
        ------
        InputError
            If the zoo has no such model.
        """
        if name not in self.zoo:
            do = did_you_mean(name, self.zoo)
            raise InputError("not in the zoo", where="params.yaml: zoo", got=repr(name), do=do)
        return parse_model(name, self.models)

    def family(self, name: str) -> list[Member]:
        """Make the members of a family.

        Raises
        ------
        InputError
            If there is no such family.
        """
        if name not in self.families:
            do = did_you_mean(name, self.families)
            raise InputError("unknown family", where="params.yaml: families", got=repr(name), do=do)
        return self.families[name].members(name)

    @field_validator("model")
    @classmethod
    def _model_and_its_twin_read_words(cls, model: str, info: ValidationInfo) -> str:
        for name in (model, model + TWIN) if "models" in info.data else ():
            try:
                story_model(name, info.data["models"], "model=NAME")
            except InputError as error:
                raise ValueError(str(error)) from error
        return model

    @field_validator("contexts")
    @classmethod
    def _model_of_contexts_reads_words(cls, contexts: Contexts, info: ValidationInfo) -> Contexts:
        for name in (contexts.model,) if "models" in info.data else ():
            try:
                story_model(name, info.data["models"], "contexts.model=NAME")
            except InputError as error:
                raise ValueError(str(error)) from error
        return contexts

    @field_validator("zoo")
    @classmethod
    def _zoo_of_short_names(cls, zoo: list[str], info: ValidationInfo) -> list[str]:
        if "models" in info.data:
            _raise(zoo_faults(zoo, info.data["models"]))
        return zoo

    @field_validator("story")
    @classmethod
    def _story_zoo_reads_words(cls, story: Story, info: ValidationInfo) -> Story:
        if "models" in info.data:
            _raise(story_faults(story.zoo, info.data.get("model"), info.data["models"]))
        return story

    @field_validator("language")
    @classmethod
    def _language_zoo_reads_words(cls, language: Language, info: ValidationInfo) -> Language:
        if "models" in info.data:
            models = info.data["models"]
            _raise(language_faults(language.zoo, models))
            _raise(exception_faults(language.extract.exceptions, models))
            words = {name: language.extract.as_story(name).context for name in language.zoo}
            _raise(twin_faults(words, models))
        return language

    @field_validator("families")
    @classmethod
    def _controls_are_families(cls, families: dict[str, Family]) -> dict[str, Family]:
        _raise(control_faults(families))
        return families

    @field_validator("story", "scene")
    @classmethod
    def _families_are_known(cls, study: Story | Scene, info: ValidationInfo) -> Story | Scene:
        if "families" in info.data:
            key = f"{info.field_name}.families"
            _raise(family_faults(study.families, info.data["families"], key))
        return study

    @field_validator("decode", "encode")
    @classmethod
    def _regions_are_known(cls, stage: Decode | Encode, info: ValidationInfo) -> Decode | Encode:
        story = info.data.get("story")
        if story is not None and story.dataset not in OWN:
            _raise(region_faults(stage.regions, STORY_REGIONS, f"{info.field_name}.regions"))
        return stage

    @field_validator("trajectory")
    @classmethod
    def _trajectory_metric_is_aligned(
        cls, trajectory: Trajectory, info: ValidationInfo
    ) -> Trajectory:
        _raise(_metric_faults(trajectory.metric, "trajectory.metric", info))
        return trajectory

    @field_validator("survey")
    @classmethod
    def _metric_is_aligned(cls, survey: Survey, info: ValidationInfo) -> Survey:
        _raise(_metric_faults(survey.metric, "survey.metric", info))
        compared = info.data["align"].compared if "align" in info.data else [survey.metric]
        if survey.metric not in compared:
            raise ValueError(f"survey.metric: expected in align.compared, got {survey.metric!r}")
        return survey


def _metric_faults(metric: str, key: str, info: ValidationInfo) -> list[str]:
    """Say whether a metric is one of those that are computed."""
    metrics = info.data["align"].metrics if "align" in info.data else [metric]
    if metric in metrics:
        return []
    do = did_you_mean(metric, metrics)
    return [f"{key}: expected one of align.metrics, got {metric!r}. {do}"]


def _raise(faults: list[str]) -> None:
    """Raise what is wrong with a section, each fault with its own key."""
    if faults:
        raise PydanticCustomError("faults", "{faults}", {"faults": "; ".join(faults)})
