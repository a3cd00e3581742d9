"""A real Slurm of this one machine, in a folder, without systemd."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.cluster.small_repository import until

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "squeue", "scancel", "sinfo")
CONFIGURATION = """
ClusterName=concord
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def slurm_lacks() -> str:
    """What a test with Slurm lacks here, or nothing."""
    missing = [name for name in PROGRAMS if not (shutil.which(name) or _in_sbin(name))]
    if missing:
        return (
            f"no Slurm here: {', '.join(missing)} (apt install slurmctld slurmd slurm-client munge)"
        )
    return "" if os.geteuid() == 0 else "Slurm is started by root alone"


def _in_sbin(name: str) -> Path | None:
    path = Path("/usr/sbin", name)
    return path if path.exists() else None


class SlurmNode:
    """Slurm whose files lie in a folder; two jobs of one core at once.

    Parameters
    ----------
    folder : Path
        Of a short name, since that of a socket is short.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        ports = [_free_port() for _ in range(2)]
        host = socket.gethostname().partition(".")[0]
        for name in ("state", "spool"):
            (folder / name).mkdir()
        text = CONFIGURATION.format(host=host, folder=folder, ports=ports)
        (folder / "slurm.conf").write_text(text)
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)

    @property
    def environment(self) -> dict[str, str]:
        """What tells Slurm's commands of this one."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self) -> None:
        """Start it, and wait until it takes jobs."""
        self._start(
            "munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket",
            f"--key-file={self.folder}/munge.key", f"--pid-file={self.folder}/munged.pid",
            f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munged.seed",
        )  # fmt: skip
        until((self.folder / "munge.socket").exists)
        self._start("slurmctld", "-D")
        self.start_node()

    def start_node(self) -> None:
        """Start what runs jobs, and wait until it does."""
        self._start("slurmd", "-D")
        until(lambda: self.asked("sinfo", "--noheader", "--format=%t").strip() in ("idle", "mix"))

    def kill(self, name: str) -> None:
        """End one of its programs at once."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End all of them."""
        for name in reversed(list(self._running)):
            self.kill(name)

    def asked(self, *command: str) -> str:
        """What a command of Slurm says."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout

    def jobs(self) -> list[str]:
        """Numbers of the jobs that run or wait."""
        return self.asked("squeue", "--noheader", "--format=%A").split()

    def _start(self, name: str, *options: str) -> None:
        command = [shutil.which(name) or str(_in_sbin(name)), *options]
        with (self.folder / f"{name}.out").open("a") as log:
            self._running[name] = subprocess.Popen(
                command, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
