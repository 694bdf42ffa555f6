"""The data sets and the model of TensorFlow's MNIST tutorials."""
