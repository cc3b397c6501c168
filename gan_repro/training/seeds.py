"""Random streams: one seed per purpose, so that no two purposes share draws."""

import hashlib


def stream_seed(seed: int, stream: str) -> int:
    """Return the seed of a named random stream of a run, so that streams never share draws."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{stream}".encode()).digest()[:7])
