"""Drops what nothing needs any more after other passes."""

from __future__ import annotations

from tfcompat.runtime.passes.narrow import narrow
from tfcompat.runtime.program import Program, Value

# Ops that cannot fail on inputs whose shapes fit: nobody needs to wait for one that nobody reads.
HARMLESS = frozenset(
    """
    Abs Add AddN AddV2 BiasAdd BiasAddGrad BroadcastGradientArgs Cast ConcatV2 Const Cos Equal Exp ExpandDims Fill
    Greater GreaterEqual Identity IdentityN Less LessEqual Log LogicalAnd LogicalNot LogicalOr MatMul Max MaxPoolGrad
    Maximum Mean Min Minimum Mul Neg NoOp NotEqual OnesLike Pack Pow Prod RealDiv Relu Relu6Grad ReluGrad Reshape Rsqrt
    RsqrtGrad Select Sigmoid SigmoidGrad Sign Sin Softmax Sqrt SqrtGrad Square SquaredDifference
    Squeeze StopGradient StridedSlice StridedSliceGrad Sub Sum Tanh TanhGrad Tile Transpose Unpack ZerosLike
    Conv2D Conv2DBackpropInput Conv2DBackpropFilter FusedBatchNormGradV3 BatchMatMul BatchMatMulV2 Range Split SplitV
    """.split()
)


def prune(program: Program) -> Program:
    """Removes pure instructions that nobody waits for and whose outputs nobody reads."""
    needed: set[Value] = set(program.fetches) | program.required
    ordered = program.ordered
    kept = []
    for instr in reversed(program.instrs):
        if (
            instr.op.is_stateful
            or (not instr.outputs and instr.op.type != "NoOp")
            or (instr.node in ordered and instr.op.type not in HARMLESS)
            or any(v in needed for v in instr.outputs)
        ):
            instr = narrow(instr, needed, ordered)
            kept.append(instr)
            needed.update(v for v in instr.inputs if v.const is None)
    kept.reverse()
    return program.replace(kept)
