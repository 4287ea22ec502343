/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/authenticator.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/sasl-private.h"
#include "base/printable.h"

#define LATCH_NAME "mechanism"

struct _PostsealAuthenticator
{
  gatomicrefcount references;
  char *account; /* owned */
  char *user; /* owned */
  PostsealVault *vault; /* owned, nullable */
  PostsealLatches *latches; /* owned, nullable */
  GArray *wanted; /* owned: of Wanted, in order */
  GHashTable *excluded; /* owned: set of owned names */
  PostsealCredential *token; /* owned, nullable: the last one that was given out */
  gboolean is_token_renewed; /* after a refusal */
  GPtrArray *told; /* owned, nullable: every secret that was given out */
};

/* One mechanism that may be used. */
typedef struct
{
  char *name; /* owned */
  gboolean is_explicit; /* the user named it: no latch overrides that */
} Wanted;

/* What a success proves that the server can do. A server is held to the class, not to the name. */
typedef enum
{
  STRENGTH_PLAINTEXT, /* the server sees the secret, or something as good */
  STRENGTH_SCRAM,
  STRENGTH_SCRAM_PLUS,
  STRENGTH_EXTERNAL,
} Strength;

/* What one begin has chosen, and then found. */
typedef struct
{
  PostsealAuthenticator *auth; /* owned */
  PostsealSasl *sasl; /* owned, nullable */
  char *user; /* owned */
  PostsealCredential *secret; /* owned, nullable */
} Choice;

/* RFC 5802 section 9 and RFC 4954 section 4 leave the order to the client. "LOGIN" also means the
   protocol's own log-in. */
static const char *const auto_order[] = { "EXTERNAL",
                                          "SCRAM-SHA-256-PLUS",
                                          "SCRAM-SHA-1-PLUS",
                                          "SCRAM-SHA-256",
                                          "SCRAM-SHA-1",
                                          "PLAIN",
                                          "LOGIN",
                                          NULL };
static const char *const token_order[] = { "OAUTHBEARER", "XOAUTH2", NULL };
static const char *const own_log_ins[] = { "IMAP-LOGIN", "POP3-USER", NULL };

static Strength
rate_mechanism (const char *name)
{
  if (strcmp (name, "EXTERNAL") == 0)
    return STRENGTH_EXTERNAL;
  if (!g_str_has_prefix (name, "SCRAM-"))
    return STRENGTH_PLAINTEXT;
  return g_str_has_suffix (name, "-PLUS") ? STRENGTH_SCRAM_PLUS : STRENGTH_SCRAM;
}

static void
clear_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_free (wanted->name);
}

static void
choice_free (Choice *choice)
{
  g_clear_pointer (&choice->auth, postseal_authenticator_unref);
  g_clear_pointer (&choice->sasl, postseal_sasl_free);
  g_clear_pointer (&choice->secret, postseal_credential_unref);
  g_free (choice->user);
  g_free (choice);
}

static void
add_wanted (PostsealAuthenticator *self, const char *name, gboolean is_explicit)
{
  Wanted wanted = { g_ascii_strup (name, -1), is_explicit };
  gboolean is_login = strcmp (wanted.name, "LOGIN") == 0;

  g_array_append_val (self->wanted, wanted);
  for (gsize i = 0; is_login && own_log_ins[i] != NULL; i++)
    add_wanted (self, own_log_ins[i], is_explicit);
}

static gboolean
has_token (PostsealAuthenticator *self)
{
  return self->vault != NULL && postseal_vault_get_kind (self->vault) == POSTSEAL_VAULT_TOKEN;
}

/* Who takes tokens from now on has said so: what the server did for a password holds nobody back.
 */
static void
add_auto (PostsealAuthenticator *self)
{
  if (has_token (self))
    {
      for (gsize i = 0; token_order[i] != NULL; i++)
        add_wanted (self, token_order[i], TRUE);
      return;
    }
  for (gsize i = 0; auto_order[i] != NULL; i++)
    add_wanted (self, auto_order[i], FALSE);
}

PostsealAuthenticator *
postseal_authenticator_new (const char *account,
                            const char *user,
                            PostsealVault *vault,
                            const char *const *mechanisms,
                            PostsealLatches *latches)
{
  g_return_val_if_fail (account != NULL, NULL);
  g_return_val_if_fail (user != NULL, NULL);

  PostsealAuthenticator *self = g_new0 (PostsealAuthenticator, 1);

  g_atomic_ref_count_init (&self->references);
  self->account = g_strdup (account);
  self->user = g_strdup (user);
  self->vault = vault != NULL ? g_object_ref (vault) : NULL;
  if (vault != NULL)
    postseal_vault_set_user (vault, user);
  self->latches = latches != NULL ? postseal_latches_ref (latches) : NULL;
  self->excluded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->wanted = g_array_new (FALSE, FALSE, sizeof (Wanted));
  g_array_set_clear_func (self->wanted, clear_wanted);
  if (mechanisms == NULL || mechanisms[0] == NULL)
    add_auto (self);
  for (gsize i = 0; mechanisms != NULL && mechanisms[i] != NULL; i++)
    if (g_ascii_strcasecmp (mechanisms[i], "auto") == 0)
      add_auto (self);
    else
      add_wanted (self, mechanisms[i], TRUE);
  return self;
}

PostsealAuthenticator *
postseal_authenticator_ref (PostsealAuthenticator *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
postseal_authenticator_unref (PostsealAuthenticator *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->account);
  g_free (self->user);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_array_unref (self->wanted);
  g_hash_table_unref (self->excluded);
  g_clear_pointer (&self->token, postseal_credential_unref);
  g_clear_pointer (&self->told, g_ptr_array_unref);
  g_free (self);
}

static gboolean
has_channel_binding (PostsealSealedLink *link)
{
  const char *type = NULL;
  g_autoptr (GBytes) binding = postseal_sealed_link_get_channel_binding (link, &type);

  return binding != NULL;
}

static gboolean
offers_plus (const char *const *offered)
{
  for (gsize i = 0; offered[i] != NULL; i++)
    if (rate_mechanism (offered[i]) == STRENGTH_SCRAM_PLUS)
      return TRUE;
  return FALSE;
}

static gboolean
is_own_log_in (const char *name)
{
  return g_strv_contains (own_log_ins, name);
}

/* Whether @name could run at all: here, now, with what the account has. */
static gboolean
is_usable (PostsealAuthenticator *self,
           PostsealSealedLink *link,
           const char *const *offered,
           const char *name)
{
  if (!g_strv_contains (offered, name) || g_hash_table_contains (self->excluded, name))
    return FALSE;
  if (!is_own_log_in (name) && !postseal_sasl_is_known (name))
    return FALSE;

  Strength strength = rate_mechanism (name);
  if (strength == STRENGTH_EXTERNAL)
    return postseal_sealed_link_has_client_certificate (link);
  if (has_token (self) && !g_strv_contains (token_order, name))
    return FALSE;
  if (strength == STRENGTH_SCRAM_PLUS && !has_channel_binding (link))
    return FALSE;
  return self->vault != NULL;
}

/* (nullable): the mechanism the server is held to */
static const char *
get_latched (PostsealAuthenticator *self, PostsealSealedLink *link)
{
  g_autofree char *endpoint
      = postseal_endpoint_to_string (postseal_sealed_link_get_endpoint (link));

  return self->latches == NULL ? NULL : postseal_latches_get (self->latches, endpoint, LATCH_NAME);
}

static Strength
get_held_strength (PostsealAuthenticator *self, PostsealSealedLink *link)
{
  const char *latched = get_latched (self, link);
  Strength strength = latched == NULL ? STRENGTH_PLAINTEXT : rate_mechanism (latched);

  /* Without binding data this end cannot do what it did before; the server is not to blame. */
  if (strength == STRENGTH_SCRAM_PLUS && !has_channel_binding (link))
    return STRENGTH_SCRAM;
  return strength;
}

static char *
join_offered (const char *const *offered)
{
  g_autofree char *joined = g_strjoinv (", ", (char **)offered);

  return joined[0] == '\0' ? g_strdup (_ ("nothing")) : postseal_printable (joined, -1);
}

static char *
join_wanted (PostsealAuthenticator *self)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < self->wanted->len; i++)
    {
      const char *name = g_array_index (self->wanted, Wanted, i).name;

      if (!is_own_log_in (name))
        g_string_append_printf (joined, "%s%s", joined->len > 0 ? ", " : "", name);
    }
  return g_string_free (joined, FALSE);
}

static void
set_choice_error (PostsealAuthenticator *self,
                  PostsealSealedLink *link,
                  const char *const *offered,
                  gboolean is_weaker,
                  GError **error)
{
  g_autofree char *endpoint
      = postseal_endpoint_to_string (postseal_sealed_link_get_endpoint (link));
  g_autofree char *offer = join_offered (offered);
  g_autofree char *allowed = join_wanted (self);

  if (is_weaker)
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH,
                 _ ("Not signing in to %s: it used to do %s, and now all it offers is weaker. If "
                    "your provider says that this is meant, run “postseal account edit %s "
                    "--forget-latches”. It offers: %s"),
                 endpoint, get_latched (self, link), self->account, offer);
  else if (self->vault == NULL)
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                 _ ("No way to sign in to %s: the account %s has no password, and signing in with "
                    "a client certificate is not possible here. The server offers: %s"),
                 endpoint, self->account, offer);
  else if (has_token (self))
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                 _ ("No way to sign in to %s: the account %s has an access token, which only "
                    "OAUTHBEARER and XOAUTH2 take, and allows %s. The server offers: %s"),
                 endpoint, self->account, allowed, offer);
  else
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                 _ ("No way to sign in to %s: the account %s allows %s. The server offers: %s"),
                 endpoint, self->account, allowed, offer);
}

/* Returns: (transfer none) (nullable): the first in order that is usable and not too weak */
static const char *
choose_mechanism (PostsealAuthenticator *self,
                  PostsealSealedLink *link,
                  const char *const *offered,
                  GError **error)
{
  Strength held = get_held_strength (self, link);
  gboolean is_weaker = FALSE;

  for (guint i = 0; i < self->wanted->len; i++)
    {
      const Wanted *wanted = &g_array_index (self->wanted, Wanted, i);

      if (!is_usable (self, link, offered, wanted->name))
        continue;
      if (wanted->is_explicit || rate_mechanism (wanted->name) >= held)
        return wanted->name;
      is_weaker = TRUE;
    }
  set_choice_error (self, link, offered, is_weaker, error);
  return NULL;
}

static void
on_secret_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Choice *choice = g_task_get_task_data (task);
  GError *error = NULL;

  choice->secret = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);
  if (choice->secret == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (choice->auth->told != NULL)
    g_ptr_array_add (choice->auth->told, postseal_credential_ref (choice->secret));
  if (has_token (choice->auth))
    {
      g_clear_pointer (&choice->auth->token, postseal_credential_unref);
      choice->auth->token = postseal_credential_ref (choice->secret);
    }
  if (choice->sasl != NULL)
    _postseal_sasl_set_secret (choice->sasl, choice->secret);
  g_task_return_boolean (task, TRUE);
}

static gboolean
check_vouched_for (PostsealSealedLink *link, GError **error)
{
  const PostsealSeal *seal = postseal_sealed_link_get_seal (link);

  if (seal->voucher != POSTSEAL_VOUCHER_NONE)
    return TRUE;

  g_autofree char *endpoint
      = postseal_endpoint_to_string (postseal_sealed_link_get_endpoint (link));
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("Not signing in to %s: nobody vouches for this server. Set its TLS policy to "
                  "enforced"),
               endpoint);
  return FALSE;
}

void
postseal_authenticator_begin_async (PostsealAuthenticator *self,
                                    PostsealSealedLink *link,
                                    const char *const *offered,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (link != NULL);
  g_return_if_fail (offered != NULL);

  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  const char *name = NULL;

  g_task_set_source_tag (task, postseal_authenticator_begin_async);
  if (check_vouched_for (link, &error))
    name = choose_mechanism (self, link, offered, &error);
  if (name == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* The link is not touched after this: its owner may go away while the vault is asked. */
  Choice *choice = g_new0 (Choice, 1);
  choice->auth = postseal_authenticator_ref (self);
  choice->user = g_strdup (self->user);
  if (!is_own_log_in (name))
    choice->sasl = postseal_sasl_new (link, name, self->user, NULL, offers_plus (offered));
  g_task_set_task_data (task, choice, (GDestroyNotify)choice_free);

  if (rate_mechanism (name) == STRENGTH_EXTERNAL)
    g_task_return_boolean (task, TRUE);
  else
    postseal_vault_lookup_async (self->vault, self->account, cancellable, on_secret_found,
                                 g_steal_pointer (&task));
}

gboolean
postseal_authenticator_begin_finish (PostsealAuthenticator *self,
                                     GAsyncResult *result,
                                     PostsealSasl **ret_sasl,
                                     char **ret_user,
                                     PostsealCredential **ret_secret,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  Choice *choice = g_task_get_task_data (G_TASK (result));
  if (ret_sasl != NULL)
    *ret_sasl = g_steal_pointer (&choice->sasl);
  if (ret_user != NULL)
    *ret_user = g_steal_pointer (&choice->user);
  if (ret_secret != NULL)
    *ret_secret = g_steal_pointer (&choice->secret);
  return TRUE;
}

void
postseal_authenticator_set_told (PostsealAuthenticator *self, GPtrArray *secrets)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (secrets != NULL);

  g_clear_pointer (&self->told, g_ptr_array_unref);
  self->told = g_ptr_array_ref (secrets);
}

void
postseal_authenticator_exclude (PostsealAuthenticator *self, const char *mechanism)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (mechanism != NULL);

  g_hash_table_add (self->excluded, g_ascii_strup (mechanism, -1));
}

gboolean
postseal_authenticator_rejected (PostsealAuthenticator *self, const char *mechanism)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (mechanism != NULL, FALSE);

  if (self->token == NULL || !g_strv_contains (token_order, mechanism))
    return FALSE;
  postseal_vault_invalidate (self->vault, self->account, self->token);
  g_clear_pointer (&self->token, postseal_credential_unref);
  if (self->is_token_renewed)
    return FALSE;
  self->is_token_renewed = TRUE;
  return TRUE;
}

void
postseal_authenticator_succeeded (PostsealAuthenticator *self,
                                  PostsealSealedLink *link,
                                  const char *mechanism)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (link != NULL);
  g_return_if_fail (mechanism != NULL);

  g_autofree char *endpoint
      = postseal_endpoint_to_string (postseal_sealed_link_get_endpoint (link));
  const char *latched = get_latched (self, link);

  self->is_token_renewed = FALSE;
  postseal_seal_set_mechanism (postseal_sealed_link_get_seal (link), mechanism);
  /* A latch only rises: a weaker mechanism that the user forced once is not what auto falls to. */
  if (self->latches != NULL
      && (latched == NULL || rate_mechanism (mechanism) > rate_mechanism (latched)))
    postseal_latches_learn (self->latches, endpoint, postseal_sealed_link_get_seal (link),
                            LATCH_NAME, mechanism);
}
