/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal-lookup: questions to the DNS and to https servers. The library starts it, so that no
   resolver and no HTTP library is in a program that uses the library. Its input is described in
   lookup/question.h, its output in lookup/reply.h. It ends with its input, once all is answered,
   and at once when nobody reads its answers. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "base/limits.h"
#include "lookup/dns-records.h"
#include "lookup/dns.h"
#include "lookup/https.h"
#include "lookup/name-resolver.h"
#include "lookup/question.h"
#include "lookup/reply.h"
#include "lookup/tlsa.h"

#define STATUS_USAGE 64
#define LONGEST_LINE 8192
#define DEFAULT_LIMIT_MS 20000
/* TLS 1.2 at least, as for mail; for GnuTLS as GIO uses it. */
#define TLS_VERSIONS "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

typedef struct
{
  GMainLoop *loop; /* owned */
  PostsealOrders orders;
  PostsealDns *dns; /* owned; NULL before the first question */
  PostsealHttps *https; /* owned; NULL before the first question */
  GResolver *resolver; /* owned; NULL where the system's is used */
  guint n_open; /* questions without an answer */
  gboolean is_input_over;
  char line[LONGEST_LINE];
  gsize n_line;
  const char *complaint; /* nullable: why it ends early */
} Program;

/* A question under way. */
typedef struct
{
  Program *program; /* borrowed */
  PostsealQuestion *question; /* owned */
  GCancellable *cancellable; /* owned: ended by the limit */
  guint timer;
} Errand;

static void
end_if_done (Program *self)
{
  if (self->complaint != NULL || (self->is_input_over && self->n_open == 0))
    g_main_loop_quit (self->loop);
}

/* --- questions --- */

static gboolean
on_limit (gpointer user_data)
{
  Errand *self = user_data;

  self->timer = 0;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
print_error (const Errand *self, const GError *error)
{
  g_autoptr (GError) late = NULL;

  if (self->timer == 0)
    late = g_error_new (POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                        _ ("Nobody has answered about %s in %.1f seconds"), self->question->subject,
                        self->program->orders.limit_ms / 1000.0);
  postseal_reply_print_error (self->question->id, late != NULL ? late : error);
}

static void
finish_errand (Errand *self)
{
  Program *program = self->program;

  if (self->timer != 0)
    g_source_remove (self->timer);
  g_object_unref (self->cancellable);
  postseal_question_free (self->question);
  g_free (self);
  program->n_open--;
  end_if_done (program);
}

static void
on_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealDnsAnswer) answer = postseal_dns_ask_finish (result, &error);

  if (answer != NULL && self->question->kind == POSTSEAL_QUESTION_TEXTS)
    postseal_reply_print_texts (self->question->id, answer);
  else if (answer != NULL)
    postseal_reply_print_records (self->question->id, self->question->type, answer);
  else
    print_error (self, error);
  finish_errand (self);
}

static void
on_tlsa (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealTlsaFinding) finding = postseal_tlsa_find_finish (result, &error);

  if (finding != NULL)
    postseal_reply_print_tlsa (self->question->id, finding);
  else
    print_error (self, error);
  finish_errand (self);
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GBytes) body = postseal_https_get_finish (result, &host, &error);

  if (body != NULL)
    postseal_reply_print_body (self->question->id, host, body);
  else
    print_error (self, error);
  finish_errand (self);
}

static void
make_ready (Program *self)
{
  const PostsealOrders *orders = &self->orders;

  if (self->dns != NULL)
    return;
  self->dns = postseal_dns_new (orders->dns_server, orders->dns_anchor);
  if (orders->dns_server != NULL)
    {
      self->resolver = postseal_name_resolver_new (self->dns);
      g_resolver_set_default (self->resolver);
    }
  self->https = postseal_https_new (orders->ca_file);
}

static void
ask (Program *self, PostsealQuestion *question)
{
  Errand *errand = g_new0 (Errand, 1);

  make_ready (self);
  self->n_open++;
  errand->program = self;
  errand->question = question;
  errand->cancellable = g_cancellable_new ();
  errand->timer = g_timeout_add (self->orders.limit_ms, on_limit, errand);
  if (question->kind == POSTSEAL_QUESTION_GET || question->kind == POSTSEAL_QUESTION_FILE)
    postseal_https_get_async (self->https, question->subject,
                              question->kind == POSTSEAL_QUESTION_GET, errand->cancellable, on_body,
                              errand);
  else if (question->kind == POSTSEAL_QUESTION_TLSA)
    postseal_tlsa_find_async (self->dns, question->subject, errand->cancellable, on_tlsa, errand);
  else
    postseal_dns_ask_async (self->dns, question->subject, question->type,
                            POSTSEAL_DNS_DENIAL_IS_ERROR, errand->cancellable, on_records, errand);
}

/* --- input --- */

static void
take_line (Program *self, const char *line)
{
  PostsealQuestion *question = NULL;

  self->complaint = postseal_question_read (line, &self->orders, &question);
  if (question == NULL)
    return;
  if (self->n_open == POSTSEAL_LIMIT_LOOKUP_QUESTIONS)
    {
      self->complaint = "too many questions at once";
      postseal_question_free (question);
      return;
    }
  ask (self, question);
}

static void
take_lines (Program *self)
{
  char *from = self->line;
  char *end = self->line + self->n_line;

  for (char *stop = memchr (from, '\n', self->n_line); stop != NULL && self->complaint == NULL;
       stop = memchr (from, '\n', (gsize)(end - from)))
    {
      *stop = '\0';
      if (memchr (from, '\0', (gsize)(stop - from)) != NULL)
        self->complaint = "a NUL byte";
      else
        take_line (self, from);
      from = stop + 1;
    }
  self->n_line = (gsize)(end - from);
  memmove (self->line, from, self->n_line);
  if (self->n_line == LONGEST_LINE)
    self->complaint = "a line without an end";
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  Program *self = user_data;
  ssize_t n = read (fd, self->line + self->n_line, LONGEST_LINE - self->n_line);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      self->n_line += (gsize)n;
      take_lines (self);
    }
  else
    {
      self->is_input_over = TRUE;
      if (self->n_line > 0)
        self->complaint = "a line without an end";
    }
  end_if_done (self);
  return !self->is_input_over;
}

static gboolean
on_reader_gone (int fd, GIOCondition condition, gpointer user_data)
{
  _exit (EXIT_SUCCESS);
}

static void
run (Program *self)
{
  self->orders.limit_ms = DEFAULT_LIMIT_MS;
  self->loop = g_main_loop_new (NULL, FALSE);
  (void)g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, self);
  (void)g_unix_fd_add (STDOUT_FILENO, G_IO_ERR | G_IO_HUP, on_reader_gone, self);
  g_main_loop_run (self->loop);
}

/* Questions without an answer may still refer to all of it: only after the last of them. */
static void
clear (Program *self)
{
  if (self->n_open > 0)
    return;
  g_clear_pointer (&self->https, postseal_https_free);
  g_clear_object (&self->resolver);
  g_clear_pointer (&self->dns, postseal_dns_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  postseal_orders_clear (&self->orders);
}

int
main (int argc, char **argv)
{
  static Program program;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  (void)g_setenv ("G_TLS_GNUTLS_PRIORITY", TLS_VERSIONS, FALSE);
  if (argc == 1)
    run (&program);
  else
    program.complaint = "it takes no arguments";
  if (program.complaint != NULL)
    fprintf (stderr, "postseal-lookup: %s; Postseal runs this program itself\n", program.complaint);
  clear (&program);
  return program.complaint != NULL ? STATUS_USAGE : EXIT_SUCCESS;
}
