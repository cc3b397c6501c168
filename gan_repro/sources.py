"""Which files decide the bytes of a run: the workflow retrains, and a checkpoint is stale, when
one of them changes. Paths are relative to `gan_repro/`."""

SHARED = ("descent.py", "runs.py", "training.py")

SOURCES: dict[str, tuple[str, ...]] = {
    "adversarial": (
        *SHARED,
        "adversarial/game.py",
        "adversarial/learner.py",
        "adversarial/objective.py",
        "adversarial/schedules.py",
        "networks/build.py",
        "networks/layers.py",
    ),
}
