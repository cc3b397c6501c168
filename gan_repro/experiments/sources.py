"""Which files decide the bytes of a run: the workflow retrains, and a checkpoint is stale, when
one of them changes. Paths are relative to `gan_repro/`."""

SHARED = ("training/loop.py", "training/runs.py", "training/updates.py")
GREEDY = ("baselines/chains.py", "baselines/greedy.py")

SOURCES: dict[str, tuple[str, ...]] = {
    "adversarial": (
        *SHARED,
        "adversarial/game.py",
        "adversarial/learner.py",
        "adversarial/objective.py",
        "adversarial/schedules.py",
        "networks/build.py",
        "networks/convolution.py",
        "networks/layers.py",
        "networks/shapes.py",
    ),
    "gsn": (*SHARED, "baselines/chains.py", "baselines/bernoulli.py", "baselines/gsn.py"),
    "cae": (*SHARED, *GREEDY, "baselines/cae.py"),
    "dbn": (*SHARED, *GREEDY, "baselines/dbn.py", "baselines/bernoulli.py", "baselines/rbm.py"),
}
