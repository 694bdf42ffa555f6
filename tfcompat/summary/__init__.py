"""TensorBoard's data: the messages that summaries are, and the event files that hold them."""
