"""Cases that run one op on tfcompat and on TensorFlow and compare: forward values, state, gradients.

`cases` makes them, `evaluate` runs them (in either library, also under Python 3.7), `compare` judges.
"""
