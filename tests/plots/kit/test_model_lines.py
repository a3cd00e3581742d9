from stages.plots.kit.model_lines import model_lines
from stages.plots.kit.palette import MODALITIES
from tests.plots.story_models import ZOO, roll_of


def test_trained_models_have_colours_and_untrained_ones_grey_dashes():
    lines = model_lines(roll_of(ZOO))
    assert list(lines) == list(ZOO)
    for name, trained in ZOO.items():
        assert (lines[name].color == MODALITIES["untrained"]) == (not trained)
        assert (lines[name].dashes == "-") == trained
    assert lines["tiny"].color == MODALITIES["language"]


def test_models_of_a_large_zoo_differ():
    zoo = {f"model-{i}": i % 3 > 0 for i in range(15)}
    assert len(set(model_lines(roll_of(zoo)).values())) == 10 + 4  # the fifth twin repeats dashes
    colours = {line.color for line in model_lines(roll_of(zoo)).values()}
    assert len(colours) == 8 + 1


def test_a_model_keeps_its_look_whatever_comes_after_it():
    few, many = model_lines(roll_of()), model_lines(roll_of(ZOO))
    assert many.items() >= few.items()
