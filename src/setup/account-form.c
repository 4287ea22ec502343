/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-form-private.h"

#include <string.h>

#include "engine/account-keys.h"
#include "engine/account-text.h"
#include "engine/account-url.h"

struct _PostsealAccountForm
{
  GObject parent;

  char *name; /* owned */
  GHashTable *values; /* owned: key -> value */
  PostsealFormSection *saved; /* owned, nullable: what the file says */
  const char *wrong_key; /* borrowed: static, or NULL */
};

G_DEFINE_FINAL_TYPE (PostsealAccountForm, postseal_account_form, G_TYPE_OBJECT)

static guint signal_changed;

static const char *
get_url_key (gboolean sending)
{
  return sending ? "send" : "receive";
}

/* --- defaults --- */

static void
append_entry (GString *text, const char *key, const char *value)
{
  g_autofree char *escaped
      = postseal_account_text_escape (value, postseal_account_reader_is_list (key));

  g_string_append_printf (text, "%s=%s\n", key, escaped);
}

/* What an account that says as little as it can has for @key, with @value there. Returns: (transfer
   full) (nullable): NULL when @value is none of this key's */
static char *
try_value (const char *key, const char *value)
{
  static const char least[] = "[account a]\naddress=a@example.org\nreceive=imaps://example.org\n"
                              "send=submissions://example.org\ndeliver=maildir:/m\n";
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_account_problem_free);
  g_autoptr (GString) text = g_string_new (least);
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (PostsealAccount) account = NULL;

  if (value != NULL)
    append_entry (text, key, value);
  lines = postseal_account_text_parse (text->str, text->len);
  account = postseal_account_reader_read ("a", lines, 0, lines->len, problems);
  return account != NULL ? postseal_account_get_setting (account, key) : NULL;
}

static gboolean
has_default (const char *key)
{
  static const char *const keys[] = { "address", "receive", "send", "deliver", NULL };

  return !g_strv_contains (keys, key);
}

/* The same in another spelling counts: "60s" is "1m". */
static gboolean
is_default (const char *key, const char *value)
{
  g_autofree char *usual = NULL;
  g_autofree char *tried = NULL;

  if (!has_default (key))
    return FALSE;
  usual = try_value (key, NULL);
  if (usual == NULL)
    return FALSE;
  tried = try_value (key, value);
  return g_strcmp0 (tried, usual) == 0;
}

/* --- values --- */

const char *
postseal_account_form_get (PostsealAccountForm *self, const char *key)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return g_hash_table_lookup (self->values, key);
}

char *
postseal_account_form_get_effective (PostsealAccountForm *self, const char *key)
{
  const char *value = postseal_account_form_get (self, key);

  if (value != NULL)
    return g_strdup (value);
  return has_default (key) ? try_value (key, NULL) : NULL;
}

void
postseal_account_form_set (PostsealAccountForm *self, const char *key, const char *value)
{
  g_autofree char *copy = NULL;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self));
  g_return_if_fail (key != NULL && postseal_account_keys_find (key) >= 0);

  if (value != NULL && *value != '\0'
      && (g_strcmp0 (value, _postseal_form_section_get (self->saved, key)) == 0
          || !is_default (key, value)))
    copy = g_strdup (value);
  if (g_strcmp0 (copy, postseal_account_form_get (self, key)) == 0)
    return;
  if (copy != NULL)
    g_hash_table_insert (self->values, g_strdup (key), g_steal_pointer (&copy));
  else
    g_hash_table_remove (self->values, key);
  g_signal_emit (self, signal_changed, 0, key);
}

/* --- the servers --- */

PostsealEndpoint *
postseal_account_form_get_endpoint (PostsealAccountForm *self, gboolean sending, char **ret_user)
{
  const char *url = postseal_account_form_get (self, get_url_key (sending));
  g_autofree char *complaint = NULL;
  g_autofree char *user = NULL;
  PostsealEndpoint *endpoint = NULL;

  if (url == NULL
      || !postseal_account_url_parse (
          url, sending ? POSTSEAL_ACCOUNT_URL_SEND : POSTSEAL_ACCOUNT_URL_RECEIVE, &endpoint, &user,
          &complaint))
    return NULL;
  if (ret_user != NULL)
    *ret_user = user != NULL ? g_steal_pointer (&user)
                             : g_strdup (postseal_account_form_get (self, "address"));
  return endpoint;
}

/* What cannot stand alone goes with it. */
static void
drop_direction (PostsealAccountForm *self, gboolean sending)
{
  const char *const *keys = postseal_account_store_get_keys ();
  PostsealAccountKeyFlags useless
      = sending ? POSTSEAL_ACCOUNT_KEY_NEEDS_SEND : POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE;

  if (postseal_account_form_get (self, get_url_key (!sending)) == NULL)
    useless |= POSTSEAL_ACCOUNT_KEY_NEEDS_TLS;
  postseal_account_form_set (self, get_url_key (sending), NULL);
  for (int i = 0; i < POSTSEAL_N_ACCOUNT_KEYS; i++)
    if (postseal_account_keys_get_flags (i) & useless)
      postseal_account_form_set (self, keys[i], NULL);
}

/* Without the port where the scheme says it already. */
static char *
format_url (PostsealEndpoint *endpoint, gboolean sending, const char *user)
{
  g_autofree char *whole = postseal_account_url_format (endpoint, user != NULL ? user : "");
  g_autofree char *port = g_strdup_printf (":%u", endpoint->port);
  g_autofree char *complaint = NULL;
  g_autofree char *its_user = NULL;
  g_autofree char *brief = NULL;
  g_autoptr (PostsealEndpoint) parsed = NULL;
  GString *url = g_string_new (whole);

  if (user == NULL)
    g_string_replace (url, "://@", "://", 1);
  brief = g_strndup (url->str, url->len - strlen (port));
  if (postseal_account_url_parse (
          brief, sending ? POSTSEAL_ACCOUNT_URL_SEND : POSTSEAL_ACCOUNT_URL_RECEIVE, &parsed,
          &its_user, &complaint)
      && parsed->port == endpoint->port)
    g_string_assign (url, brief);
  return g_string_free (url, FALSE);
}

PostsealEndpoint *
postseal_account_form_get_login (PostsealAccountForm *self, char **ret_user)
{
  gboolean sending = postseal_account_form_get (self, "receive") == NULL;
  g_autofree char *user = NULL;
  PostsealEndpoint *endpoint = postseal_account_form_get_endpoint (self, sending, &user);

  if (endpoint == NULL)
    return NULL;
  *ret_user = user != NULL ? g_steal_pointer (&user)
                           : g_strdup (postseal_account_form_get (self, "address"));
  return endpoint;
}

void
postseal_account_form_set_endpoint (PostsealAccountForm *self,
                                    gboolean sending,
                                    PostsealEndpoint *endpoint,
                                    const char *user)
{
  g_autofree char *url = NULL;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self));

  if (endpoint == NULL)
    {
      drop_direction (self, sending);
      return;
    }
  if (user != NULL
      && (*user == '\0' || g_strcmp0 (user, postseal_account_form_get (self, "address")) == 0))
    user = NULL;
  url = format_url (endpoint, sending, user);
  postseal_account_form_set (self, get_url_key (sending), url);
}

/* --- name and state --- */

const char *
postseal_account_form_get_name (PostsealAccountForm *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), NULL);

  return self->name;
}

void
postseal_account_form_set_name (PostsealAccountForm *self, const char *name)
{
  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (self->saved == NULL);

  g_free (self->name);
  self->name = g_strdup (name);
}

gboolean
postseal_account_form_is_saved (PostsealAccountForm *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), FALSE);

  return self->saved != NULL;
}

gboolean
postseal_account_form_is_changed (PostsealAccountForm *self)
{
  const char *const *keys = postseal_account_store_get_keys ();

  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), FALSE);

  for (gsize i = 0; keys[i] != NULL; i++)
    if (g_strcmp0 (g_hash_table_lookup (self->values, keys[i]),
                   _postseal_form_section_get (self->saved, keys[i]))
        != 0)
      return TRUE;
  return self->saved == NULL;
}

/* --- as text, and as an account --- */

char *
postseal_account_form_to_text (PostsealAccountForm *self)
{
  const char *const *keys = postseal_account_store_get_keys ();
  GString *text;

  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), NULL);

  text = g_string_new (NULL);
  g_string_append_printf (text, "[account %s]\n", self->name);
  for (gsize i = 0; keys[i] != NULL; i++)
    if (postseal_account_form_get (self, keys[i]) != NULL)
      append_entry (text, keys[i], postseal_account_form_get (self, keys[i]));
  return g_string_free (text, FALSE);
}

/* Whether saving leaves @line of the file's section alone. */
static gboolean
is_kept (PostsealAccountForm *self, const PostsealAccountLine *line)
{
  return line->kind != POSTSEAL_ACCOUNT_LINE_ENTRY || postseal_account_keys_find (line->name) < 0
         || g_strcmp0 (postseal_account_form_get (self, line->name),
                       _postseal_form_section_get (self->saved, line->name))
                == 0;
}

/* The section as it would stand in the file, mistakes that nobody has touched included. */
static GPtrArray *
make_lines (PostsealAccountForm *self)
{
  const char *const *keys = postseal_account_store_get_keys ();
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->saved == NULL)
    g_string_append_printf (text, "[account %s]\n", self->name);
  for (guint i = 0; self->saved != NULL && i < self->saved->lines->len; i++)
    {
      const PostsealAccountLine *line = g_ptr_array_index (self->saved->lines, i);

      if (is_kept (self, line))
        g_string_append (text, line->text);
    }
  if (!g_str_has_suffix (text->str, "\n"))
    g_string_append_c (text, '\n');
  for (gsize i = 0; keys[i] != NULL; i++)
    {
      const char *value = postseal_account_form_get (self, keys[i]);

      if (value != NULL
          && g_strcmp0 (value, _postseal_form_section_get (self->saved, keys[i])) != 0)
        append_entry (text, keys[i], value);
    }
  return postseal_account_text_parse (text->str, text->len);
}

/* What is missing is told in the section's own line. */
static const char *
find_missing_key (PostsealAccountForm *self)
{
  if (postseal_account_form_get (self, "address") == NULL)
    return "address";
  return postseal_account_form_get (self, "receive") != NULL ? "deliver" : "receive";
}

static const char *
find_key (PostsealAccountForm *self, const GPtrArray *lines, guint line_number)
{
  const PostsealAccountLine *line;
  int key = -1;

  if (line_number <= 1 || line_number > lines->len)
    return find_missing_key (self);
  line = g_ptr_array_index (lines, line_number - 1);
  if (line->kind == POSTSEAL_ACCOUNT_LINE_ENTRY)
    key = postseal_account_keys_find (line->name);
  return key >= 0 ? postseal_account_store_get_keys ()[key] : NULL;
}

const char *
postseal_account_form_get_wrong_key (PostsealAccountForm *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), NULL);

  return self->wrong_key;
}

PostsealAccount *
postseal_account_form_make_account (PostsealAccountForm *self, GError **error)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_account_problem_free);
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *complaint = NULL;
  PostsealAccount *account;

  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self), NULL);

  self->wrong_key = NULL;
  complaint = postseal_account_reader_check_name (self->name);
  if (complaint != NULL)
    {
      g_set_error_literal (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE, complaint);
      return NULL;
    }
  lines = make_lines (self);
  account = postseal_account_reader_read (self->name, lines, 0, lines->len, problems);
  if (account == NULL)
    {
      const PostsealAccountProblem *problem = g_ptr_array_index (problems, 0);

      self->wrong_key = find_key (self, lines, problem->line);
      g_set_error_literal (error, POSTSEAL_CONFIG_ERROR, problem->code, problem->message);
    }
  return account;
}

/* --- saving --- */

typedef struct
{
  char *config; /* owned */
  char *name; /* owned */
  PostsealFormSection *old; /* owned, nullable */
  GHashTable *values; /* owned */
} Saving;

static void
free_saving (Saving *self)
{
  g_free (self->config);
  g_free (self->name);
  g_clear_pointer (&self->old, _postseal_form_section_unref);
  g_hash_table_unref (self->values);
  g_free (self);
}

static GHashTable *
copy_values (GHashTable *values)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Saving *self = data;
  GError *error = NULL;
  PostsealFormSection *section
      = _postseal_form_section_write (self->config, self->name, self->old, self->values, &error);

  if (section != NULL)
    g_task_return_pointer (task, section, (GDestroyNotify)_postseal_form_section_unref);
  else
    g_task_return_error (task, error);
}

/* A list may be spelled otherwise in the file. What was set meanwhile stays. */
static void
take_section (PostsealAccountForm *self, GHashTable *written, PostsealFormSection *section)
{
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_hash_table_iter_init (&iter, section->values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_strcmp0 (postseal_account_form_get (self, key), g_hash_table_lookup (written, key)) == 0)
      g_hash_table_insert (self->values, g_strdup (key), g_strdup (value));
  g_clear_pointer (&self->saved, _postseal_form_section_unref);
  self->saved = section;
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealAccountForm *self = g_task_get_source_object (task);
  GError *error = NULL;
  PostsealFormSection *section = g_task_propagate_pointer (G_TASK (result), &error);

  if (section == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  take_section (self, ((Saving *)g_task_get_task_data (G_TASK (result)))->values, section);
  g_task_return_boolean (task, TRUE);
}

void
postseal_account_form_save_async (PostsealAccountForm *self,
                                  const char *config,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task;
  g_autoptr (GTask) writing = NULL;
  Saving *saving;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (self));
  g_return_if_fail (config != NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, postseal_account_form_save_async);
  /* Without it as the source: the thread may be the last to let go of its task. */
  writing = g_task_new (NULL, NULL, on_written, task);
  g_task_set_source_tag (writing, postseal_account_form_save_async);
  saving = g_new0 (Saving, 1);
  saving->config = g_strdup (config);
  saving->name = g_strdup (self->name);
  saving->old = self->saved != NULL ? _postseal_form_section_ref (self->saved) : NULL;
  saving->values = copy_values (self->values);
  g_task_set_task_data (writing, saving, (GDestroyNotify)free_saving);
  g_task_run_in_thread (writing, write_in_thread);
}

gboolean
postseal_account_form_save_finish (PostsealAccountForm *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- making it --- */

PostsealAccountForm *
postseal_account_form_new (void)
{
  return g_object_new (POSTSEAL_TYPE_ACCOUNT_FORM, NULL);
}

PostsealAccountForm *
postseal_account_form_new_from_proposal (const char *address,
                                         const char *full_name,
                                         const PostsealProposal *proposal)
{
  PostsealAccountForm *self;
  g_autofree char *deliver = NULL;

  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (proposal != NULL, NULL);

  self = postseal_account_form_new ();
  g_free (self->name);
  self->name = postseal_account_reader_spell_name (address);
  postseal_account_form_set (self, "address", address);
  postseal_account_form_set (self, "name", full_name);
  if (proposal->receive != NULL)
    {
      deliver = g_strconcat ("maildir:~/Mail/", self->name, NULL);
      postseal_account_form_set_endpoint (self, FALSE, proposal->receive, proposal->receive_user);
      postseal_account_form_set (self, "deliver", deliver);
    }
  /* Only an account of its own can say that sending needs no log-in. */
  if (proposal->send != NULL && (proposal->send_user != NULL || proposal->receive == NULL))
    postseal_account_form_set_endpoint (self, TRUE, proposal->send, proposal->send_user);
  if (proposal->receive == NULL && proposal->send != NULL && proposal->send_user == NULL)
    postseal_account_form_set (self, "auth", "none");
  if (proposal->wants_oauth && proposal->oauth != NULL)
    {
      g_autofree char *password = g_strconcat ("oauth:", proposal->oauth, NULL);

      postseal_account_form_set (self, "password", password);
    }
  return self;
}

PostsealAccountForm *
postseal_account_form_load (const char *config, const char *name, GError **error)
{
  g_autoptr (PostsealFormSection) section = NULL;
  PostsealAccountForm *self;

  g_return_val_if_fail (config != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  section = _postseal_form_section_load (config, name, error);
  if (section == NULL)
    return NULL;
  self = postseal_account_form_new ();
  g_free (self->name);
  self->name = g_strdup (name);
  g_hash_table_unref (self->values);
  self->values = copy_values (section->values);
  self->saved = g_steal_pointer (&section);
  return self;
}

static void
postseal_account_form_init (PostsealAccountForm *self)
{
  self->name = g_strdup ("");
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
finalize (GObject *object)
{
  PostsealAccountForm *self = POSTSEAL_ACCOUNT_FORM (object);

  g_free (self->name);
  g_hash_table_unref (self->values);
  g_clear_pointer (&self->saved, _postseal_form_section_unref);
  G_OBJECT_CLASS (postseal_account_form_parent_class)->finalize (object);
}

static void
postseal_account_form_class_init (PostsealAccountFormClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
  signal_changed = g_signal_new ("changed", POSTSEAL_TYPE_ACCOUNT_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}
