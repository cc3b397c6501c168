"""Jacobians and small games against sympy, finite differences, and the package's own Game."""

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.special import expit

from gan_repro.theory.games.dirac_game import play_dirac
from gan_repro.theory.games.joint_dynamics import (
    UPDATES,
    dirac_players,
    gaussian_flow,
    gaussian_players,
    largest_rate,
    radius,
)

KINDS = ("minimax", "non_saturating")


def dirac_step(psi, theta, rate, kind, update):
    """Return one step by hand: V = log ½ + log(1 - σ(ψθ))."""
    moved = psi - rate * theta * expit(psi * theta)
    seen = moved if update == "alternating" else psi
    a = seen * theta
    slope = -expit(a) if kind == "minimax" else -expit(-a)
    return moved, theta - rate * slope * seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("update", UPDATES)
def test_both_dirac_games_follow_the_steps_by_hand(kind, update):
    state = expected = (0.7, -1.2)
    path = [state]
    for _ in range(6):
        expected = dirac_step(*expected, 0.3, kind, update)
        path.append(expected)
    np.testing.assert_allclose(play_dirac(state, 0.3, kind, update, 6), path, atol=1e-14)
    found = dirac_players().path(state, 0.3, kind, update, 6)
    np.testing.assert_allclose(found, path, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("update", UPDATES)
def test_the_dirac_jacobian_is_sympys(kind, update):
    psi, theta, rate = sp.symbols("psi theta eta", real=True)

    def log_sigmoid(a):
        return -sp.log(1 + sp.exp(-a))

    moved = psi + rate * sp.diff(log_sigmoid(-psi * theta), psi)
    seen = sp.Symbol("s", real=True)
    a = seen * theta
    loss = log_sigmoid(-a) if kind == "minimax" else -log_sigmoid(a)
    after = theta - rate * sp.diff(loss, theta).subs(seen, moved if update != UPDATES[0] else psi)
    jacobian = sp.Matrix([moved, after]).jacobian([psi, theta])
    exact = np.array(jacobian.subs({psi: 0, theta: 0, rate: sp.Rational(3, 10)}), dtype=float)
    np.testing.assert_allclose(dirac_players().jacobian(0.3, kind, update), exact, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gaussian_flow_is_its_closed_form(kind):
    players = gaussian_players(50)
    np.testing.assert_allclose(players.flow(kind), gaussian_flow(players), atol=1e-12)


@pytest.mark.parametrize("update", UPDATES)
def test_the_gaussian_jacobian_is_the_finite_difference_of_a_step(update):
    players = gaussian_players(50)
    shifts = 1e-5 * torch.eye(5, dtype=torch.float64)
    for kind in KINDS:
        columns = [
            players.step(players.equilibrium + s, 0.3, kind, update)
            - players.step(players.equilibrium - s, 0.3, kind, update)
            for s in shifts
        ]
        central = torch.stack(columns, dim=1).detach().numpy() / 2e-5
        np.testing.assert_allclose(players.jacobian(0.3, kind, update), central, atol=1e-8)


def test_the_equilibrium_stays():
    for players in (dirac_players(), gaussian_players(50)):
        for kind in KINDS:
            path = players.path(np.zeros(len(players.equilibrium)), 0.5, kind, "alternating", 5)
            np.testing.assert_allclose(path, 0, atol=1e-12)


def test_noise_and_data_of_the_gaussian_game_have_unit_variance():
    players = gaussian_players(400)
    assert players.data.std(correction=0).item() == pytest.approx(1)
    assert torch.equal(players.data, players.noise)


@pytest.mark.parametrize("update", UPDATES)
def test_the_largest_rate_is_where_the_spectral_radius_is_one(update):
    """Simultaneous: |1 + ηλ| = 1 at η = -2 Re λ / |λ|² of the flow's worst eigenvalue."""
    players = gaussian_players(50)
    limit = largest_rate(players, "minimax", update)
    assert radius(players.jacobian(limit, "minimax", update)) == pytest.approx(1, abs=1e-9)
    if update == "simultaneous":
        values = np.linalg.eigvals(gaussian_flow(players))
        assert limit == pytest.approx(float((-2 * values.real / np.abs(values) ** 2).min()))


def test_radius_of_a_rotation_is_its_scale():
    assert radius(1.5 * np.array([[0.6, -0.8], [0.8, 0.6]])) == pytest.approx(1.5)
