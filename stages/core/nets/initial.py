"""Whether a step 0 looks like what its initialiser draws."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

# A spread may differ by this factor, and by six standard errors of the estimate.
FACTOR = 1.5
_OUTPUT = re.compile(r"(attention\.dense|mlp\.dense_4h_to_h)\.weight$")


def initial_fault(
    state: Mapping[str, torch.Tensor],
    drawn: Mapping[str, torch.Tensor],
    others: Sequence[Mapping[str, float]] = (),
) -> str:
    """Say what shows that a state was trained, or was initialised otherwise; or nothing.

    Tensors that the initialiser sets to one value, such as gains and biases, must have that value:
    the first update changes it. Matrices must have the standard deviation that is drawn, within
    `FACTOR`, or all of them that of one of the other initialisers.

    Parameters
    ----------
    state : mapping of str to Tensor
        The step 0 in question.
    drawn : mapping of str to Tensor
        The same architecture, drawn with any seed.
    others : sequence of mappings of str to float
        Standard deviations by matrix, of initialisers that would do as well.
    """
    both = [name for name in sorted(drawn) if name in state and state[name].is_floating_point()]
    if len(both) < len(drawn) / 2:
        return f"{len(both)} of the {len(drawn)} tensors of the architecture"
    spreads: dict[str, float] = {}
    for name in both:
        expected, given = drawn[name].double(), state[name].double()
        if expected.shape != given.shape:
            return f"{name}: expected {tuple(expected.shape)}, got {tuple(given.shape)}"
        constant = expected.flatten()[0].item()
        if torch.all(expected == constant):
            if not torch.allclose(given, torch.full_like(given, constant), rtol=1e-3, atol=1e-6):
                return f"{name}: expected {constant:g} throughout"
        elif expected.ndim > 1:
            spreads[name] = float(expected.std())
    faults = [_spread_fault(state, one) for one in (spreads, *others)]
    return "" if "" in faults else faults[0]


def _spread_fault(state: Mapping[str, torch.Tensor], spreads: Mapping[str, float]) -> str:
    for name, expected in spreads.items():
        if name not in state:
            continue
        got = float(state[name].double().std(correction=0))
        margin = FACTOR * (1 + 6 / math.sqrt(2 * state[name].numel()))
        if not expected / margin <= got <= expected * margin:
            return f"{name}: expected a standard deviation of {expected:.3g}, got {got:.3g}"
    return ""


def gpt_neox_spreads(config: Any, names: Sequence[str]) -> dict[str, float]:
    """Give the standard deviations by which the library GPT-NeoX, and so Pythia, initialises.

    They are sqrt(2 / (5 d)) (Nguyen & Salazar 2019), and 2 / (L sqrt(d)) for matrices that write to
    the residual stream (Wang & Komatsuzaki 2021), for L layers of width d. What transformers itself
    draws for the architecture is another.
    """
    width, layers = config.hidden_size, config.num_hidden_layers
    small, output = math.sqrt(2 / (5 * width)), 2 / (layers * math.sqrt(width))
    matrices = [name for name in names if name.endswith(".weight") and "norm" not in name]
    return {name: output if _OUTPUT.search(name) else small for name in matrices}


def draw_initial(folder: Path, seed: int) -> dict[str, torch.Tensor]:
    """Draw the initial state of the network that a folder's configuration describes.

    With a language head where the configuration names one. Files may have another name for the head
    itself than transformers, and it is then not compared.

    Raises
    ------
    InputError
        If the configuration is unreadable.
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        return dict(_network(folder).state_dict())


def _network(folder: Path) -> Any:
    from stages.core.nets.source import is_timm_folder  # noqa: PLC0415 (the libraries are slow)

    if is_timm_folder(folder):
        import timm  # noqa: PLC0415

        return timm.create_model(f"local-dir:{folder}", pretrained=False)
    from transformers import AutoModel, AutoModelForCausalLM  # noqa: PLC0415

    from stages.core.nets.load import load_config  # noqa: PLC0415

    config = load_config(folder)
    named = json.loads((folder / "config.json").read_text()).get("architectures") or [""]
    heads = AutoModelForCausalLM._model_mapping
    headed = type(config) in heads and heads[type(config)].__name__ in named
    maker = AutoModelForCausalLM if headed else AutoModel
    return maker.from_config(config, dtype=torch.float32, trust_remote_code=False)
