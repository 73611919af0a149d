/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Dialect plugins that are wrong in one way each. */
#include <stdint.h>
#include <stdlib.h>

#ifndef PLAIN
typedef struct {
  uint32_t version;
  const char *name, *plugin_version;
  void (*callback)(void *);
} info;

void callback(void *registry) {
  (void)registry;
  abort();
}

info mlirGetDialectPluginInfo(void) {
  info i = {VERSION, "Wrong", "1.0", CALLBACK};
  return i;
}
#endif
