"""Random numbers equal to TensorFlow 1.15's: pure functions of a Philox counter, apart from graphs and sessions.

docs/random.md tells the rules. Errors are Python's: ValueError where TF has InvalidArgumentError, RuntimeError where
it has InternalError, TypeError for a type no kernel exists for.
"""

from tfcompat.ops.philox.candidates import AllSampler as AllSampler
from tfcompat.ops.philox.candidates import Candidates as Candidates
from tfcompat.ops.philox.candidates import CandidateSampler as CandidateSampler
from tfcompat.ops.philox.candidates import FixedUnigramSampler as FixedUnigramSampler
from tfcompat.ops.philox.candidates import LearnedUnigramSampler as LearnedUnigramSampler
from tfcompat.ops.philox.candidates import LogUniformSampler as LogUniformSampler
from tfcompat.ops.philox.candidates import UniformSampler as UniformSampler
from tfcompat.ops.philox.candidates import accidental_hits as accidental_hits
from tfcompat.ops.philox.candidates import vocabulary_weights as vocabulary_weights
from tfcompat.ops.philox.choices import multinomial as multinomial
from tfcompat.ops.philox.choices import random_shuffle as random_shuffle
from tfcompat.ops.philox.choices import shuffle_permutation as shuffle_permutation
from tfcompat.ops.philox.counter import Cursor as Cursor
from tfcompat.ops.philox.counter import PhiloxState as PhiloxState
from tfcompat.ops.philox.draws import non_deterministic_ints as non_deterministic_ints
from tfcompat.ops.philox.draws import random_standard_normal as random_standard_normal
from tfcompat.ops.philox.draws import random_uniform as random_uniform
from tfcompat.ops.philox.draws import random_uniform_int as random_uniform_int
from tfcompat.ops.philox.draws import rng_cursor as rng_cursor
from tfcompat.ops.philox.draws import rng_skip as rng_skip
from tfcompat.ops.philox.draws import rng_state_at as rng_state_at
from tfcompat.ops.philox.draws import rng_state_from_seed as rng_state_from_seed
from tfcompat.ops.philox.draws import stateful_random_binomial as stateful_random_binomial
from tfcompat.ops.philox.draws import stateful_standard_normal as stateful_standard_normal
from tfcompat.ops.philox.draws import stateful_truncated_normal as stateful_truncated_normal
from tfcompat.ops.philox.draws import stateful_uniform as stateful_uniform
from tfcompat.ops.philox.draws import stateful_uniform_full_int as stateful_uniform_full_int
from tfcompat.ops.philox.draws import stateful_uniform_int as stateful_uniform_int
from tfcompat.ops.philox.draws import stateless_cursor as stateless_cursor
from tfcompat.ops.philox.draws import stateless_multinomial as stateless_multinomial
from tfcompat.ops.philox.draws import stateless_random_normal as stateless_random_normal
from tfcompat.ops.philox.draws import stateless_random_uniform as stateless_random_uniform
from tfcompat.ops.philox.draws import stateless_random_uniform_int as stateless_random_uniform_int
from tfcompat.ops.philox.draws import stateless_truncated_normal as stateless_truncated_normal
from tfcompat.ops.philox.draws import truncated_normal as truncated_normal
from tfcompat.ops.philox.per_batch import parameterized_truncated_normal as parameterized_truncated_normal
from tfcompat.ops.philox.per_output import random_gamma as random_gamma
from tfcompat.ops.philox.per_output import random_poisson as random_poisson
from tfcompat.ops.philox.stream import WordStream as WordStream
