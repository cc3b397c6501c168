import pytest

from gan_repro.artifacts.page.reading import Gap, address, number, part, short
from gan_repro.errors import UserError


def test_a_gap_has_the_reason_without_the_folder_s_place(tmp_path):
    def read():
        raise UserError(f"{tmp_path}/table.csv does not exist")

    assert part("A table", tmp_path, read) == Gap("A table", "table.csv does not exist")
    assert part("A number", tmp_path, lambda: 3) == 3


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
