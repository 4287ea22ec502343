/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* stall-bench ACCOUNT: retrieves by an engine in this process and says how long the main loop was
   kept from its next turn, as a program that draws 60 frames a second would notice, and how much of
   it was its own work: on a busy machine others have their turn in between.

     messages SECONDS longest-stall-ms p99-ms longest-work-ms turns */

#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"

enum
{
  MAX_TURNS = 1 << 22,
};

static gint64 last_return_ns;
static gint64 last_cpu_ns;
static gint64 longest_work_ns;
static guint32 *stalls_us;
static gsize n_stalls;

static gint64
get_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* From the end of one poll to the beginning of the next, everything else has to wait. */
static gint
watch_poll (GPollFD *fds, guint n_fds, gint timeout)
{
  gint result;

  longest_work_ns = MAX (longest_work_ns, get_ns (CLOCK_THREAD_CPUTIME_ID) - last_cpu_ns);
  if (last_return_ns != 0 && n_stalls < MAX_TURNS)
    stalls_us[n_stalls++] = (guint32)((get_ns (CLOCK_MONOTONIC) - last_return_ns) / 1000);
  result = g_poll (fds, n_fds, timeout);
  last_return_ns = get_ns (CLOCK_MONOTONIC);
  last_cpu_ns = get_ns (CLOCK_THREAD_CPUTIME_ID);
  return result;
}

static int
compare (const void *a, const void *b)
{
  guint32 first = *(const guint32 *)a;
  guint32 second = *(const guint32 *)b;

  return (first > second) - (first < second);
}

typedef struct
{
  GMainLoop *loop;
  GVariant *answer;
} Bench;

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *self = user_data;
  g_autoptr (GError) error = NULL;

  self->answer = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);
  if (self->answer == NULL)
    g_error ("%s", error->message);
  g_main_loop_quit (self->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (PostsealEngine) engine = postseal_engine_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Bench bench = { .loop = loop };
  GVariantDict arguments;
  const char *error = "";
  guint64 delivered = 0;
  gint64 begin;
  double seconds;

  if (argc != 2)
    return 64;
  stalls_us = g_new (guint32, MAX_TURNS);
  g_main_context_set_poll_func (NULL, watch_poll);
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "account", "s", argv[1]);
  begin = get_ns (CLOCK_MONOTONIC);
  postseal_service_request_async (POSTSEAL_SERVICE (engine), POSTSEAL_SERVICE_FETCH,
                                  g_variant_dict_end (&arguments), NULL, NULL, on_fetched, &bench);
  g_main_loop_run (loop);
  seconds = (double)(get_ns (CLOCK_MONOTONIC) - begin) / 1e9;
  g_variant_lookup (bench.answer, "delivered", "t", &delivered);
  g_variant_lookup (bench.answer, "error", "&s", &error);
  if (*error != '\0')
    fprintf (stderr, "%s\n", error);
  qsort (stalls_us, n_stalls, sizeof *stalls_us, compare);
  printf ("%lu %.2f %.2f %.2f %.2f %zu\n", (unsigned long)delivered, seconds,
          stalls_us[n_stalls - 1] / 1000.0, stalls_us[n_stalls * 99 / 100] / 1000.0,
          (double)longest_work_ns / 1e6, n_stalls);
  g_variant_unref (bench.answer);
  return *error != '\0';
}
