"""embed_sequence. Source: TF 1.15, contrib/layers/python/layers/encoders.py."""

from __future__ import annotations

from typing import Any

from tfcompat.contrib.model_variables import model_variable
from tfcompat.framework.export import export
from tfcompat.ops import embedding
from tfcompat.ops.variable_scope import variable_scope


@export("contrib.layers.embed_sequence", "contrib.slim.embed_sequence")
def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: Any = None,
) -> Any:
    """Shapes: ids [batch, length] -> [batch, length, embed_dim], rows of the variable `embeddings`.

    Raises: ValueError without sizes (unless reusing); NotImplementedError for `unique`.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not reusing. "
            f"Got vocab_size={vocab_size} and embed_dim={embed_dim}"
        )
    if unique:
        raise NotImplementedError("embed_sequence(unique=True) is not supported; unique=False gives the same values")
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        embeddings = model_variable(
            "embeddings",
            shape=None if vocab_size is None or embed_dim is None else [vocab_size, embed_dim],
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
        )
        return embedding.embedding_lookup(embeddings, ids)
