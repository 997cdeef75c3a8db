"""The problem in FreeFEM: writes mesh and laws as it reads them, runs `freefem.edp`, passes on what it prints."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from protocol import ACCURATE, POTENTIAL_UNIT, Answers, Model, arguments, report

SCRIPT = Path(__file__).with_name("freefem.edp")


def write_mesh(model: Model, path: Path) -> None:
    """Medit's format; regions and boundaries are numbered from 1."""
    sections = {
        "Vertices": np.column_stack([model.points, np.zeros(len(model.points))]),
        "Tetrahedra": np.column_stack([model.cells + 1, model.region + 1]),
        "Triangles": np.column_stack([model.facets + 1, model.boundary + 1]),
    }
    with path.open("w") as file:
        file.write("MeshVersionFormatted 2\nDimension 3\n")
        for name, rows in sections.items():
            file.write(f"{name}\n{len(rows)}\n")
            np.savetxt(file, rows, fmt="%.17g %.17g %.17g %d" if name == "Vertices" else "%d")
        file.write("End\n")


def write_laws(model: Model, path: Path) -> None:
    """Numbers in the order in which the script reads them."""
    head = [POTENTIAL_UNIT, model.reference, *model.temperature, model.voltage, model.contact_resistivity, ACCURATE]
    np.savetxt(path, np.concatenate([head, [len(model.laws)], np.ravel(model.laws)]), fmt="%.17g")


def main() -> None:
    """Protocol as in `protocol.measure`."""
    model, solver, _ = arguments()
    name, _, jacobians = solver.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        mesh, laws = Path(folder, "module.mesh"), Path(folder, "laws.txt")
        write_mesh(model, mesh)
        write_laws(model, laws)
        command = ["FreeFem++", "-nw", "-v", "0", str(SCRIPT), str(mesh), str(laws), name, jacobians or "99"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"answers (.*)", done.stdout)
    if found is None:
        raise SystemExit(f"FreeFem++ failed: {(done.stdout + done.stderr)[-2000:]}")
    current, hot, cold, steps, cpu = map(float, found[1].split())
    idle, peak = (int(re.search(rf"{word} Vm\w+:\s*(\d+)", done.stdout)[1]) / 1024 for word in ("idle", "peak"))
    answers = Answers(current, hot, cold, int(steps))
    setup, seconds = np.diff([float(t) for t in re.findall(r"wall ([\d.]+)", done.stdout)])
    report(answers, model.voltage, seconds=seconds, cpu=cpu, setup=setup, idle=idle, peak=peak, version=version())


def version() -> str:
    """As FreeFEM says at its start."""
    done = subprocess.run(["FreeFem++", "-nw", "-v", "1", "/dev/null"], capture_output=True, text=True, check=False)
    found = re.search(r"FreeFem\+\+ v([\d.]+)", done.stdout)
    return found[1] if found else "unknown"


if __name__ == "__main__":
    main()
