"""A result folder as figures and report read it: points, curves over the current, optima, temperature differences.

Knows neither dolfinx nor MPI: a folder can be drawn on any machine, long after the run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from thermolyte.physics.constants import SPECIES
from thermolyte.results.tables import Table

DRIVES = ("current", "voltage", "resistance")
"""What may be varied at a terminal to move along the curve V(I) of one and the same device."""
NO_CURRENT = 1e-6
"""Current that is none [A]."""
PHYSICS = ("thermoelectricity", "diffusion", "mechanics", "electrochemistry")


@dataclass(frozen=True)
class Point:
    """One finished point of a study: its parameters by path as the user wrote them, and its quantities in SI.

    `files` are its tables by kind: history, profiles, current_distribution, impedance; `errors` those of the values. Of
    a map, `origin` says whether the point was solved or interpolated.
    """

    parameters: Mapping[str, Any]
    objective: str | None
    values: Mapping[str, float]
    files: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    origin: str = "solved"

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Point:
        """A finished point as it stands in `result.json`."""
        names = {"files", "errors", "origin"} & content.keys()
        return cls(content["parameters"], content.get("objective"), content["values"], **{n: content[n] for n in names})

    def has(self, *names: str) -> bool:
        """Whether it has all these quantities."""
        return all(n in self.values for n in names)

    @property
    def is_open(self) -> bool:
        """Whether its device carries no current, but for round-off."""
        return self.has("current") and abs(self.values["current"]) <= NO_CURRENT


@dataclass(frozen=True)
class Series:
    """The points of one and the same device, ordered by current, and its optima."""

    parameters: Mapping[str, Any]
    points: tuple[Point, ...]
    optima: Mapping[str, Point] = field(default_factory=dict)

    @property
    def all_points(self) -> list[Point]:
        """Points and optima that lie among them, by current."""
        low, high = self.points[0].values["current"], self.points[-1].values["current"]
        inside = [p for p in self.optima.values() if low <= p.values.get("current", high + 1) <= high]
        return sorted((*self.points, *inside), key=lambda p: p.values["current"])


@dataclass(frozen=True)
class Record:
    """The content of `result.json`, and the folder that it lies in."""

    folder: Path
    content: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Record:
        """Read a folder.

        Raises:
            OSError: it has no `result.json`.
            ValueError: which is not JSON.
        """
        return cls(folder, json.loads((folder / "result.json").read_text(encoding="utf-8")))

    @property
    def case(self) -> Mapping[str, Any]:
        """The case as it was understood."""
        found: Mapping[str, Any] = self.content.get("case", {})
        return found

    @property
    def physics(self) -> tuple[str, ...]:
        """The physics that were solved; a case that names none is a thermoelectric one."""
        found = self.case.get("physics") or {"thermoelectricity": {}}
        return tuple(k for k in PHYSICS if found.get(k) is not None)

    @property
    def is_battery(self) -> bool:
        """Whether a species moves in what is no thermoelectric device."""
        found = set(self.physics)
        return "thermoelectricity" not in found and bool(found & {"diffusion", "electrochemistry"})

    @property
    def study(self) -> str:
        """What is done at every point, such as operating_point or ageing."""
        found = self.case.get("study", {})
        return str(found.get("each", found).get("type", "operating_point"))

    @property
    def ages(self) -> bool:
        """Whether every point is a device that ages."""
        return self.study == "ageing"

    @property
    def element(self) -> str:
        """What diffuses in the hosts, as their card names it: Li, Mg."""
        names = (n for p in self.points for n in p.values if n.startswith("mean_concentration."))
        hosts = [self.material(n.partition(".")[2]) for n in names]
        return str(next((card["diffusing_species"] for card in hosts if "diffusing_species" in card), "Li"))

    @property
    def species(self) -> str:
        """Its name in words: lithium, magnesium."""
        return SPECIES[self.element]

    @property
    def is_axisymmetric(self) -> bool:
        """Whether a plane mesh is the half section of a body that is turned around r = 0."""
        coordinates = self.content.get("mesh", {}).get("coordinates", {})
        return bool(coordinates.get("kind") == "axisymmetric")

    # ---- points ------------------------------------------------------------------------------------------------
    @cached_property
    def points(self) -> tuple[Point, ...]:
        """All finished points, optima included; of an uncertainty those of the case itself, without its samples."""
        points = self.content["points"]
        shown = [p for p in points if p["parameters"] == self.itself] if self.uncertainty else points
        return tuple(Point.of(p) for p in shown if "values" in p)

    @property
    def uncertainty(self) -> Mapping[str, Any]:
        """Intervals and causes; empty without such a study."""
        found: Mapping[str, Any] = self.content.get("uncertainty", {})
        return found

    def samples(self, name: str) -> list[float]:
        """A quantity of all finished samples of an uncertainty; an optimum's own, or that of the first of them."""
        objectives = [p["objective"] for p in self.content["points"]]
        of = name if name in objectives else objectives[0]
        found = [p for p in self.content["points"] if "values" in p and p["objective"] == of]
        return [p["values"][name] for p in found if name in p["values"] and p["parameters"] != self.itself]

    @property
    def itself(self) -> Mapping[str, Any]:
        """The parameters of the case itself, the last point of an uncertainty."""
        found: Mapping[str, Any] = self.content["points"][-1]["parameters"]
        return found

    def table(self, point: Point, kind: str) -> Table | None:
        """The history, profiles, current_distribution or impedance of a point; None where it has none.

        Raises:
            OSError: it has one, but the file is gone.
        """
        return Table.read(self.folder / point.files[kind]) if kind in point.files else None

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        """Points that have no solution, as they stand in the file."""
        return [p for p in self.content["points"] if "values" not in p]

    @cached_property
    def grid(self) -> tuple[Point, ...]:
        """The points as the study lists them, without optima."""
        return tuple(p for p in self.points if p.objective is None)

    @property
    def map(self) -> Mapping[str, Any]:
        """How good a map is, and what it took; empty where it is none."""
        found: Mapping[str, Any] = self.content.get("map", {})
        return found

    @property
    def interpolated(self) -> int:
        """Points that were not solved."""
        return sum(p.origin != "solved" for p in self.points)

    @property
    def how_accurate(self) -> str:
        """How well a map was interpolated, in words; empty where nothing was."""
        if not self.interpolated:
            return ""
        seen, checks = max(self.map["error"].values()), len(self.map["checks"])
        return (
            f"to {self.map['accuracy']:g} of the largest value of each quantity; largest difference seen {seen:.1e}, "
            f"at {checks} solved points that are no nodes and on lines with one node less"
        )

    def optima(self, objective: str | None = None) -> list[Point]:
        """The optima, of one objective or all."""
        return [p for p in self.points if p.objective and objective in (None, p.objective)]

    @property
    def representative(self) -> Point | None:
        """The point that speaks for the run: the last maximum of power, or else the last point with a current."""
        loaded = [p for p in self.points if p.values.get("resistance")]
        chosen = [p for p in loaded if p.objective == "maximum_power"] or loaded or list(self.points)
        return chosen[-1] if chosen else None

    @property
    def is_list(self) -> bool:
        """Whether the parameters of the sweep were given as rows that belong together."""
        return bool(self.case.get("study", {}).get("mode") == "list")

    # ---- series ------------------------------------------------------------------------------------------------
    @cached_property
    def terminal(self) -> str | None:
        """The terminal whose voltage and current are those of the device."""
        points = [p for p in self.points if p.has("voltage", "current")]

        def is_device(name: str) -> bool:
            return all(p.values.get(f"{q}.{name}") == p.values[q] for p in points for q in ("voltage", "current"))

        return next((str(n) for n in self.case.get("terminals", {}) if points and is_device(n)), None)

    def is_drive(self, path: str) -> bool:
        """Whether a parameter moves along V(I) instead of changing the device or what surrounds it."""
        if self.is_battery or self.ages:
            return False  # another current leads to another state
        pattern = re.escape(self.terminal) if self.terminal else r"[^.]+"
        return re.fullmatch(rf"terminals\.{pattern}\.({'|'.join(DRIVES)})", path) is not None

    def others(self, point: Point) -> dict[str, Any]:
        """The parameters of a point that make it another device than its neighbour."""
        return {k: v for k, v in point.parameters.items() if not self.is_drive(k)}

    @cached_property
    def curves(self) -> list[Series]:
        """Points over the current, at least two for each combination of the other parameters."""
        groups: dict[str, list[Point]] = {}
        for p in self.grid:
            if p.has("current", "voltage", "power"):
                groups.setdefault(json.dumps(self.others(p), sort_keys=True), []).append(p)
        out = []
        for points in groups.values():
            points.sort(key=lambda p: p.values["current"])
            others = self.others(points[0])
            optima = {
                p.objective: p for p in self.optima() if p.objective and self.others(p) == others and p.has("current")
            }
            if points[-1].values["current"] - points[0].values["current"] > 1e-9:
                out.append(Series(others, tuple(points), optima))
        return out

    @property
    def cools(self) -> bool:
        """Whether the device takes heat from its cold side at the expense of power, at any point."""
        return any(p.values.get("cop", 0.0) > 1e-9 for p in self.points)

    @property
    def generates(self) -> bool:
        """Whether it is looked at as a generator: it delivers power at some point, and cools at none."""
        power = [p.values.get("power", 0.0) for p in self.points]
        return not self.cools and bool(power) and max(power) > 1e-6 * max(map(abs, power))

    # ---- derived -------------------------------------------------------------------------------------------------
    def temperature_difference(self, point: Point) -> float | None:
        """Mean temperature of the hot boundaries minus that of the cold ones [K]."""
        if "temperature_difference" in point.values:
            return point.values["temperature_difference"]
        sides = [self.side_temperature(point, side) for side in ("hot", "cold")]
        return None if sides[0] is None or sides[1] is None else sides[0] - sides[1]

    def side_temperature(self, point: Point, side: str) -> float | None:
        """Mean temperature of the hot or the cold boundaries [K]."""
        names = self.case.get("device", {}).get(side, (side,))
        found = [v for b in names if (v := point.values.get(f"mean_temperature.{b}")) is not None]
        return sum(found) / len(found) if found else None

    def material(self, region: str) -> Mapping[str, Any]:
        """The material card of a region, whose key in the case may be a pattern."""
        regions = self.case.get("regions", {})
        keys = [k for k in regions if k == region] or [k for k in regions if fnmatchcase(region, k)]
        found: Mapping[str, Any] = regions[keys[0]].get("material", {}) if keys else {}
        return found


def varying(points: Sequence[Mapping[str, Any]]) -> list[str]:
    """The paths that have more than one value among these parameters, in the user's order."""
    paths = dict.fromkeys(k for p in points for k in p)
    return [k for k in paths if len({json.dumps(p.get(k)) for p in points}) > 1]
