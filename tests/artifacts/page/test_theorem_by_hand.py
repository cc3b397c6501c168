"""Theorem 1 on the page: its numbers against scipy's, by keys, by sliders and by hand."""

import math

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from gan_repro.artifacts.page.theorem import components


def mixture(state: dict) -> list[tuple[float, float, float]]:
    first, second = components()
    weights = (state["weight"], 1 - state["weight"])
    return [
        (weight, state["shift"] + state["stretch"] * p["mean"], state["stretch"] * p["deviation"])
        for weight, p in zip(weights, (first, second), strict=True)
    ]


def density(parts):
    return lambda x: sum(w * norm.pdf(x, mean, deviation) for w, mean, deviation in parts)


def by_scipy(data, model) -> dict[str, float]:
    """The four quantities by adaptive quadrature, between the points where anything happens."""
    p, q = density(data), density(model)
    ends = [mean + sign * 9 * deviation for _, mean, deviation in data + model for sign in (-1, 1)]
    middles = sorted({mean for _, mean, _ in data + model})

    def integral(f):
        return quad(f, min(ends), max(ends), points=middles, limit=500, epsabs=1e-11)[0]

    def log_ratio(a, b, x):
        return a(x) * math.log(a(x) / b(x)) if a(x) > 1e-300 and b(x) > 0 else 0.0

    def middle(x):
        return (p(x) + q(x)) / 2

    return {
        "klDataModel": integral(lambda x: log_ratio(p, q, x)),
        "klModelData": integral(lambda x: log_ratio(q, p, x)),
        "jsd": integral(lambda x: (log_ratio(p, middle, x) + log_ratio(q, middle, x)) / 2),
        "criterion": integral(
            lambda x: (
                log_ratio(p, lambda y: 2 * middle(y), x) + log_ratio(q, lambda y: 2 * middle(y), x)
            )
        ),
    }


@pytest.mark.parametrize(
    "state",
    [
        {"shift": 0, "stretch": 1, "weight": 0.6},
        {"shift": 0.7, "stretch": 1.5, "weight": 0.6},
        {"shift": -1.3, "stretch": 0.6, "weight": 0.2},
        {"shift": 2.5, "stretch": 3, "weight": 0.95},
        {"shift": 0, "stretch": 1, "weight": 0},
        {"shift": 0.5, "stretch": 2, "weight": 1},
    ],
)
def test_the_quantities_of_theorem_1_are_those_of_scipy(shown, state):
    found = shown.evaluate(
        f"ganRepro.divergences(ganRepro.read('theorem-data'),"
        f" ganRepro.transform(ganRepro.read('theorem-data'), {state}))"
    )
    start = {"shift": 0, "stretch": 1, "weight": components()[0]["weight"]}
    expected = by_scipy(mixture(start), mixture(state))
    for name, number in expected.items():
        assert found[name] == pytest.approx(number, abs=1e-6), name
    assert found["criterion"] == pytest.approx(-math.log(4) + 2 * found["jsd"], abs=1e-12)


def test_the_optimal_discriminator_is_eq_2_and_is_known_where_densities_underflow(shown):
    state = {"shift": 1, "stretch": 1.5, "weight": 0.3}
    start = {"shift": 0, "stretch": 1, "weight": components()[0]["weight"]}
    data, model = density(mixture(start)), density(mixture(state))
    script = (
        "ganRepro.optimalDiscriminator(ganRepro.read('theorem-data'),"
        f" ganRepro.transform(ganRepro.read('theorem-data'), {state}), %s)"
    )
    for x in (-3.0, -1.0, 0.0, 0.5, 2.0, 4.0):
        assert shown.evaluate(script % x) == pytest.approx(data(x) / (data(x) + model(x)), abs=1e-9)
    assert shown.evaluate(script % 60) == 0
    assert shown.evaluate(script % -60) == 0


def test_the_page_says_what_it_computes_and_minus_log_4_at_equality(shown):
    shown.evaluate(
        "[...document.querySelectorAll('button')].find(b => b.textContent === 'equal').click()"
    )
    shown.settle()
    assert shown.number("criterion") == pytest.approx(-math.log(4), abs=5e-5)
    assert shown.number("jsd") == 0
    assert shown.evaluate("document.querySelector('svg.valley').textContent.includes('−log 4')")


def test_arrow_keys_move_and_stretch_p_g_on_the_plot_and_on_the_sliders(shown):
    curve = "document.querySelector('svg.densities .p-g').getAttribute('d')"
    shown.focus("svg.densities")
    seen = [(shown.evaluate(curve), shown.number("criterion"))]
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
        shown.press(key, times=3)
        seen.append((shown.evaluate(curve), shown.number("criterion")))
    assert len({path for path, _ in seen[:4]}) == 4
    assert len({criterion for _, criterion in seen[:3]}) == 3
    # Back where it was: what is shown is a function of the three numbers alone.
    assert seen[4] == seen[0]
    shown.focus("#theorem-weight")
    shown.press("ArrowLeft", times=5)
    assert (
        shown.evaluate("document.querySelector('output[for=theorem-weight]').textContent") == "0.55"
    )
    assert shown.number("criterion") != seen[4][1]


def test_dragging_moves_p_g_with_the_hand(shown):
    shown.evaluate("document.querySelector('svg.densities').scrollIntoView({behavior: 'instant'})")
    box = shown.evaluate(
        "(({left, top, width, height}) => [left, top, width, height])"
        "(document.querySelector('svg.densities').getBoundingClientRect())"
    )
    left, top, width, height = box
    before = shown.evaluate("document.querySelector('#theorem-shift').valueAsNumber")
    shown.mouse("mousePressed", left + width / 2, top + height / 2)
    shown.mouse("mouseMoved", left + width / 2 + 100, top + height / 2)
    shown.mouse("mouseReleased", left + width / 2 + 100, top + height / 2)
    after = shown.evaluate("document.querySelector('#theorem-shift').valueAsNumber")
    # 14 units of x on the width less the margins of 40 and 12.
    assert after - before == pytest.approx(100 * 14 / (width - 52), abs=0.03)
