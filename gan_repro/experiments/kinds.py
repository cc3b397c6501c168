"""The registry of generative models: one line for each kind, the module that has its `SYSTEM`.

Modules are named, not imported, so that what is imported says what decides a result.
"""

KINDS: dict[str, str] = {
    "adversarial": "gan_repro.adversarial.system",
    "gsn": "gan_repro.baselines.gsn",
    "cae": "gan_repro.baselines.cae",
    "dbn": "gan_repro.baselines.dbn",
}
