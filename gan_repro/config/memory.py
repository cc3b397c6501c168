"""What a process does with the memory that it no longer needs, and how often it looks for more."""

import atexit
import ctypes
import gc

# Of glibc's malloc.h, and what they are set to: bytes free at the top before the system gets them
# back, and the smallest block that the system gives by itself (its own upper limit).
TRIM_THRESHOLD, KEPT = -1, 1 << 30
MMAP_THRESHOLD, ALONE = -3, 32 << 20


def keep_memory() -> bool:
    """Let this process keep memory that it frees, for what it takes next; return whether it does.

    A step takes and frees the same megabytes each time. Given back to the system in between, they
    come as new pages: thousands of page faults per step.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        # Another C library than glibc: it has its own ways.
        return False
    return bool(mallopt(TRIM_THRESHOLD, KEPT) and mallopt(MMAP_THRESHOLD, ALONE))


def collect_seldom() -> None:
    """Let this process look seldom for what nobody refers to, and not at all when it ends.

    Such searches are a sixth of the time in which PyTorch is imported, and the last one, of memory
    that the system takes back anyway, is seconds for nothing.
    """
    gc.set_threshold(100_000, 50, 50)
    atexit.register(gc.freeze)
