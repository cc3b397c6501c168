"""The files that a configuration comes to, named as the workflow's rules name them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Snakemake puts the folder of results in the place of `<results>`.
RESULTS = "<results>"
RUN = f"{RESULTS}/runs/{{experiment}}/seed{{seed}}"
TRAINED = f"{RUN}/trained.sha256"
CALIBRATION = ("training-images", "kmeans")
REAL_GROWTH = f"{RESULTS}/calibration/{{dataset}}/training-images/growth.json"
# The notebooks that draw nothing at random themselves, and the extensions whose records they read.
ON_RECORDS = {
    "10_section_7": (
        *("class_conditional", "learned_inference", "completion", "semi_supervised"),
        "efficiency",
    ),
    "11_table_2": (
        *("directed", "undirected", "autoencoders", "synchronised", "learned_inference"),
        *("sampling_cost", "adversarial_density", "differentiable"),
    ),
}


@dataclass(frozen=True)
class Outputs:
    """Runs, scores and figures of the experiments that are trained.

    Attributes:
        experiments: name → resolved content.
        seeds: of each experiment.
        calibrated: datasets with calibration rows.
        root: where results go, in the place of `<results>`.
        only_finished: name what is there already, and nothing that would have to be made.
        first_seed_only: experiments that are trained with the first seed alone.
    """

    experiments: Mapping[str, Mapping[str, Any]]
    seeds: Sequence[int]
    calibrated: Sequence[str]
    root: str
    only_finished: bool = False
    first_seed_only: Collection[str] = ()

    def seeds_of(self, name: str) -> Sequence[int]:
        """Return the seeds that an experiment is trained with."""
        return self.seeds[:1] if name in self.first_seed_only else self.seeds

    @property
    def first_stages(self) -> set[str]:
        """Experiments whose generator another one builds upon: half a model, without a score."""
        return {
            content["pretrained"]
            for content in self.experiments.values()
            if content.get("pretrained") and has_front(content)
        }

    def finished(self, paths: Iterable[str]) -> list[str]:
        """Return paths; with ``only_finished`` those that exist."""
        return [path for path in paths if not self.only_finished or self._exists(path)]

    def runs(self, *datasets: str) -> list[str]:
        """Return the folder of every run, on some datasets or on all."""
        stamps = self.finished(
            TRAINED.format(experiment=name, seed=seed)
            for name, content in self.experiments.items()
            for seed in self.seeds_of(name)
            if not datasets or content["dataset"] in datasets
        )
        return [str(Path(stamp).parent) for stamp in stamps]

    def scored_runs(self, *datasets: str) -> list[str]:
        """Return the folder of every run that has a score."""
        folders = [run for run in self.runs(*datasets) if _experiment(run) not in self.first_stages]
        return [run for run in folders if self.finished([f"{run}/parzen.json"])]

    def scores(self, *datasets: str) -> list[str]:
        """Return every score on some datasets, one after the other: models, then calibration."""
        found = []
        for dataset in datasets:
            found += [f"{run}/parzen.json" for run in self.scored_runs(dataset)]
            rows = CALIBRATION if dataset in self.calibrated else ()
            found += self.finished(
                f"{RESULTS}/calibration/{dataset}/{method}/parzen.json" for method in rows
            )
        return found

    def redrawn(self, *datasets: str) -> list[str]:
        """Return the scores of every scored run on other draws from its weights."""
        return self.finished(f"{run}/redrawn.json" for run in self.scored_runs(*datasets))

    def drifts(self, *datasets: str) -> list[str]:
        """Return the records of how scores drift, of every scored run with several chains."""
        several = {
            name
            for name, content in self.experiments.items()
            if (content["model"].get("chains") or {}).get("count", 1) > 1
        }
        runs = [run for run in self.scored_runs(*datasets) if _experiment(run) in several]
        return self.finished(f"{run}/drift.json" for run in runs)

    def growth(self, names: Iterable[str]) -> list[str]:
        """Return how the score of each run grows with its samples, after that of real images.

        Args:
            names: experiments, of which those that are trained, with the first seed.
        """
        trained = [name for name in names if name in self.experiments]
        runs = self.finished(f"{self.first_run(name)}/growth.json" for name in trained)
        if not runs:
            return []
        dataset = self.experiments[trained[0]]["dataset"]
        return self.finished([REAL_GROWTH.format(dataset=dataset)]) + runs

    def factors(self, names: Sequence[str]) -> list[str]:
        """Return a recipe's run and those that are held against it; nothing where it has none.

        Args:
            names: the recipe, whose other seeds are held against its first, then others.
        """
        trained = [name for name in names if name in self.experiments]
        if not trained or trained[0] != names[0]:
            return []
        stamps = self.finished(
            TRAINED.format(experiment=name, seed=seed)
            for name in trained
            for seed in self.seeds_of(name)
        )
        runs = [str(Path(stamp).parent) for stamp in stamps]
        return runs if runs and runs[0] == self.first_run(names[0]) else []

    def first_run(self, name: str) -> str:
        """Return the folder of an experiment's first seed, which figures show."""
        return RUN.format(experiment=name, seed=self.seeds[0])

    def mixing(self, rows: Iterable[str], dataset: str) -> list[str]:
        """Return the mixing records of some rows on a dataset, for one seed of each."""
        rows = set(rows)
        return self.finished(
            f"{self.first_run(name)}/mixing.json"
            for name, content in self.experiments.items()
            if content["row"] in rows and content["dataset"] == dataset
        )

    def shown(self, panels: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Return what each panel of Figure 2 shows: the first of its experiments with a score."""
        scored = {_experiment(run) for run in self.scored_runs()}
        firsts = {
            letter: next((name for name in names if name in scored), None)
            for letter, names in panels.items()
        }
        return {letter: name for letter, name in firsts.items() if name}

    def _exists(self, path: str) -> bool:
        return Path(path.replace(RESULTS, self.root)).exists()


def has_front(content: Mapping[str, Any]) -> bool:
    """Return whether an experiment puts layers before another one's generator."""
    model = content.get("model") or {}
    return bool((model.get("generator") or {}).get("front"))


def _experiment(run: str) -> str:
    return Path(run).parent.name
