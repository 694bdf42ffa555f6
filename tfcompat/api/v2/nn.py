"""Public names of `tf.compat.v2.nn`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.activations import crelu_v2 as crelu
from tfcompat.ops.blocks import (
    depth_to_space_v2 as depth_to_space,
    space_to_batch_v2 as space_to_batch,
    space_to_depth_v2 as space_to_depth,
)
from tfcompat.ops.candidate_sampling import (
    all_candidate_sampler as all_candidate_sampler,
    compute_accidental_hits as compute_accidental_hits,
    fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler,
    learned_unigram_candidate_sampler as learned_unigram_candidate_sampler,
)
from tfcompat.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits_v2 as sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_of_v2 as softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits_v2 as sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits_v2 as weighted_cross_entropy_with_logits,
)
from tfcompat.ops.softmax import log_softmax_v2 as log_softmax, softmax_v2 as softmax

__all__ = [
    "all_candidate_sampler",
    "compute_accidental_hits",
    "crelu",
    "depth_to_space",
    "fixed_unigram_candidate_sampler",
    "learned_unigram_candidate_sampler",
    "log_softmax",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "space_to_batch",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
]

__getattr__ = _namespace_getattr("tf.compat.v2.nn")
