import numpy as np
import pytest
import torch
from PIL import Image

from stages.train.scene.labelled_images import LabelledImages
from stages.train.scene.recognition import evaluate_classes

N, CLASSES = 11, 7
LOGITS = np.random.default_rng(0).normal(size=(N, CLASSES))
LABELS = np.random.default_rng(1).integers(0, CLASSES, N)


class Known(torch.nn.Module):
    """Answers by the grey of an image, which is its row."""

    def __init__(self, classes):
        super().__init__()
        self.classes = classes

    def forward(self, pixels):
        assert not self.training
        return torch.from_numpy(LOGITS[pixels[:, 0, 0, 0].long().numpy(), : self.classes])


def measured(rows, batch, classes=CLASSES):
    labels = np.minimum(LABELS, classes - 1)
    images = LabelledImages(
        tuple("abcdefg"[:classes]), labels, lambda row: Image.new("RGB", (4, 4), (row,) * 3), ""
    )
    view = lambda image: torch.from_numpy(np.array(image).transpose(2, 0, 1)).float()  # noqa: E731
    return evaluate_classes(
        Known(classes), images, np.array(rows), view, batch=batch, device=torch.device("cpu")
    )


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_measures_are_means_over_the_rows_asked_for(batch):
    rows = [0, 2, 3, 5, 7, 8, 9]
    loss, first, fifth = [], [], []
    for row in rows:
        p = np.exp(LOGITS[row]) / np.exp(LOGITS[row]).sum()
        order = np.argsort(-p)
        loss.append(-np.log(p[LABELS[row]]))
        first.append(order[0] == LABELS[row])
        fifth.append(LABELS[row] in order[:5])
    assert 0 < np.mean(first) < np.mean(fifth) < 1
    found = measured(rows, batch)
    assert found["heldout_loss"] == pytest.approx(np.mean(loss), rel=1e-5)
    assert found["top1"] == pytest.approx(np.mean(first))
    assert found["top5"] == pytest.approx(np.mean(fifth))


def test_of_few_classes_all_are_among_the_likeliest():
    assert measured(range(N), 3, classes=4)["top5"] == 1
