"""The answer to 225 and its measurements: what they say is what the records have."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from gan_repro.artifacts.growth_figures import chosen, read_growth
from gan_repro.artifacts.printed_figure import prints_as
from gan_repro.data.dataset import load
from gan_repro.evaluation.growth import Growth
from gan_repro.evaluation.parzen import AUTHORS_GRID
from gan_repro.evaluation.scores import read_redrawn, read_scores
from gan_repro.evaluation.window import log_likelihoods
from gan_repro.experiments.restored import sample
from gan_repro.training.runs import RunFolder

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results/reference"
PAPER = 225.0
SIGMA = AUTHORS_GRID[2]
SEEDS, LONGER = "beside/mnist_authors_200_epochs", "beside/mnist_authors_longer"


def plain(path: Path) -> str:
    """Return a page with the signs of numbers as Python prints them, and single spaces."""
    text = path.read_text(encoding="utf-8").replace("\u2212 ", "-").replace("\u2212", "-")
    return " ".join(text.replace("+ ", "+").split())


ANSWER = plain(ROOT / "docs/225.md")
MEASURED = plain(ROOT / "docs/225-measurements.md")
TABLE = pd.read_csv(REFERENCE / "table1_comparison.csv")
MODELS = TABLE[TABLE["dataset"] == "MNIST"].set_index("model")
OURS = MODELS.loc["Adversarial nets"]


def growth(place: str) -> Growth:
    (found,) = read_growth([REFERENCE / place])
    return found


def scores(growth: Growth) -> dict[int, float]:
    """Return the test score on the authors' grid by number of samples."""
    return {point.samples: chosen(growth, point)[1] for point in growth.points}


def test_the_answer_is_short_enough_for_two_pages():
    assert len(ANSWER.split()) < 950


def test_the_answer_has_the_recipe_s_score_and_its_distance_from_the_paper():
    assert f"**{OURS['ours']:.1f} ± {OURS['our_se']:.1f}**" in ANSWER
    drawn = f"(the mean of five is {OURS['ours_over_draws']:.1f})"
    assert f"move the score by {OURS['se_draws']:.2f} {drawn}" in ANSWER
    early = scores(growth("beside/growth_200_epochs.json"))[10_000]
    places = [f"{SEEDS}/seed{seed}/scores.json" for seed in (1, 2)]
    seeds = np.array([early, *(read_scores(REFERENCE / place)[0].grids["authors"].test_ll
                               for place in places)])  # fmt: skip
    spread, gap = seeds.std(ddof=1), PAPER - OURS["ours_over_draws"]
    total = np.hypot(OURS["total_se"], 2)
    assert f"{gap:.1f} nats is {gap / total:.1f} standard errors" in ANSWER
    assert f"{spread:.1f} nats (three: {seeds[0]:.1f}, {seeds[1]:.1f} and {seeds[2]:.1f};" in ANSWER
    low, high = spread * np.sqrt(2 / chi2.ppf([0.975, 0.025], 2))
    assert f"so few leave {low:.1f} to {round(high)} open" in ANSWER
    assert f"95 % interval {low:.1f} to {high:.1f})" in MEASURED
    # One seed here, one in the paper.
    both = np.sqrt(total**2 + 2 * spread**2)
    assert f"it is about {gap / both:.1f}." in ANSWER
    for error in (total, both):
        assert f"| {error:.1f} |" in MEASURED


@pytest.mark.parametrize(
    "model", ["Adversarial nets (then annealed)", "Training images as samples"]
)
def test_the_answer_has_what_another_source_of_samples_adds(model):
    row = MODELS.loc[model]
    score = f"{row['ours']:.1f} ± {row['our_se']:.1f}"
    assert f"| {row['ours'] - OURS['ours']:+.1f} ({score}) |" in ANSWER


def test_the_answer_has_what_a_fine_grid_and_more_epochs_add():
    early = scores(growth("beside/growth_200_epochs.json"))[10_000]
    assert f"| 200 → 1,000 epochs | {OURS['ours'] - early:+.1f} |" in ANSWER
    fine = OURS["ours_fine_grid"] - OURS["ours"]
    assert f"| σ from the fine grid | {fine:+.1f} |" in ANSWER


def test_the_answer_has_what_the_number_of_samples_moves():
    found = scores(growth("runs/mnist_authors/seed0/growth.json"))
    for samples in (1_000, 20_000, 100_000, 1_000_000):
        (line,) = re.findall(rf"\| {samples:,} samples[^|]*\| ([-+.0-9]+) \|", ANSWER)
        assert line == f"{found[samples] - found[10_000]:+.1f}"


def test_the_answer_has_the_factors_at_their_end():
    table = pd.read_csv(REFERENCE / "factors.csv")
    ends = table[table["last_epoch"] == 200]
    assert len(ends) == 7
    for difference in ends["difference"]:
        assert f"| {difference:+.1f} |" in ANSWER


def crossing(found: Growth, sigma: float) -> tuple[float, float] | None:
    """Return log samples and standard error where a score at one σ is the paper's, or None."""
    place = found.sigmas.index(sigma)
    points = [(p.test_ll[place], np.log(p.samples), p.test_se[place]) for p in found.points]
    for low, high in pairwise(points):
        if low[0] < PAPER < high[0]:
            share = (PAPER - low[0]) / (high[0] - low[0])
            return tuple(one + share * (two - one) for one, two in zip(low, high, strict=True))[1:]
    return None


SERIES = {
    "this recipe, 1,000 epochs": "runs/mnist_authors/seed0/growth.json",
    "then annealed for a hundred": "runs/mnist_annealed/seed0/growth.json",
    "this recipe, 200 epochs": "beside/growth_200_epochs.json",
    "training images": "calibration/mnist/training-images/growth.json",
}


@pytest.mark.parametrize("said", SERIES)
def test_the_answer_has_the_samples_that_reproduce_both_numbers(said):
    samples, error = crossing(growth(SERIES[said]), SIGMA)
    (line,) = re.findall(rf"\| {said} \| about ([,0-9]+) \|", ANSWER)
    assert int(line.replace(",", "")) == pytest.approx(np.exp(samples), rel=0.02)
    assert prints_as(error, 2)


@pytest.mark.parametrize("sigma", [AUTHORS_GRID[1], AUTHORS_GRID[3]])
def test_the_answer_has_the_errors_at_other_bandwidths(sigma):
    found = [crossing(growth(place), sigma) for place in SERIES.values()]
    errors = [one[1] for one in found if one]
    said = f"at σ = {sigma:.3f} the error is" if sigma < SIGMA else f"at {sigma:.3f} it is"
    assert f"{said} {min(errors):.1f} to {max(errors):.1f}" in ANSWER
    assert not any(prints_as(error, 2) for error in errors)


@pytest.mark.parametrize("folder", [SEEDS, LONGER])
@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_score_what_the_pages_say(folder, seed):
    folder = REFERENCE / folder / f"seed{seed}"
    assert RunFolder(folder).read_record().seed == seed
    (first,) = read_scores(folder / "scores.json")
    others = [score for score in read_redrawn(folder / "scores.json") if score.draw]
    draws = [score.grids["authors"].test_ll for score in others]
    grid = first.grids["authors"]
    for page in (MEASURED, plain(REFERENCE / "README.md")):
        assert f"{grid.test_ll:.1f} ± {grid.test_se:.1f}" in page
    assert f"four other draws {min(draws):.1f} to {max(draws):.1f}" in MEASURED
    assert len(draws) == 4


@pytest.mark.slow
def test_nets_find_the_same_test_images_hard(mnist_data):
    """Of a tenth of the images, where the pages have all."""
    dataset = load(mnist_data / "prepared/mnist.npz")
    images = dataset.images(dataset.fold(0).test[:1_000])
    places = (f"{SEEDS}/seed1", "runs/mnist_authors/seed0")
    sigmas = (AUTHORS_GRID[[3]], AUTHORS_GRID[[2]])
    found = [
        log_likelihoods(images, sample(REFERENCE / place / "model.safetensors", 10_000, 1), sigma)[
            0
        ]
        for place, sigma in zip(places, sigmas, strict=True)
    ]
    (said,) = re.findall(r"under seeds 1 and 2 after 200 have a correlation of ([.0-9]+)", MEASURED)
    assert np.corrcoef(found)[0, 1] == pytest.approx(float(said), abs=0.02)
    (error,) = re.findall(r"the error of their difference is ([.0-9]+) nats", MEASURED)
    paired = (found[1] - found[0]).std(ddof=1) / 100
    assert paired == pytest.approx(float(error), rel=0.1)


def apart(seed: int) -> pd.Series:
    """Return by how much a seed that was trained on is ahead of the first, in nats by epoch."""
    places = ("runs/mnist_authors/seed0", f"{LONGER}/seed{seed}")
    first, other = (pd.Series(dict(RunFolder(REFERENCE / place).validations())) for place in places)
    return (other - first).loc[210:].dropna()


def test_other_seeds_stay_with_the_first_for_as_long_as_they_were_trained():
    second, third = apart(1), apart(2)
    said = [
        f"by {one.mean():+.1f} ± {one.std() / np.sqrt(len(one)):.1f}" for one in (second, third)
    ]
    assert (len(second), second.index[-1]) == (36, 560)
    assert f"validations of epochs 210 to 560 it is ahead {said[0]}" in ANSWER
    assert f"the 36 validations of epochs 210 to 560 the second is ahead {said[0]}" in MEASURED
    assert f"from {-second.min():.1f} behind to {second.max():.1f} ahead" in MEASURED
    assert (len(third), third.index[-1]) == (5, 250)
    assert f"the five of epochs 210 to 250 the third {said[1]}" in MEASURED
