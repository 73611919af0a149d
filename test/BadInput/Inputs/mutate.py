# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds cut and mutated bytecode to act-opt: `mutate.py FILE FOLDER`."""
import concurrent.futures
import os
import random
import subprocess
import sys

original = open(sys.argv[1], "rb").read()
random.seed(1)
inputs = [original[:n] for n in range(0, len(original), 7)]
for _ in range(80):
    data = bytearray(original)
    for _ in range(random.randint(1, 3)):
        data[random.randrange(4, len(data))] ^= 1 << random.randrange(8)
    inputs.append(bytes(data))


def run(item):
    number, data = item
    path = os.path.join(sys.argv[2], f"{number}.mlirbc")
    with open(path, "wb") as file:
        file.write(data)
    result = subprocess.run(["act-opt", path], capture_output=True, timeout=60)
    crash = result.returncode not in (0, 1)
    silent = result.returncode == 1 and b"error" not in result.stderr
    if not crash and not silent:
        os.remove(path)
    return crash, silent


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    results = list(pool.map(run, enumerate(inputs)))
print(f"{len(results)} inputs, {sum(crash for crash, _ in results)} crashes, "
      f"{sum(silent for _, silent in results)} without an error text")
