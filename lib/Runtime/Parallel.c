/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The one parallel loop: the host's, else that of the OpenMP runtime which the
 * process already has, else of one that is installed, else serial.
 */
#include "Program.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static _Thread_local act_parallel_for host_for;
static _Thread_local void *host_user;
static _Thread_local int32_t host_threads;
/* A loop inside a loop runs on the thread that meets it. */
static _Thread_local int inside;

void act_parallel_set(act_parallel_for function, void *user,
                      int32_t max_threads) {
  host_for = function;
  host_user = user;
  host_threads = max_threads;
}

/* libgomp's ABI, which LLVM's libomp offers as well. */
typedef void (*gomp_parallel)(void (*fn)(void *), void *data,
                              unsigned num_threads, unsigned flags);
static gomp_parallel openmp;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Its threads do not survive a fork, but it would wait for them: loops of a
 * child go serial. Asked of each loop, as a handler of forks would have to
 * outlive the library. */
static pid_t openmp_process;

static void find_openmp(void) {
  static const char *const names[] = {"libgomp.so.1", "libomp.so.5"};
  openmp = (gomp_parallel)dlsym(RTLD_DEFAULT, "GOMP_parallel");
  for (unsigned i = 0; !openmp && i < sizeof names / sizeof *names; ++i) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library)
      openmp = (gomp_parallel)dlsym(library, "GOMP_parallel");
  }
  openmp_process = getpid();
}

typedef struct {
  void (*body)(void *, int64_t);
  void *context;
  int64_t count;
  _Atomic int64_t next;
} loop;

/* A thread of a pool has the modes of whoever made it. */
static void work(void *data) {
  loop *l = data;
  int64_t i;
  uint64_t modes = act_float_enter();
  inside = 1;
  while ((i = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed)) <
         l->count)
    l->body(l->context, i);
  inside = 0;
  act_float_leave(modes);
}

/* The body of a loop that the host runs, on threads of its own. */
static void host_body(void *data, int64_t i) {
  loop *l = data;
  uint64_t modes = act_float_enter();
  l->body(l->context, i);
  act_float_leave(modes);
}

void act_parallel_run(int64_t count, void (*body)(void *, int64_t),
                      void *context) {
  if (count > 1 && !inside && host_threads != 1) {
    loop l = {body, context, count, 0};
    if (host_for) {
      host_for(host_user, count, host_body, &l);
      return;
    }
    pthread_once(&once, find_openmp);
    if (openmp && openmp_process == getpid()) {
      unsigned threads = host_threads > 0 ? (unsigned)host_threads : 0;
      openmp(work, &l, threads, 0);
      return;
    }
  }
  for (int64_t i = 0; i < count; ++i)
    body(context, i);
}
