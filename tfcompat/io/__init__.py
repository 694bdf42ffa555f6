"""File formats: TFRecord files, checkpoints of both versions, and the tables under them."""
