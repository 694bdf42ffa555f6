"""tf.data: input pipelines. Datasets are nodes of the graph; what runs them is under `flow`."""
