import numpy as np

from stages.prepare.tables.lab_targets import read_targets


def test_a_ceiling_may_be_unknown(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("id,region,hemisphere,ceiling\na,T,L,0.5\nb,T,,\nc,U,R,1\n")
    table = read_targets(path)
    assert table["id"].to_list() == ["a", "b", "c"]
    np.testing.assert_array_equal(table["ceiling"], [0.5, np.nan, 1.0])
