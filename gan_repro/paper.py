"""What the paper prints: Table 1 and both versions of Table 2.

The arXiv (June 2014) and NIPS (December 2014) texts agree on Table 1 and on 19 of the 20 cells of
Table 2.
"""

from typing import NamedTuple


class Estimate(NamedTuple):
    """A mean log-likelihood and its standard error as printed, in nats."""

    mean: float
    se: float

    def __str__(self) -> str:
        return f"{self.mean:g} ± {self.se:g}"


# The titles of the data that the paper trains on.
DATASETS = ("MNIST", "TFD", "CIFAR-10")
# Table 1: model → dataset → Parzen window log-likelihood on the test set.
TABLE_1: dict[str, dict[str, Estimate]] = {
    "DBN": {"MNIST": Estimate(138, 2), "TFD": Estimate(1909, 66)},
    "Stacked CAE": {"MNIST": Estimate(121, 1.6), "TFD": Estimate(2110, 50)},
    "Deep GSN": {"MNIST": Estimate(214, 1.1), "TFD": Estimate(1890, 29)},
    "Adversarial nets": {"MNIST": Estimate(225, 2), "TFD": Estimate(2057, 26)},
}

TABLE_2_COLUMNS = (
    "Deep directed graphical models",
    "Deep undirected graphical models",
    "Generative autoencoders",
    "Adversarial models",
)

_PARZEN = "Not explicitly represented, may be approximated with Parzen density estimation"
_AIS = "Intractable, may be approximated with AIS"
_ANY = "Any differentiable function is theoretically permitted"

# Table 2 as the NIPS text prints it: operation → one cell per column.
TABLE_2_NIPS: dict[str, tuple[str, str, str, str]] = {
    "Training": (
        "Inference needed during training.",
        "Inference needed during training. MCMC needed to approximate partition function gradient.",
        "Enforced tradeoff between mixing and power of reconstruction generation",
        "Synchronizing the discriminator with the generator. Helvetica.",
    ),
    "Inference": (
        "Learned approximate inference",
        "Variational inference",
        "MCMC-based inference",
        "Learned approximate inference",
    ),
    "Sampling": (
        "No difficulties",
        "Requires Markov chain",
        "Requires Markov chain",
        "No difficulties",
    ),
    "Evaluating p(x)": (_AIS, _AIS, _PARZEN, _PARZEN),
    "Model design": (
        "Models need to be designed to work with the desired inference scheme — some inference "
        "schemes support similar model families as GANs",
        "Careful design needed to ensure multiple properties",
        _ANY,
        _ANY,
    ),
}

TABLE_2_ARXIV: dict[str, tuple[str, str, str, str]] = TABLE_2_NIPS | {
    "Model design": (
        "Nearly all models incur extreme difficulty",
        *TABLE_2_NIPS["Model design"][1:],
    )
}
