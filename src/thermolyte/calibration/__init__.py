"""Parameters of a case fitted to measured data: `thermolyte calibrate`."""
