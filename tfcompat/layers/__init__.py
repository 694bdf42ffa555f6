"""Layers: objects that make variables when they are first called. `tf.layers` here, tf.keras beside it."""
