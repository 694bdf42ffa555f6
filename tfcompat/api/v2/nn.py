"""Public names of `tf.compat.v2.nn`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.activations import crelu_v2 as crelu, swish as swish
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
from tfcompat.ops.convolution import (
    conv1d_v2 as conv1d,
    conv2d_v2 as conv2d,
    conv2d_transpose_v2 as conv2d_transpose,
    conv3d_v2 as conv3d,
    conv3d_transpose_v2 as conv3d_transpose,
    convolution_v2 as convolution,
)
from tfcompat.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits_v2 as sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_of_v2 as softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits_v2 as sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits_v2 as weighted_cross_entropy_with_logits,
)
from tfcompat.ops.ctc import (
    ctc_beam_search_decoder_v2 as ctc_beam_search_decoder,
    ctc_greedy_decoder as ctc_greedy_decoder,
)
from tfcompat.ops.ctc_dense import (
    collapse_repeated as collapse_repeated,
    ctc_loss_v2 as ctc_loss,
    ctc_unique_labels as ctc_unique_labels,
)
from tfcompat.ops.depthwise import depthwise_conv2d_v2 as depthwise_conv2d, separable_conv2d_v2 as separable_conv2d
from tfcompat.ops.dropout import dropout_v2 as dropout
from tfcompat.ops.embedding import (
    embedding_lookup_v2 as embedding_lookup,
    embedding_lookup_sparse_v2 as embedding_lookup_sparse,
    safe_embedding_lookup_sparse_v2 as safe_embedding_lookup_sparse,
)
from tfcompat.ops.fractional_pooling import (
    fractional_avg_pool_v2 as fractional_avg_pool,
    fractional_max_pool_v2 as fractional_max_pool,
)
from tfcompat.ops.moments import (
    batch_norm_with_global_normalization_v2 as batch_norm_with_global_normalization,
    batch_normalization as batch_normalization,
    l2_normalize_v2 as l2_normalize,
    moments_v2 as moments,
    normalize_moments as normalize_moments,
    sufficient_statistics_v2 as sufficient_statistics,
    weighted_moments_v2 as weighted_moments,
    zero_fraction as zero_fraction,
)
from tfcompat.ops.morphology import dilation2d_v2 as dilation2d, erosion2d_v2 as erosion2d
from tfcompat.ops.pool import (
    avg_pool_v2 as avg_pool,
    avg_pool1d as avg_pool1d,
    avg_pool2d as avg_pool2d,
    avg_pool3d as avg_pool3d,
    max_pool_v2 as max_pool,
    max_pool1d as max_pool1d,
    max_pool2d as max_pool2d,
    max_pool3d as max_pool3d,
    max_pool_with_argmax_v2 as max_pool_with_argmax,
    pool_v2 as pool,
)
from tfcompat.ops.sampled_losses import nce_loss_v2 as nce_loss, sampled_softmax_loss_v2 as sampled_softmax_loss
from tfcompat.ops.softmax import log_softmax_v2 as log_softmax, softmax_v2 as softmax
from tfcompat.ops.topk import in_top_k_v2 as in_top_k, top_k as top_k

__all__ = [
    "all_candidate_sampler",
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm_with_global_normalization",
    "batch_normalization",
    "collapse_repeated",
    "compute_accidental_hits",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "conv3d_transpose",
    "convolution",
    "crelu",
    "ctc_beam_search_decoder",
    "ctc_greedy_decoder",
    "ctc_loss",
    "ctc_unique_labels",
    "depth_to_space",
    "depthwise_conv2d",
    "dilation2d",
    "dropout",
    "embedding_lookup",
    "embedding_lookup_sparse",
    "erosion2d",
    "fixed_unigram_candidate_sampler",
    "fractional_avg_pool",
    "fractional_max_pool",
    "in_top_k",
    "l2_normalize",
    "learned_unigram_candidate_sampler",
    "log_softmax",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_with_argmax",
    "moments",
    "nce_loss",
    "normalize_moments",
    "pool",
    "safe_embedding_lookup_sparse",
    "sampled_softmax_loss",
    "separable_conv2d",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "space_to_batch",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "sufficient_statistics",
    "swish",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
    "zero_fraction",
]

__getattr__ = _namespace_getattr("tf.compat.v2.nn")
