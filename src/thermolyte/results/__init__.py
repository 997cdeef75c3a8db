"""The only place that writes. A run can be judged from its folder alone."""
