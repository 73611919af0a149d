# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Windows of images: convolutions, pooling, and what gradients need of them."""

from __future__ import annotations

from .elementwise import affine_map
from .structured import StructuredMixin
from .types import Value, is_float


class WindowMixin(StructuredMixin):
    def convolve(self, image: Value, kernel: Value, strides, dilations, groups: int,
                 dtype=None) -> Value:
        """A convolution of a padded image, N C spatial..., with F C/groups ...;
        sums have the type `dtype`."""
        dtype = dtype or image.dtype
        spatial = image.rank - 2
        image, kernel = self.use(image), self.use(kernel)
        window = kernel.shape[2:]
        outer = self.window_extents(image.shape[2:], window, strides, dilations)
        shape = (image.shape[0], kernel.shape[0], *outer)
        if groups == 1:
            out = self.full_init(0, dtype, shape)
            name = ["", "conv_1d_ncw_fcw", "conv_2d_nchw_fchw", "conv_3d_ncdhw_fcdhw"][spatial]
            return self.result(
                dtype, shape, f"linalg.{name} {{dilations = {_dense(dilations)}, "
                f"strides = {_dense(strides)}}} ins({image}, {kernel} : {image.type}, "
                f"{kernel.type}) outs({out} : {out.type}) -> {out.type}")
        # n g c s.. , g f c k.. -> n g f s..
        image = self.reshape(image, (image.shape[0], groups, image.shape[1] // groups,
                                     *image.shape[2:]))
        kernel = self.reshape(kernel, (groups, kernel.shape[0] // groups, *kernel.shape[1:]))
        out = self.full_init(0, dtype, (shape[0], groups, shape[1] // groups, *outer))
        loops = 4 + 2 * spatial
        s, c, k = range(3, 3 + spatial), 3 + spatial, range(4 + spatial, loops)
        reads = _window_reads(s, k, strides, dilations)
        maps = [affine_map(loops, [0, 1, c, *reads]),
                affine_map(loops, [1, 2, c, *k]),
                affine_map(loops, [0, 1, 2, *s])]
        iterators = ["parallel"] * (3 + spatial) + ["reduction"] * (1 + spatial)
        result = self.multiply_add(image, kernel, maps, iterators, out)
        return self.reshape(result, shape)

    def pool(self, image: Value, window, strides, dilations, start, name: str) -> Value:
        """`max` or `add` over windows of a padded image."""
        spatial = image.rank - 2
        image = self.use(image)
        outer = self.window_extents(image.shape[2:], window, strides, dilations)
        shape = (*image.shape[:2], *outer)
        out = self.full_init(start, image.dtype, shape)
        sizes = self.empty(image.dtype, window)
        if spatial == 2 and is_float(image.dtype):
            kind = {"max": "max", "add": "sum"}[name]
            return self.result(
                image.dtype, shape, f"linalg.pooling_nchw_{kind} "
                f"{{dilations = {_dense(dilations)}, strides = {_dense(strides)}}} "
                f"ins({image}, {sizes} : {image.type}, {sizes.type}) "
                f"outs({out} : {out.type}) -> {out.type}")
        loops = 2 + 2 * spatial
        s, k = range(2, 2 + spatial), range(2 + spatial, loops)
        maps = [affine_map(loops, [0, 1, *_window_reads(s, k, strides, dilations)]),
                affine_map(loops, k), affine_map(loops, [0, 1, *s])]
        iterators = ["parallel"] * (2 + spatial) + ["reduction"] * spatial
        with self.body() as lines:
            elements = [Value(v.dtype, None, self.fresh()) for v in (image, sizes, out)]
            joined = self.arithmetic(name, elements[0], elements[2])
            self.emit(f"linalg.yield {joined} : {joined.type}")
        return self.region_op([image, sizes], maps, iterators, out, elements, lines)

    @staticmethod
    def window_extents(extents, window, strides, dilations):
        """How many places a window has."""
        return tuple((d - (w - 1) * dilation - 1) // stride + 1 for d, w, stride, dilation
                     in zip(extents, window, strides, dilations))

    def spread(self, image: Value, strides, filler=0) -> Value:
        """Zeros, or what `filler` says, between the elements of the last
        dimensions: each element becomes a row that is padded, and the last
        zeros go."""
        if all(s == 1 for s in strides):
            return image
        shape = image.shape
        rows = self.reshape(image, (*shape[:2], *(e for d in shape[2:] for e in (d, 1))))
        high = [0, 0] + [e for s in strides for e in (0, s - 1)]
        rows = self.pad(rows, [0] * rows.rank, high, self.scalar(filler, image.dtype))
        wide = self.reshape(rows, (*shape[:2], *(d * s for d, s in zip(shape[2:], strides))))
        return self.slice(wide, [0] * image.rank,
                          (*shape[:2], *((d - 1) * s + 1 for d, s in zip(shape[2:], strides))))

    def spread_around(self, image: Value, strides, before, after, filler=0) -> Value:
        """The same with more before and after it; negative numbers cut off what
        would be computed in vain."""
        image = self.spread(image, strides, filler)
        image = self.slice(image, (0, 0, *(max(-b, 0) for b in before)),
                           (*image.shape[:2], *(d - max(-b, 0) - max(-a, 0) for d, b, a in
                                                zip(image.shape[2:], before, after))))
        return self.pad(image, (0, 0, *(max(b, 0) for b in before)),
                        (0, 0, *(max(a, 0) for a in after)), self.scalar(filler, image.dtype))

    def convolve_transposed(self, image: Value, kernel: Value, strides, dilations, groups: int,
                            before, after, dtype=None) -> Value:
        """A convolution of the image with zeros between its elements, and
        `before` and `after` more around them, by the kernel turned around:
        N C spatial... with C F/groups ...."""
        spatial = image.rank - 2
        image = self.spread_around(image, strides, before, after)
        # C F/g k.. -> g C/g F/g k.. -> F C/g k.., reversed along k.
        c, f, *window = kernel.shape
        kernel = self.reshape(kernel, (groups, c // groups, f, *window))
        kernel = self.transpose(kernel, (0, 2, 1, *range(3, 3 + spatial)))
        kernel = self.reshape(kernel, (groups * f, c // groups, *window))
        if any(w != 1 for w in window):
            kernel = self.reverse(kernel, range(2, 2 + spatial))
        return self.convolve(image, kernel, [1] * spatial, dilations, groups, dtype)

    def convolve_for_kernel(self, image: Value, change: Value, window, strides, dilations,
                            groups: int, dtype=None) -> Value:
        """What a change of the result of `convolve` makes of the kernel: sums
        over images and places, F C/groups window...."""
        spatial = image.rank - 2
        n, c, f = image.shape[0], image.shape[1] // groups, change.shape[1] // groups
        # n g c s.. , n g f s.. -> g c k.. f: vectors run along the filters.
        image = self.reshape(image, (n, groups, c, *image.shape[2:]))
        change = self.reshape(change, (n, groups, f, *change.shape[2:]))
        out = self.full_init(0, dtype or image.dtype, (groups, c, *window, f))
        k, filters, images = range(2, 2 + spatial), 2 + spatial, 3 + spatial
        s = range(4 + spatial, 4 + 2 * spatial)
        loops = 4 + 2 * spatial
        maps = [affine_map(loops, [images, 0, 1, *_window_reads(s, k, strides, dilations)]),
                affine_map(loops, [images, 0, filters, *s]),
                affine_map(loops, [0, 1, *k, filters])]
        iterators = ["parallel"] * (3 + spatial) + ["reduction"] * (1 + spatial)
        result = self.multiply_add(image, change, maps, iterators, out)
        last = result.rank - 1
        result = self.transpose(result, (0, last, *range(1, last)))
        return self.reshape(result, (groups * f, c, *window))

    def taps(self, image: Value, window, strides, dilations, places) -> list[Value]:
        """For each tap of a window what it reads of a padded image at all
        places, the last dimension's taps first."""
        taps = [()]
        for w in window:
            taps = [(*tap, k) for tap in taps for k in range(w)]
        shape = (*image.shape[:2], *places)
        return [self.slice(image, (0, 0, *(k * d for k, d in zip(tap, dilations))), shape,
                           (1, 1, *strides)) for tap in taps]


def _dense(numbers) -> str:
    numbers = ", ".join(map(str, numbers))
    count = numbers.count(",") + 1
    return f"dense<[{numbers}]> : tensor<{count}xi64>"


def _window_reads(places, taps, strides, dilations):
    """Where tap k of the window at place s reads: s * stride + k * dilation."""
    return [f"d{s} * {stride} + d{k} * {dilation}" for s, k, stride, dilation
            in zip(places, taps, strides, dilations)]
