import shutil
from pathlib import Path

import pandas as pd
import pytest

from gan_repro import paper
from gan_repro.artifacts.page.table_one import printed, scores, sentence
from gan_repro.errors import UserError
from gan_repro.training.runs import RunFolder

REFERENCE = Path(__file__).parents[3] / "results/reference"


def test_the_paper_s_table_stands_beside_ours_with_the_reason_for_each_gap():
    found = printed(REFERENCE)
    assert found.paper_columns == ["MNIST", "TFD"]
    assert found.our_columns[:2] == ["MNIST", "TFD"]
    model, theirs, ours = found.rows[-1]
    assert (model, theirs) == ("Adversarial nets", ["225 ± 2", "2057 ± 26"])
    assert ours[0]
    assert ours[1] == ""
    (models, reason) = next((gap[1], gap[2]) for gap in found.gaps if gap[0] == "TFD")
    assert models == "DBN, Stacked CAE, Deep GSN and Adversarial nets"
    assert reason
    assert not reason.startswith("empty")


def test_every_score_has_both_grids_its_epochs_and_its_note():
    compared = pd.read_csv(REFERENCE / "table1_comparison.csv")
    by_title = dict(scores(REFERENCE))
    assert sum(map(len, by_title.values())) >= len(compared)
    (gsn,) = [row for row in by_title["MNIST"] if row.model == "Deep GSN"]
    (line,) = compared[(compared["model"] == "Deep GSN") & (compared["dataset"] == "MNIST")].iloc
    assert gsn.ours.startswith(f"{line['ours']} ± ")
    assert float(gsn.fine) == line["ours_fine_grid"]
    epochs = RunFolder(REFERENCE / "runs/mnist_gsn/seed0").read_record().epochs
    assert gsn.epochs == f"{epochs} of 1,000"
    assert gsn.paper == "214.0 ± 1.1"
    assert "σ = " in gsn.note


def test_scores_of_other_data_follow_and_none_is_listed_twice(tmp_path):
    shutil.copy(REFERENCE / "table1_comparison.csv", tmp_path)
    head = "model,dataset,test_ll,se,seeds,spread_over_seeds,test_ll_fine_grid,note\n"
    lines = "DBN,MNIST,1,1,1,,1,a\nA net,CIFAR-10,-3.5,0.2,2,0.1,-3.4,b\n"
    (tmp_path / "scores.csv").write_text(head + lines, encoding="utf-8")
    found = scores(tmp_path)
    title, (row,) = found[-1]
    assert (title, row.model, row.ours, row.note) == ("CIFAR-10", "A net", "−3.5 ± 0.2", "b")
    assert (
        sum(row.model == "DBN" and row.dataset == "MNIST" for _, rows in found for row in rows) == 1
    )


def test_epochs_are_known_beside_runs_that_were_set_aside(tmp_path):
    shutil.copy(REFERENCE / "table1_comparison.csv", tmp_path)
    for place in ("runs/mnist_dbn/seed0", "runs/mnist_dbn/seed0/earlier/1"):
        (tmp_path / place).mkdir(parents=True)
        shutil.copy(REFERENCE / "runs/mnist_dbn/seed0/parzen.json", tmp_path / place)
    (dbn,) = [row for _, rows in scores(tmp_path) for row in rows if row.model == "DBN"][:1]
    assert dbn.epochs == "200"


def test_the_sentence_counts_every_cell_of_the_paper_s_table_once():
    verdicts = pd.read_csv(REFERENCE / "table1_comparison.csv").dropna(subset=["paper"])["verdict"]
    text = sentence(REFERENCE)
    cells = sum(map(len, paper.TABLE_1.values()))
    assert text.startswith(f"Of the {cells} cells of Table 1, {len(verdicts)} are measured")
    lower = sum(verdict.startswith("lower") for verdict in verdicts)
    assert f"{lower} lower" in text
    assert text.endswith(f"{cells - len(verdicts)} are not measured.")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("agrees (within 2 SE)", "1 within two standard errors of the paper; 7 are"),
        ("higher than the paper (chains)", "1 higher; 7 are"),
        ("not comparable: 20 of 1,000 epochs", "1 not comparable, trained for less than the"),
    ],
)
def test_the_sentence_says_each_verdict(tmp_path, verdict, said):
    table = pd.read_csv(REFERENCE / "table1_comparison.csv", dtype=str, keep_default_na=False)
    table = table[table["paper"] != ""].head(1).assign(verdict=verdict)
    table.to_csv(tmp_path / "table1_comparison.csv", index=False)
    assert said in sentence(tmp_path)


def test_stand_ins_are_compared_with_nothing(tmp_path):
    table = pd.read_csv(REFERENCE / "table1_comparison.csv", dtype=str, keep_default_na=False)
    table.assign(paper="", dataset="digits").to_csv(tmp_path / "table1_comparison.csv", index=False)
    assert sentence(tmp_path) == (
        "No cell of Table 1 is measured on the paper’s data here: the "
        f"{len(table)} scores are of digits, and none is compared with the paper."
    )


def test_a_table_without_rows_is_a_gap_and_no_traceback(tmp_path):
    head = (REFERENCE / "table1_comparison.csv").read_text(encoding="utf-8").split("\n")[0]
    (tmp_path / "table1_comparison.csv").write_text(head + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="no scores"):
        sentence(tmp_path)
    assert scores(tmp_path) == []
