/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <glib/gi18n-lib.h>

#include "auth/sasl-prep-private.h"
#include "auth/scram-keys-private.h"
#include "base/limits.h"
#include "base/printable.h"
#include "wire/sasl-line.h"

/* SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), with channel binding as -PLUS (RFC 9266, RFC
 * 5929). */

#define NONCE_LENGTH 24
#define FEW_ITERATIONS 4096 /* RFC 7677 section 4: the least a server should ask for */

typedef enum
{
  SCRAM_CLIENT_FIRST, /* nothing said yet */
  SCRAM_SERVER_FIRST, /* waiting for nonce, salt and count */
  SCRAM_DERIVING, /* a worker thread computes the keys */
  SCRAM_SERVER_FINAL, /* waiting for the server's signature */
  SCRAM_DONE, /* the signature is good */
  SCRAM_FAILED,
} ScramState;

typedef struct
{
  ScramState state;
  const PostsealScramHash *hash; /* borrowed: static */
  gboolean is_plus;
  GBytes *binding; /* owned, nullable: what the link can be bound by */
  char *gs2; /* owned: the GS2 header, "p=tls-exporter,," */
  char *nonce; /* owned: ours */
  char *first_bare; /* owned: client-first-message-bare */
  guint8 server_signature[POSTSEAL_SCRAM_HASH_MAX];
} Scram;

/* The first message of the server. */
typedef struct
{
  char *nonce; /* owned */
  GBytes *salt; /* owned */
  guint iterations;
} ServerFirst;

static char *
make_nonce (void)
{
  guint8 random[NONCE_LENGTH];

  if (gnutls_rnd (GNUTLS_RND_RANDOM, random, sizeof random) < 0)
    g_error ("The system has no random numbers");
  return g_base64_encode (random, sizeof random);
}

/* RFC 5802 section 6. "y" tells the server that its -PLUS was not seen: one that had offered it
   then knows that somebody removed it from the list. */
static char *
make_gs2 (PostsealSasl *sasl, const Scram *scram, const char *binding_type)
{
  if (scram->is_plus)
    return g_strdup_printf ("p=%s,,", binding_type != NULL ? binding_type : "");
  return g_strdup (scram->binding != NULL && !sasl->server_offers_plus ? "y,," : "n,,");
}

static gpointer
new_scram (PostsealSasl *sasl, PostsealSealedLink *link)
{
  Scram *scram = g_new0 (Scram, 1);
  const char *binding_type = NULL;

  scram->hash = g_str_has_prefix (sasl->klass->name, "SCRAM-SHA-1") ? &_postseal_scram_sha1
                                                                    : &_postseal_scram_sha256;
  scram->is_plus = g_str_has_suffix (sasl->klass->name, "-PLUS");
  scram->binding = postseal_sealed_link_get_channel_binding (link, &binding_type);
  scram->gs2 = make_gs2 (sasl, scram, binding_type);
  scram->nonce = make_nonce ();
  return scram;
}

static void
free_scram (gpointer state)
{
  Scram *scram = state;

  g_clear_pointer (&scram->binding, g_bytes_unref);
  g_free (scram->gs2);
  g_free (scram->nonce);
  g_free (scram->first_bare);
  postseal_wipe (scram, sizeof *scram);
  g_free (scram);
}

void
_postseal_sasl_set_nonce (PostsealSasl *self, const char *nonce)
{
  Scram *scram = self->state;

  g_free (scram->nonce);
  scram->nonce = g_strdup (nonce);
}

static void
server_first_clear (ServerFirst *first)
{
  g_clear_pointer (&first->nonce, g_free);
  g_clear_pointer (&first->salt, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ServerFirst, server_first_clear)

static void
set_scram_error (PostsealSasl *sasl, GError **error, const char *what)
{
  g_propagate_error (error, _postseal_sasl_server_error (sasl, what));
}

/* The user name or the password as both ends hash it. (nullable) */
static PostsealCredential *
prepare (PostsealSasl *sasl, const char *text, gsize length, const char *what, GError **error)
{
  PostsealCredential *prepared = _postseal_sasl_prep (text, length);

  if (prepared == NULL)
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The %s for %s cannot be sent with %s: it is not UTF-8 text, or has a control "
                    "character"),
                 what, sasl->endpoint, sasl->klass->name);
  return prepared;
}

/* --- the first message of the client --- */

static PostsealCredential *
say_first (PostsealSasl *sasl, GBytes *challenge, GError **error)
{
  Scram *scram = sasl->state;

  if (challenge != NULL && g_bytes_get_size (challenge) > 0)
    {
      set_scram_error (sasl, error, _ ("it speaks before its turn"));
      return NULL;
    }
  if (scram->is_plus && scram->binding == NULL)
    {
      g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                   _ ("Cannot sign in to %s with %s: this connection has nothing to bind to"),
                   sasl->endpoint, sasl->klass->name);
      return NULL;
    }

  g_autoptr (PostsealCredential) user
      = prepare (sasl, sasl->user, strlen (sasl->user), _ ("user name"), error);
  if (user == NULL)
    return NULL;

  g_autofree char *name = _postseal_sasl_escape_name (postseal_credential_get (user));
  scram->first_bare = g_strdup_printf ("n=%s,r=%s", name, scram->nonce);
  scram->state = SCRAM_SERVER_FIRST;
  const PostsealSaslPart parts[] = { { scram->gs2, -1 }, { scram->first_bare, -1 } };
  return _postseal_sasl_join (parts, G_N_ELEMENTS (parts));
}

/* --- what the server says --- */

/* RFC 5802 section 7, "server-error-value". Only some of them are about user and password. */
static void
set_refusal_error (PostsealSasl *sasl, const char *value, GError **error)
{
  g_autofree char *reason = postseal_printable (value, -1);
  PostsealAuthError code = POSTSEAL_AUTH_ERROR_REJECTED;

  g_free (sasl->refusal);
  sasl->refusal = g_strdup (reason);
  if (strcmp (value, "server-does-support-channel-binding") == 0
      || strcmp (value, "channel-bindings-dont-match") == 0)
    {
      set_scram_error (sasl, error,
                       _ ("what it offered, or the connection itself, was changed on the way"));
      return;
    }
  if (strcmp (value, "unsupported-channel-binding-type") == 0
      || strcmp (value, "channel-binding-not-supported") == 0)
    code = POSTSEAL_AUTH_ERROR_NO_MECHANISM;
  else if (strcmp (value, "no-resources") == 0)
    code = POSTSEAL_AUTH_ERROR_BUSY;
  g_set_error (error, POSTSEAL_AUTH_ERROR, code, _ ("The server %s refuses %s as %s: “%s”"),
               sasl->endpoint, sasl->klass->name, sasl->user, reason);
}

/* The comma-separated attributes of a message, the first being "e" turned into an error.
   Returns: (transfer full) (nullable) */
static char **
split_message (PostsealSasl *sasl, GBytes *message, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (message, &size);

  if (size == 0 || !g_utf8_validate (data, (gssize)size, NULL))
    {
      set_scram_error (sasl, error, _ ("its message is not text"));
      return NULL;
    }

  g_autofree char *text = g_strndup (data, size);
  g_auto (GStrv) attributes = g_strsplit (text, ",", -1);
  if (g_str_has_prefix (attributes[0], "e="))
    {
      set_refusal_error (sasl, attributes[0] + 2, error);
      return NULL;
    }
  return g_steal_pointer (&attributes);
}

static gboolean
is_nonce_good (const char *nonce, const char *ours)
{
  if (!g_str_has_prefix (nonce, ours) || strlen (nonce) == strlen (ours))
    return FALSE;
  for (const char *c = nonce; *c != '\0'; c++)
    if (*c < 0x21 || *c > 0x7e)
      return FALSE;
  return TRUE;
}

/* posit-number, 0 when it is none or absurd. */
static guint
parse_iterations (const char *text)
{
  guint64 count = 0;

  if (*text < '1' || *text > '9'
      || !g_ascii_string_to_unsigned (text, 10, 1, POSTSEAL_LIMIT_SCRAM_ITERATIONS, &count, NULL))
    return 0;
  return (guint)count;
}

/* The extensions that may follow; a mandatory one ends the exchange (RFC 5802 section 5.1, "m"). */
static gboolean
has_mandatory_extension (char **attributes)
{
  for (gsize i = 0; attributes[i] != NULL; i++)
    if (g_str_has_prefix (attributes[i], "m="))
      return TRUE;
  return FALSE;
}

static gboolean
parse_server_first (PostsealSasl *sasl, GBytes *message, ServerFirst *ret_first, GError **error)
{
  const Scram *scram = sasl->state;
  g_auto (GStrv) attributes = split_message (sasl, message, error);

  if (attributes == NULL)
    return FALSE;
  if (has_mandatory_extension (attributes))
    {
      set_scram_error (sasl, error, _ ("it demands an extension that nobody knows"));
      return FALSE;
    }
  if (g_strv_length (attributes) < 3 || !g_str_has_prefix (attributes[0], "r=")
      || !g_str_has_prefix (attributes[1], "s=") || !g_str_has_prefix (attributes[2], "i="))
    {
      set_scram_error (sasl, error, _ ("its first message is malformed"));
      return FALSE;
    }
  if (!is_nonce_good (attributes[0] + 2, scram->nonce))
    {
      set_scram_error (sasl, error, _ ("its nonce does not continue ours"));
      return FALSE;
    }
  ret_first->iterations = parse_iterations (attributes[2] + 2);
  if (ret_first->iterations == 0)
    {
      g_autofree char *shown = postseal_printable (attributes[2] + 2, -1);
      g_autofree char *what
          = g_strdup_printf (_ ("it demands “%s” rounds of hashing, where 1 to %d are reasonable"),
                             shown, POSTSEAL_LIMIT_SCRAM_ITERATIONS);
      set_scram_error (sasl, error, what);
      return FALSE;
    }
  ret_first->salt = postseal_sasl_line_decode (attributes[1] + 2, -1);
  if (ret_first->salt == NULL || g_bytes_get_size (ret_first->salt) == 0)
    {
      set_scram_error (sasl, error, _ ("its salt is malformed"));
      return FALSE;
    }
  ret_first->nonce = g_strdup (attributes[0] + 2);
  return TRUE;
}

/* --- keys --- */

static void
derive_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_boolean (task, _postseal_scram_derive (task_data));
}

static PostsealCredential *
build_final (const PostsealScramDerivation *derivation)
{
  char *proof = g_base64_encode (derivation->proof, derivation->hash->length);
  const PostsealSaslPart parts[]
      = { { derivation->without_proof, -1 }, { ",p=", -1 }, { proof, -1 } };
  PostsealCredential *final = _postseal_sasl_join (parts, G_N_ELEMENTS (parts));

  postseal_wipe (proof, strlen (proof));
  g_free (proof);
  return final;
}

static void
on_derived (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealSasl *sasl = g_task_get_task_data (task);
  Scram *scram = sasl->state;
  const PostsealScramDerivation *derivation = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      memcpy (scram->server_signature, derivation->server_signature,
              sizeof scram->server_signature);
      scram->state = SCRAM_SERVER_FINAL;
      _postseal_sasl_return (sasl, task, build_final (derivation));
      return;
    }
  scram->state = SCRAM_FAILED;
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                             _ ("This system does not allow %s"), sasl->klass->name);
}

/* "c=" holds the GS2 header again, and for -PLUS what binds to the link (RFC 5802 section 7). */
static char *
build_without_proof (const Scram *scram, const ServerFirst *first)
{
  g_autoptr (GByteArray) bound = g_byte_array_new ();

  g_byte_array_append (bound, (const guint8 *)scram->gs2, (guint)strlen (scram->gs2));
  if (scram->is_plus)
    {
      gsize size = 0;
      const guint8 *data = g_bytes_get_data (scram->binding, &size);
      g_byte_array_append (bound, data, (guint)size);
    }
  g_autofree char *encoded = g_base64_encode (bound->data, bound->len);
  return g_strdup_printf ("c=%s,r=%s", encoded, first->nonce);
}

static PostsealScramDerivation *
new_derivation (const Scram *scram,
                const ServerFirst *first,
                GBytes *message,
                PostsealCredential *password)
{
  PostsealScramDerivation *derivation = g_new0 (PostsealScramDerivation, 1);
  gsize size = 0;
  const char *text = g_bytes_get_data (message, &size);

  derivation->hash = scram->hash;
  derivation->password = postseal_credential_ref (password);
  derivation->salt = g_bytes_ref (first->salt);
  derivation->iterations = first->iterations;
  derivation->without_proof = build_without_proof (scram, first);
  derivation->auth_message = g_strdup_printf ("%s,%.*s,%s", scram->first_bare, (int)size, text,
                                              derivation->without_proof);
  return derivation;
}

static gboolean
start_final (PostsealSasl *sasl, GBytes *challenge, GTask *task, GError **error)
{
  Scram *scram = sasl->state;
  g_auto (ServerFirst) first = { NULL, NULL, 0 };

  if (challenge == NULL)
    {
      set_scram_error (sasl, error, _ ("its first message is malformed"));
      return FALSE;
    }
  if (!parse_server_first (sasl, challenge, &first, error))
    return FALSE;
  if (first.iterations < FEW_ITERATIONS)
    g_info ("%s hashes passwords in %u rounds only; RFC 7677 wants %d at least", sasl->endpoint,
            first.iterations, FEW_ITERATIONS);

  g_autoptr (PostsealCredential) password
      = prepare (sasl, postseal_credential_get (sasl->secret),
                 postseal_credential_get_length (sasl->secret), _ ("password"), error);
  if (password == NULL)
    return FALSE;

  /* A hostile server can ask for a second of hashing: never on this thread. */
  g_autoptr (GTask) work
      = g_task_new (NULL, g_task_get_cancellable (task), on_derived, g_object_ref (task));
  g_task_set_source_tag (work, start_final);
  g_task_set_task_data (work, new_derivation (scram, &first, challenge, password),
                        (GDestroyNotify)_postseal_scram_derivation_free);
  g_task_set_return_on_cancel (work, TRUE);
  scram->state = SCRAM_DERIVING;
  g_task_run_in_thread (work, derive_in_thread);
  return TRUE;
}

/* --- the proof of the server --- */

static gboolean
verify_server (PostsealSasl *sasl, GBytes *message, GError **error)
{
  Scram *scram = sasl->state;
  g_auto (GStrv) attributes = split_message (sasl, message, error);

  if (attributes == NULL)
    return FALSE;

  g_autoptr (GBytes) signature = g_str_has_prefix (attributes[0], "v=")
                                     ? postseal_sasl_line_decode (attributes[0] + 2, -1)
                                     : NULL;
  if (signature == NULL || g_bytes_get_size (signature) != scram->hash->length
      || gnutls_memcmp (g_bytes_get_data (signature, NULL), scram->server_signature,
                        scram->hash->length)
             != 0)
    {
      set_scram_error (
          sasl, error,
          _ ("it does not prove that it knows the password. It may be somebody else's"));
      return FALSE;
    }
  return TRUE;
}

static gboolean
hear_final (PostsealSasl *sasl, GBytes *message, GError **error)
{
  Scram *scram = sasl->state;

  scram->state = SCRAM_FAILED;
  if (message == NULL || g_bytes_get_size (message) == 0)
    {
      set_scram_error (sasl, error, _ ("it has not proved that it knows the password"));
      return FALSE;
    }
  if (!verify_server (sasl, message, error))
    return FALSE;
  scram->state = SCRAM_DONE;
  return TRUE;
}

static gboolean
is_scram_complete (PostsealSasl *sasl, GBytes *final, GError **error)
{
  const Scram *scram = sasl->state;

  if (scram->state == SCRAM_DONE)
    return TRUE;
  if (scram->state == SCRAM_SERVER_FINAL)
    return hear_final (sasl, final, error);
  set_scram_error (sasl, error, _ ("it says yes without having proved that it knows the password"));
  return FALSE;
}

static void
step_scram (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  Scram *scram = sasl->state;
  PostsealCredential *response = NULL;
  GError *error = NULL;

  switch (scram->state)
    {
    case SCRAM_CLIENT_FIRST:
      response = say_first (sasl, challenge, &error);
      break;
    case SCRAM_SERVER_FIRST:
      if (start_final (sasl, challenge, task, &error))
        return;
      break;
    case SCRAM_SERVER_FINAL:
      /* The last message as a challenge of its own is answered by an empty line (RFC 4954 section
       * 4). */
      if (hear_final (sasl, challenge, &error))
        response = postseal_credential_new ("", 0);
      break;
    case SCRAM_DERIVING:
    case SCRAM_DONE:
    case SCRAM_FAILED:
      _postseal_sasl_return_unexpected (sasl, task);
      return;
    }
  if (response != NULL)
    {
      _postseal_sasl_return (sasl, task, response);
      return;
    }
  scram->state = SCRAM_FAILED;
  g_task_return_error (task, error);
}

#define SCRAM_CLASS(NAME)                                                                          \
  {                                                                                                \
    .name = (NAME), .is_client_first = TRUE, .needs_secret = TRUE, .new_state = new_scram,         \
    .free_state = free_scram, .step = step_scram, .is_complete = is_scram_complete                 \
  }

static const PostsealSaslClass sha256_plus_class = SCRAM_CLASS ("SCRAM-SHA-256-PLUS");
static const PostsealSaslClass sha1_plus_class = SCRAM_CLASS ("SCRAM-SHA-1-PLUS");
static const PostsealSaslClass sha256_class = SCRAM_CLASS ("SCRAM-SHA-256");
static const PostsealSaslClass sha1_class = SCRAM_CLASS ("SCRAM-SHA-1");

const PostsealSaslClass *const _postseal_sasl_scram_classes[]
    = { &sha256_plus_class, &sha1_plus_class, &sha256_class, &sha1_class, NULL };
