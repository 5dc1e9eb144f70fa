"""A Slurm of one node: this machine. It needs no systemd, and leaves nothing outside of its folder.

By hand: ``python tests/engines/one_node_slurm.py COMMAND ...`` runs a command with it, a shell say.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")

CONFIG = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MailProg=/bin/true
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=5
OverTimeLimit=0
MinJobAge=10
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=500 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def is_installed() -> bool:
    """Tell whether Debian's slurm-wlm and munge, or the like, are there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return all(shutil.which(program, path=path) for program in PROGRAMS)


class Slurm:
    """The three services, in a folder of their own.

    Args:
        folder: The folder.
        cpus: How many the node says it has.
    """

    def __init__(self, folder: Path, cpus: int = 2) -> None:
        self.folder = folder
        self._services: dict[str, subprocess.Popen[bytes]] = {}
        config = folder / "slurm.conf"
        os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin"
        self.environment = {**os.environ, "SLURM_CONF": str(config)}
        for name in ("state", "spool"):
            (folder / name).mkdir()
        host, user = socket.gethostname().partition(".")[0], getpass.getuser()
        ports = _free_ports(2)
        config.write_text(
            CONFIG.format(
                folder=folder, host=host, user=user, controller=ports[0], node=ports[1], cpus=cpus
            )
        )
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        folder.chmod(0o755)  # munged looks at who may write there

    def start(self) -> None:
        """Start all, and wait until the node takes jobs."""
        options = ["socket", "pid-file", "log-file", "seed-file"]
        munge = [f"--{each}={self.folder}/munge.{each.split('-')[0]}" for each in options]
        self._start(
            "munged", "--foreground", "--force", *munge, f"--key-file={self.folder}/munge.key"
        )
        while not (self.folder / "munge.socket").exists():
            self._check("munged")
        self._start("slurmctld", "-D")
        self.start_node()

    def start_node(self) -> None:
        """Start the service of the node, and wait until it takes jobs."""
        self._start("slurmd", "-D")
        end = time.monotonic() + 60
        while self.run("sinfo", "--noheader", "--format=%T", check=False).strip() not in (
            "idle", "mixed", "allocated"
        ):  # fmt: skip
            self._check("slurmd")
            self._check("slurmctld")
            if time.monotonic() > end:
                raise RuntimeError(f"the node takes no jobs: see the logs in {self.folder}")

    def stop_node(self) -> None:
        """Kill the service of the node and all that it runs, as if the machine were off."""
        self._stop("slurmd", signal.SIGKILL)
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Cancel all jobs, and end the services."""
        if "slurmctld" in self._services:
            self.run("scancel", f"--user={os.getuid()}", check=False)
            end = time.monotonic() + 20
            while self.run("squeue", "--noheader", check=False) and time.monotonic() < end:
                time.sleep(0.1)
        for name in ("slurmd", "slurmctld", "munged"):
            self._stop(name, signal.SIGTERM)

    def run(self, *words: str, check: bool = True) -> str:
        """Run a command of Slurm's, and return what it prints."""
        done = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def _start(self, *words: str) -> None:
        with (self.folder / f"{words[0]}.out").open("ab") as log:
            self._services[words[0]] = subprocess.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _check(self, name: str) -> None:
        time.sleep(0.1)
        if self._services[name].poll() is not None:
            said = (self.folder / f"{name}.out").read_text()
            raise RuntimeError(f"{name} has ended: {said}")

    def _stop(self, name: str, number: int) -> None:
        if service := self._services.pop(name, None):
            service.send_signal(number)
            service.wait(30)

    def _processes(self) -> list[int]:
        """Return the processes of jobs, and those that watch them."""
        found = []
        for file in Path("/proc").glob("[0-9]*/environ"):
            try:
                environment = file.read_bytes()
                words = (file.parent / "cmdline").read_bytes()
            except OSError:
                continue
            is_of_job = b"SLURM_JOB_ID=" in environment or words.startswith(b"slurmstepd")
            if is_of_job and str(self.folder).encode() in environment:
                found.append(int(file.parent.name))
        return found


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def main() -> int:
    """Run a command with a Slurm, and return its exit code."""
    if not is_installed():
        print("there is no Slurm here; on Debian: apt-get install slurm-wlm munge", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    slurm = Slurm(folder)
    try:
        slurm.start()
        return subprocess.run(sys.argv[1:], env=slurm.environment, check=False).returncode
    finally:
        slurm.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
