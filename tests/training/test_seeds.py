"""Random streams."""

from gan_repro.training.seeds import stream_seed


def test_streams_never_share_a_seed():
    seeds = {stream_seed(seed, name) for seed in range(50) for name in ("shuffle", "samples")}
    assert len(seeds) == 100
    assert stream_seed(0, "shuffle") == stream_seed(0, "shuffle")
