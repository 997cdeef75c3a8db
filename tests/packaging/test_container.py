"""The container image, built and run for real: on a base image made from the private root, by an engine of its own.

No registry is asked for the base: the private root has the same dolfinx as the published image. The engine (Docker) is
that of the machine, or is unpacked for these tests from Debian's packages; nothing is installed, and everything is
deleted at the end.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOT = os.environ.get("THERMOLYTE_ROOT", "")
CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt"

pytestmark = [
    pytest.mark.serial,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not ROOT, reason="the base image is made from the private root, and there is none"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a container engine needs root"),
]

Docker = Callable[..., subprocess.CompletedProcess[str]]


def unpack_engine(folder: Path) -> Path:
    """Docker from the packages of the suite that the root is made of; its libraries are those of the root."""
    lists, tree = folder / "lists", folder / "tree"
    (lists / "partial").mkdir(parents=True)
    options = [f"-oDir::State::Lists={lists}", f"-oDir::Cache={folder}", "-oAPT::Sandbox::User=root", "-qq"]
    apt = ["apt-get", *options]
    subprocess.run([*apt, "update"], cwd=folder, check=True, timeout=300)
    subprocess.run(
        [*apt, "download", "docker.io", "docker-cli", "containerd", "runc"], cwd=folder, check=True, timeout=300
    )
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, tree], check=True)
    return tree


@pytest.fixture(scope="module")
def docker() -> Iterator[Docker]:
    """An engine that nobody else uses: `docker("build", ...)`."""
    # Short, because a socket's path may have 107 characters; not in /tmp if that is in memory.
    folder = Path(os.environ["VIRTUAL_ENV"]).parent / f"engine-{os.getpid()}"
    folder.mkdir()
    environment = os.environ | {"DOCKER_HOST": f"unix://{folder}/socket", "DOCKER_BUILDKIT": "0"}
    log = (folder / "log").open("w")
    daemon = None
    try:
        if shutil.which("dockerd") is None:
            try:
                tree = unpack_engine(folder)
            except subprocess.SubprocessError as error:
                pytest.skip(f"no container engine here, and none could be had: {error}")
            environment["PATH"] = f"{tree}/usr/bin:{tree}/usr/sbin:{os.environ['PATH']}"
        options = ["--iptables=false", "--ip6tables=false", "--bridge=none", f"--host=unix://{folder}/socket"]
        places = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
        dockerd = shutil.which("dockerd", path=environment["PATH"])
        command = ["setpriv", "--pdeathsig", "TERM", str(dockerd), *options, *places]
        daemon = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

        def docker(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
            options = {"env": environment, "capture_output": True, "text": True, "timeout": 900} | options
            return subprocess.run(["docker", *command], **options)

        if not wait_until_ready(docker, daemon):
            reason = (folder / "log").read_text().strip().splitlines()[-1:]
            pytest.skip(f"no container engine can start here: {reason}")
        yield docker
    finally:
        if daemon:
            daemon.terminate()
            daemon.wait(60)
        log.close()
        # The one mount that the engine forgets; it is in the namespace of these tests, not on the machine.
        subprocess.run(["umount", folder / "exec/netns/default"], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", folder], check=False)


def wait_until_ready(docker: Docker, daemon: subprocess.Popen[bytes]) -> bool:
    for _ in range(60):
        if daemon.poll() is not None:
            return False
        if docker("info").returncode == 0:
            return True
        try:
            daemon.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
    return False


@pytest.fixture(scope="module")
def image(docker: Docker) -> str:
    """The image of the Dockerfile; its base has this machine's certificates, which pip may need."""
    without = [f"--exclude=./{path}" for path in (CA_BUNDLE, "usr/include/boost", "usr/share/doc")]
    pack = ["tar", "--one-file-system", "-C", ROOT, *without, "-c", ".", "-C", "/", CA_BUNDLE]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as tar:
        imported = docker("import", "-", "fenicsx-base:local", stdin=tar.stdout)
    assert imported.returncode == 0, imported.stderr
    options = ["--network", "host", "--build-arg", "BASE=fenicsx-base:local", "--tag", "thermolyte"]
    built = docker("build", *options, PROJECT)
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    return "thermolyte"


@pytest.fixture
def run(docker: Docker, image: str) -> Docker:
    """Run the image as the documentation says."""

    def run(*command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        common = ("--rm", "--network", "host", "--shm-size", "256m")
        return docker("run", *common, *options, image, *command)

    return run


def test_image_is_the_program(run: Docker):
    result = run("--version")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("thermolyte ")
    assert run("no-such-verb").returncode == 2


def test_image_does_not_run_as_root(run: Docker):
    assert run("-un", options=("--entrypoint", "id")).stdout == "thermolyte\n"


@pytest.mark.parametrize("user", [(), ("--user", "4321:4321")], ids=["own user", "any user"])
def test_fenicsx_compiles_and_solves_on_two_ranks(run: Docker, user: tuple[str, ...]):
    code = """
import numpy as np
from mpi4py import MPI
from dolfinx import fem, mesh
import ufl
cube = mesh.create_unit_cube(MPI.COMM_WORLD, 2, 2, 2)
volume = cube.comm.allreduce(fem.assemble_scalar(fem.form(fem.Constant(cube, 1.0) * ufl.dx)))
assert np.isclose(volume, 1)
print(f"rank {cube.comm.rank} of {cube.comm.size}", flush=True)
"""
    result = run("-n", "2", "python3", "-c", code, options=(*user, "--entrypoint", "mpirun"))
    assert result.returncode == 0, result.stderr
    assert sorted(result.stdout.split("\n"))[1:] == ["rank 0 of 2", "rank 1 of 2"]


LEG = """
title: A bare leg
geometry: {shape: leg, width: 3.8 mm, height: 6 mm}
regions:
  leg:
    material:
      name: constant
      source: {note: no real material}
      properties:
        seebeck_coefficient: {law: constant, value: 200 uV/K}
        electrical_conductivity: {law: constant, value: 1e5 S/m}
        thermal_conductivity: {law: constant, value: 1 W/(m*K)}
boundaries:
  hot: {type: temperature, temperature: 589 K}
  cold: {type: temperature, temperature: 295 K}
terminals:
  cold: {type: current, current: 5 A}
  hot: {type: ground}
"""


def test_case_gives_the_same_on_one_and_two_ranks(run: Docker, tmp_path: Path):
    script = """
thermolyte run /data/case --output one >&2
mpirun -n 2 thermolyte run /data/case --output two >&2
cat one/result.json two/result.json
"""
    (tmp_path / "case.yaml").write_text(LEG)
    mount = ("--volume", f"{tmp_path}/case.yaml:/data/case/case.yaml:ro")
    result = run("-ec", script, options=(*mount, "--entrypoint", "sh"))
    assert result.returncode == 0, result.stdout + result.stderr
    one, two = json.loads("[" + result.stdout.replace("}\n{", "},{").replace("}{", "},{") + "]")
    power = [numbers["quantities"]["power"]["value"] for numbers in (one, two)]
    assert power[0] > 0
    assert power[1] == pytest.approx(power[0], rel=1e-10)
