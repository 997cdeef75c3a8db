"""A Slurm of one node, started and stopped by the tests that use it. Nothing of it stays on the machine.

Its packages are unpacked into a layer over /usr and /etc in a mount namespace that ends with this process; a job sees
the layer too, and leaves it when the launcher enters the private root. No munge: whoever reaches the ports of this
machine's loopback is believed, for as long as the tests run.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

PACKAGES = (
    "slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins", "libmunge2", "libjwt2", "libjson-c5",
    "liblua5.1-0", "libb64-0d", "libdbus-1-3", "libhttp-parser2.9", "libllhttp9.4",
)  # fmt: skip

APPTAINER = ("apptainer", "libsubid6", "libsemanage2", "libsepol2", "squashfs-tools", "liblzo2-2")
"""What containers need besides; the tests of Slurm do without where they cannot be had."""

LAYER = r"""
mount -t tmpfs tmpfs "$1/top"
for part in usr etc; do
  mkdir "$1/top/$part" "$1/top/$part.work"
  mount -t overlay -o "lowerdir=/$part,upperdir=$1/top/$part,workdir=$1/top/$part.work" overlay "/$part"
done
cp -a --no-preserve=ownership "$1/tree/usr" "$1/tree/etc" /
mkdir -p /etc/slurm /var/lib/apptainer/mnt/session
cp "$1/slurm.conf" "$1/cgroup.conf" /etc/slurm/
for name in slurmctld slurmd slurmstepd; do ln -sf "$name-wlm" "/usr/sbin/$name"; done
shift
exec "$@"
"""

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={next_port}
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
ReturnToService=2
SwitchType=switch/none
KillWait=5
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=8000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class NoSlurmError(Exception):
    """Why there is none."""


class Slurm:
    """Controller and node daemon; `slurm.run("sbatch", ...)` is a command of a user of it."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self._folder, self._environment = folder, environment
        self._daemons: list[subprocess.Popen[bytes]] = []
        self._unpack()
        self._configure()
        self._open_layer()

    def _unpack(self) -> None:
        if os.geteuid() != 0:
            raise NoSlurmError("it needs root")
        if shutil.which("apt-get") is None:
            raise NoSlurmError("its packages come from Debian, and there is no apt-get")
        (self._folder / "lists" / "partial").mkdir(parents=True)
        options = [f"-oDir::State::Lists={self._folder}/lists", f"-oDir::Cache={self._folder}", "-qq"]
        apt = ["apt-get", *options, "-oAPT::Sandbox::User=root"]
        for words in (["update"], ["download", *PACKAGES], ["download", *APPTAINER]):
            done = subprocess.run([*apt, *words], cwd=self._folder, capture_output=True, text=True, timeout=200)
            if done.returncode and words[-1] != APPTAINER[-1]:
                raise NoSlurmError(f"its packages cannot be had: {done.stderr.strip().splitlines()[-1:]}")
        for package in self._folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, self._folder / "tree"], check=True)

    def _configure(self) -> None:
        for name in ("top", "state", "spool"):
            (self._folder / name).mkdir()
        port = 20_000 + os.getpid() % 20_000
        names = {"host": os.uname().nodename, "port": port, "next_port": port + 1, "folder": self._folder}
        (self._folder / "slurm.conf").write_text(CONFIGURATION.format(**names))
        (self._folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n")

    def _open_layer(self) -> None:
        """The namespace lives in a process that waits; the daemons and all commands are started in it."""
        keeper = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"]
        command = [*keeper, "bash", "-euc", LAYER, "bash", self._folder, "sh", "-c", "echo ready; exec sleep infinity"]
        log = (self._folder / "layer.log").open("w")
        self._keeper = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        if self._keeper.stdout.readline() != "ready\n":
            raise NoSlurmError(f"no layer over /usr: {(self._folder / 'layer.log').read_text().strip()}")

    def start(self) -> None:
        """Start the daemons and wait until the node is idle."""
        for name in ("slurmctld", "slurmd"):
            log = (self._folder / f"{name}.log").open("w")
            self._daemons.append(
                subprocess.Popen(self._inside(name, "-D"), env=self._environment, stdout=log, stderr=log)
            )
        for _ in range(200):
            if self.run("sinfo", "--noheader", "--format=%T").stdout.strip() == "idle":
                return
            time.sleep(0.1)
        log = "".join((self._folder / f"{name}.log").read_text()[-1000:] for name in ("slurmctld", "slurmd"))
        raise NoSlurmError(f"it does not start: {log}")

    def stop(self) -> None:
        """End all of it."""
        self.run("scancel", "--full", "--user=root")
        for daemon in reversed(self._daemons):
            daemon.terminate()
            daemon.wait(30)
        self._keeper.kill()
        self._keeper.wait(30)

    def _inside(self, *command: str | Path, folder: Path = Path("/")) -> list[str | Path]:
        enter = ["nsenter", f"--mount=/proc/{self._keeper.pid}/ns/mnt", f"--wd={folder}"]
        return ["setpriv", "--pdeathsig", "TERM", *enter, *command]

    def run(self, *command: str | Path, folder: Path = Path("/")) -> subprocess.CompletedProcess[str]:
        """A command on this cluster, in a folder."""
        words = self._inside(*command, folder=folder)
        return subprocess.run(words, env=self._environment, capture_output=True, text=True, timeout=200)

    def state(self, job: str) -> str:
        """State of a job, or of the tasks of an array: one word each."""
        return self.run(
            "squeue", "--noheader", "--array", "--states=all", "--format=%T", f"--jobs={job}"
        ).stdout.strip()

    def wait(self, job: str, seconds: float = 200) -> list[str]:
        """The states in which a job and all tasks of an array have ended."""
        end = time.monotonic() + seconds
        while any(s in ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING") for s in self.state(job).split()):
            if time.monotonic() > end:
                raise TimeoutError(self.run("scontrol", "show", "job", job).stdout)
            time.sleep(0.1)
        return self.state(job).split()
