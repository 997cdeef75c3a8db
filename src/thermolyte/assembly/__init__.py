"""Residual and Jacobian of large problems: one sparse matrix for each pair of fields, assembled in place."""

from thermolyte.assembly.body import Layout, RegionBody
from thermolyte.assembly.jacobian import FieldJacobian
from thermolyte.assembly.residual import Residual

__all__ = ["FieldJacobian", "Layout", "RegionBody", "Residual"]
