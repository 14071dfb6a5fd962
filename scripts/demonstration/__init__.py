"""The demo: nginx with the module, the simulator and the sample e-office, on this machine alone."""
