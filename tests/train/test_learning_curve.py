"""The table of a training run, letter by letter."""

from stages.train.learning_curve import curve_row, write_curve


def test_a_row_a_step_and_nothing_where_there_is_no_loss(tmp_path):
    first = curve_row(0, "raw", seen=0.0, loss=None, rate=0.001, measured={"loss_held": 5.5})
    later = curve_row(8, "raw", seen=64.0, loss=4.25, rate=0.002, measured={"loss_held": 4.5})
    write_curve(tmp_path / "curve.csv", [first, later])
    assert (tmp_path / "curve.csv").read_bytes() == (
        b"step,seen,weights,lr,loss,loss_held\n0,0.0,raw,0.001,,5.5\n8,64.0,raw,0.002,4.25,4.5\n"
    )
