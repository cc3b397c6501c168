"""The schema of an experiment: a model, a dataset and a plan, as `config/experiments/` has them."""

from collections.abc import Mapping
from typing import Any

from pydantic import SerializeAsAny, ValidationError, model_validator

from gan_repro.config.experiments import find_experiment, resolve
from gan_repro.config.schema import Spec, explain
from gan_repro.errors import UserError
from gan_repro.experiments.systems import system
from gan_repro.training.model import ModelSpec
from gan_repro.training.plan import Plan


class Experiment(Spec):
    """One experiment, with everything that it inherits.

    Attributes:
        title: the name that tables and figures print.
        row: the row of Table 1 that this experiment reproduces.
        dataset: key of `config/datasets.yaml`.
        choices: what the authors left unspecified and was chosen here, in words.
        pretrained: the experiment whose run of the same seed this one starts from: its generator,
            behind ``model.generator.front``, or, where there is no front, all that it had learned
            in its last epoch. Epochs and schedules begin anew.
        plan: how long to train, and which epoch to keep.
        model: the model's hyperparameters, of the specification that its ``kind`` names.
    """

    title: str
    row: str
    dataset: str
    choices: tuple[str, ...] = ()
    pretrained: str | None = None
    plan: Plan
    model: SerializeAsAny[ModelSpec]

    def with_epochs(self, epochs: int) -> "Experiment":
        """Return the same experiment with another number of epochs.

        Raises:
            UserError: too few epochs for the layers of a stack.
        """
        plan = self.plan.model_copy(update={"epochs": epochs})
        return self.model_copy(update={"plan": plan, "model": self.model.with_epochs(epochs)})

    def for_epochs(self, epochs: int | None) -> tuple["Experiment", int | None]:
        """Return the experiment for so many epochs, and its own number where that is another.

        Raises:
            UserError: too few epochs for the layers of a stack.
        """
        own = self.plan.epochs
        return (self, None) if epochs in (None, own) else (self.with_epochs(epochs), own)

    @model_validator(mode="after")
    def _parts_fit(self) -> "Experiment":
        if self.model.needs_pretrained and self.pretrained is None:
            raise ValueError("model.generator.front needs pretrained")
        self.model.check_plan(self.plan)
        return self


def parse_experiment(content: Mapping[str, Any], source: str) -> Experiment:
    """Return the experiment of a resolved mapping, from a YAML file or from a run's record.

    Args:
        content: title, row, dataset, plan, model and so on.
        source: where it is from, for messages.

    Raises:
        UserError: a key or value is wrong; the message names it, and the nearest known key.
    """
    model = content.get("model")
    if not isinstance(model, Mapping) or "kind" not in model:
        raise UserError(f"{source}: model.kind is missing")
    spec = system(model["kind"]).spec
    try:
        built = spec(**model)
    except (ValidationError, TypeError) as error:
        raise explain(error, spec, source, "model") from error
    try:
        return Experiment(**{**content, "model": built})
    except (ValidationError, TypeError) as error:
        raise explain(error, Experiment, source) from error


def load_experiment(name: str) -> tuple[str, Experiment]:
    """Return the name and content of an experiment, by name or by path of a YAML file.

    Raises:
        UserError: there is no such experiment, or a key or value in its file is wrong.
    """
    source = find_experiment(name)
    return source.name, parse_experiment(resolve(source), str(source.path))
