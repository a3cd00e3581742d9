"""What Schrimpf et al. (2021) printed, and what was computed from their table by other code."""

from collections.abc import Iterator

from stages.core.results.replications import RECOMPUTED
from stages.replicate.published_targets import Target
from stages.replicate.schrimpf_scores import NEURAL, STATIC

R, PER_CENT, DERIVED = 0.03, 5.0, 0.001  # tolerances
CIRCULAR = "the layer chosen on the other two benchmarks"
CLIPPED = "Futrell cut at 1"
ASSEMBLY = "the assembly {}.nc of the authors' store"
TASKS = {
    "cola": ".119",
    "mnli": ".031",
    "mrpc": ".067",
    "qnli": ".135",
    "qqp": ".122",
    "rte": ".018",
    "sst-2": "-.029",
    "sts-b": ".080",
}
# By benchmark: neural ~ next-word, ~ behaviour, trained ~ untrained; means trained and untrained.
EACH = {
    "pereira": (".554", ".584", ".697", ".614", ".341"),
    "fedorenko": (".194", ".424", ".367", ".318", ".273"),
    "blank": (".488", ".449", ".624", ".152", ".137"),
}


def _derived(quantity: str, value: str, note: str = "") -> Target:
    return Target(quantity, value, DERIVED, RECOMPUTED, note)


def _targets() -> Iterator[Target]:
    yield Target("neural ~ next-word", ".44", R)
    yield Target("neural ~ behaviour", ".65", R)
    yield Target("neural ~ behaviour, clipped", ".65", R, note=CLIPPED)
    yield Target("next-word ~ behaviour", ".67", R)
    yield Target("next-word ~ behaviour, clipped", ".67", R, note=CLIPPED)
    for name, best, gain in (("pereira", "100", "85"), ("fedorenko", "95", "17")):
        yield Target(f"best model, {name}, % of ceiling", best, PER_CENT)
        yield Target(f"gain by training, {name}, %", gain, PER_CENT)
    yield Target("best model, blank, % of ceiling", "32", PER_CENT)
    yield Target("gain by training, blank, %", "11", PER_CENT)
    yield _derived("neural ~ next-word, to a thousandth", ".457")
    yield _derived("neural ~ next-word, Spearman", ".417")
    yield _derived("neural ~ minus the loss", ".618", "instead of the perplexity")
    yield _derived("neural ~ next-word without static embeddings", ".219", ", ".join(STATIC))
    yield _derived("neural ~ behaviour, to a thousandth", ".596")
    yield _derived("neural ~ behaviour, clipped, to a thousandth", ".651", CLIPPED)
    yield _derived("next-word ~ behaviour, to a thousandth", ".367")
    yield _derived("neural ~ GLUE, all eight tasks", ".086", "published: not significant")
    yield _derived("neural ~ GLUE, tasks at hand", ".074", "lm_1b without sts-b")
    for task, value in TASKS.items():
        yield _derived(f"neural ~ glue-{task}", value)
    for name, (word, behaviour, twin, mean, untrained) in EACH.items():
        yield _derived(f"{name} ~ next-word", word)
        yield _derived(f"{name} ~ behaviour", behaviour)
        yield _derived(f"{name}, trained ~ untrained", twin)
        yield _derived(f"{name}, mean of trained models", mean)
        yield _derived(f"{name}, mean of untrained models", untrained)
    yield _derived("pereira ~ fedorenko", ".500")
    yield _derived("pereira ~ blank", ".589")
    yield _derived("fedorenko ~ blank", ".285")
    yield _derived("neural, trained ~ untrained", ".735")
    yield _derived("futrell, trained ~ untrained", ".963")
    yield _derived("next-word, trained ~ untrained", ".02", "of perplexities")
    yield _derived("futrell, mean of trained models", ".747")
    yield _derived("futrell, mean of untrained models", ".741")
    yield _derived("futrell, best model", "1.203", "above its ceiling: words are in fit and test")
    yield _derived("gpt2-xl, mean of four benchmarks", ".753")
    yield _derived("gpt2-xl untrained, mean of four benchmarks", ".606")
    yield Target("rows of the table", "4885", basis=RECOMPUTED)
    yield Target("models and twins of the table", "88", basis=RECOMPUTED)
    yield Target("scores that are missing", "8", basis=RECOMPUTED)
    yield Target("models with GLUE", "42", basis=RECOMPUTED)
    yield Target("models with all eight tasks", "41", basis=RECOMPUTED)
    for name in NEURAL:
        yield Target(f"{name}, loss by an unseen layer", "", note=CIRCULAR)
    yield Target("neural ~ next-word, unseen layers", "", note=CIRCULAR)
    for name, assembly, ceiling in (
        ("pereira", "Pereira2018", ".318567"),
        ("fedorenko", "Fedorenko2016v3", ".168649"),
        ("blank", "Blank2014fROI", ".200405"),
        ("futrell", "Futrell2018", ".76"),
    ):
        yield Target(f"{name}, ceiling", ceiling, 0.005, needs=ASSEMBLY.format(assembly))


TARGETS = tuple(_targets())
