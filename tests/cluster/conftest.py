"""A Slurm cluster of one node, on this machine's loopback, for as long as its tests run."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
# Where Debian's commands look, also within a job, which gets no variable of Slurm's.
ETC, FILES = Path("/etc/slurm"), ("slurm.conf", "gres.conf")
CONFIG = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={other}
AuthType=auth/munge
AuthInfo=socket={place}/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
KillWait=15
MinJobAge=600
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 Gres=gpu:1 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def reason_to_skip() -> str | None:
    """Return why there can be no cluster here."""
    if not os.environ.get("GAN_REPRO_CLUSTER"):
        return "a cluster is started by make cluster-test alone"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"no {', '.join(missing)}: apt-get install slurmctld slurmd slurm-client munge"
    if os.geteuid() != 0:
        return "Slurm's daemons need root"
    if any((ETC / name).exists() for name in FILES):
        return f"{ETC} has a cluster of its own"
    try:
        import snakemake_executor_plugin_slurm  # noqa: F401
    except ImportError:
        return "no snakemake-executor-plugin-slurm: pip install 'gan-repro[slurm]'"
    return None


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A running cluster, whose configuration is linked to where the jobs' commands look for it."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    place, host = tmp_path_factory.mktemp("slurm"), os.uname().nodename.split(".")[0]
    for name in ("munge", "state", "spool"):
        (place / name).mkdir(mode=0o755)
    config = place / "slurm.conf"
    config.write_text(CONFIG.format(host=host, place=place, port=26817, other=26818))
    (place / "gres.conf").write_text(f"NodeName={host} Name=gpu File=/dev/null\n")
    key = place / "munge/key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    links = [ETC / name for name in FILES]
    for link in links:
        link.symlink_to(place / link.name)
    daemons = [
        ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={place}/munge/socket",
         f"--pid-file={place}/munge/pid", f"--log-file={place}/munge/log",
         f"--seed-file={place}/munge/seed"],
        ["slurmctld", "-D", "-f", str(config)],
        ["slurmd", "-D", "-f", str(config), "-N", host],
    ]  # fmt: skip
    running = []
    for command in daemons:
        with open(place / f"{command[0]}.out", "wb") as log:
            running.append(subprocess.Popen(command, stdout=log, stderr=log))
        time.sleep(2)
    try:
        _wait_until_idle(place)
        yield
    finally:
        for daemon in reversed(running):
            daemon.terminate()
            daemon.wait()
        for link in links:
            link.unlink()


def _wait_until_idle(place: Path) -> None:
    for _ in range(60):
        found = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True)
        if found.stdout.strip() == "idle":
            return
        time.sleep(1)
    logs = "\n".join(path.read_text(errors="replace")[-1_500:] for path in place.glob("*.log"))
    raise RuntimeError(f"the cluster does not come up: {found.stdout}{found.stderr}\n{logs}")
