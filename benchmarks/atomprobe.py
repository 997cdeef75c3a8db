"""What the analysis of a large atom-probe sample takes: seconds of each step and the peak of memory.

    ./thermolyte shell python benchmarks/atomprobe.py                 # 5e7 atoms; --atoms 5e6 for less
    ./thermolyte shell python benchmarks/atomprobe.py --cluster 1.0

The sample is made up (fcc, 37 % of the atoms detected), written to a temporary folder, 16 bytes per atom, and deleted.
README.md shows the numbers.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from thermolyte.atomprobe import report
from thermolyte.atomprobe.analysis import SIZES, analyse
from thermolyte.atomprobe.events import read_events
from thermolyte.atomprobe.ranges import read_ranges
from thermolyte.atomprobe.synthetic import Alloy, write


def main() -> None:
    """Print one line per step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atoms", type=float, default=5e7)
    parser.add_argument("--cluster", type=float, default=0.0, help="correlation length [nm]")
    options = parser.parse_args()
    known = Alloy()
    edge = (options.atoms * known.lattice_parameter**3 / (4 * known.efficiency)) ** (1 / 3)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        pos, rrng = write(Alloy(edge=edge, cluster=options.cluster), Path(folder) / "large")
        print(f"made up {pos.stat().st_size / 16:.3g} atoms in {time.perf_counter() - start:.1f} s")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, seconds = time.perf_counter(), dict[str, float]()

        def done(what: str) -> None:
            nonlocal start
            seconds[what] = seconds.get(what, 0) + time.perf_counter() - start
            start = time.perf_counter()

        found = analyse(read_events(pos), read_ranges(rrng), SIZES, done=done)
        report.write(found, Path(folder) / "results", sample=pos.name)
        done("lengths, figure and report")
        for what, took in seconds.items():
            print(f"{took:8.1f} s  {what}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            f"{sum(seconds.values()):8.1f} s  in all; memory {peak / 2**20:.2f} GiB (before: {before / 2**20:.2f} GiB)"
        )
        print("\n".join(found.verdict()))


if __name__ == "__main__":
    main()
