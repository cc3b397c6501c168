import numpy as np
import torch

from gan_repro.theory.densities.modes import REACH, line, ring


def drawn(modes, count=4000, seed=3):
    return modes.sample(count, torch.Generator().manual_seed(seed))[None]


def test_the_data_cover_themselves():
    for modes in (line(4), ring(6)):
        samples = drawn(modes)
        assert modes.covered(samples) == [len(modes.centres)]
        assert abs(modes.diversity(samples).item() - 1) < 0.02
        assert modes.shares(samples).sum() > 0.98


def test_a_point_covers_one_mode_without_diversity():
    modes = ring(6)
    samples = modes.centres[2].expand(1, 100, 2)
    assert modes.covered(samples) == [1]
    assert modes.diversity(samples).item() < 1e-12
    np.testing.assert_array_equal(modes.shares(samples)[0], np.eye(6)[2])


def test_modes_do_not_overlap():
    for modes in (line(4), ring(6)):
        distances = torch.pdist(modes.centres)
        assert distances.min() > 2 * REACH * modes.scale
        assert modes.shares(drawn(modes)).sum() <= 1


def test_ring_has_its_radius_and_line_its_spacing():
    np.testing.assert_allclose(ring(5, radius=2).centres.norm(dim=1), 2)
    np.testing.assert_allclose(line(3, spacing=2).centres[:, 0], [-2, 0, 2])
