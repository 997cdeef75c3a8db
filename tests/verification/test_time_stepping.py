"""Order in time, exact series, conservation, events, restarts and failures of the time stepper, on a small slab."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from fake_transient import Slab
from thermolyte.errors import SolveError
from thermolyte.integration import Event, TimeSettings
from thermolyte.time_stepping import TimeStepper

COARSE = TimeSettings(tolerance=1e-3)  # balances hold to round-off whatever the error in time


def surface(t: float) -> float:
    """Surface concentration of the slab under unit flux, D = L = 1 (battery.md R1)."""
    n = np.arange(1, 400)
    return float(t + 1 / 3 - 2 / np.pi**2 * np.sum(np.exp(-((n * np.pi) ** 2) * t) / n**2))


@pytest.mark.serial
def test_lithium_magnesium_slab_saturates() -> None:
    """5 µm, 6e-11 cm²/s, 1 mA/cm², 69.6 mmol/cm³: c(0) = c_max at 1976.6195 s; all unknowns in SI."""
    slab = Slab(length=5e-6, diffusivity=6e-15)
    slab.current.value = 10 / 96485.33212
    full = Event("full", lambda: slab.at_surface(0) / 69600 - 1, 1)
    stop = TimeStepper(slab, TimeSettings(tolerance=1e-5)).run(0, 1e4, events=[full])
    assert stop.event == "full"
    assert stop.time == pytest.approx(1976.6195, rel=1e-4)
    assert slab.at_surface(0) == pytest.approx(69600, rel=1e-7)
    assert slab.inventory() / 5e-6 / 69600 == pytest.approx(0.588684401, rel=1e-4)
    assert stop.cost.newton <= 2.2 * (stop.cost.steps + stop.cost.rejected)  # linear: one to solve, one to see it


def test_reports_are_hit_and_follow_the_series() -> None:
    slab, seen = Slab(), {}
    steps: list[float] = []

    def on_step(t: float, report: bool) -> None:
        steps.append(t)
        if report:
            seen[t] = (slab.at_surface(0), slab.inventory(), slab.charge())

    stop = TimeStepper(slab, COARSE).run(0, 0.5, [0.3, 0.01, 0.1, 0.7], on_step=on_step)
    assert list(seen) == [0.01, 0.1, 0.3, 0.5]  # exactly these floats
    for t, (c, inventory, charge) in seen.items():
        assert c == pytest.approx(surface(t), rel=5e-3)
        assert inventory == pytest.approx(t, rel=1e-12)
        assert charge == pytest.approx(t, rel=1e-12)
    assert stop.event is None
    assert stop.cost.steps == len(steps) == len(slab.accepted)
    assert np.sum(slab.accepted) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.serial
def test_second_order() -> None:
    """ċ = c'' with c = cos(πx) e^(−π²t): the error at fixed steps falls with h²."""
    errors = []
    for steps in (40, 80, 160):
        slab = Slab(cells=20, degree=3)
        slab.current.value = 0.0
        slab.u[0].interpolate(lambda x: np.cos(np.pi * x[0]))
        h = 0.1 / steps
        TimeStepper(slab, TimeSettings(initial_step=h), {"ts_adapt_type": "none"}).run(0, 0.1)
        assert len(slab.accepted) == steps
        errors.append(abs(slab.at_surface(0) - np.exp(-(np.pi**2) * 0.1)))
    rates = np.log2(np.divide(errors[:-1], errors[1:]))
    assert rates == pytest.approx(2, abs=0.1)


@pytest.mark.serial
def test_error_follows_tolerance() -> None:
    errors = []
    for tolerance in (1e-3, 1e-4, 1e-5):
        slab = Slab()
        TimeStepper(slab, TimeSettings(tolerance=tolerance)).run(0, 0.2)
        errors.append(abs(slab.at_surface(0) - surface(0.2)))
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 1e-4


def test_charge_is_the_inventory_while_the_current_varies() -> None:
    """Potentiostatic: i falls by itself; q̇ = i and the diffusion see one scheme, so q = ∫c to round-off per step."""
    slab, worst = Slab(potentiostatic=True), []
    slab.voltage.value = 3.0
    TimeStepper(slab, COARSE).run(0, 1.0, on_step=lambda *_: worst.append(abs(slab.inventory() / slab.charge() - 1)))
    assert slab.charge() < 0.8  # far from linear in time: a constant current would have given more
    assert max(worst) < 1e-12


def test_algebraic_start_does_not_matter() -> None:
    """The potential has no initial value: nonsense at t = 0 changes nothing after the first step."""
    results = []
    for nonsense in (0.0, 5.0):
        slab = Slab(potentiostatic=True)
        slab.voltage.value = 3.0
        slab.u[1].x.array[:] = nonsense
        TimeStepper(slab, COARSE).run(0, 0.1)
        results.append([slab.charge(), slab.at_surface(0), slab.at_surface(1)])
    assert results[0] == pytest.approx(results[1], rel=1e-9)


def test_current_that_jumps_between_runs() -> None:
    """Charge, rest, discharge: each run starts at order 1, and the inventory is exact after each."""
    slab = Slab()
    stepper = TimeStepper(slab, COARSE)
    for start, current, inventory in ((0.0, 1.0, 0.1), (0.1, 0.0, 0.1), (0.2, -0.5, 0.05)):
        slab.current.value = current
        stepper.run(start, start + 0.1)
        assert slab.inventory() == pytest.approx(inventory, rel=1e-12)
        assert slab.charge() == pytest.approx(inventory, rel=1e-12)


def test_first_event_wins_and_time_is_located() -> None:
    """q = t under unit current: crosses 0.3 before 0.30001, in one step."""
    slab = Slab()
    events = [
        Event("later", lambda: slab.charge() - 0.30001, 1),
        Event("first", lambda: slab.charge() - 0.3, 1),
    ]
    stop = TimeStepper(slab, COARSE).run(0, 1.0, events=events)
    assert stop.event == "first"
    assert stop.time == pytest.approx(0.3, rel=1e-8)
    assert slab.charge() == pytest.approx(stop.time, rel=1e-12)


def test_limit_that_is_already_passed_ends_the_first_step() -> None:
    slab = Slab()
    stop = TimeStepper(slab, COARSE).run(0, 1.0, events=[Event("beyond", lambda: 1.0, 1)])
    assert (stop.event, stop.cost.steps) == ("beyond", 1)


def test_event_inside_the_first_step() -> None:
    slab = Slab()
    stepper = TimeStepper(slab, TimeSettings(initial_step=0.1, tolerance=0.5))
    stop = stepper.run(0, 1.0, events=[Event("early", lambda: slab.charge() - 0.013, 0)])
    assert stop.time == pytest.approx(0.013, rel=1e-8)
    assert slab.inventory() == pytest.approx(stop.time, rel=1e-12)


class Failing(Slab):
    """A slab whose surface takes no more than a given concentration: the residual is then not a number."""

    def _compose(self) -> None:
        super()._compose()
        c, v = self.u[0], self.F[0].arguments()[0]
        self.F = [self.F[0] + 1e-30 * ufl.ln(0.2 - c) * v * self.ds, *self.F[1:]]


def test_failure_keeps_the_last_state() -> None:
    slab, times = Failing(), []
    with pytest.raises(SolveError, match="no step from t = "):
        TimeStepper(slab, COARSE).run(0, 1.0, on_step=lambda t, _: times.append((t, slab.inventory())))
    assert len(times) == len(slab.accepted) > 10
    assert slab.inventory() == pytest.approx(times[-1][1], rel=1e-14)
    assert 0.15 < slab.at_surface(0) < 0.2
