"""Candidate samplers: classes drawn for sampled losses.

Source: TF 1.15, core/ops/candidate_sampling_ops.cc, python/ops/candidate_sampling_ops.py.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework.errors import InvalidArgumentError, NotFoundError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import with_rank
from tfcompat.ops import philox
from tfcompat.ops.random import get_seed

Sampler = philox.CandidateSampler


def _sampler_shape(c: ShapeContext) -> list[Shape]:
    rows = with_rank(c.shape(0), 2)[0]
    sampled = (c.attrs["num_sampled"],)
    return [sampled, (rows, c.attrs["num_true"]), sampled]


def _sampler_op(op_type: str, make: Callable[[dict[str, Any]], Sampler]) -> Op:
    made = op(op_type)(_sampler_shape)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.builder
    def build(c: KernelContext) -> Callable[[Any], Any]:
        attrs = c.attrs
        # The learned distribution and the random stream are the node's own, and last as long as the session.
        state, sampler = c.session.node_state(
            c.node, lambda: (philox.PhiloxState(attrs["seed"], attrs["seed2"]), make(attrs))
        )
        num_true, num_sampled, unique = attrs["num_true"], attrs["num_sampled"], attrs["unique"]

        def sample(true_classes: Any) -> Any:
            if true_classes.dim() != 2:
                raise InvalidArgumentError(None, None, "true_classes must be a matrix")
            if true_classes.shape[1] != num_true:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"true_classes must have num_true columns, expected: {true_classes.shape[1]} was: {num_true}",
                )
            return sampler.sample(state, true_classes, num_sampled, unique)

        return sample

    return made


def _fixed_unigrams(attrs: dict[str, Any]) -> Sampler:
    unigrams = attrs["unigrams"]
    if attrs["vocab_file"]:
        if unigrams:
            raise InvalidArgumentError(None, None, "Must provide only one of vocab_file and unigrams.")
        try:
            with open(attrs["vocab_file"], encoding="utf-8") as lines:
                unigrams = philox.vocabulary_weights(lines)
        except FileNotFoundError as cause:
            raise NotFoundError(None, None, f"{attrs['vocab_file']}; No such file or directory") from cause
    elif not unigrams:
        raise InvalidArgumentError(None, None, "Must provide either vocab_file or unigrams.")
    return philox.FixedUnigramSampler(
        attrs["range_max"],
        unigrams,
        attrs["distortion"],
        attrs["num_reserved_ids"],
        attrs["num_shards"],
        attrs["shard"],
    )


uniform_candidate_sampler_op = _sampler_op(
    "UniformCandidateSampler", lambda attrs: philox.UniformSampler(attrs["range_max"])
)
log_uniform_candidate_sampler_op = _sampler_op(
    "LogUniformCandidateSampler", lambda attrs: philox.LogUniformSampler(attrs["range_max"])
)
learned_unigram_candidate_sampler_op = _sampler_op(
    "LearnedUnigramCandidateSampler", lambda attrs: philox.LearnedUnigramSampler(attrs["range_max"])
)
thread_unsafe_unigram_candidate_sampler_op = _sampler_op(
    "ThreadUnsafeUnigramCandidateSampler", lambda attrs: philox.LearnedUnigramSampler(attrs["range_max"])
)
fixed_unigram_candidate_sampler_op = _sampler_op("FixedUnigramCandidateSampler", _fixed_unigrams)
all_candidate_sampler_op = _sampler_op("AllCandidateSampler", lambda attrs: philox.AllSampler(attrs["num_sampled"]))


@op("ComputeAccidentalHits")
def compute_accidental_hits_op(c: ShapeContext) -> list[Shape]:
    columns = with_rank(c.shape(0), 2)[1]
    if columns not in (None, c.attrs["num_true"]):
        raise ShapeError(f"Dimension must be {c.attrs['num_true']} but is {columns}")
    return [(None,), (None,), (None,)]


@compute_accidental_hits_op.kernel
def _hits(true_classes: Any, sampled_candidates: Any, *, num_true: int) -> Any:
    if true_classes.dim() != 2 or true_classes.shape[1] != num_true:
        raise InvalidArgumentError(None, None, "true_candidates must be a batch_size * num_true matrix")
    return philox.accidental_hits(true_classes, sampled_candidates)


compute_accidental_hits_op.gradient(NOT_DIFFERENTIABLE)


# --- public functions ------------------------------------------------------------------------------------------

_FIELDS = ["sampled_candidates", "true_expected_count", "sampled_expected_count"]


def _result_type(name: str, fields: Sequence[str] = _FIELDS) -> Any:
    return collections.namedtuple(name, fields)


UniformCandidateSampler = _result_type("UniformCandidateSampler")
LogUniformCandidateSampler = _result_type("LogUniformCandidateSampler")
LearnedUnigramCandidateSampler = _result_type("LearnedUnigramCandidateSampler")
FixedUnigramCandidateSampler = _result_type("FixedUnigramCandidateSampler")
AllCandidateSampler = _result_type("AllCandidateSampler")
ComputeAccidentalHits = _result_type("ComputeAccidentalHits", ["indices", "ids", "weights"])


@export("nn.uniform_candidate_sampler", "random.uniform_candidate_sampler", v2=("random.uniform_candidate_sampler",))
def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn uniformly from [0, range_max), and expected counts of the true and the sampled ones.

    Shapes: true_classes [batch, num_true] -> [num_sampled], [batch, num_true], [num_sampled].
    """
    return UniformCandidateSampler._make(
        _seeded(
            uniform_candidate_sampler_op, true_classes, seed, name,
            num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max,
        )
    )  # fmt: skip


@export(
    "nn.log_uniform_candidate_sampler",
    "random.log_uniform_candidate_sampler",
    v2=("random.log_uniform_candidate_sampler",),
)
def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn from an approximately log-uniform (Zipf) distribution over [0, range_max).

    Shapes: true_classes [batch, num_true] -> [num_sampled], [batch, num_true], [num_sampled].
    """
    return LogUniformCandidateSampler._make(
        _seeded(
            log_uniform_candidate_sampler_op, true_classes, seed, name,
            num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max,
        )
    )  # fmt: skip


@export(
    "nn.learned_unigram_candidate_sampler",
    "random.learned_unigram_candidate_sampler",
    v2=("nn.learned_unigram_candidate_sampler", "random.learned_unigram_candidate_sampler"),
)
def learned_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn by how often each was a true one so far.

    Shapes: true_classes [batch, num_true] -> [num_sampled], [batch, num_true], [num_sampled].
    """
    return LearnedUnigramCandidateSampler._make(
        _seeded(
            learned_unigram_candidate_sampler_op, true_classes, seed, name,
            num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max,
        )
    )  # fmt: skip


@export(
    "nn.fixed_unigram_candidate_sampler",
    "random.fixed_unigram_candidate_sampler",
    v2=("nn.fixed_unigram_candidate_sampler", "random.fixed_unigram_candidate_sampler"),
)
def fixed_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Sequence[float] = (),
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn by given weights (from a file, or `unigrams`), each raised to the power `distortion`.

    Shapes: true_classes [batch, num_true] -> [num_sampled], [batch, num_true], [num_sampled].
    """
    return FixedUnigramCandidateSampler._make(
        _seeded(
            fixed_unigram_candidate_sampler_op, true_classes, seed, name,
            num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max, vocab_file=vocab_file,
            distortion=distortion, num_reserved_ids=num_reserved_ids, num_shards=num_shards, shard=shard,
            unigrams=unigrams,
        )
    )  # fmt: skip


@export(
    "nn.all_candidate_sampler",
    "random.all_candidate_sampler",
    v2=("nn.all_candidate_sampler", "random.all_candidate_sampler"),
)
def all_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, seed: int | None = None, name: str | None = None
) -> Any:
    """Every class once, with expected counts of 1: the full softmax through the interface of a sampler."""
    return AllCandidateSampler._make(
        _seeded(
            all_candidate_sampler_op, true_classes, seed, name,
            num_true=num_true, num_sampled=num_sampled, unique=unique,
        )
    )  # fmt: skip


@export("nn.compute_accidental_hits", v2=("nn.compute_accidental_hits",))
def compute_accidental_hits(
    true_classes: Any, sampled_candidates: Any, num_true: int, seed: int | None = None, name: str | None = None
) -> Any:
    """Where sampled candidates are true classes: rows, positions among the candidates, weights of -FLT_MAX."""
    seed1, seed2 = get_seed(seed)
    return ComputeAccidentalHits._make(
        compute_accidental_hits_op(
            true_classes, sampled_candidates, num_true=num_true, seed=seed1, seed2=seed2, name=name
        )
    )


def _seeded(sampler: Op, true_classes: Any, seed: int | None, name: str | None, **attrs: Any) -> Any:
    seed1, seed2 = get_seed(seed)
    return sampler(true_classes, seed=seed1, seed2=seed2, name=name, **attrs)
