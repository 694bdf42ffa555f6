"""How far tfcompat is the TensorFlow it stands in for: one report, made of tiers. `python -m compat_suite --help`."""
