"""The physics that a case can name. To add one, add a module with `fields` and `residual`, and name it here."""

from thermolyte.physics import diffusion, electrochemistry, mechanics, thermoelectricity

EQUATIONS = {
    "thermoelectricity": thermoelectricity,
    "diffusion": diffusion,
    "mechanics": mechanics,
    "electrochemistry": electrochemistry,
}
