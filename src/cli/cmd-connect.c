/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal connect: a conversation with a server by hand, or by a script. */
#include <fcntl.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/connect-target.h"
#include "cli/raw-record.h"
#include "cli/raw-session.h"
#include "cli/report.h"
#include "cli/seal-page.h"
#include "engine/account-span.h"
#include "engine/advice.h"
#include "engine/outcome.h"
#include "engine/trial.h"
#include "net/dial.h"

#define PROGRAM "postseal connect"

typedef struct
{
  PostsealOptions options;
  PostsealConnectWishes wishes;
  PostsealConnectTarget target;
  gboolean signs_in;
  gboolean keeps_line_feeds;
  char *timeout; /* owned, nullable: as given */
  char *record_path; /* owned, nullable */
  guint timeout_ms;

  GHashTable *facts; /* owned */
  PostsealTranscript *transcript; /* owned */
  PostsealRawRecord *record; /* owned, nullable */
  PostsealTrial *trial; /* owned, of an account */
  PostsealRawSession *raw; /* owned */
  GMainLoop *loop; /* owned */
  int status;
} Connect;

static void
clear_connect (Connect *self)
{
  g_clear_pointer (&self->raw, postseal_raw_session_free);
  g_clear_pointer (&self->trial, postseal_trial_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->facts, g_hash_table_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  postseal_connect_target_clear (&self->target);
  postseal_connect_wishes_clear (&self->wishes);
  postseal_options_clear (&self->options);
  g_free (self->timeout);
  g_free (self->record_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Connect, clear_connect)

/* --- what is told --- */

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  static const char marks[] = {
    [POSTSEAL_TRANSCRIPT_NOTE] = '*',
    [POSTSEAL_TRANSCRIPT_SENT] = '>',
    [POSTSEAL_TRANSCRIPT_RECEIVED] = '<',
  };
  Connect *self = user_data;

  postseal_raw_record_line (self->record, kind, line);
  if (self->options.verbose)
    g_printerr ("%c %s\n", marks[kind], line);
}

static void
on_fact (const char *name, const char *value, gpointer user_data)
{
  Connect *self = user_data;

  postseal_transcript_keep_fact (self->facts, name, value);
}

/* @seal: (nullable): NULL: refused */
static void
print_seal (Connect *self, const PostsealSeal *seal)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDERR_FILENO);

  if (seal == NULL && !g_hash_table_contains (self->facts, "tls-version"))
    return;
  postseal_seal_page_add (page, self->target.endpoint, self->facts, seal);
  g_printerr ("%s", page->text->str);
}

static void
print_hints (gboolean is_greeted, gboolean is_signed_in)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDERR_FILENO);

  if (is_signed_in)
    postseal_page_add_sentence (page, _ ("The user is signed in, and it is your turn."),
                                POSTSEAL_PAGE_PLAIN);
  else if (is_greeted)
    postseal_page_add_sentence (
        page, _ ("The server has greeted before TLS and will not again: it is your turn."),
        POSTSEAL_PAGE_PLAIN);
  if (isatty (STDIN_FILENO) == 1)
    postseal_page_add_sentence (page, _ ("Ctrl-D at the beginning of a line ends your half."),
                                POSTSEAL_PAGE_PLAIN);
  g_printerr ("%s", page->text->str);
}

/* --- the steps --- */

/* @error: (nullable) */
static void
finish (Connect *self, const GError *error)
{
  g_auto (PostsealAdvice) advice = { NULL, NULL };

  if (error != NULL)
    {
      self->status = postseal_report_error (error);
      if (self->target.account != NULL)
        {
          advice = postseal_advice_for (error, self->target.account);
          if (*advice.sentence != '\0')
            g_printerr ("%s\n", advice.sentence);
        }
    }
  g_main_loop_quit (self->loop);
}

static void
on_ended (int status, const GError *error, gpointer user_data)
{
  Connect *self = user_data;

  if (error != NULL)
    g_printerr ("postseal: %s\n", error->message);
  self->status = status;
  g_main_loop_quit (self->loop);
}

static void
make_raw (Connect *self)
{
  const PostsealRawSessionOptions options = {
    .in = STDIN_FILENO,
    .out = STDOUT_FILENO,
    .keeps_line_feeds = self->keeps_line_feeds,
    .record = self->record,
    .timeout_ms = self->timeout_ms,
  };

  postseal_raw_record_begin (self->record, self->target.endpoint->protocol,
                             !self->signs_in
                                 && self->target.endpoint->start == POSTSEAL_TLS_START_IMPLICIT);
  self->raw = postseal_raw_session_new (&options, on_ended, self);
}

/* The conversation of the account's trial becomes the user's. */
static void
take_over (Connect *self)
{
  PostsealSeal *seal = postseal_trial_get_seal (self->trial);
  PostsealChannel *channel = NULL;
  g_autoptr (GError) error = NULL;

  make_raw (self);
  channel = postseal_trial_hand_over (self->trial, &postseal_raw_session_handler, self->raw);
  if (channel == NULL)
    {
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("The connection is closed"));
      finish (self, error);
      return;
    }
  print_seal (self, seal);
  print_hints (!postseal_sealed_link_awaits_greeting (postseal_channel_get_link (channel)),
               self->signs_in);
  postseal_raw_session_begin (self->raw, channel);
}

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;

  if (postseal_trial_sign_in_finish (self->trial, result, &error))
    {
      take_over (self);
      return;
    }
  print_seal (self, postseal_trial_get_seal (self->trial));
  finish (self, error);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!postseal_trial_connect_finish (self->trial, result, &error))
    {
      print_seal (self, NULL);
      finish (self, error);
    }
  else if (self->signs_in)
    postseal_trial_sign_in_async (self->trial, NULL, on_signed_in, self);
  else
    take_over (self);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;
  PostsealSealedLink *link = postseal_dial_finish (result, &error);

  if (link == NULL)
    {
      print_seal (self, NULL);
      finish (self, error);
      return;
    }
  print_seal (self, postseal_sealed_link_get_seal (link));
  print_hints (!postseal_sealed_link_awaits_greeting (link), FALSE);
  make_raw (self);
  postseal_raw_session_begin (
      self->raw,
      postseal_channel_new (link, 0, self->transcript, &postseal_raw_session_handler, self->raw));
}

static gboolean
open_record (Connect *self)
{
  g_autoptr (GError) error = NULL;

  if (self->record_path == NULL)
    return TRUE;
  self->record = postseal_raw_record_new (self->record_path, &error);
  if (self->record == NULL)
    {
      g_printerr ("postseal: %s\n", error->message);
      self->status = 73;
    }
  return self->record != NULL;
}

static void
close_record (Connect *self)
{
  g_autoptr (GError) error = NULL;

  if (postseal_raw_record_close (g_steal_pointer (&self->record), &error))
    return;
  g_printerr ("postseal: %s\n", error->message);
  self->status = postseal_outcome_graver (self->status, 74);
}

static void
dial (Connect *self)
{
  PostsealConnectTarget *target = &self->target;

  self->loop = g_main_loop_new (NULL, FALSE);
  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->transcript = postseal_transcript_new (on_line, self, NULL);
  postseal_transcript_set_fact_func (self->transcript, on_fact);
  if (target->account != NULL)
    {
      self->trial
          = postseal_trial_new (target->account, target->is_sending, NULL, self->transcript);
      postseal_trial_connect_async (self->trial, NULL, on_connected, self);
    }
  else
    /* Nobody has decided for this server: nothing is learned of it, and no ticket kept. */
    postseal_dial_async (target->endpoint, target->policy, NULL, NULL,
                         MIN (self->timeout_ms, POSTSEAL_LIMIT_TRIAL_SILENCE_MS), self->transcript,
                         NULL, on_dialled, self);
}

static int
run (Connect *self)
{
  if (!open_record (self))
    return self->status;
  dial (self);
  g_main_loop_run (self->loop);
  close_record (self);
  return self->status;
}

/* --- the command line --- */

static gboolean
read_timeout (Connect *self, int *ret_status)
{
  gint64 seconds = 0;

  self->timeout_ms
      = self->target.account != NULL ? self->target.account->timeout_ms : POSTSEAL_LIMIT_SILENCE_MS;
  if (self->timeout == NULL)
    return TRUE;
  if (!postseal_account_span_parse (self->timeout, &seconds) || seconds > G_MAXUINT / 1000)
    {
      *ret_status = postseal_report_usage (PROGRAM, _ ("--timeout is a time, e.g. 30s or 5m"));
      return FALSE;
    }
  self->timeout_ms = (guint)seconds * 1000;
  return TRUE;
}

static gboolean
check_sign_in (Connect *self, int *ret_status)
{
  const PostsealConnectTarget *target = &self->target;

  if (!self->signs_in)
    return TRUE;
  if (target->account == NULL)
    *ret_status = postseal_report_usage (PROGRAM, _ ("--login is for accounts only"));
  else if (!postseal_trial_signs_in (target->account, target->is_sending))
    *ret_status = postseal_report_usage (PROGRAM, _ ("nobody signs in there (auth=none)"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse (Connect *self, int argc, char **argv, int *ret_status)
{
  const GOptionEntry entries[] = {
    { "protocol", 0, 0, G_OPTION_ARG_STRING, &self->wishes.protocol,
      N_ ("What is spoken: imap, pop3, smtp or submission; else by the port"), N_ ("PROTOCOL") },
    { "tls", 0, 0, G_OPTION_ARG_STRING, &self->wishes.tls,
      N_ ("How TLS starts: implicit or starttls; else by the port"), N_ ("START") },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &self->wishes.ca_file,
      N_ ("Trust these authorities instead of the system's"), N_ ("FILE") },
    { "login", 0, 0, G_OPTION_ARG_NONE, &self->signs_in,
      N_ ("Sign in first, as the user of the account"), NULL },
    { "raw", 0, 0, G_OPTION_ARG_NONE, &self->keeps_line_feeds,
      N_ ("Send a bare line feed as it is, not as CR LF"), NULL },
    { "transcript", 0, 0, G_OPTION_ARG_FILENAME, &self->record_path,
      N_ ("Keep what both sides say in a file, without secrets"), N_ ("FILE") },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &self->timeout,
      N_ ("The longest silence after the end of the input; else 60s"), N_ ("TIME") },
    { NULL },
  };

  if (!postseal_options_parse (
          &self->options, PROGRAM, _ ("ACCOUNT|HOST:PORT"),
          _ ("Talk to a server by hand or by a script: once the connection is sealed, every line "
             "of "
             "standard input goes to it as it is, and what it says to standard output. The seal is "
             "shown on standard error; without one, nothing is sent."),
          entries, &argc, &argv, ret_status))
    return FALSE;
  if (argc != 2)
    *ret_status = postseal_report_usage (PROGRAM, _ ("name one account, or a HOST:PORT"));
  else if (self->options.json)
    *ret_status = postseal_report_usage (PROGRAM, _ ("what a server says has no form as JSON"));
  else
    return postseal_connect_target_find (&self->target, &self->options, &self->wishes, PROGRAM,
                                         argv[1], ret_status)
           && read_timeout (self, ret_status) && check_sign_in (self, ret_status);
  return FALSE;
}

int
postseal_cmd_connect (int argc, char **argv)
{
  g_auto (Connect) self = { .options = POSTSEAL_OPTIONS_INIT };
  int status = 0;

  /* Else the socket would get this number, and be read as what the user says. */
  if (fcntl (STDIN_FILENO, F_GETFD) < 0)
    open ("/dev/null", O_RDONLY);
  return parse (&self, argc, argv, &status) ? run (&self) : status;
}
