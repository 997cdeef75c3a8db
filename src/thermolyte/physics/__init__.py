"""Physics: fields, fluxes and residuals in UFL. No solver, no time scheme, no file is known here."""
