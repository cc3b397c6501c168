"""Table 2, sampling: milliseconds per independent sample, of one forward pass and of chains.

A transition's cost is timed here, CPU time of one thread; how many an independent draw takes is
what `gan-repro mixing` measured. Nothing is decided by these times but their order of magnitude.
"""

import time

from pydantic import PositiveInt

from gan_repro.config.schema import Spec
from gan_repro.evaluation.mixing import MixingRecord
from gan_repro.experiments.measured_chains import after_burn_in, draw_chains
from gan_repro.experiments.restored import Restored, restore
from gan_repro.extensions.extension import Context, Extension, Findings
from gan_repro.extensions.records import Measure, exact, of_estimate
from gan_repro.theory.estimates import Estimate, median
from gan_repro.training.runs import RunFolder


class SamplingCostOptions(Spec):
    """Options.

    Attributes:
        chains: side by side, or samples at once.
        steps: transitions per timing.
        timings: of each model, in turn with the others'.
    """

    chains: PositiveInt = 100
    steps: PositiveInt = 20
    timings: PositiveInt = 7


def measure(context: Context, options: SamplingCostOptions) -> Findings:
    """Time every model's draws, and multiply by the transitions that an independent one takes."""
    records = context.mixing()
    runs = {record.row: _at_once(context, record) for record in records}
    times: dict[str, list[float]] = {row: [] for row in runs}
    draws = options.chains * options.steps
    for timing in range(options.timings + 1):
        for row, run in runs.items():
            start = time.process_time()
            draw_chains(run, options.chains, options.steps, context.device)
            # The first is a rehearsal.
            if timing:
                times[row].append(1e3 * (time.process_time() - start) / draws)
    measures: dict[str, Measure] = {}
    for record in records:
        measures |= _lines(record, median(times[record.row]))
    return Findings(measures)


def _at_once(context: Context, record: MixingRecord) -> Restored:
    """Return a model whose chains have no burn-in: draws are what is timed."""
    folder = RunFolder(context.runs / record.experiment / f"seed{record.seed}")
    return after_burn_in(restore(folder.weights), 0)


def _lines(record: MixingRecord, cost: Estimate) -> dict[str, Measure]:
    each = record.integrated_time
    scaled = Estimate(each * cost.value, each * cost.low, each * cost.high, cost.seeds)
    return {
        f"ms per draw/{record.row}": of_estimate(cost, "timings", "ms"),
        f"draws per independent sample/{record.row}": exact(each),
        f"ms per independent sample/{record.row}": of_estimate(scaled, "timings", "ms"),
    }


EXTENSION = Extension("Table 2, sampling", SamplingCostOptions, measure)
