"""What the tests of pictures ask of a figure."""

import io
from itertools import pairwise


def png(figure) -> bytes:
    """Draw a figure: layout problems are warnings, and warnings are errors."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=50)
    return stream.getvalue()


def drawn(figure):
    """Panels of a heat map, without the colour bar."""
    return [ax for ax in figure.axes if ax.images]


def texts(labels):
    return [label.get_text() for label in labels]


def overlaps(axes):
    """Labels of one axis that touch the next one, after the figure was drawn."""
    found = []
    for ax in axes:
        for axis in (ax.xaxis, ax.yaxis):
            for labels in (axis.get_majorticklabels(), axis.get_minorticklabels()):
                shown = [label for label in labels if label.get_visible() and label.get_text()]
                boxes = [label.get_window_extent().padded(0.5) for label in shown]
                pairs = zip(pairwise(shown), pairwise(boxes), strict=True)
                found += [texts(pair) for pair, (one, other) in pairs if one.overlaps(other)]
    return found


def clipped(figure) -> bool:
    """Whether anything reaches beyond the edge of the page."""
    width, height = figure.get_size_inches()
    box = figure.get_tightbbox()
    return min(box.x0, box.y0, width - box.x1, height - box.y1) < -0.01
