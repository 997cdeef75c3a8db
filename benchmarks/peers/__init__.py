"""The coupled thermoelectric problem of `module.yaml` in thermolyte and in other finite-element programs."""
