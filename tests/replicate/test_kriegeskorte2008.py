import pytest
from scipy.stats import spearmanr

from stages.replicate import kriegeskorte2008 as module
from stages.replicate.kriegeskorte2008 import leave_one_out


def test_each_person_is_held_against_the_mean_of_the_others(rng):
    people = {name: rng.normal(size=40) + rng.normal(size=40) for name in "abc"}
    found = leave_one_out(people)
    for name, own in people.items():
        one, two = (people[other] for other in people if other != name)
        assert found[name] == pytest.approx(spearmanr(own, (one + two) / 2).statistic)


def test_numbers_of_the_two_species_and_of_the_people(rng, monkeypatch):
    monkey, human = rng.normal(size=(2, 30))
    people = {name: rng.normal(size=30) for name in module.CEILINGS}
    monkeypatch.setattr(module, "read_species", lambda path: (monkey, human))
    monkeypatch.setattr(module, "read_people_rdms", lambda path: people)
    files = {module.SPECIES_RDMS: None, module.PEOPLE_RDMS: None}
    found = module.derive_kriegeskorte(files)
    assert found["monkey ~ human, Spearman"].value == pytest.approx(spearmanr(monkey, human)[0])
    plain = found["monkey ~ human"].value
    centred = [one - one.mean() for one in (monkey, human)]
    norms = [(one @ one) ** 0.5 for one in centred]
    assert plain == pytest.approx(centred[0] @ centred[1] / (norms[0] * norms[1]))
    assert found["monkey ~ human, to four digits"].value == plain
    assert (found["pairs of images"].value, found["pairs of images"].n) == (30, 92)
    assert {found[f"{name} ~ the other people"].n for name in people} == {4}
    assert set(found) == {target.quantity for target in module.TARGETS}
