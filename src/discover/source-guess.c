/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "discover/probe-board-private.h"
#include "discover/probe-dial-private.h"
#include "discover/proposal-private.h"
#include "discover/source-private.h"
#include "net/net-error.h"

/* The usual names below the domain, and the domain itself: what proves itself there by a handshake
   with a certificate for just that name is the domain's own. Nothing outside of it is ever guessed,
   and never a port that other mail servers use (25). */

/* What was found must be told so much before the whole search ends. */
#define MARGIN_MS 200

/* With servers for receiving by IMAP and for sending, POP3 is waited for no longer than this. */
#define POP3_GRACE_MS 300

#define N_PROTOCOLS 3
#define N_NAMES 3
#define N_STARTS 2

/* Best first; "" is the domain itself. */
static const char *const names[N_PROTOCOLS][N_NAMES] = {
  [POSTSEAL_PROTOCOL_IMAP] = { "imap.", "mail.", "" },
  [POSTSEAL_PROTOCOL_POP3] = { "pop.", "mail.", "" },
  [POSTSEAL_PROTOCOL_SMTP] = { "smtp.", "mail.", "" },
};

typedef struct
{
  GTask *task; /* borrowed: this is its data; NULL once it has returned */
  PostsealSearchContext *context; /* owned */
  PostsealProbeBoard *board; /* owned */
  PostsealEndpoint *endpoints[N_PROTOCOLS][N_STARTS][N_NAMES]; /* owned: best first */
  GSource *deadline; /* owned */
  gboolean has_grace; /* the deadline is that of POP3 */
  GSource *cancelled; /* owned */
} Guess;

/* $POSTSEAL_GUESS_PORTS, "imaps=1993 submissions=1465", is for tests, which cannot listen where
   mail servers do. Returns: 0 for the registry's port */
static guint16
find_port (PostsealProtocol protocol, PostsealTlsStart start)
{
  static const char *const schemes[N_PROTOCOLS][N_STARTS] = {
    [POSTSEAL_PROTOCOL_IMAP] = { "imaps", "imap" },
    [POSTSEAL_PROTOCOL_POP3] = { "pop3s", "pop3" },
    [POSTSEAL_PROTOCOL_SMTP] = { "submissions", "submission" },
  };
  const char *scheme = schemes[protocol][start];
  const char *set = g_getenv ("POSTSEAL_GUESS_PORTS");
  g_auto (GStrv) words = g_strsplit (set != NULL ? set : "", " ", -1);
  gsize length = strlen (scheme);
  guint64 port = 0;

  for (gsize i = 0; words[i] != NULL; i++)
    if (strncmp (words[i], scheme, length) == 0 && words[i][length] == '='
        && g_ascii_string_to_unsigned (words[i] + length + 1, 10, 1, G_MAXUINT16, &port, NULL))
      return (guint16)port;
  return 0;
}

static void
free_guess (gpointer data)
{
  Guess *self = data;

  _postseal_search_context_unref (self->context);
  _postseal_probe_board_free (self->board);
  for (guint protocol = 0; protocol < N_PROTOCOLS; protocol++)
    for (guint start = 0; start < N_STARTS; start++)
      for (guint name = 0; name < N_NAMES; name++)
        postseal_endpoint_unref (self->endpoints[protocol][start][name]);
  g_free (self);
}

/* --- what has come of it --- */

/* A host whose certificate proves nothing where TLS begins with the first byte is not tried at
   another door instead. */
static gboolean
has_bad_certificate (const Guess *self, PostsealProtocol protocol, guint name)
{
  static const PostsealTlsError codes[]
      = { POSTSEAL_TLS_ERROR_UNTRUSTED, POSTSEAL_TLS_ERROR_EXPIRED, POSTSEAL_TLS_ERROR_REVOKED,
          POSTSEAL_TLS_ERROR_IDENTITY };
  const PostsealProbe *probe = _postseal_probe_board_get (
      self->board, self->endpoints[protocol][POSTSEAL_TLS_START_IMPLICIT][name]);

  for (gsize i = 0; i < G_N_ELEMENTS (codes) && probe != NULL; i++)
    if (g_error_matches (probe->error, POSTSEAL_TLS_ERROR, (int)codes[i]))
      return TRUE;
  return FALSE;
}

/* The best that is sealed. @ret_is_open: a better one may still come */
static PostsealEndpoint *
find_sealed (const Guess *self, PostsealProtocol protocol, gboolean *ret_is_open)
{
  for (guint start = 0; start < N_STARTS; start++)
    for (guint name = 0; name < N_NAMES; name++)
      {
        PostsealEndpoint *endpoint = self->endpoints[protocol][start][name];
        const PostsealProbe *probe = _postseal_probe_board_get (self->board, endpoint);

        if (probe == NULL)
          *ret_is_open = TRUE;
        else if (probe->seal != NULL && !has_bad_certificate (self, protocol, name))
          return endpoint;
      }
  return NULL;
}

/* Returns: the first probe of those that end as @is_wanted says */
static const PostsealProbe *
find_failed (const Guess *self,
             gboolean (*is_wanted) (const GError *error),
             PostsealEndpoint **ret_endpoint)
{
  for (guint protocol = 0; protocol < N_PROTOCOLS; protocol++)
    for (guint start = 0; start < N_STARTS; start++)
      for (guint name = 0; name < N_NAMES; name++)
        {
          PostsealEndpoint *endpoint = self->endpoints[protocol][start][name];
          const PostsealProbe *probe = _postseal_probe_board_get (self->board, endpoint);

          if (probe == NULL || probe->error == NULL || !is_wanted (probe->error))
            continue;
          *ret_endpoint = endpoint;
          return probe;
        }
  return NULL;
}

/* A server is there, and what it shows proves nothing. */
static gboolean
is_unproven (const GError *error)
{
  return !_postseal_probe_is_absent (error) && !_postseal_probe_is_in_clear (error);
}

static void
set_receiving (Guess *self, PostsealProposal *proposal, PostsealEndpoint *endpoint)
{
  proposal->receive = postseal_endpoint_ref (endpoint);
  proposal->receive_probe
      = _postseal_probe_copy (_postseal_probe_board_get (self->board, endpoint));
}

static void
set_sending (Guess *self, PostsealProposal *proposal, PostsealEndpoint *endpoint)
{
  proposal->send = postseal_endpoint_ref (endpoint);
  proposal->send_user = g_strdup (self->context->address);
  proposal->send_probe = _postseal_probe_copy (_postseal_probe_board_get (self->board, endpoint));
}

static void
add_proposal (Guess *self, GPtrArray *proposals, PostsealEndpoint *receive, PostsealEndpoint *send)
{
  PostsealSearchContext *context = self->context;
  PostsealProposal *proposal
      = _postseal_proposal_new (POSTSEAL_SOURCE_GUESS, context->domain, FALSE);

  if (receive != NULL)
    set_receiving (self, proposal, receive);
  if (send != NULL)
    set_sending (self, proposal, send);
  _postseal_proposal_complete (proposal, context->address, context->providers);
  g_ptr_array_add (proposals, proposal);
}

static PostsealSourceAnswer *
explain_failure (Guess *self)
{
  PostsealEndpoint *endpoint = NULL;
  const PostsealProbe *unproven = find_failed (self, is_unproven, &endpoint);

  if (unproven != NULL)
    return _postseal_source_answer_new (POSTSEAL_SOURCE_FAILED,
                                        g_strdup (unproven->error->message));
  if (find_failed (self, _postseal_probe_is_in_clear, &endpoint) != NULL)
    return _postseal_source_answer_new (POSTSEAL_SOURCE_IN_CLEAR,
                                        _postseal_source_describe_in_clear (endpoint));
  return _postseal_source_answer_new (
      POSTSEAL_SOURCE_NOTHING,
      g_strdup_printf (_ ("Nobody answers at the usual names below %s"), self->context->domain));
}

static PostsealSourceAnswer *
make_answer (Guess *self)
{
  gboolean is_open = FALSE;
  PostsealEndpoint *imap = find_sealed (self, POSTSEAL_PROTOCOL_IMAP, &is_open);
  PostsealEndpoint *pop3 = find_sealed (self, POSTSEAL_PROTOCOL_POP3, &is_open);
  PostsealEndpoint *send = find_sealed (self, POSTSEAL_PROTOCOL_SMTP, &is_open);
  PostsealSourceAnswer *answer = NULL;

  if (imap == NULL && pop3 == NULL && send == NULL)
    return explain_failure (self);
  answer = _postseal_source_answer_new (
      POSTSEAL_SOURCE_FOUND,
      g_strdup_printf (_ ("There are servers at the usual names below %s"), self->context->domain));
  if (imap != NULL)
    add_proposal (self, answer->proposals, imap, send);
  if (pop3 != NULL)
    add_proposal (self, answer->proposals, pop3, send);
  if (imap == NULL && pop3 == NULL)
    add_proposal (self, answer->proposals, NULL, send);
  return answer;
}

/* --- the course of it --- */

static void
stop (Guess *self)
{
  self->task = NULL;
  postseal_loop_clear (&self->deadline);
  postseal_loop_clear (&self->cancelled);
  _postseal_probe_board_stop (self->board);
}

static void
finish (Guess *self)
{
  g_autoptr (GTask) task = g_object_ref (self->task);
  PostsealSourceAnswer *answer = make_answer (self);

  stop (self);
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
  g_object_unref (task); /* the reference of the search itself */
}

static gboolean
on_deadline (gpointer user_data)
{
  finish (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Guess *self = user_data;
  g_autoptr (GTask) task = self->task;

  stop (self);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
set_deadline (Guess *self, guint after_ms)
{
  postseal_loop_clear (&self->deadline);
  self->deadline = postseal_loop_add_timeout (after_ms, on_deadline, self);
}

/* Both ways are sealed, and by nothing less than the best. */
static gboolean
has_enough (Guess *self)
{
  gboolean is_open = FALSE;
  gboolean is_sealed = find_sealed (self, POSTSEAL_PROTOCOL_IMAP, &is_open) != NULL
                       && find_sealed (self, POSTSEAL_PROTOCOL_SMTP, &is_open) != NULL;

  return is_sealed && !is_open;
}

static void
on_probed (gpointer endpoint, gpointer user_data)
{
  Guess *self = user_data;
  gboolean is_open = FALSE;
  g_autoptr (GTask) task = NULL; /* keeps @self until this returns */

  if (self->task == NULL)
    return;
  task = g_object_ref (self->task);
  for (guint protocol = 0; protocol < N_PROTOCOLS; protocol++)
    (void)find_sealed (self, protocol, &is_open);
  if (!is_open)
    finish (self);
  else if (!self->has_grace && has_enough (self))
    {
      self->has_grace = TRUE;
      set_deadline (self, POP3_GRACE_MS);
    }
}

static void
ask (Guess *self)
{
  for (guint protocol = 0; protocol < N_PROTOCOLS; protocol++)
    for (guint start = 0; start < N_STARTS; start++)
      for (guint name = 0; name < N_NAMES; name++)
        {
          g_autofree char *host = g_strconcat (names[protocol][name], self->context->domain, NULL);

          self->endpoints[protocol][start][name]
              = postseal_endpoint_new (protocol, start, host, find_port (protocol, start));
          _postseal_probe_board_ask (self->board, self->endpoints[protocol][start][name]);
        }
}

void
_postseal_source_guess_async (PostsealSearchContext *context,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Guess *self = g_new0 (Guess, 1);

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, _postseal_source_guess_async);
  g_task_set_task_data (self->task, self, free_guess);
  self->context = _postseal_search_context_ref (context);
  self->board = _postseal_probe_board_new (TRUE, on_probed, self);
  _postseal_probe_board_set_settings (self->board, context->settings->ca_file,
                                      context->settings->timeout_ms);
  set_deadline (self, context->settings->timeout_ms - MARGIN_MS);
  self->cancelled = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  ask (self);
}
