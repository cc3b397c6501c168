"""What the page's Theorem 1 starts from: p_data, what moves p_g, and the states worth a button."""

from gan_repro.theory.densities.examples import pairs

# p_data is the mixture of this pair of the notebook on the theorem.
PAIR = "Laplace and a mixture"


def components() -> list[dict[str, float]]:
    """Return the parts of the Gaussian mixture that is p_data on the page."""
    _, mixture = pairs()[PAIR]
    return [
        {"weight": float(weight), "mean": gaussian.location, "deviation": gaussian.scale}
        for weight, gaussian in zip(mixture.weights, mixture.components, strict=True)
    ]


def sliders(mixture: list[dict[str, float]]) -> list[tuple[str, str, float, float, float, float]]:
    """Return what moves p_g: name, label, lowest, highest, step and where it starts."""
    return [
        ("shift", "Shift", -4, 4, 0.02, 1),
        ("stretch", "Stretch", 0.4, 3, 0.02, 1.5),
        ("weight", "Weight of the left bump", 0, 1, 0.01, mixture[0]["weight"]),
    ]


def states(mixture: list[dict[str, float]]) -> list[tuple[str, dict[str, float]]]:
    """Return what the buttons set: a name, and the value of each slider."""
    equal = {"shift": 0, "stretch": 1, "weight": mixture[0]["weight"]}
    return [
        ("equal", equal),
        ("far away", equal | {"shift": 4, "stretch": 0.4}),
        ("too wide", equal | {"stretch": 3}),
        ("one bump missing", equal | {"weight": 1}),
    ]
