"""What the catalogue of datasets may say."""

import pytest
import yaml

from gan_repro.config.catalogue import catalogue
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
