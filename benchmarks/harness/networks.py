# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks of many layers, as entries of operations.toml: written by a program,
since a layer's text repeats."""

from __future__ import annotations


def encoder(layers=6, heads=12) -> dict:
    """Layers of BERT (Devlin et al. 2018): attention, a feed-forward layer of four
    times the width with gelu, a norm after each."""
    weights, onnx, torch, jax = {}, [], [], [
        "def norm(x, g, e):",
        "    c = x - x.mean(-1, keepdims=True)",
        "    return c * jax.lax.rsqrt((c * c).mean(-1, keepdims=True) + 1e-5) * g + e"]
    x = "a"
    for i in range(layers):
        weights |= {f"w{k}{i}": ["d", "d"] for k in "qkvo"} | {
            f"{k}{i}": ["d"] for k in ("bq", "bk", "bv", "bo", "g", "e", "h", "f", "c2")} | {
            f"w1{i}": ["d", "u"], f"c1{i}": ["u"], f"w2{i}": ["u", "d"]}
        for k, order in (("q", "1, 0, 2"), ("k", "1, 2, 0"), ("v", "1, 0, 2")):
            onnx.append(f"{k}a{i} = MatMul({x}, w{k}{i}) {k}b{i} = Add({k}a{i}, b{k}{i}) "
                        f"{k}c{i} = Reshape({k}b{i}, heads) "
                        f"{k}d{i} = Transpose<perm = [{order}]>({k}c{i})")
        onnx.append(
            f"sa{i} = MatMul(qd{i}, kd{i}) sb{i} = Mul(sa{i}, scale) "
            f"p{i} = Softmax<axis = -1>(sb{i}) oa{i} = MatMul(p{i}, vd{i}) "
            f"ob{i} = Transpose<perm = [1, 0, 2]>(oa{i}) oc{i} = Reshape(ob{i}, flat) "
            f"od{i} = MatMul(oc{i}, wo{i}) oe{i} = Add(od{i}, bo{i}) r{i} = Add({x}, oe{i}) "
            f"z{i} = LayerNormalization<axis = -1, epsilon = 1e-5>(r{i}, g{i}, e{i}) "
            f"ua{i} = MatMul(z{i}, w1{i}) ub{i} = Add(ua{i}, c1{i}) uc{i} = Gelu(ub{i}) "
            f"ud{i} = MatMul(uc{i}, w2{i}) ue{i} = Add(ud{i}, c2{i}) t{i} = Add(z{i}, ue{i})")
        y = "y" if i == layers - 1 else f"y{i}"
        onnx.append(f"{y} = LayerNormalization<axis = -1, epsilon = 1e-5>(t{i}, h{i}, f{i})")
        torch += [
            f"q, k, v = (F.linear({x}, w.T, b).view({x}.shape[0], {heads}, -1).transpose(0, 1)"
            f" for w, b in ((wq{i}, bq{i}), (wk{i}, bk{i}), (wv{i}, bv{i})))",
            "o = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]",
            f"o = F.linear(o.transpose(0, 1).reshape({x}.shape), wo{i}.T, bo{i})",
            f"z = F.layer_norm({x} + o, o.shape[1:], g{i}, e{i})",
            f"u = F.linear(F.gelu(F.linear(z, w1{i}.T, c1{i})), w2{i}.T, c2{i})",
            f"{y} = F.layer_norm(z + u, u.shape[1:], h{i}, f{i})"]
        jax += [
            f"q, k, v = (({x} @ w + b).reshape({x}.shape[0], {heads}, -1).transpose(1, 0, 2)"
            f" for w, b in ((wq{i}, bq{i}), (wk{i}, bk{i}), (wv{i}, bv{i})))",
            "p = nn.softmax(q @ k.transpose(0, 2, 1) * q.shape[-1] ** -0.5, -1)",
            f"o = (p @ v).transpose(1, 0, 2).reshape({x}.shape) @ wo{i} + bo{i}",
            f"z = norm({x} + o, g{i}, e{i})",
            f"u = nn.gelu(z @ w1{i} + c1{i}, approximate=False) @ w2{i} + c2{i}",
            f"{y} = norm(z + u, h{i}, f{i})"]
        x = y
    return {"dims": ["t", "d", "u"], "inputs": {"a": ["t", "d"]}, "weights": weights,
            "constants": {"scale": 32 ** -0.5}, "integers": {"heads": [0, heads, -1], "flat": [0, -1]},
            "flops": f"{layers} * (8 * t * d * d + 4 * t * t * d + 4 * t * d * u)",
            "onnx": "\n".join(onnx), "torch": "\n".join(torch), "jax": "\n".join(jax)}


def resnet50() -> dict:
    """ResNet-50 (He et al. 2015, with the stride in the 3 x 3 convolution), its
    norms folded into the convolutions."""
    weights, onnx, torch, jax = {}, [], [], [
        "def conv(x, w, b, s):",
        "    p = [(w.shape[2] // 2,) * 2] * 2",
        "    return jax.lax.conv_general_dilated(x, w, (s, s), p) + b[:, None, None]"]
    flops = 0

    def conv(x, channels, filters, size, stride, extent, add=None, relu=True):
        nonlocal flops
        i, pad, extent = len(weights) // 2, size // 2, extent // stride
        weights.update({f"w{i}": [filters, channels, size, size], f"b{i}": [filters]})
        flops += 2 * filters * channels * size * size * extent * extent
        onnx.append(f"c{i} = Conv<kernel_shape = [{size}, {size}], strides = [{stride}, {stride}], "
                    f"pads = [{pad}, {pad}, {pad}, {pad}]>({x}, w{i}, b{i})")
        y, plus = f"c{i}", f" + {add}" if add else ""
        if add:
            onnx.append(f"d{i} = Add(c{i}, {add})")
            y = f"d{i}"
        if relu:
            onnx.append(f"r{i} = Relu({y})")
            y = f"r{i}"
        call = f"conv2d({x}, w{i}, b{i}, {stride}, {pad}){plus}"
        torch.append(f"{y} = F.relu(F.{call})" if relu else f"{y} = F.{call}")
        call = f"conv({x}, w{i}, b{i}, {stride}){plus}"
        jax.append(f"{y} = nn.relu({call})" if relu else f"{y} = {call}")
        return y

    x = conv("a", 3, 64, 7, 2, 224)
    onnx.append(f"m = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>({x})")
    torch.append(f"m = F.max_pool2d({x}, 3, 2, 1)")
    jax.append(f"m = jax.lax.reduce_window({x}, -jnp.inf, jax.lax.max, (1, 1, 3, 3), (1, 1, 2, 2),"
               " [(0, 0), (0, 0), (1, 1), (1, 1)])")
    x, channels, extent = "m", 64, 56
    for stage, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            way = x if block else conv(x, channels, 4 * width, 1, stride, extent, relu=False)
            y = conv(x, channels, width, 1, 1, extent)
            y = conv(y, width, width, 3, stride, extent)
            extent //= stride
            x = conv(y, width, 4 * width, 1, 1, extent, add=way)
            channels = 4 * width
    weights |= {"wf": [2048, 1000], "bf": [1000]}
    onnx.append(f"g = GlobalAveragePool({x}) f = Flatten(g) s = MatMul(f, wf) y = Add(s, bf)")
    torch.append(f"y = F.linear({x}.mean((2, 3)), wf.T, bf)")
    jax.append(f"y = {x}.mean((2, 3)) @ wf + bf")
    return {"dims": ["b"], "inputs": {"a": ["b", 3, 224, 224]}, "output": ["b", 1000],
            "weights": weights, "flops": f"{flops + 2 * 2048 * 1000} * b",
            "onnx": "\n".join(onnx), "torch": "\n".join(torch), "jax": "\n".join(jax)}


def operations() -> dict[str, dict]:
    return {"encoder": encoder(), "resnet50": resnet50()}
