"""What may stand under `physics:` in a case: which equations are solved, and how they are coupled."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from thermolyte import units


class Strict(BaseModel):
    """A piece of the case file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Thermoelectricity(Strict):
    """Steady transport of heat and charge."""


class Diffusion(Strict):
    """Transport of a species, lithium or magnesium, in a host."""


class Electrochemistry(Strict):
    """Ionic and electronic conduction, joined by charge transfer."""


class Mechanics(Strict):
    """Deformation and stress."""

    strain: Literal["small", "finite"] = "small"
    stress_free_temperature: units.Temperature | None = Field(
        None, description="temperature without thermal stress; default: physics.temperature, that is none"
    )


def _with_defaults(value: Any) -> Any:
    """`diffusion:` with nothing behind it is short for `diffusion: {}`."""
    if isinstance(value, dict):
        return {k: {} if v is None else v for k, v in value.items()}
    return value


class PhysicsOptions(Strict):
    """The physics of a case."""

    thermoelectricity: Thermoelectricity | None = None
    diffusion: Diffusion | None = None
    mechanics: Mechanics | None = None
    electrochemistry: Electrochemistry | None = None
    coupling: Literal["one_way", "two_way"] = Field(
        "two_way",
        description="of diffusion and mechanics; one_way: lithium causes stress, stress does not move lithium",
    )
    temperature: units.Temperature = Field(298.15, description="where it is not solved for")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.names:
            raise ValueError("nothing to solve: name thermoelectricity, diffusion, mechanics or electrochemistry")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The physics that are solved."""
        kinds = ("thermoelectricity", "diffusion", "mechanics", "electrochemistry")
        return tuple(k for k in kinds if getattr(self, k) is not None)


Physics = Annotated[
    PhysicsOptions,
    BeforeValidator(_with_defaults, json_schema_input_type=PhysicsOptions),
]
