"""Line scans of a thermoelectric problem: readings of a probe, their reduction, and its bias against the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermolyte.errors import InputError, SolveError
from thermolyte.geometry.box_shape import BoxShape
from thermolyte.line_scan.isothermal import Isothermal
from thermolyte.line_scan.options import LineScan
from thermolyte.line_scan.probe import Probe
from thermolyte.line_scan.reduction import Reduction, reduce
from thermolyte.line_scan.track import Stretch, Track
from thermolyte.line_scan.truth import Points, Truth
from thermolyte.physics.local import POTENTIAL
from thermolyte.problem import Problem
from thermolyte.quantities.base import Values
from thermolyte.quantities.derived import NO_CURRENT
from thermolyte.quantities.leads import LeadCurrents

if TYPE_CHECKING:
    from thermolyte.case import Case

Array = NDArray[np.float64]
Row = dict[str, Any]


class Line(NamedTuple):
    """A scan with the cross-section [m²] that its reduction assumes, and where it stands in the case."""

    scan: LineScan
    area: float
    place: str


class Scanned(NamedTuple):
    """Quantities of all scans, and their tables by kind `line_scan_NAME`; the same on all ranks."""

    values: Values
    tables: dict[str, list[Row]]


def lines_of(case: Case) -> dict[str, Line]:
    """The scans of a case.

    Raises:
        InputError: the cross-section is neither given nor known from the geometry.
    """
    found = {}
    for name, scan in case.line_scans.items():
        geometry = case.geometry
        known = (
            geometry.section_along(tuple(scan.origin), tuple(scan.origin + scan.length * scan.direction))
            if isinstance(geometry, BoxShape)
            else geometry.device().leg_area
        )
        area = scan.area or known
        if area is None:
            raise InputError(
                f"{case.place('line_scans', name)}: the geometry does not tell the cross-section of the leg along the "
                "line: give its `area`"
            )
        found[name] = Line(scan, area, case.place("line_scans", name))
    return found


class LineScans:
    """All scans of a problem; lines are located and forms compiled once, `evaluate` reads the present state."""

    def __init__(self, problem: Problem, lines: Mapping[str, Line], terminal: str):
        """Lay the lines through the mesh; nothing is solved.

        Args:
            problem: thermoelectric, whose numbers and composition at the time of `evaluate` are those that are scanned.
            lines: the scans by name.
            terminal: which carries the current that a resistance is referred to.

        Raises:
            InputError: a line that leaves the body, crosses no junction or has too few samples; with its place.
        """
        self._problem, self._terminal = problem, terminal
        cold = [line.scan.temperature for line in lines.values() if line.scan.method == "isothermal"]
        self._isothermal = Isothermal(problem, cold[0]) if cold else None
        seen = {"dc": problem} | ({"isothermal": self._isothermal.problem} if self._isothermal else {})
        self._currents = {method: LeadCurrents(p) for method, p in seen.items()}
        self._scans = [_Scan(seen[line.scan.method], name, line) for name, line in lines.items()]

    def evaluate(self) -> Scanned:
        """The scans of the present state.

        Raises:
            SolveError: no current flows, or the conduction problem has no solution.
        """
        values: Values = {}
        tables: dict[str, list[Row]] = {}
        solved: float | None = None
        for scan in self._scans:
            options = scan.line.scan
            if self._isothermal and options.method == "isothermal" and options.temperature != solved:
                self._isothermal.solve(options.temperature)
                solved = options.temperature
            current = self._currents[options.method].current(self._terminal)
            if abs(current) < NO_CURRENT:
                raise SolveError(
                    f"{scan.line.place}: no current flows through terminal `{self._terminal}`, so that there is no "
                    "resistance to measure: give that terminal a current that is not 0 A"
                )
            found = scan.evaluate(current)
            values |= found.values
            tables |= found.tables
        return Scanned(values, tables)


class _Scan:
    """One scan on the mesh of the problem whose potential it reads."""

    def __init__(self, problem: Problem, name: str, line: Line):
        self._problem, self._name, self.line = problem, name, line
        scan = line.scan
        self._distances = scan.distances
        try:
            self._track = Track(problem.mesh, scan)
            self._samples = self._track.samples(self._distances)
            for stretch in self._track.stretches:
                if not problem.media[stretch.region].conducts:
                    raise InputError(f"`{stretch.region}` does not conduct: let the line run through conductors only")
            self._probe = Probe(problem.mesh, scan, self._track)
        except InputError as error:
            raise InputError(f"{line.place}: {error}") from None
        self._truth = Truth(problem, self._track, scan.direction, self._points())

    def _points(self) -> dict[str, Points]:
        """The samples of every fit that gives a conductivity."""
        scan = self.line.scan
        x = scan.origin + self._distances[:, None] * scan.direction
        found = {s.name: Points(s.region, x[self._samples.whole[s.name]]) for s in self._track.stretches}
        beside = self._samples.beside if scan.window is not None else {}
        return found | {side.name: Points(side.stretch.region, x[keep]) for side, keep in beside.items()}

    def evaluate(self, current: float) -> Scanned:
        """Quantities and table for the current [A] of the present state."""
        V = self._readings()
        R = (V - self._reference(V)) / current
        if R[-1] < R[0]:  # the current runs against the line, and the leads of the voltmeter are swapped
            R = 0.0 - R
        found = reduce(self._track, self._distances, R, self._samples, self.line.area)
        kind = f"line_scan_{self._name}"
        return Scanned(self._values(found), {kind: self._table(V, R, found)})

    def _readings(self) -> Array:
        """Voltages [V] with the noise of the instrument."""
        scan, V = self.line.scan, self._probe.read(self._problem)
        return V + np.random.default_rng(scan.seed).normal(0.0, scan.noise, len(V)) if scan.noise else V

    def _reference(self, V: Array) -> float:
        ends = {"start": float(V[0]), "stop": float(V[-1])}
        name = self.line.scan.reference
        return ends[name] if name in ends else self._problem.blocks.global_value(POTENTIAL, name) or 0.0

    def _values(self, found: Reduction) -> Values:
        """What was found, and by which part it is off: found/true − 1; local conductivities with a window only."""
        out: Values = {f"scan_conductivity.{self._name}.{n}": v for n, v in found.conductivity.items()}
        if self.line.scan.window is not None:
            out |= {f"scan_local_conductivity.{self._name}.{n}": v for n, v in found.local_conductivity.items()}
        out |= {f"scan_contact_resistivity.{self._name}.{n}": v for n, v in found.contact_resistivity.items()}
        true = self._truth.conductivity() | self._truth.contact_resistivity()
        every = found.conductivity | found.local_conductivity | found.contact_resistivity
        return out | {f"scan_bias.{self._name}.{n}": every[n] / x - 1 for n, x in true.items()}

    def _table(self, V: Array, R: Array, found: Reduction) -> list[Row]:
        """A row per sample, and one for each end of a fit at a junction; R A and its fits in Ω·m².

        In a window rows have the fit of that side of the junction, too, which is extrapolated to the junction.
        """
        area, rows, number = self.line.area, list[Row](), [self._track.stretch_at(s) for s in self._distances]
        for k, stretch in enumerate(self._track.stretches):
            keep, here = self._samples.whole[stretch.name], np.flatnonzero(np.array(number) == k)
            samples = [
                self._row(found, stretch, float(self._distances[i]))
                | {"fitted [1]": int(keep[i]), "voltage [V]": float(V[i]), "resistance [ohm]": float(R[i])}
                | {"resistance_area [ohm*m^2]": area * float(R[i])}
                for i in here
            ]
            junctions = [side.junction for side in found.beside if side.stretch is stretch]
            ends = [self._row(found, stretch, junction.at) for junction in junctions]
            rows += sorted(ends + samples, key=lambda row: row["distance [m]"])
        return rows

    def _row(self, found: Reduction, stretch: Stretch, distance: float) -> Row:
        """Where it is, and the fits there: of the stretch, and of its side of the nearest junction in whose window."""
        area = self.line.area
        row: Row = {"distance [m]": distance, "region": stretch.name}
        row["fit [ohm*m^2]"] = area * float(found.whole[stretch.name](distance))
        off = {side: abs(side.junction.at - distance) for side in found.beside if side.stretch is stretch}
        nearest = min(off, key=off.__getitem__)
        if self.line.scan.window is not None and off[nearest] <= self._track.reach:
            row["local_fit [ohm*m^2]"] = area * float(found.beside[nearest](distance))
        return row
