"""Training: optimizers, checkpoints, sessions that recover, and the hooks that go with them."""
