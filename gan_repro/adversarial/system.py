"""The adversarial net as a kind of model."""

from gan_repro.adversarial.learner import AdversarialLearner
from gan_repro.adversarial.sampling import GeneratorDecoder, sample
from gan_repro.adversarial.spec import AdversarialSpec
from gan_repro.adversarial.together import TogetherLearner
from gan_repro.training.model import System

SYSTEM = System(AdversarialSpec, AdversarialLearner, sample, GeneratorDecoder, TogetherLearner)
