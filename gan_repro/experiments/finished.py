"""A finished run whose checkpoint is gone: it stands as it is, and nothing is written over it."""

from gan_repro.errors import UserError
from gan_repro.experiments.experiment import parse_experiment
from gan_repro.experiments.job import Job, asked_for
from gan_repro.experiments.restored import restore
from gan_repro.files import sha256
from gan_repro.training.checkpoint import SOURCE, first_difference
from gan_repro.training.provenance import library_versions
from gan_repro.training.runs import RunFolder, RunRecord

RESTART = "--restart to begin anew, which sets it aside"


def finished(job: Job, folder: RunFolder, pretrained: RunFolder | None = None) -> RunRecord | None:
    """Return the record of a run that stands, or None where a training may begin or go on.

    A run without its checkpoint, such as one that was copied from elsewhere, cannot go on. It
    stands where it is what the job asks for. Where it is not, it is set aside if the job may begin
    anew; so are records whose weights are gone.

    Raises:
        UserError: it is another run, it was made by other code, or its weights are damaged.
    """
    if folder.checkpoint.exists() or not folder.record.exists():
        return None
    if not folder.weights.exists():
        folder.set_aside()
        return None
    record, options = folder.read_record(), job.options
    changed = _changed(job, record, folder, pretrained)
    code = first_difference(record.source or {}, {"sha256": job.source, **library_versions()})
    if options.restart and (changed or code):
        folder.set_aside()
        return None
    if changed:
        raise UserError(
            f"{folder.path} holds a finished run without its checkpoint, which cannot go on, and "
            f"not the one that is asked for ({changed}); choose another folder, or say {RESTART}"
        )
    if code and not options.accept_changed_source:
        raise UserError(
            f"{folder.path} holds a finished run that was made by other code ({SOURCE}.{code}); "
            f"say --accept-changed-source to leave it as it is, or {RESTART}"
        )
    restore(folder.weights)
    folder.seal()
    return record


def _changed(
    job: Job, record: RunRecord, folder: RunFolder, pretrained: RunFolder | None
) -> str | None:
    """Return the first thing of a run that the job asks for otherwise, or None."""
    old = asked_for(parse_experiment(record.config, str(folder.record)))
    old |= {"epochs": record.epochs, "seed": record.seed, "dataset_sha256": record.dataset.sha256}
    new = asked_for(job.experiment) | {"epochs": job.experiment.plan.epochs, "seed": job.seed}
    new |= {"dataset_sha256": job.dataset.sha256}
    # A run that goes on from another's last state stands without that checkpoint, too.
    if job.experiment.model.needs_pretrained and pretrained and pretrained.weights.exists():
        old |= {"pretrained_sha256": record.pretrained_sha256}
        new |= {"pretrained_sha256": sha256(pretrained.weights)}
    return first_difference(old, new)
