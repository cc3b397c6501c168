import pytest

from gan_repro.artifacts.lines import read_rows, rows_if_any
from gan_repro.errors import UserError


def test_rows_are_texts_by_column_and_a_short_line_ends_in_empty_ones(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,"2\n3"\n4\n5,6,7\n')
    expected = [{"a": "1", "b": "2\n3"}, {"a": "4", "b": ""}, {"a": "5", "b": "6"}]
    assert read_rows(tmp_path / "a.csv", "ab") == expected


@pytest.mark.parametrize("content", [b"", b"\xff", b"a\n1\n"])
def test_a_table_without_its_columns_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.csv (has no column|is not a table)"):
        read_rows(tmp_path / "a.csv", ("a", "b"))


def test_a_table_that_is_not_there_has_no_rows_or_is_named(tmp_path):
    assert rows_if_any(tmp_path / "a.csv", ("a",)) == []
    with pytest.raises(UserError, match=r"a\.csv does not exist"):
        read_rows(tmp_path / "a.csv", ("a",))
