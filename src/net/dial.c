/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/dial.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "net/clear-link-private.h"
#include "net/connect-private.h"
#include "net/dane-private.h"
#include "net/lessons-private.h"
#include "net/sealed-link-private.h"
#include "net/tls-evidence-private.h"
#include "net/tls-facts-private.h"
#include "net/tls-handshake-private.h"
#include "net/tls-tickets-private.h"
#include "net/tls-trust-private.h"
#include "net/tls-verify-private.h"

typedef enum
{
  DIAL_MATERIAL,
  DIAL_CONNECT,
  DIAL_VESTIBULE,
  DIAL_HANDSHAKE,
  DIAL_DNS, /* all is there but what it says of the server's key */
  DIAL_DONE,
} DialState;

typedef struct
{
  GTask *task; /* borrowed: this is its data */
  DialState state;
  PostsealEndpoint *endpoint; /* owned */
  PostsealTlsPolicy *policy; /* owned */
  PostsealLatches *latches; /* owned, may be NULL */
  PostsealTranscript *transcript; /* owned, may be NULL */
  char *server; /* owned: the endpoint, for messages and latches */
  char *ticket_key; /* owned, may be NULL */
  guint timeout_ms;
  GCancellable *step; /* owned: ends whatever step is running */
  GSource *deadline; /* owned: of the state */
  GSource *cancelled; /* owned: the caller's word */

  gboolean is_dns_asked;
  PostsealDaneAnswer *dane; /* owned from here on, and NULL until known */
  PostsealTlsMaterial *material;
  GSocket *socket;
  PostsealClearLink *clear_link;
  PostsealUpgrade *script;
  PostsealTlsTicket *ticket;
  PostsealTlsHandshake *handshake;
  PostsealTlsStream *stream;
  PostsealTlsChain *chain;
  GError *refusal; /* of the upgrade */
} Dial;

static void
free_dial (gpointer data)
{
  Dial *self = data;

  postseal_endpoint_unref (self->endpoint);
  postseal_tls_policy_unref (self->policy);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  postseal_transcript_unref (self->transcript);
  g_free (self->server);
  g_free (self->ticket_key);
  g_object_unref (self->step);
  g_clear_pointer (&self->dane, _postseal_dane_answer_free);
  g_clear_pointer (&self->material, _postseal_tls_material_unref);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->clear_link, _postseal_clear_link_free);
  g_clear_pointer (&self->script, _postseal_upgrade_free);
  g_clear_pointer (&self->ticket, _postseal_tls_ticket_free);
  g_clear_pointer (&self->handshake, _postseal_tls_handshake_free);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->chain, _postseal_tls_chain_unref);
  g_clear_error (&self->refusal);
  g_free (self);
}

/* --- states --- */

static void
end (Dial *self)
{
  self->state = DIAL_DONE;
  postseal_loop_clear (&self->deadline);
  postseal_loop_clear (&self->cancelled);
  g_cancellable_cancel (self->step);
}

static void
fail (Dial *self, GError *error)
{
  g_autoptr (GTask) task = g_object_ref (self->task);

  if (self->state != DIAL_CONNECT || self->socket != NULL)
    postseal_transcript_note (self->transcript, "%s", error->message);
  end (self);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_task_return_error (task, error);
}

static void take_dane (Dial *self, PostsealDaneAnswer *answer);

static gboolean
on_deadline (gpointer user_data)
{
  Dial *self = user_data;
  g_autofree char *reason = NULL;

  if (self->state == DIAL_DNS)
    {
      if (self->policy->search_ms == 0)
        _postseal_dane_note_silence ();
      reason = g_strdup_printf (_ ("Nobody has answered about %s in time"), self->endpoint->host);
      take_dane (self, _postseal_dane_answer_new (POSTSEAL_DANE_UNREACHABLE, reason));
    }
  else if (self->state == DIAL_VESTIBULE)
    fail (self, _postseal_upgrade_explain_end (self->script, self->timeout_ms));
  else if (self->state == DIAL_HANDSHAKE)
    fail (self, _postseal_tls_handshake_explain_stall (self->handshake, self->timeout_ms));
  else
    fail (self, g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                             _ ("The certificate files or the smart card for %s did not answer "
                                "within %.4g seconds"),
                             self->server, self->timeout_ms / 1000.0));
  return G_SOURCE_REMOVE;
}

static gboolean is_good_without_dns (Dial *self);

/* How long the DNS may take: a server that is good without is not kept waiting for long. */
static guint
get_patience (Dial *self)
{
  gboolean is_urgent = self->policy->dane != POSTSEAL_DANE_REQUIRE
                       && (self->chain == NULL || is_good_without_dns (self));

  if (is_urgent && _postseal_dane_is_silent ())
    return 0;
  if (self->policy->search_ms > 0)
    return self->policy->search_ms / (is_urgent ? 12 : 3);
  return MIN (self->timeout_ms,
              is_urgent ? POSTSEAL_LIMIT_DANE_PATIENCE_MS : POSTSEAL_LIMIT_DANE_MS);
}

/* Each state has the whole time, and no peer can stretch it by dribbling. */
static void
set_state (Dial *self, DialState state)
{
  g_assert (state > self->state || state == DIAL_MATERIAL);

  self->state = state;
  postseal_loop_clear (&self->deadline);
  if (state == DIAL_CONNECT)
    return; /* has deadlines of its own, one for each wait */
  self->deadline = postseal_loop_add_timeout (
      state == DIAL_DNS ? get_patience (self) : self->timeout_ms, on_deadline, self);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  fail (user_data, error);
  return G_SOURCE_REMOVE;
}

/* Takes over @error, which an ended step reports; TRUE when the dial goes on. */
static gboolean
check_step (Dial *self, GError *error)
{
  if (self->state != DIAL_DONE && error == NULL)
    return TRUE;
  if (self->state != DIAL_DONE)
    fail (self, error);
  else
    g_clear_error (&error);
  return FALSE;
}

/* --- policy --- */

static gboolean
has_lesson (Dial *self, const char *name)
{
  return _postseal_lessons_has (self->latches, self->server, name);
}

/* The one decision: may this connection do without TLS, without a voucher? A latch ends what the
   policy would allow (RFC 3207 section 6). */
static gboolean
requires_tls (Dial *self)
{
  return self->policy->level != POSTSEAL_TLS_OPPORTUNISTIC || has_lesson (self, POSTSEAL_LESSON_TLS)
         || _postseal_dane_demands (self->dane, self->policy);
}

static gboolean
requires_voucher (Dial *self)
{
  return self->policy->level != POSTSEAL_TLS_OPPORTUNISTIC || self->policy->pins != NULL
         || has_lesson (self, POSTSEAL_LESSON_VOUCHER)
         || _postseal_dane_demands (self->dane, self->policy);
}

static GError *
check_settings (Dial *self)
{
  if (self->policy->level == POSTSEAL_TLS_OPPORTUNISTIC
      && self->endpoint->protocol != POSTSEAL_PROTOCOL_SMTP)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                        _ ("“opportunistic” exists for sending mail only, not for %s"),
                        postseal_protocol_name (self->endpoint->protocol));
  for (char **pin = self->policy->pins; pin != NULL && *pin != NULL; pin++)
    if (!postseal_tls_pin_is_valid (*pin))
      return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                          _ ("The pin “%s” for %s is not “sha256:” and 44 characters of base64"),
                          *pin, self->server);
  return NULL;
}

/* --- sealing --- */

/* Returns: (transfer full) (nullable) */
static char *
describe_peer (Dial *self)
{
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (self->socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (peer)
             ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (peer))
             : NULL;
}

static PostsealSeal *
make_seal (Dial *self, PostsealVoucher voucher)
{
  PostsealSeal *seal = postseal_seal_new ();

  seal->voucher = voucher;
  seal->endpoint = g_strdup (self->server);
  seal->protocol = self->endpoint->protocol;
  seal->start = self->endpoint->start;
  seal->address = describe_peer (self);
  return seal;
}

static void
succeed (Dial *self, GIOStream *stream, PostsealSeal *seal, const PostsealSealedLinkTls *tls)
{
  g_autoptr (GTask) task = g_object_ref (self->task);
  g_autofree char *text = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

  postseal_transcript_note (self->transcript, "sealed: %s", text);
  end (self);
  g_task_return_pointer (
      task, _postseal_sealed_link_new (stream, self->endpoint, seal, tls, self->script == NULL),
      (GDestroyNotify)postseal_sealed_link_free);
}

static void
succeed_in_clear (Dial *self, PostsealVoucher voucher)
{
  g_autoptr (GSocketConnection) stream
      = g_socket_connection_factory_create_connection (self->socket);
  g_autoptr (PostsealSeal) seal = make_seal (self, voucher);

  succeed (self, G_IO_STREAM (stream), seal, NULL);
}

/* --- after the handshake --- */

static gboolean
vouch (Dial *self, PostsealTlsChain *chain, PostsealSeal *seal, GError **error)
{
  PostsealTlsTrust *trust = self->material->trust;
  gboolean is_good = FALSE;

  g_mutex_lock (&trust->mutex);
  is_good = _postseal_dane_judge (self->dane, chain, trust->list, self->policy,
                                  self->endpoint->host, seal, error);
  g_mutex_unlock (&trust->mutex);
  return is_good;
}

static gboolean
is_good_without_dns (Dial *self)
{
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();
  g_autofree char *key = _postseal_tls_chain_get_pin (self->chain);

  return !_postseal_lessons_needs_dane (self->latches, self->server, key)
         && vouch (self, self->chain, seal, NULL);
}

/* What the server presented, now or, where it resumes, then. */
static PostsealTlsChain *
find_chain (Dial *self, gnutls_session_t session)
{
  if (self->ticket != NULL && gnutls_session_is_resumed (session))
    return _postseal_tls_chain_ref (self->ticket->chain);
  return _postseal_tls_chain_new_from_session (session);
}

/* Where a connection becomes a sealed link, or does not. */
static void
judge (Dial *self)
{
  static const PostsealSealedLinkTls tls
      = { _postseal_tls_stream_get_channel_binding, _postseal_tls_stream_has_client_certificate };
  g_autoptr (PostsealSeal) seal = make_seal (self, POSTSEAL_VOUCHER_NONE);
  GError *error = NULL;
  gboolean is_vouched = vouch (self, self->chain, seal, &error);

  _postseal_tls_evidence_write (seal, _postseal_tls_stream_get_session (self->stream), self->chain);
  if (!is_vouched && requires_voucher (self))
    {
      fail (self, _postseal_lessons_recall_dane (self->latches, self->policy, seal, error));
      return;
    }
  g_clear_error (&error);
  if (!_postseal_lessons_allow (self->latches, self->policy, seal, &error))
    {
      fail (self, error);
      return;
    }
  _postseal_lessons_learn (self->latches, self->policy, seal);
  if (is_vouched)
    _postseal_tls_tickets_keep (self->ticket_key, self->stream, self->chain);
  succeed (self, G_IO_STREAM (self->stream), seal, &tls);
}

static void await_dns (Dial *self);

static void
on_hands_shaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *self = g_task_get_task_data (task);
  g_autoptr (PostsealTlsStream) stream = NULL;
  gnutls_session_t session = NULL;
  GError *error = NULL;

  stream = _postseal_tls_handshake_run_finish (result, &error);
  if (!check_step (self, error))
    return;
  session = _postseal_tls_stream_get_session (stream);
  self->stream = g_steal_pointer (&stream);
  self->chain = find_chain (self, session);
  _postseal_tls_facts_tell (self->transcript, session, self->chain);
  postseal_transcript_fact (self->transcript, "stage", "verify");
  if (self->chain == NULL)
    fail (self, g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
                             _ ("%s presented no readable certificate"), self->server));
  else
    await_dns (self);
}

static gboolean
is_dns_awaited (Dial *self)
{
  return self->is_dns_asked && self->dane == NULL;
}

/* A ticket is offered only while its certificates still pass today; a renewed one is seen so, too.
   Not before it is known what the DNS says: it may name another key by now. */
static PostsealTlsTicket *
take_ticket (Dial *self)
{
  g_autoptr (PostsealTlsTicket) ticket = NULL;
  g_autoptr (PostsealSeal) seal = NULL;

  if (is_dns_awaited (self))
    return NULL;
  ticket = _postseal_tls_tickets_take (self->ticket_key);
  seal = postseal_seal_new ();
  if (ticket == NULL || !vouch (self, ticket->chain, seal, NULL))
    return NULL;
  return g_steal_pointer (&ticket);
}

static void
start_handshake (Dial *self)
{
  self->ticket = take_ticket (self);
  postseal_transcript_fact (self->transcript, "ticket", self->ticket != NULL ? "offered" : "none");
  self->handshake
      = _postseal_tls_handshake_new (self->socket, self->endpoint, self->policy, self->material,
                                     self->ticket != NULL ? self->ticket->session : NULL);
  postseal_transcript_fact (self->transcript, "stage", "handshake");
  set_state (self, DIAL_HANDSHAKE);
  _postseal_tls_handshake_run_async (self->handshake, self->step, on_hands_shaken,
                                     g_object_ref (self->task));
}

/* --- a refused upgrade --- */

static gboolean
is_missing_offer (const GError *error)
{
  return g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED);
}

/* An opportunistic dial whose upgrade was refused: on in clear, unless this server did TLS before,
   or the DNS says that it does. */
static void
do_without_tls (Dial *self)
{
  if (!requires_tls (self))
    succeed_in_clear (self, POSTSEAL_VOUCHER_NONE);
  else if (has_lesson (self, POSTSEAL_LESSON_TLS))
    fail (self, _postseal_lessons_recall_tls (self->server, self->policy,
                                              g_steal_pointer (&self->refusal)));
  else
    fail (self, g_steal_pointer (&self->refusal));
}

static void
on_upgraded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *self = g_task_get_task_data (task);
  GError *error = NULL;

  _postseal_clear_link_upgrade_finish (result, &error);
  if (self->state != DIAL_DONE && self->policy->level == POSTSEAL_TLS_OPPORTUNISTIC
      && is_missing_offer (error) && _postseal_upgrade_is_usable_in_clear (self->script))
    {
      self->refusal = error;
      await_dns (self);
      return;
    }
  if (is_missing_offer (error) && self->policy->level == POSTSEAL_TLS_ENFORCED
      && has_lesson (self, POSTSEAL_LESSON_TLS))
    error = _postseal_lessons_recall_tls (self->server, self->policy, error);
  if (check_step (self, error))
    start_handshake (self);
}

/* --- what the DNS says --- */

static void
decide (Dial *self)
{
  if (self->refusal != NULL)
    do_without_tls (self);
  else
    judge (self);
}

static void
await_dns (Dial *self)
{
  if (is_dns_awaited (self))
    set_state (self, DIAL_DNS);
  else
    decide (self);
}

/* Takes over @answer. */
static void
take_dane (Dial *self, PostsealDaneAnswer *answer)
{
  const char *word = _postseal_dane_answer_get_word (answer);

  self->dane = answer;
  postseal_transcript_fact (self->transcript, "dane", word);
  if (answer->reason != NULL)
    postseal_transcript_note (self->transcript, "DANE: %s: %s", word, answer->reason);
  else if (answer->state != POSTSEAL_DANE_NOT_ASKED)
    postseal_transcript_note (self->transcript, "DANE: %s", word);
  if (self->state == DIAL_DNS)
    decide (self);
}

static void
on_dns_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealDaneAnswer) answer = _postseal_dane_ask_finish (result, &error);

  if (answer != NULL && self->state != DIAL_DONE && self->dane == NULL)
    take_dane (self, g_steal_pointer (&answer));
}

/* Beside all that comes before the verdict, so that it costs no time of its own. */
static void
ask_dns (Dial *self)
{
  if (self->policy->dane == POSTSEAL_DANE_OFF)
    return;
  self->is_dns_asked = TRUE;
  _postseal_dane_ask_async (self->endpoint, self->step, on_dns_asked, g_object_ref (self->task));
}

/* --- before the handshake --- */

static void
start_vestibule (Dial *self)
{
  g_autoptr (GSocketAddress) own = g_socket_get_local_address (self->socket, NULL);
  GInetAddress *address = G_IS_INET_SOCKET_ADDRESS (own)
                              ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (own))
                              : NULL;

  self->clear_link = _postseal_clear_link_new (self->socket);
  self->script = _postseal_upgrade_new (self->endpoint, address, self->transcript);
  postseal_transcript_fact (self->transcript, "stage", "upgrade");
  set_state (self, DIAL_VESTIBULE);
  _postseal_clear_link_upgrade_async (self->clear_link, self->script, self->step, on_upgraded,
                                      g_object_ref (self->task));
}

/* The peer's address decides, as the kernel tells it. */
static void
seal_loopback (Dial *self)
{
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (self->socket, NULL);

  if (_postseal_connect_is_loopback (peer))
    succeed_in_clear (self, POSTSEAL_VOUCHER_LOOPBACK);
  else
    fail (self, g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_LOOPBACK,
                             _ ("%s is not this machine, so nothing is sent to it without TLS; "
                                "“loopback” is for servers on this machine only"),
                             self->server));
}

static void
tell_address (Dial *self)
{
  g_autofree char *address
      = postseal_transcript_wants_facts (self->transcript) ? describe_peer (self) : NULL;

  postseal_transcript_note (self->transcript, "connected to %s", self->server);
  postseal_transcript_fact (self->transcript, "address", address);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *self = g_task_get_task_data (task);
  g_autoptr (GSocket) socket = NULL;
  GError *error = NULL;

  socket = _postseal_connect_finish (result, &error);
  if (!check_step (self, error))
    return;
  self->socket = g_steal_pointer (&socket);
  tell_address (self);
  if (self->policy->level == POSTSEAL_TLS_LOOPBACK)
    seal_loopback (self);
  else if (self->endpoint->start == POSTSEAL_TLS_START_UPGRADE)
    start_vestibule (self);
  else
    start_handshake (self);
}

static void
start_connect (Dial *self)
{
  set_state (self, DIAL_CONNECT);
  _postseal_connect_async (self->endpoint, self->timeout_ms, self->transcript, self->step,
                           on_connected, g_object_ref (self->task));
}

static void
on_material_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dial *self = g_task_get_task_data (task);
  PostsealTlsMaterial *material = NULL;
  GError *error = NULL;

  material = _postseal_tls_material_load_finish (result, &error);
  if (self->state == DIAL_DONE)
    g_clear_pointer (&material, _postseal_tls_material_unref);
  self->material = material;
  if (check_step (self, error))
    start_connect (self);
}

void
postseal_dial_async (PostsealEndpoint *endpoint,
                     PostsealTlsPolicy *policy,
                     PostsealLatches *latches,
                     const char *ticket_scope,
                     guint timeout_ms,
                     PostsealTranscript *transcript,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Dial *self = NULL;
  GError *error = NULL;

  g_return_if_fail (endpoint != NULL);
  g_return_if_fail (policy != NULL);

  self = g_new0 (Dial, 1);
  task = self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_dial_async);
  g_task_set_task_data (task, self, free_dial);
  self->endpoint = postseal_endpoint_ref (endpoint);
  self->policy = postseal_tls_policy_ref (policy);
  self->latches = latches != NULL ? postseal_latches_ref (latches) : NULL;
  self->transcript = postseal_transcript_ref (transcript);
  self->server = postseal_endpoint_to_string (endpoint);
  self->ticket_key = _postseal_tls_tickets_key (ticket_scope, endpoint, policy);
  self->timeout_ms = timeout_ms;
  self->step = g_cancellable_new ();

  error = check_settings (self);
  if (error != NULL)
    {
      fail (self, error);
      return;
    }
  self->cancelled = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  if (policy->level == POSTSEAL_TLS_LOOPBACK)
    {
      start_connect (self);
      return;
    }
  ask_dns (self);
  set_state (self, DIAL_MATERIAL);
  _postseal_tls_material_load_async (policy, self->step, on_material_loaded, g_object_ref (task));
}

PostsealSealedLink *
postseal_dial_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
