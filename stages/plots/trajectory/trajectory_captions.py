"""What a report says of the pictures of training."""

_APART = "step 0 stands apart, left of the break"
_BANDS = "bands and bars hold 95 % over runs, and are cut where they leave the panel"

# By the picture's name; what is in braces is given by the gallery.
CAPTIONS = {
    "courses": (
        "Alignment above its own step 0 (layer chosen on {choice}; mean over regions) and "
        "performance against {unit} seen in training, for {on}: means over runs before single "
        "runs, dashed those of the control; dotted is what chance would gain since the same step "
        f"0, with 95 % of it in one region, of their mean less; {_APART}; {_BANDS}; a diamond "
        "marks half of the rise, hollow without an interval, absent where the curve does not rise "
        "throughout."
    ),
    "layers": (
        "Alignment of {layers} above their own step 0, mean over regions, against {unit} seen in "
        f"training, for {{on}}; {_APART}; {_BANDS}."
    ),
    "regions": (
        "The {unit} seen when alignment (layer chosen on {choice}) has made a share of its rise, "
        "mean over runs, for {on}, regions from first to last at half; grey without a time, "
        "hatched by the reason; a dot marks means that lack some runs."
    ),
    "leads": (
        "Octaves by which alignment is earlier than each measure of performance at shares of their "
        "rise, for {on}, sizes together, with 95 % intervals over runs, cut where they leave the "
        "panel; a hollow mark has none; the grey band holds 95 % of leads if both ran one course. "
        "Above each family stands by how much its alignment rises more than that of its control."
    ),
    "overview": (
        "The {unit} seen at half of the rise of alignment, and its gain at the last step, by size "
        "of the network, for {on}; bars hold 95 % over runs, a hollow mark stands without."
    ),
    "training": (
        "Loss, accuracy on held-out material and learning rate against updates, for {updates}; "
        f"seeds have one colour, averaged weights are dashed, calibrated ones dotted; {_APART}."
    ),
}
CORTEX = (
    "Octaves by which alignment of every region (layer chosen on {choice}) makes half of its rise "
    "after the mean of regions, for {line} ({on}): blue is early, red late; grey has no time, "
    "or was not measured."
)
