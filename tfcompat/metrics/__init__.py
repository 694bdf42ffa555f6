"""tf.metrics: values that accumulate over the batches of an evaluation."""
