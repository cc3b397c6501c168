"""Whatever goes wrong ends in one line, and a bug stays visible."""

import contextlib
import io
import os
import re
import sys
from pathlib import Path
from unittest import mock

import pytest

from gan_repro import cli
from gan_repro.errors import LONGEST, Interrupted, UserError, one_line, reading


def ended(error: BaseException, **environment: str) -> tuple[int, str]:
    """Return the status and the output of a command that ends with an error."""
    output = io.StringIO()
    with (
        mock.patch.object(cli, "app", side_effect=error),
        mock.patch.object(cli, "raise_on_signals"),
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stderr(output),
        pytest.raises(SystemExit) as caught,
    ):
        cli.main()
    return caught.value.code, output.getvalue()


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (UserError("a\nb\x1b[2J" + "x" * 10_000), 2, "a b [2J"),
        (Interrupted(15, "saved"), 143, "SIGTERM: saved; run the same command"),
        (OSError(28, "No space left on device", "file"), 1, "file: No space left"),
        (MemoryError(), 1, "out of memory"),
        (KeyError("x" * 1_000), 70, "KeyError"),
    ],
)
def test_every_end_is_one_line_of_at_most_300_characters(error, status, words):
    found, text = ended(error)
    assert found == status
    (line,) = text.splitlines()
    assert words in line
    assert len(line) <= LONGEST + len("gan-repro: ")


def test_a_bug_leaves_its_traceback_in_a_file_that_the_line_names():
    _, text = ended(ZeroDivisionError("a bug"))
    path = Path(re.search(r"please report (\S+)", text)[1])
    assert "ZeroDivisionError: a bug" in path.read_text(encoding="utf-8")
    path.unlink()


def test_tracebacks_are_shown_on_request():
    _, text = ended(UserError("wrong"), GAN_REPRO_TRACEBACK="1")
    assert "Traceback" in text


@pytest.mark.parametrize("error", [ValueError("a\nb"), RecursionError(), AssertionError("no")])
def test_reading_names_the_file_whatever_a_parser_raises(error):
    with (
        pytest.raises(UserError, match="^a file is broken .*; mend it$"),
        reading("a file", "is broken", "mend it"),
    ):
        raise error


def test_a_long_line_keeps_both_ends():
    line = one_line("a" * 500 + "b" * 500)
    assert len(line) == LONGEST
    assert line[0] == "a"
    assert line[-1] == "b"


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "digits_authors", "--seed", "-1"],
        ["train", "digits_authors", "--seed", str(2**32)],
        ["train", "digits_authors", "--epochs", "0"],
        ["train", "digits_authors", "--threads", "100000"],
        ["train", "digits_authors", "--device", "meta"],
        ["train", "digits_authors", "--device", "cuda:9999"],
        ["train"],
        ["trian"],
        ["sample", ".", "--count", "x"],
    ],
)
def test_odd_options_are_one_line(tmp_path, arguments):
    output = io.StringIO()
    with (
        contextlib.chdir(tmp_path),
        mock.patch.object(cli, "raise_on_signals"),
        mock.patch.object(sys, "argv", ["gan-repro", *arguments]),
        contextlib.redirect_stderr(output),
        pytest.raises(SystemExit) as caught,
    ):
        cli.main()
    assert caught.value.code == 2
    assert len(output.getvalue().splitlines()) == 1
