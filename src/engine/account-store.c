/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "engine/account-text.h"

#define LONGEST_FILE (1024 * 1024)

struct _PostsealAccountStore
{
  char *path; /* owned */
  GPtrArray *accounts; /* owned (element-type PostsealAccount): good ones */
  GPtrArray *problems; /* owned (element-type utf8) */
  GPtrArray *names; /* owned (element-type utf8): of all accounts, good and bad, NULL-terminated at
                       the end */
  GHashTable *troubles; /* owned: name -> PostsealAccountProblem, its first */
};

GQuark
postseal_config_error_quark (void)
{
  return g_quark_from_static_string ("postseal-config-error-quark");
}

static char *
fail_with_errno (const char *path, GError **error)
{
  g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE, _ ("Cannot read %s: %s"),
               path, g_strerror (errno));
  return NULL;
}

static char *
read_whole (int fd, const char *path, gsize *ret_length, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[8192];
  gssize n;

  do
    {
      n = read (fd, buffer, sizeof buffer);
      if (n < 0 && errno != EINTR)
        return fail_with_errno (path, error);
      if (n > 0)
        g_string_append_len (text, buffer, n);
    }
  while (n != 0 && text->len <= LONGEST_FILE);

  if (text->len > LONGEST_FILE || memchr (text->str, '\0', text->len) != NULL)
    {
      g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE,
                   _ ("%s is not a text file of at most 1 MiB"), path);
      return NULL;
    }
  *ret_length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
_postseal_account_store_read_file (const char *path,
                                   gsize *ret_length,
                                   gboolean *ret_is_missing,
                                   GError **error)
{
  struct stat info;
  char *text = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  *ret_is_missing = fd < 0 && errno == ENOENT;
  if (fd < 0 || fstat (fd, &info) != 0)
    fail_with_errno (path, error);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE, _ ("%s is not a file"),
                 path);
  else if (info.st_mode & S_IWOTH)
    g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE,
                 _ ("Everybody on this machine can change %s, and it names programs to run; look "
                    "through it, then "
                    "run “chmod o-w %s”"),
                 path, path);
  else
    text = read_whole (fd, path, ret_length, error);
  if (fd >= 0)
    close (fd);
  return text;
}

const char *
_postseal_account_store_name_section (const char *section)
{
  if (!g_str_has_prefix (section, "account") || !g_ascii_isspace (section[strlen ("account")]))
    return NULL;
  section += strlen ("account");
  while (g_ascii_isspace (*section))
    section++;
  return section;
}

typedef struct
{
  PostsealAccountStore *store; /* borrowed */
  GPtrArray *lines; /* borrowed */
  GPtrArray *found; /* borrowed (element-type PostsealAccountProblem): of the whole file */
  GHashTable *sections; /* borrowed: name -> line number of its first section */
  GHashTable *mboxes; /* borrowed: place -> name of the account that delivers there */
} Parsing;

/* Returns: (transfer none) */
static PostsealAccountProblem *
add_problem (Parsing *self, guint line, PostsealConfigError code, char *message)
{
  PostsealAccountProblem *problem = postseal_account_problem_new (line, code, message);

  g_ptr_array_add (self->found, problem);
  return problem;
}

static void
set_trouble (Parsing *self, const char *name, const PostsealAccountProblem *problem)
{
  if (!g_hash_table_contains (self->store->troubles, name))
    g_hash_table_insert (
        self->store->troubles, g_strdup (name),
        postseal_account_problem_new (problem->line, problem->code, g_strdup (problem->message)));
}

static void
drop_account (PostsealAccountStore *self, const char *name)
{
  for (guint i = 0; i < self->accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (self->accounts, i);

      if (strcmp (account->name, name) == 0)
        {
          g_ptr_array_remove_index (self->accounts, i);
          return;
        }
    }
}

static guint
find_entry (const GPtrArray *lines, guint first, guint end, const char *key)
{
  for (guint i = first + 1; i < end; i++)
    {
      const PostsealAccountLine *line = g_ptr_array_index (lines, i);

      if (line->kind == POSTSEAL_ACCOUNT_LINE_ENTRY && strcmp (line->name, key) == 0)
        return i + 1;
    }
  return first + 1;
}

/* Two fetchers that append to one mbox would wait for each other, and neither could be taken back
 * alone. */
static gboolean
check_mbox (Parsing *self, const PostsealAccount *account, guint first, guint end)
{
  g_autofree char *place = NULL;
  const char *other;

  if (account->deliver == NULL || postseal_sink_spec_kind (account->deliver) != POSTSEAL_SINK_MBOX)
    return TRUE;
  place = postseal_sink_spec_place (account->deliver);
  other = g_hash_table_lookup (self->mboxes, place);
  if (other == NULL)
    {
      g_hash_table_insert (self->mboxes, g_steal_pointer (&place), g_strdup (account->name));
      return TRUE;
    }
  set_trouble (
      self, account->name,
      add_problem (
          self, find_entry (self->lines, first, end, "deliver"), POSTSEAL_CONFIG_ERROR_VALUE,
          g_strdup_printf (_ ("the account “%s” delivers to this mbox already; give each account "
                              "an mbox of its own, or use a Maildir, which they can share"),
                           other)));
  return FALSE;
}

static void
read_account (Parsing *self, const char *name, guint first, guint end)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new ();
  g_autoptr (PostsealAccount) account
      = postseal_account_reader_read (name, self->lines, first, end, problems);

  for (guint i = 0; i < problems->len; i++)
    g_ptr_array_add (self->found, g_ptr_array_index (problems, i));
  if (account == NULL)
    set_trouble (self, name, g_ptr_array_index (problems, 0));
  else if (check_mbox (self, account, first, end))
    g_ptr_array_add (self->store->accounts, g_steal_pointer (&account));
}

static void
read_section (Parsing *self, const char *section, guint first, guint end)
{
  const char *name = _postseal_account_store_name_section (section);
  g_autofree char *shown = postseal_printable (section, -1);
  g_autofree char *complaint = NULL;
  guint first_line;

  if (name == NULL)
    {
      add_problem (
          self, first + 1, POSTSEAL_CONFIG_ERROR_UNKNOWN,
          g_strdup_printf (_ ("unknown section “%s”; valid: [account NAME], e.g. [account work]"),
                           shown));
      return;
    }
  complaint = postseal_account_reader_check_name (name);
  if (complaint != NULL)
    {
      add_problem (self, first + 1, POSTSEAL_CONFIG_ERROR_VALUE, g_steal_pointer (&complaint));
      return;
    }

  first_line = GPOINTER_TO_UINT (g_hash_table_lookup (self->sections, name));
  if (first_line == 0)
    {
      g_hash_table_insert (self->sections, g_strdup (name), GUINT_TO_POINTER (first + 1));
      g_ptr_array_add (self->store->names, g_strdup (name));
      read_account (self, name, first, end);
      return;
    }

  /* Which of the two is meant cannot be told, so neither is used. */
  drop_account (self->store, name);
  set_trouble (
      self, name,
      add_problem (
          self, first + 1, POSTSEAL_CONFIG_ERROR_VALUE,
          g_strdup_printf (_ ("the account “%s” is there twice, first in line %u; rename or remove "
                              "one of the two"),
                           name, first_line)));
}

/* Before the first section. */
static void
read_preamble (Parsing *self, guint end)
{
  for (guint i = 0; i < end; i++)
    {
      const PostsealAccountLine *line = g_ptr_array_index (self->lines, i);
      g_autofree char *shown = NULL;

      if (line->kind == POSTSEAL_ACCOUNT_LINE_BAD)
        add_problem (self, i + 1, POSTSEAL_CONFIG_ERROR_SYNTAX, g_strdup (line->value));
      if (line->kind != POSTSEAL_ACCOUNT_LINE_ENTRY)
        continue;
      shown = postseal_printable (line->name, -1);
      add_problem (
          self, i + 1, POSTSEAL_CONFIG_ERROR_SYNTAX,
          g_strdup_printf (
              _ ("“%s” stands before the first section; begin the account with a line like "
                 "[account work]"),
              shown));
    }
}

static guint
find_section (const GPtrArray *lines, guint from)
{
  while (from < lines->len
         && ((PostsealAccountLine *)g_ptr_array_index (lines, from))->kind
                != POSTSEAL_ACCOUNT_LINE_SECTION)
    from++;
  return from;
}

static void
read_sections (Parsing *self)
{
  guint first = find_section (self->lines, 0);

  read_preamble (self, first);
  while (first < self->lines->len)
    {
      const PostsealAccountLine *line = g_ptr_array_index (self->lines, first);
      guint end = find_section (self->lines, first + 1);

      read_section (self, line->name, first, end);
      first = end;
    }
  if (self->store->names->len == 0 && self->found->len == 0)
    add_problem (
        self, 1, POSTSEAL_CONFIG_ERROR_FILE,
        g_strdup (
            _ ("no account in this file; add one with “postseal account add”, or write a section "
               "[account NAME]")));
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const PostsealAccountProblem *first = *(const PostsealAccountProblem *const *)a;
  const PostsealAccountProblem *second = *(const PostsealAccountProblem *const *)b;

  return (first->line > second->line) - (first->line < second->line);
}

PostsealAccountStore *
_postseal_account_store_parse (const char *path, const char *text, gsize length)
{
  PostsealAccountStore *self = g_new0 (PostsealAccountStore, 1);
  g_autoptr (GPtrArray) lines = postseal_account_text_parse (text, length);
  g_autoptr (GPtrArray) found
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_account_problem_free);
  g_autoptr (GHashTable) sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) mboxes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Parsing parsing = { self, lines, found, sections, mboxes };

  self->path = g_strdup (path);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_account_unref);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->troubles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify)postseal_account_problem_free);

  read_sections (&parsing);
  g_ptr_array_add (self->names, NULL);
  g_ptr_array_sort (found, compare_lines);
  for (guint i = 0; i < found->len; i++)
    {
      const PostsealAccountProblem *problem = g_ptr_array_index (found, i);

      g_ptr_array_add (self->problems,
                       g_strdup_printf ("%s:%u: %s", path, problem->line, problem->message));
    }
  return self;
}

PostsealAccountStore *
postseal_account_store_load (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gboolean is_missing = FALSE;
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  text = _postseal_account_store_read_file (path, &length, &is_missing, &local);
  if (text != NULL)
    return _postseal_account_store_parse (path, text, length);
  if (is_missing)
    g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE,
                 _ ("There is no account yet (%s does not exist); make the first one, e.g. "
                    "“postseal account add jane@example.org”"),
                 path);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

void
postseal_account_store_free (PostsealAccountStore *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_ptr_array_unref (self->accounts);
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->troubles);
  g_free (self);
}

const GPtrArray *
postseal_account_store_get_accounts (PostsealAccountStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->accounts;
}

const GPtrArray *
postseal_account_store_get_problems (PostsealAccountStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->problems;
}

const PostsealAccountProblem *
_postseal_account_store_find_problem (PostsealAccountStore *self, const char *name)
{
  return g_hash_table_lookup (self->troubles, name);
}

const char *const *
postseal_account_store_get_names (PostsealAccountStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->names->pdata;
}

gboolean
postseal_account_store_has (PostsealAccountStore *self, const char *name)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return g_strv_contains ((const char *const *)self->names->pdata, name);
}

PostsealAccount *
postseal_account_store_lookup (PostsealAccountStore *self, const char *name, GError **error)
{
  const PostsealAccountProblem *problem;
  const char *nearest;
  g_autofree char *shown = NULL;
  g_autofree char *suggestion = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < self->accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (self->accounts, i);

      if (strcmp (account->name, name) == 0)
        return account;
    }

  problem = _postseal_account_store_find_problem (self, name);
  if (problem != NULL)
    {
      g_set_error (error, POSTSEAL_CONFIG_ERROR, problem->code, "%s:%u: %s", self->path,
                   problem->line, problem->message);
      return NULL;
    }
  shown = postseal_printable (name, -1);
  nearest = postseal_suggest (name, (const char *const *)self->names->pdata);
  suggestion
      = nearest != NULL ? g_strdup_printf (_ ("; did you mean “%s”?"), nearest) : g_strdup ("");
  g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN,
               _ ("There is no account “%s” in %s%s"), shown, self->path, suggestion);
  return NULL;
}
