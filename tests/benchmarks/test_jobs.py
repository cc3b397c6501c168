"""The chart of jobs is what Snakemake has timed."""

import pandas as pd
import pytest

from benchmarks.jobs import jobs, main
from gan_repro.errors import UserError

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def test_every_job_is_a_bar_longest_first(tmp_path):
    for place, seconds, cpu in (
        ("train/a_seed0", "3.0", "2.5"), ("notebooks/01_b", "7.5", "4.0"), ("train/c", "0.4", "-"),
    ):  # fmt: skip
        path = tmp_path / f"benchmarks/{place}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEAD}{seconds}\t0:00:03\t1\t1\t1\t1\t1\t1\t1\t{cpu}\n", encoding="utf-8")
    main([str(tmp_path)])
    table = pd.read_csv(tmp_path / "jobs.csv")
    assert table["job"].tolist() == ["01_b", "a_seed0", "c"]
    assert table["stage"].tolist() == ["notebooks", "train", "train"]
    assert table["cpu_seconds"].tolist() == [4.0, 2.5, 0.4]
    assert (tmp_path / "jobs.png").stat().st_size > 5_000


def test_a_folder_without_timings_is_one_line(tmp_path):
    with pytest.raises(UserError, match="holds no timings"):
        jobs(tmp_path)
