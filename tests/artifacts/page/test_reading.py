import pytest

from gan_repro.artifacts.page.reading import Gap, address, number, part, read_rows, short
from gan_repro.errors import UserError


def test_a_gap_has_the_reason_without_the_folder_s_place(tmp_path):
    def read():
        raise UserError(f"{tmp_path}/table.csv does not exist")

    assert part("A table", tmp_path, read) == Gap("A table", "table.csv does not exist")
    assert part("A number", tmp_path, lambda: 3) == 3


def test_rows_are_texts_by_column_and_a_short_line_ends_in_empty_ones(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,"2\n3"\n4\n5,6,7\n')
    expected = [{"a": "1", "b": "2\n3"}, {"a": "4", "b": ""}, {"a": "5", "b": "6"}]
    assert read_rows(tmp_path / "a.csv", "ab") == expected


@pytest.mark.parametrize("content", [b"", b"\xff", b"a\n1\n"])
def test_a_table_without_its_columns_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.csv (has no column|is not a table)"):
        read_rows(tmp_path / "a.csv", ("a", "b"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-1.386294", "−1.386"),
        ("1e-12", "1e−12"),
        ("16.0", "16"),
        ("0.5 to 2", "0.5 to 2"),
        ("", ""),
    ],
)
def test_numbers_are_short_and_words_are_left_alone(text, shown):
    assert short(text) == shown


def test_what_is_not_finite_is_no_number():
    assert [number(text) for text in ("2", "nan", "inf", "x")] == [2.0, None, None, None]


def test_only_files_of_the_folder_have_an_address(tmp_path):
    folder = tmp_path / "results"
    (folder / "a").mkdir(parents=True)
    (folder / "a/b c.json").touch()
    (tmp_path / "outside").touch()
    assert address(folder, "a/b c.json") == "a/b%20c.json"
    for place in (
        "",
        "a",
        "a/none",
        "../outside",
        str(tmp_path / "outside"),
        "javascript:alert(1)",
    ):
        assert address(folder, place) is None
