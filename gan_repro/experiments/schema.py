"""The schema of an experiment: a model, a dataset and a plan, as `config/experiments/` has them."""

from pydantic import ValidationError, model_validator

from gan_repro.adversarial.learner import AdversarialSpec
from gan_repro.baselines.greedy import GreedySpec
from gan_repro.config.catalogue import experiment_file, load_yaml
from gan_repro.config.schema import Spec, explain
from gan_repro.experiments.systems import ModelSpec
from gan_repro.training.loop import Plan


class Experiment(Spec):
    """One file of `config/experiments/`.

    Attributes:
        title: the name that tables and figures print.
        row: the row of Table 1 that this experiment reproduces.
        dataset: key of `config/datasets.yaml`.
        choices: what the authors left unspecified and was chosen here, in words.
        pretrained: the experiment whose generator, of the same seed, stands behind this one's
            ``model.generator.front``.
        plan: how long to train, and which epoch to keep.
        model: the model's hyperparameters.
    """

    title: str
    row: str
    dataset: str
    choices: tuple[str, ...] = ()
    pretrained: str | None = None
    plan: Plan
    model: ModelSpec

    def with_epochs(self, epochs: int) -> "Experiment":
        """Return the same experiment with another number of epochs.

        Raises:
            UserError: too few epochs for the layers of a stack.
        """
        plan = self.plan.model_copy(update={"epochs": epochs})
        greedy = isinstance(self.model, GreedySpec)
        model = self.model.with_epochs(epochs) if greedy else self.model
        return self.model_copy(update={"plan": plan, "model": model})

    @model_validator(mode="after")
    def _front_stands_before_something(self) -> "Experiment":
        front = isinstance(self.model, AdversarialSpec) and self.model.generator.front
        if bool(front) != (self.pretrained is not None):
            raise ValueError("pretrained and model.generator.front need each other")
        return self

    @model_validator(mode="after")
    def _plan_fits_the_layers(self) -> "Experiment":
        if not isinstance(self.model, GreedySpec):
            return self
        if self.plan.epochs != self.model.epochs:
            raise ValueError(
                f"plan.epochs is {self.plan.epochs}, but the layers' epochs add up to "
                f"{self.model.epochs}"
            )
        if self.plan.select != "last":
            # A choice among all epochs could keep a stack whose upper layers are untrained.
            raise ValueError("layers trained one after another need plan.select: last")
        return self


def load_experiment(name: str) -> tuple[str, Experiment]:
    """Return the stem and content of an experiment, by name or by path of a YAML file.

    Raises:
        UserError: there is no such experiment, or a key or value in its file is wrong.
    """
    path = experiment_file(name)
    try:
        return path.stem, Experiment(**load_yaml(path))
    except ValidationError as error:
        raise explain(error, Experiment, str(path)) from error
