import pytest

from gan_repro.artifacts.lines import read_frame, read_rows, rows_if_any
from gan_repro.errors import UserError


def test_rows_are_texts_by_column(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,"2\n3"\n\n4,\n')
    expected = [{"a": "1", "b": "2\n3"}, {"a": "4", "b": ""}]
    assert read_rows(tmp_path / "a.csv", "ab") == expected


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,ü\n", encoding="utf-8-sig")
    assert read_rows(tmp_path / "a.csv", "ab") == [{"a": "1", "b": "ü"}]


def test_a_table_without_lines_has_its_columns(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n")
    assert list(read_frame(tmp_path / "a.csv", "ab").columns) == ["a", "b"]
    assert read_rows(tmp_path / "a.csv", "ab") == []


DAMAGED = {
    "empty": (b"", "has no column a, b"),
    "latin 1": ("a,b\n1,ü\n".encode("latin-1"), "is not a table"),
    "one column": (b"a\n1\n", "has no column b"),
    "semicolons": (b"a;b\n1;2\n", "has no column a, b"),
    "open quote": (b'a,b\n1,"2\n3,4\n', "is not a table"),
    "cut short": (b"a,b\n1,2\n3", "row 2 has 1 values, but there are 2 columns"),
    "too long": (b"a,b\n1,2,3\n", "row 1 has 3 values, but there are 2 columns"),
    "twice": (b"a,b,b\n1,2,3\n", "has two columns of one name"),
}


@pytest.mark.parametrize(("content", "expected"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_table_is_refused_in_one_line(tmp_path, content, expected):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match=rf"a\.csv:? {expected}") as caught:
        read_rows(tmp_path / "a.csv", ("a", "b"))
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_there_has_no_rows_or_is_named(tmp_path):
    assert rows_if_any(tmp_path / "a.csv", ("a",)) == []
    with pytest.raises(UserError, match=r"a\.csv does not exist"):
        read_rows(tmp_path / "a.csv", ("a", "b"))
