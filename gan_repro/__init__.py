"""Rebuilds "Generative Adversarial Nets" (Goodfellow et al., 2014) from raw data to report."""

__version__ = "0.1.0"
