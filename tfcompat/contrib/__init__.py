"""tf.contrib: functions and classes of TF 1 that stood outside its stable API, one subject per module."""
