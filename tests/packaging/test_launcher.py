"""The launcher, run as a person would run it, on the environment that these tests run in."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOT = os.environ.get("THERMOLYTE_ROOT")

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif("THERMOLYTE_PYTHON" not in os.environ, reason="not started by ./thermolyte"),
]
builds_roots = pytest.mark.skipif(
    ROOT is None or os.geteuid() != 0, reason="no private root is built: FEniCSx is installed, or not root"
)

# Stands for mmdebstrap: notes the call, makes a root of links to the real one, may misbehave halfway.
BUILDER = """#!/bin/bash
part=${@: -1}
echo call >> "$CALLS"
mkdir -p "$part/var/lib"
ln -s "$THERMOLYTE_ROOT/etc" "$part/etc"
echo "I: building"
%s
ln -s "$THERMOLYTE_ROOT/usr" "$part/usr"
ln -s "$THERMOLYTE_ROOT/var/lib/dpkg" "$part/var/lib/dpkg"
ln -s "$THERMOLYTE_ROOT/var/lib/apt" "$part/var/lib/apt"
"""


def clean_environment(**changes: str) -> dict[str, str]:
    """The environment without the traces of the MPI that this process has initialised."""
    traces = ("OMPI_COMM", "PMIX_", "PRTE_", "PYTEST_")
    return {k: v for k, v in os.environ.items() if not k.startswith(traces)} | changes


def start(*command: str | Path, launcher: Path = PROJECT / "thermolyte", **options) -> subprocess.Popen[str]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    options = {"env": clean_environment(), "text": True, "start_new_session": True} | pipes | options
    # A shell starts its background jobs with SIGINT ignored, which children inherit; users type it at a terminal.
    return subprocess.Popen(
        [launcher, *command], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options
    )


def run(*command: str | Path, feed: str = "", **options) -> subprocess.CompletedProcess[str]:
    process = start(*command, **options)
    out, err = process.communicate(feed, timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def processes_with(mark: str) -> list[str]:
    """Command lines of the living processes that have inherited MARK=<mark>."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(autouse=True)
def no_mount_left() -> Iterator[None]:
    before = Path("/proc/self/mountinfo").read_text()
    yield
    assert Path("/proc/self/mountinfo").read_text() == before


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A second clone, in a folder with a space in its name."""
    folder = tmp_path / "a b"
    folder.mkdir()
    for name in ("thermolyte", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that shares the Python packages with the real one, but has no private root."""
    folder = tmp_path / "my cache" / "thermolyte"
    folder.mkdir(parents=True)
    venv = Path(os.environ["VIRTUAL_ENV"])
    (folder / venv.name).symlink_to(venv)
    return folder


def test_exit_code_is_passed_on():
    assert run("shell", "sh", "-c", "exit 7").returncode == 7


def test_works_from_another_folder_with_its_relative_paths_and_input(tmp_path: Path):
    (tmp_path / "some file").write_text("from file")
    result = run("shell", "cat", "some file", "-", feed=", from stdin", cwd=tmp_path)
    assert result.stdout == "from file, from stdin"


def test_python_is_the_one_with_fenicsx_and_this_project():
    code = "import dolfinx, thermolyte; print(dolfinx.__version__, thermolyte.__file__)"
    version, file = run("shell", "python", "-c", code).stdout.split()
    assert version.startswith("0.11.")
    assert Path(file).parent == PROJECT / "src/thermolyte"


def test_unknown_words_go_to_the_program():
    assert run("--version").stdout == run("shell", "thermolyte", "--version").stdout
    assert run("no-such-verb").returncode == 2


def test_clone_and_home_with_spaces(clone: Path, cache: Path, tmp_path: Path):
    home = tmp_path / "my home"
    (home / ".cache").mkdir(parents=True)
    (home / ".cache/thermolyte").symlink_to(cache)
    if ROOT:
        (cache / Path(ROOT).name).symlink_to(ROOT)
    environment = clean_environment(HOME=str(home))
    environment.pop("XDG_CACHE_HOME", None)
    launcher = clone / "thermolyte"
    code = "import thermolyte; print(thermolyte.__file__)"
    located = run("shell", "python", "-c", code, launcher=launcher, env=environment)
    assert located.stdout.strip() == str(clone / "src/thermolyte/__init__.py"), located.stderr
    assert run("shell", "thermolyte", "--version", launcher=launcher, env=environment).returncode == 0
    assert "my home" in run("environment", launcher=launcher, env=environment).stdout


def test_launcher_called_through_a_link(tmp_path: Path):
    (tmp_path / "link").symlink_to(PROJECT / "thermolyte")
    assert run("shell", "sh", "-c", "exit 7", launcher=tmp_path / "link").returncode == 7


@pytest.mark.parametrize("ranks", [(), ("mpirun", "-n", "1")], ids=["plain", "mpirun"])
def test_interrupt_ends_everything(ranks: tuple[str, ...], tmp_path: Path):
    mark = str(tmp_path)
    # Short sleeps: a signal that comes just before a sleep does not end it.
    code = "import time; print('ready', flush=True); [time.sleep(0.1) for _ in range(600)]"
    process = start("shell", *ranks, "python", "-c", code, env=clean_environment(MARK=mark))
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    # mpirun ends with its own code.
    assert process.returncode in ((1,) if ranks else (-signal.SIGINT, 128 + signal.SIGINT))
    assert wait_for(lambda: not processes_with(mark)), processes_with(mark)


def test_unusable_interpreter_is_named():
    result = run("shell", "true", env=clean_environment(THERMOLYTE_PYTHON="/bin/false"))
    assert result.returncode == 1
    assert "/bin/false has no dolfinx 0.11" in result.stderr


def test_installed_fenicsx_is_used_also_from_a_virtual_environment(cache: Path):
    python = Path(os.environ["VIRTUAL_ENV"], "bin/python")
    environment = clean_environment(XDG_CACHE_HOME=str(cache.parent), THERMOLYTE_PYTHON=str(python))
    code = "import os, sys, dolfinx, thermolyte; print(os.environ.get('THERMOLYTE_ROOT'), sys.prefix)"
    result = run("shell", "python", "-c", code, env=environment)
    assert result.returncode == 0, result.stderr
    root, prefix = result.stdout.strip().split(" ", 1)
    assert root == "None"
    assert Path(prefix).parent == cache
    assert not list(cache.glob("root-*"))
    assert run("shell", "thermolyte", "--version", env=environment).returncode == 0


def test_environment_says_what_is_in_use():
    out = run("environment").stdout
    assert os.environ["VIRTUAL_ENV"] in out
    assert "dolfinx 0.11." in out
    assert (ROOT or os.environ["THERMOLYTE_PYTHON"]) in out
    assert run("environment", "nonsense").returncode == 1


def test_unfinished_clone_is_installed_again(clone: Path, cache: Path):
    if ROOT:
        (cache / Path(ROOT).name).symlink_to(ROOT)
    options = {"launcher": clone / "thermolyte", "env": clean_environment(XDG_CACHE_HOME=str(cache.parent))}
    assert run("shell", "thermolyte", "--version", **options).returncode == 0
    (folder,) = cache.glob("clone-*")
    (folder / ".complete").unlink()
    (folder / "bin/thermolyte").unlink()
    assert run("shell", "thermolyte", "--version", **options).returncode == 0


def test_packages_that_cannot_be_installed_are_not_taken_for_installed(cache: Path):
    if ROOT:
        (cache / Path(ROOT).name).symlink_to(ROOT)
    venv = cache / Path(os.environ["VIRTUAL_ENV"]).name
    venv.unlink()
    no_network = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    environment = clean_environment(XDG_CACHE_HOME=str(cache.parent), **no_network)
    result = run("shell", "true", env=environment)
    assert result.returncode == 1
    assert "the Python packages could not be installed" in result.stderr
    assert not (venv / ".complete").exists()


def test_remove_refuses_while_in_use_and_spares_what_is_linked(cache: Path):
    if ROOT:
        (cache / Path(ROOT).name).symlink_to(ROOT)
    environment = clean_environment(XDG_CACHE_HOME=str(cache.parent))
    running = start("shell", "sh", "-c", "echo ready; cat", env=environment)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    refused = run("environment", "remove", env=environment)
    assert refused.returncode == 1
    assert "in use" in refused.stderr
    running.communicate()
    assert run("environment", "remove", env=environment).returncode == 0
    assert {path.name for path in cache.iterdir()} <= {"in-use.lock"}
    assert Path(os.environ["VIRTUAL_ENV"], "bin/python").exists()


@pytest.fixture
def build(tmp_path: Path, cache: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the launcher on the empty cache folder with a builder that does `misbehaviour` halfway."""

    def start_build(misbehaviour: str = "") -> subprocess.Popen[str]:
        tools = tmp_path / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "mmdebstrap").write_text(BUILDER % misbehaviour)
        (tools / "mmdebstrap").chmod(0o755)
        environment = clean_environment(
            PATH=f"{tools}:{os.environ['PATH']}",
            XDG_CACHE_HOME=str(cache.parent),
            CALLS=str(tmp_path / "calls"),
            MARK=str(tmp_path),
        )
        return start("shell", "sh", "-c", "echo works; cat", env=environment)

    return start_build


def assert_next_build_works(build: Callable[..., subprocess.Popen[str]], cache: Path) -> None:
    out, err = build().communicate(timeout=60)
    assert out == "works\n", err
    assert not list(cache.glob("*.part"))


@builds_roots
def test_two_first_starts_build_one_root(build, cache: Path, tmp_path: Path):
    both = [build("sleep 1"), build("sleep 1")]
    # Both are running now: the second did not have to wait for the end of the first.
    assert [process.stdout.readline() for process in both] == ["works\n", "works\n"]
    assert all(process.communicate(timeout=60)[0] == "" for process in both)
    assert (tmp_path / "calls").read_text() == "call\n"
    assert len([path for path in cache.glob("root-*") if path.is_dir()]) == 1


@builds_roots
def test_failed_build_says_why_and_leaves_nothing(build, cache: Path):
    process = build("echo 'E: No space left on device'; exit 28")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert "No space left on device" in err
    assert "could not be built" in err
    assert not [path for path in cache.glob("root-*") if path.is_dir()]
    assert_next_build_works(build, cache)


@builds_roots
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_broken_off_build_is_not_taken_for_finished(build, cache: Path, tmp_path: Path, how: signal.Signals):
    process = build("sleep 60")
    assert wait_for(lambda: any(path.name == "etc" for path in cache.glob("root-*.part/*")))
    process.send_signal(how)
    process.communicate(timeout=30)
    assert process.returncode in (-how, 130)
    assert wait_for(lambda: not processes_with(str(tmp_path))), processes_with(str(tmp_path))
    assert not [path for path in cache.glob("root-*") if path.is_dir() and path.suffix != ".part"]
    assert_next_build_works(build, cache)


@builds_roots
def test_system_folders_are_read_only_inside():
    result = run("shell", "sh", "-c", "touch /usr/x || touch /etc/x || touch /var/lib/dpkg/x")
    assert result.returncode != 0
    assert result.stderr.count("Read-only file system") == 3


SUITE = """
import os, signal
from mpi4py import MPI

def test_mood():
    mood, rank = os.environ["MOOD"], MPI.COMM_WORLD.rank
    assert not (mood == "fail" and rank == 1)
    if mood == "die" and rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if mood == "hang" and rank == 1:
        MPI.COMM_WORLD.Barrier()
"""


@pytest.mark.parametrize(("mood", "says"), [("fail", "1 failed"), ("die", "rank1"), ("hang", "Timeout")])
def test_suite_sees_what_goes_wrong_on_another_rank(mood: str, says: str, tmp_path: Path):
    (tmp_path / "test_mood.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntimeout = 3\nmarkers = serial\n")
    options = ("-c", tmp_path / "pytest.ini")
    result = run("test", "test_mood.py", *options, cwd=tmp_path, env=clean_environment(MOOD=mood))
    assert "1 passed" in result.stdout
    assert result.returncode != 0
    assert says in result.stdout + result.stderr
    if mood == "fail":
        assert says in result.stdout.splitlines()[-1]
