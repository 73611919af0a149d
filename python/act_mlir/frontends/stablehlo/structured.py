# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions, windows, contractions and convolutions."""

from __future__ import annotations

from string import ascii_lowercase

from ..dims import product
from ..elementwise import affine_map
from ..structured import highest, lowest
from ..text import InvalidModel, Unsupported
from ..types import Value, accumulator, is_float
from .bindings import hlo, word
from .movement import padded
from .registry import handles


# ---- reductions

@handles("reduce")
def reduce(g, op):
    axes = op.integers("dimensions")
    if len(op) == 4:
        return _places(g, op, axes)
    if len(op) != 2:
        raise Unsupported(f"{len(op) // 2} operands")
    x, dtype = op[0], op[0].dtype
    wide = accumulator(dtype) if _is_sum(op) else dtype
    start = _start(op, 1)
    if not axes:
        return x
    result = g.reduce(x, axes, False, start, lambda item, total: _joined(g, op, total, item),
                      lambda item: g.cast(item, wide))
    return g.elementwise(lambda a: g.cast(a, dtype), result) if wide != dtype else result


def _is_sum(op) -> bool:
    return op.body_names() in (["stablehlo.add"], ["stablehlo.multiply"])


def _joined(g, op, total, item):
    [result] = op.body(total, item)
    return result


def _start(op, i):
    number = op.constant(i)
    if number is None:
        raise Unsupported("an initial value that is not constant")
    return number


def _places(g, op, axes):
    """argmax and argmin as jax writes them: numbers with their places, of which
    the first extreme one is kept; NaN counts as extreme."""
    x, places = op[0], op[1]
    region = _described(op.op.regions[0].blocks[0])
    largest = region == _extreme_and_place("GT")
    if len(axes) != 1 or not (largest or region == _extreme_and_place("LT")) \
            or op.constant(2) != (lowest if largest else highest)(x.dtype):
        raise Unsupported("two operands that are no numbers and their places")
    [axis] = axes
    extreme = (g.max if largest else g.min)(x, axes, keep=True)
    loops = range(x.rank)
    reads = affine_map(x.rank, ["0" if i == axis else i for i in loops])
    every = affine_map(x.rank, loops)

    def place(a, m, i):
        found = g.compare("eq", a, m)
        if is_float(a.dtype):
            found = g.op("arith.ori", found, g.compare("unordered", a, a))
        return g.select(found, i, g.scalar(2 ** 31 - 1, places.dtype))

    found = g.generic([x, extreme, places], [every, reads, every], x.shape, place)
    shape = [d for i, d in enumerate(x.shape) if i != axis]
    return [g.reshape(extreme, shape), g.min(found, [axis])]


def _described(block) -> list:
    """Operations with their operands as numbers: arguments, then results."""
    numbers = {value: i for i, value in enumerate(block.arguments)}
    described = []
    for op in block.operations:
        op = op.operation
        kind = word(op.attributes["comparison_direction"]) if op.name.endswith(".compare") else ""
        operands = [numbers.get(operand) for operand in op.operands]
        described.append((op.name.removeprefix("stablehlo."), kind, *operands))
        for result in op.results:
            numbers[result] = len(numbers)
    return described


def _extreme_and_place(direction: str) -> list:
    """What jax writes for argmax and argmin, of arguments 0 to 3."""
    return [("compare", direction, 0, 2), ("compare", "NE", 0, 0), ("or", "", 4, 5),
            ("compare", "EQ", 0, 2), ("compare", "LT", 1, 3), ("and", "", 7, 8),
            ("or", "", 6, 9), ("select", "", 6, 0, 2), ("select", "", 10, 1, 3),
            ("return", "", 11, 12)]


@handles("reduce_window")
def reduce_window(g, op):
    if len(op) != 2:
        raise Unsupported(f"{len(op) // 2} operands")
    x, rank, dtype = op[0], op[0].rank, op[0].dtype
    ones = [1] * rank
    window = op.integers("window_dimensions")
    strides = op.integers("window_strides", ones)
    dilations = op.integers("window_dilations", ones)
    between = [d - 1 for d in op.integers("base_dilations", ones)]
    padding = op.pairs("padding", rank)
    wide = accumulator(dtype) if _is_sum(op) else dtype
    start = _start(op, 1)
    x = padded(g, x, [p[0] for p in padding], [p[1] for p in padding], between,
               g.scalar(start, dtype))
    result = windows(g, x, window, strides, dilations, start, wide,
                     lambda total, item: _joined(g, op, total, item))
    return g.elementwise(lambda a: g.cast(a, dtype), result) if wide != dtype else result


def windows(g, x, window, strides, dilations, start, dtype, join):
    """Joins what each window sees, along any dimensions."""
    rank = x.rank
    shape = g.window_extents(x.shape, window, strides, dilations)
    taps = [i for i in range(rank) if window[i] != 1]
    loops = rank + len(taps)
    reads = [f"d{i} * {strides[i]}" if strides[i] != 1 else i for i in range(rank)]
    for k, axis in enumerate(taps):
        reads[axis] = f"d{axis} * {strides[axis]} + d{rank + k} * {dilations[axis]}"
    x, sizes = g.use(x), g.empty(x.dtype, [window[i] for i in taps])
    out = g.full_init(start, dtype, shape)
    maps = [affine_map(loops, reads), affine_map(loops, range(rank, loops)),
            affine_map(loops, range(rank))]
    with g.body() as lines:
        elements = [Value(v.dtype, None, g.fresh()) for v in (x, sizes, out)]
        joined = join(elements[2], g.cast(elements[0], dtype))
        g.emit(f"linalg.yield {joined} : {joined.type}")
    iterators = ["parallel"] * rank + ["reduction"] * len(taps)
    return g.region_op([x, sizes], maps, iterators, out, elements, lines)


# ---- contractions

@handles("dot_general")
def dot_general(g, op):
    """Results have the batch dimensions, then those left of the operands."""
    lhs, rhs = op[0], op[1]
    numbers = op.numbers("dot_dimension_numbers", hlo.DotDimensionNumbers)
    batch = list(zip(numbers.lhs_batching_dimensions, numbers.rhs_batching_dimensions))
    sums = list(zip(numbers.lhs_contracting_dimensions, numbers.rhs_contracting_dimensions))
    lhs_free = [i for i in range(lhs.rank) if i not in {p[0] for p in batch + sums}]
    rhs_free = [i for i in range(rhs.rank) if i not in {p[1] for p in batch + sums}]
    if len(lhs_free) + len(rhs_free) + len(batch) + len(sums) > len(ascii_lowercase):
        raise Unsupported("so many dimensions")
    dtype = op.dtype
    wide = accumulator(dtype)
    if len(batch) + len(lhs_free) + len(rhs_free) == 2 and len(sums) == 1 and not batch \
            and len(lhs_free) == 1:
        result = g.contract(lhs, rhs, "km" if sums[0][0] == 0 else "mk",
                            "kn" if sums[0][1] == 0 else "nk", "mn", wide)
    else:
        result = _matrices(g, lhs, rhs, batch, sums, lhs_free, rhs_free, wide)
    return g.elementwise(lambda x: g.cast(x, dtype), result) if wide != dtype else result


def _matrices(g, lhs, rhs, batch, sums, lhs_free, rhs_free, wide):
    """As one product of matrices, or a batch of them."""
    def stack(value, first, second, third):
        value = g.transpose(value, [*first, *second, *third])
        at, shape = 0, []
        for count in (len(first), len(second), len(third)):
            shape.append(product(value.shape[at:at + count]))
            at += count
        return g.reshape(value, shape if batch else shape[1:])

    shape = [lhs.shape[a] for a, _ in batch]
    shape += [lhs.shape[i] for i in lhs_free] + [rhs.shape[i] for i in rhs_free]
    for a, b in (*batch, *sums):
        g.require_equal(lhs.shape[a], rhs.shape[b], "contraction")
    lhs = stack(lhs, [a for a, _ in batch], lhs_free, [a for a, _ in sums])
    # The order that needs no copy of the right operand where there is one.
    last = [b for _, b in sums]
    rhs_batch = [b for _, b in batch]
    if [*rhs_batch, *rhs_free, *last] == list(range(rhs.rank)):
        rhs, dims = stack(rhs, rhs_batch, rhs_free, last), "nk"
    else:
        rhs, dims = stack(rhs, rhs_batch, last, rhs_free), "kn"
    b = "b" if batch else ""
    return g.reshape(g.contract(lhs, rhs, b + "mk", b + dims, b + "mn", wide), shape)


@handles("dot")
def dot(g, op):
    lhs, rhs = op[0], op[1]
    free = [i for i in range(1, rhs.rank)]
    result = _matrices(g, lhs, rhs, [], [(lhs.rank - 1, 0)], list(range(lhs.rank - 1)), free,
                       accumulator(op.dtype))
    dtype = op.dtype
    return g.elementwise(lambda x: g.cast(x, dtype), result) if result.dtype != dtype else result


# ---- convolutions

@handles("convolution")
def convolution(g, op):
    image, kernel = op[0], op[1]
    numbers = op.numbers("dimension_numbers", hlo.ConvDimensionNumbers)
    spatial = image.rank - 2
    ones = [1] * spatial
    if op.number("batch_group_count") != 1:
        raise Unsupported("groups of the batch")
    if not 1 <= spatial <= 3:
        raise Unsupported(f"{spatial} spatial dimensions")
    image = g.transpose(image, [numbers.input_batch_dimension, numbers.input_feature_dimension,
                                *numbers.input_spatial_dimensions])
    kernel = g.transpose(kernel, [numbers.kernel_output_feature_dimension,
                                  numbers.kernel_input_feature_dimension,
                                  *numbers.kernel_spatial_dimensions])
    reversal = op.attribute("window_reversal")
    if reversal is not None and any(reversal):
        kernel = g.reverse(kernel, [2 + i for i, turned in enumerate(reversal) if turned])
    padding = op.pairs("padding", spatial)
    between = [d - 1 for d in op.integers("lhs_dilation", ones)]
    groups, dtype = op.number("feature_group_count"), op.dtype
    if groups < 1 or kernel.shape[0] % groups:
        raise InvalidModel(f"{groups} groups of {kernel.shape[0]} filters")
    image = padded(g, image, [0, 0, *(p[0] for p in padding)], [0, 0, *(p[1] for p in padding)],
                   [0, 0, *between], g.scalar(0, image.dtype))
    result = g.convolve(image, kernel, op.integers("window_strides", ones),
                        op.integers("rhs_dilation", ones), groups, accumulator(dtype))
    if result.dtype != dtype:
        result = g.elementwise(lambda x: g.cast(x, dtype), result)
    places = [numbers.output_batch_dimension, numbers.output_feature_dimension,
              *numbers.output_spatial_dimensions]
    return g.transpose(result, [places.index(i) for i in range(image.rank)])
