# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a result was measured on."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess

from . import peers

_FLAGS = ("avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni",
          "avx512vbmi", "avx512_bf16", "avx512_fp16", "amx_tile")


def describe() -> dict:
    info = _fields("/proc/cpuinfo", ":")
    flags = set(info.get("flags", "").split())
    caches = {}
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        if kind != "Instruction":
            caches["L" + (index / "level").read_text().strip()] = (
                index / "size").read_text().strip()
    return {
        "cpu": info.get("model name", platform.processor()),
        "family": f"{info.get('cpu family')}, model {info.get('model')}",
        "flags": [flag for flag in _FLAGS if flag in flags],
        "cores": os.cpu_count(),
        "caches": caches,
        "memory_gib": round(int(_fields("/proc/meminfo", ":")["MemTotal"].split()[0]) / 2**20),
        "hypervisor": "hypervisor" in flags,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def versions(names) -> dict:
    return {name: peers.version(name) for name in names}


def commit(root) -> str:
    done = subprocess.run(["git", "-C", str(root), "describe", "--always", "--dirty"],
                          capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _fields(path, separator) -> dict:
    """The first value of each key."""
    result = {}
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            key, _, value = line.partition(separator)
            result.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    return result
