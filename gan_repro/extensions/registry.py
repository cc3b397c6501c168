"""The registry of extensions: named, not imported, as kinds of models are."""

# One line for each, the module that has its `EXTENSION`: of Section 7, then of Table 2.
EXTENSIONS: dict[str, str] = {
    "class_conditional": "gan_repro.extensions.class_conditional",
    "learned_inference": "gan_repro.extensions.learned_inference",
    "completion": "gan_repro.extensions.completion",
    "semi_supervised": "gan_repro.extensions.semi_supervised",
    "efficiency": "gan_repro.extensions.efficiency",
    "directed": "gan_repro.extensions.directed",
    "undirected": "gan_repro.extensions.undirected",
    "autoencoders": "gan_repro.extensions.autoencoders",
    "adversarial_density": "gan_repro.extensions.adversarial_density",
    "synchronised": "gan_repro.extensions.synchronised",
    "sampling_cost": "gan_repro.extensions.sampling_cost",
    "differentiable": "gan_repro.extensions.differentiable",
}
