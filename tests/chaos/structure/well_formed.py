"""Inputs that are well-formed and of another structure, and the commands that read them."""

from collections.abc import Iterator
from zlib import crc32

import numpy as np

from tests.chaos.campaign import Outcome, Whole, kind, left_out_anew
from tests.chaos.structure.all_forms import forms_of
from tests.chaos.structure.form import DIFFERENT, apply

NAME = "structure: {}"


def structured(whole: Whole, numbers: range, seed: int) -> Iterator[Outcome]:
    """Give one file another structure and run the command; yield what came of it.

    What must come of a structure is said before (`tests.chaos.structure.form`): output that differs
    is silent, unless it was said that it may, or by the command who is left out. Every structure of
    every kind of file comes once before one comes again.
    """
    specimen = whole.specimen
    name = specimen.name
    pairs = sorted(
        {
            (kind(path), form)
            for path in whole.inputs
            for form in forms_of(path, sealed=specimen.sealed)
        }
    )
    order = np.random.default_rng([seed, 4, crc32(name.encode())]).permutation(len(pairs))
    for number in numbers if pairs else ():
        rng = np.random.default_rng([seed, 5, crc32(name.encode()), number])
        of_kind, chosen = pairs[order[number % len(pairs)]]
        same = [path for path in whole.inputs if kind(path) == of_kind]
        path = same[rng.integers(len(same))]
        form = forms_of(path, sealed=specimen.sealed)[chosen]
        ended = whole.changed(path, lambda own, form=form, rng=rng: apply(form, own, rng))
        if ended is not None:
            may = form.expected == DIFFERENT or left_out_anew(ended, whole.undisturbed)
            verdict = whole.verdict(ended, may_differ=may and not specimen.sealed)
            what = f"{chosen} of {path}, to be {form.expected}"
            yield Outcome(NAME.format(name), number, what, verdict, ended)
