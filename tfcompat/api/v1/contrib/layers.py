"""Public names of `tf.contrib.layers`; written by tools/generate_api.py."""

from tfcompat.contrib.connected import (
    bias_add as bias_add,
    conv1d as conv1d,
    conv2d as conv2d,
    convolution2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    convolution as convolution,
    convolution1d as convolution1d,
    convolution2d as convolution2d,
    convolution2d_transpose as convolution2d_transpose,
    convolution3d as convolution3d,
    elu as elu,
    fully_connected as fully_connected,
    linear as linear,
    relu as relu,
    relu6 as relu6,
    separable_convolution2d as separable_conv2d,
    separable_convolution2d as separable_convolution2d,
)
from tfcompat.contrib.embedding_sequences import embed_sequence as embed_sequence
from tfcompat.contrib.loss_optimizer import (
    OPTIMIZER_CLS_NAMES as OPTIMIZER_CLS_NAMES,
    OPTIMIZER_SUMMARIES as OPTIMIZER_SUMMARIES,
    optimize_loss as optimize_loss,
)
from tfcompat.contrib.normalizing import batch_norm as batch_norm, layer_norm as layer_norm
from tfcompat.contrib.regularizers import (
    apply_regularization as apply_regularization,
    l1_l2_regularizer as l1_l2_regularizer,
    l1_regularizer as l1_regularizer,
    l2_regularizer as l2_regularizer,
    sum_regularizer as sum_regularizer,
)
from tfcompat.contrib.reshaping import (
    avg_pool2d as avg_pool2d,
    dropout as dropout,
    flatten as flatten,
    max_pool2d as max_pool2d,
    one_hot_encoding as one_hot_encoding,
    repeat as repeat,
    softmax as softmax,
    stack as stack,
)
from tfcompat.contrib.tensor_summaries import (
    summarize_activation as summarize_activation,
    summarize_activations as summarize_activations,
    summarize_collection as summarize_collection,
    summarize_tensor as summarize_tensor,
    summarize_tensors as summarize_tensors,
)
from tfcompat.contrib.weight_initializers import (
    variance_scaling_initializer as variance_scaling_initializer,
    xavier_initializer as xavier_initializer,
    xavier_initializer_conv2d as xavier_initializer_conv2d,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.gradients.custom_gradient import recompute_grad as recompute_grad

__all__ = [
    "OPTIMIZER_CLS_NAMES",
    "OPTIMIZER_SUMMARIES",
    "apply_regularization",
    "avg_pool2d",
    "batch_norm",
    "bias_add",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "convolution",
    "convolution1d",
    "convolution2d",
    "convolution2d_transpose",
    "convolution3d",
    "dropout",
    "elu",
    "embed_sequence",
    "flatten",
    "fully_connected",
    "l1_l2_regularizer",
    "l1_regularizer",
    "l2_regularizer",
    "layer_norm",
    "linear",
    "max_pool2d",
    "one_hot_encoding",
    "optimize_loss",
    "recompute_grad",
    "relu",
    "relu6",
    "repeat",
    "separable_conv2d",
    "separable_convolution2d",
    "softmax",
    "stack",
    "sum_regularizer",
    "summarize_activation",
    "summarize_activations",
    "summarize_collection",
    "summarize_tensor",
    "summarize_tensors",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]

__getattr__ = _namespace_getattr("tf.contrib.layers")
