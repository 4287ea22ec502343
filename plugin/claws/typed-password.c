/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/typed-password.h"

#include <glib/gi18n-lib.h>
#include <log.h>

#include "claws/account-sign-ins.h"
#include "claws/keyring-errand.h"
#include "claws/session-password.h"

#define TICK_S 1
#define SETTLED_S 5 /* so long does a server take to refuse it */
#define PATIENCE_S 300 /* for a person to type it */

struct _PostsealClawsTypedPasswords
{
  PostsealClawsBindings *bindings; /* owned */
  GHashTable *expected; /* owned: by name, element-type Expected */
  GCancellable *cancellable; /* owned: ends what is under way */
};

/* One that may be typed. */
typedef struct
{
  PostsealClawsTypedPasswords *owner; /* borrowed: it ends its expectations first */
  char *key; /* owned */
  int id;
  char *protocol; /* owned */
  PostsealClawsSignIn *sign_in; /* owned */
  guint source;
  guint waited_s;
  guint settled_s;
  PostsealCredential *typed; /* owned, nullable */
} Expected;

static void
free_expected (gpointer data)
{
  Expected *self = data;

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->typed, postseal_credential_unref);
  postseal_claws_sign_in_free (self->sign_in);
  g_free (self->protocol);
  g_free (self->key);
  g_free (self);
}

/* --- keeping --- */

typedef struct
{
  PostsealClawsBindings *bindings; /* owned */
  int id;
  char *protocol; /* owned */
  PostsealCredential *secret; /* owned */
} Keeping;

static void
free_keeping (Keeping *self)
{
  g_object_unref (self->bindings);
  g_free (self->protocol);
  postseal_credential_unref (self->secret);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keeping, free_keeping)

/* Returns: (nullable): of an account that is still to keep its passwords in the keyring */
static char **
find_slot (PostsealClawsBindings *bindings, int id, const char *protocol)
{
  PrefsAccount *account = account_find_from_id (id);

  if (account == NULL || !postseal_claws_bindings_does (bindings, id, POSTSEAL_CLAWS_PASSWORDS))
    return NULL;
  return postseal_claws_session_password (account, protocol);
}

/* The host needs to remember it no more, unless another one was typed meanwhile. */
static void
forget_typed (const Keeping *keeping)
{
  char **slot = find_slot (keeping->bindings, keeping->id, keeping->protocol);
  g_autoptr (PostsealCredential) typed = NULL;

  if (slot == NULL || postseal_claws_session_look (slot) != POSTSEAL_CLAWS_SESSION_TYPED)
    return;
  typed = postseal_claws_session_read (slot);
  if (postseal_claws_is_same_secret (typed, keeping->secret))
    postseal_claws_session_mark (slot);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Keeping) keeping = user_data;
  g_autoptr (GError) error = NULL;

  if (postseal_claws_keyring_keep_finish (result, &error))
    forget_typed (keeping);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    log_warning (LOG_PROTOCOL, "Postseal: %s\n", error->message);
}

static void
keep (Expected *self)
{
  Keeping *keeping = g_new0 (Keeping, 1);

  keeping->bindings = g_object_ref (self->owner->bindings);
  keeping->id = self->id;
  keeping->protocol = g_strdup (self->protocol);
  keeping->secret = postseal_credential_ref (self->typed);
  postseal_claws_keyring_keep_async (self->sign_in, self->typed, self->owner->cancellable, on_kept,
                                     keeping);
}

/* --- waiting --- */

/* Returns: TRUE when the same has been there for long enough */
static gboolean
has_settled (Expected *self, char *const *slot)
{
  g_autoptr (PostsealCredential) typed = NULL;

  if (postseal_claws_session_look (slot) != POSTSEAL_CLAWS_SESSION_TYPED)
    {
      g_clear_pointer (&self->typed, postseal_credential_unref);
      return FALSE;
    }
  typed = postseal_claws_session_read (slot);
  if (self->typed == NULL || !postseal_claws_is_same_secret (self->typed, typed))
    {
      g_clear_pointer (&self->typed, postseal_credential_unref);
      self->typed = g_steal_pointer (&typed);
      self->settled_s = 0;
      return FALSE;
    }
  self->settled_s += TICK_S;
  return self->settled_s >= SETTLED_S;
}

static gboolean
on_tick (gpointer user_data)
{
  Expected *self = user_data;
  char **slot = find_slot (self->owner->bindings, self->id, self->protocol);
  gboolean has_ended = slot == NULL || (self->waited_s += TICK_S) > PATIENCE_S;

  if (!has_ended && has_settled (self, slot))
    {
      keep (self);
      has_ended = TRUE;
    }
  if (!has_ended)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  g_hash_table_remove (self->owner->expected, self->key);
  return G_SOURCE_REMOVE;
}

void
postseal_claws_typed_passwords_expect (PostsealClawsTypedPasswords *self,
                                       int id,
                                       const char *protocol,
                                       const PostsealClawsSignIn *sign_in)
{
  Expected *expected = g_new0 (Expected, 1);

  expected->owner = self;
  expected->key = g_strdup_printf ("%d %s", id, protocol);
  expected->id = id;
  expected->protocol = g_strdup (protocol);
  expected->sign_in = postseal_claws_sign_in_copy (sign_in);
  expected->source = g_timeout_add_seconds (TICK_S, on_tick, expected);
  g_hash_table_replace (self->expected, expected->key, expected);
}

PostsealClawsTypedPasswords *
postseal_claws_typed_passwords_new (PostsealClawsBindings *bindings)
{
  PostsealClawsTypedPasswords *self = g_new0 (PostsealClawsTypedPasswords, 1);

  self->bindings = g_object_ref (bindings);
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_expected);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
postseal_claws_typed_passwords_free (PostsealClawsTypedPasswords *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->expected);
  g_object_unref (self->bindings);
  g_free (self);
}
