"""What the catalogue of datasets may say."""

import pytest
import yaml

from gan_repro.config.catalogue import catalogue, load_yaml
from gan_repro.errors import UserError


@pytest.mark.parametrize("title", ["$(touch x)", "a=b", "a\nb", "x" * 200, ""])
def test_a_title_that_could_mean_something_is_refused(tmp_path, monkeypatch, title):
    known = {name: source.model_dump(mode="json") for name, source in catalogue().items()}
    known["digits"]["title"] = title
    (tmp_path / "config").mkdir()
    (tmp_path / "config/datasets.yaml").write_text(yaml.safe_dump(known), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"datasets\.yaml: digits\.title") as caught:
        catalogue()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: 2\na: 3\n", 1), ("b: 2\na: {x: 1, y: 2, x: 1}\n", 2), ("{a: 1, 'a': 1}\n", 1)],
)
def test_a_key_that_comes_twice_is_refused(text, line, tmp_path):
    """PyYAML keeps the last one; that the first is lost would be noticed in the results at best."""
    path = tmp_path / "twice.yaml"
    path.write_text(text, encoding="utf-8")
    said = rf"twice.yaml .*is there already, in line {line} .*mend it"
    with pytest.raises(UserError, match=said):
        load_yaml(path)
    path.write_text("a: {x: 1}\nb: {x: 1}\n", encoding="utf-8")
    assert load_yaml(path) == {"a": {"x": 1}, "b": {"x": 1}}
