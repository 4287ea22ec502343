/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How fast messages become durable, against writing and renaming the same files without any sync.
   Not a test.

     delivery-bench DIRECTORY N_MESSAGES TOTAL_BYTES

   Prints for both the seconds and CPU seconds, their ratio, and the longest time that the delivery
   kept the main loop waiting. */

#include <fcntl.h>
#include <gio/gio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mail/delivery.h"

#define CHUNK 16384 /* what a TLS record brings at most */
#define SET 200 /* messages of one IMAP command */

typedef struct
{
  GMainLoop *loop;
  PostsealDelivery *delivery;
  GAsyncResult *result;
  gint64 mailbox;
  char *text;
  gsize *sizes;
  guint n;
  guint next;
  gsize offset;
  gint64 longest_us;
  guint n_settled;
  guint n_stopped;
} Bench;

static gint64
get_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec
         + usage.ru_stime.tv_usec;
}

static gsize
fill_sizes (gsize *sizes, guint n, gsize total)
{
  GRand *rand = g_rand_new_with_seed (1);
  double sum = 0;
  gsize largest = 0;
  double *weights = g_new (double, n);

  for (guint i = 0; i < n; i++)
    sum += weights[i] = exp (2.2 * g_rand_double (rand) * g_rand_double (rand) * 3);
  for (guint i = 0; i < n; i++)
    {
      sizes[i] = (gsize)(weights[i] / sum * (double)total) + 200;
      largest = MAX (largest, sizes[i]);
    }
  g_free (weights);
  g_rand_free (rand);
  return largest;
}

static char *
make_text (gsize length)
{
  char *text = g_malloc (length + 96);

  for (gsize at = 0; at < length; at += 74)
    snprintf (text + at, 96,
              "Line %08zu of a message that is as long as lines in mail usually are, 72\r\n", at);
  return text;
}

/* --- plain files --- */

static void
write_plain (Bench *bench, const char *dir)
{
  g_autofree char *lf = g_malloc (CHUNK + 1);

  for (guint i = 0; i < bench->n; i++)
    {
      g_autofree char *staged = g_strdup_printf ("%s/tmp/%u.bench", dir, i);
      g_autofree char *place = g_strdup_printf ("%s/new/%u.bench", dir, i);
      int fd = open (staged, O_WRONLY | O_CREAT | O_EXCL, 0600);

      for (gsize at = 0; at < bench->sizes[i]; at += CHUNK)
        {
          gsize n = MIN (CHUNK, bench->sizes[i] - at);
          gsize n_lf = 0;

          for (gsize k = 0; k < n; k++)
            if (bench->text[at + k] != '\r')
              lf[n_lf++] = bench->text[at + k];
          if (write (fd, lf, n_lf) < 0)
            g_error ("Cannot write %s", staged);
        }
      close (fd);
      if (rename (staged, place) != 0)
        g_error ("Cannot rename %s", staged);
    }
}

/* --- delivery --- */

static gboolean on_readable (gpointer user_data);

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  bench->result = g_object_ref (result);
  g_main_loop_quit (bench->loop);
}

static GAsyncResult *
wait_for_result (Bench *bench)
{
  g_main_loop_run (bench->loop);
  return bench->result;
}

static void
on_settled (PostsealDelivery *delivery,
            const PostsealDeliveryResult *results,
            gsize n_results,
            gpointer user_data)
{
  Bench *bench = user_data;

  for (gsize i = 0; i < n_results; i++)
    bench->n_settled += results[i].is_delivered ? 1 : 0;
}

static void
on_drained (PostsealDelivery *delivery, gpointer user_data)
{
  g_idle_add (on_readable, user_data);
}

static void
on_failed (PostsealDelivery *delivery, const GError *error, gpointer user_data)
{
  g_error ("%s", error->message);
}

/* Returns: FALSE when it must wait */
static gboolean
push_chunk (Bench *bench)
{
  guint i = bench->next;
  gsize n = MIN (CHUNK, bench->sizes[i] - bench->offset);
  gboolean has_room;

  if (bench->offset == 0)
    postseal_delivery_begin (bench->delivery, bench->mailbox, "bench=1", NULL);
  has_room = postseal_delivery_write (bench->delivery, bench->text + bench->offset, n);
  bench->offset += n;
  if (bench->offset == bench->sizes[i])
    {
      PostsealMessageId id = { .uid = i + 1 };

      postseal_delivery_end (bench->delivery, &id);
      bench->offset = 0;
      bench->next++;
      if (bench->next % SET == 0 || bench->next == bench->n)
        postseal_delivery_confirm (bench->delivery, bench->mailbox, bench->next + 1);
    }
  return has_room;
}

/* Some records at a time, like a socket. */
static gboolean
on_readable (gpointer user_data)
{
  Bench *bench = user_data;

  for (int i = 0; i < 8 && bench->next < bench->n; i++)
    {
      gint64 before = g_get_monotonic_time ();
      gboolean has_room = push_chunk (bench);

      bench->longest_us = MAX (bench->longest_us, g_get_monotonic_time () - before);
      if (!has_room)
        {
          bench->n_stopped++;
          if (bench->next < bench->n)
            return G_SOURCE_REMOVE;
        }
    }
  if (bench->next < bench->n)
    return G_SOURCE_CONTINUE;
  postseal_delivery_flush_async (bench->delivery, NULL, on_result, bench);
  return G_SOURCE_REMOVE;
}

static void
deliver (Bench *bench, const char *dir)
{
  static const PostsealDeliveryHandler handler = { on_settled, on_drained, on_failed };
  g_autofree char *state = g_build_filename (dir, "state", NULL);
  g_autofree char *spec = g_strdup_printf ("maildir:%s/delivered", dir);
  g_autoptr (GError) error = NULL;
  PostsealDeliveryMailbox *mailbox;

  postseal_delivery_open_async ("bench", state, spec, POSTSEAL_LAYOUT_MAILDIRPP, "a@example.org",
                                "bench", NULL, on_result, bench);
  bench->delivery = postseal_delivery_open_finish (wait_for_result (bench), &error);
  if (bench->delivery == NULL)
    g_error ("%s", error->message);
  postseal_delivery_set_handler (bench->delivery, &handler, bench);
  postseal_delivery_open_mailbox_async (bench->delivery, "INBOX", "INBOX", '/', 1, G_MININT64, NULL,
                                        on_result, bench);
  mailbox = postseal_delivery_open_mailbox_finish (bench->delivery, wait_for_result (bench), NULL);
  bench->mailbox = mailbox->id;
  g_idle_add (on_readable, bench);
  wait_for_result (bench);
  postseal_delivery_close_async (bench->delivery, NULL, on_result, bench);
  wait_for_result (bench);
}

static void
make_maildir (const char *dir)
{
  static const char *const folders[] = { "tmp", "new" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (dir, folders[i], NULL);

      g_mkdir_with_parents (path, 0700);
    }
}

int
main (int argc, char **argv)
{
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE) };
  g_autofree char *plain = NULL;
  gint64 start;
  gint64 cpu;
  double plain_s;
  double plain_cpu_s;
  double delivery_s;
  double delivery_cpu_s;

  if (argc != 4)
    return 64;
  bench.n = (guint)atoi (argv[2]);
  bench.sizes = g_new (gsize, bench.n);
  bench.text = make_text (fill_sizes (bench.sizes, bench.n, (gsize)atoll (argv[3])));
  plain = g_build_filename (argv[1], "plain", NULL);
  make_maildir (plain);

  start = g_get_monotonic_time ();
  cpu = get_cpu_us ();
  write_plain (&bench, plain);
  plain_s = (double)(g_get_monotonic_time () - start) / 1e6;
  plain_cpu_s = (double)(get_cpu_us () - cpu) / 1e6;
  if (g_getenv ("BENCH_SYNC") != NULL)
    sync (); /* the one's dirty pages are not the other's work */

  start = g_get_monotonic_time ();
  cpu = get_cpu_us ();
  deliver (&bench, argv[1]);
  delivery_s = (double)(g_get_monotonic_time () - start) / 1e6;
  delivery_cpu_s = (double)(get_cpu_us () - cpu) / 1e6;

  printf (
      "%u messages: plain %.2f s (cpu %.2f), delivered %.2f s (cpu %.2f), x %.2f (cpu x %.2f), %u "
      "settled, longest push %.2f ms, stopped %u times\n",
      bench.n, plain_s, plain_cpu_s, delivery_s, delivery_cpu_s, delivery_s / plain_s,
      delivery_cpu_s / plain_cpu_s, bench.n_settled, (double)bench.longest_us / 1000,
      bench.n_stopped);
  return bench.n_settled == bench.n ? 0 : 1;
}
