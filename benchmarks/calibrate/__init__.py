"""`make calibrate`: whether intervals hold 95% and tests 5%, by seeded simulation and, for rates, exactly."""
