"""The last words of a run: its tables as they are, or one line."""

import pytest

from gan_repro.artifacts.summary import SHOWN, summary
from gan_repro.errors import UserError

TABLES = {
    "table1.csv": "Model,MNIST\nDBN,138 ± 2\n",
    "table1_comparison.csv": f"{','.join(SHOWN)}\n" + "x,MNIST,225,220,2,221,1,-1.0,agrees\n",
}


@pytest.fixture
def results(tmp_path):
    for name, content in TABLES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_both_tables_are_shown(results, encoding):
    for name, content in TABLES.items():
        (results / name).write_text(content, encoding=encoding)
    text = summary(results)
    assert "138 ± 2" in text
    assert "agrees" in text


def test_a_comparison_without_lines_says_so(results):
    (results / "table1_comparison.csv").write_text(",".join(SHOWN) + "\n")
    assert "Beside the paper\n\nnothing was measured" in summary(results)


DAMAGED = {
    "empty": b"",
    "latin 1": "Model,MNIST\nü,1\n".encode("latin-1"),
    "open quote": b'Model,MNIST\nDBN,"138\n',
    "semicolons": b"Model;MNIST\nDBN;138\n",
    "cut short": b"Model,MNIST\nDBN",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("name", TABLES)
def test_a_damaged_table_is_one_line(results, name, content):
    (results / name).write_bytes(content)
    with pytest.raises(UserError, match=name) as error:
        summary(results)
    assert "\n" not in str(error.value)
