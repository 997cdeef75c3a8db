"""Resistance scans along a line through junctions, as an experimenter takes and reduces them."""
