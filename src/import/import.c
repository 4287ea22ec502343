/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/import.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/paths.h"
#include "import/import-map.h"
#include "import/import-private.h"

#define LONGEST_FILE (1024 * 1024)
#define MOST_PLACES 3

G_DEFINE_QUARK (postseal - import - error - quark, postseal_import_error)

typedef struct
{
  const char *name;
  PostsealImportMap map;
  const char *places[MOST_PLACES]; /* "@" stands for the directory of configuration */
} Program;

/* In the order in which each program looks. */
static const Program programs[POSTSEAL_N_IMPORT_PROGRAMS] = {
  [POSTSEAL_IMPORT_FETCHMAIL] = { "fetchmail", postseal_map_fetchmail, { "~/.fetchmailrc" } },
  [POSTSEAL_IMPORT_GETMAIL]
  = { "getmail", postseal_map_getmail, { "~/.getmail/getmailrc", "@/getmail/getmailrc" } },
  [POSTSEAL_IMPORT_MPOP] = { "mpop", postseal_map_mpop, { "~/.mpoprc", "@/mpop/config" } },
  [POSTSEAL_IMPORT_MSMTP] = { "msmtp", postseal_map_msmtp, { "~/.msmtprc", "@/msmtp/config" } },
  [POSTSEAL_IMPORT_MBSYNC] = { "mbsync", postseal_map_mbsync, { "~/.mbsyncrc", "@/isyncrc" } },
  [POSTSEAL_IMPORT_CLAWS] = { "claws-mail", postseal_map_claws, { "~/.claws-mail/accountrc" } },
};

const char *
postseal_import_program_name (PostsealImportProgram program)
{
  g_return_val_if_fail ((int)program >= 0 && program < POSTSEAL_N_IMPORT_PROGRAMS, NULL);

  return programs[program].name;
}

int
postseal_import_program_parse (const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  for (int i = 0; i < POSTSEAL_N_IMPORT_PROGRAMS; i++)
    if (g_ascii_strcasecmp (programs[i].name, name) == 0)
      return i;
  return -1;
}

/* --- which files there are --- */

static char *
expand_place (const char *place)
{
  const char *config = g_getenv ("XDG_CONFIG_HOME");
  g_autofree char *usual = postseal_paths_expand_home ("~/.config");

  if (*place != '@')
    return postseal_paths_expand_home (place);
  return g_strconcat (config != NULL && *config == '/' ? config : usual, place + 1, NULL);
}

/* Returns: (transfer full) (nullable): the first that exists */
static char *
find_file (PostsealImportProgram program)
{
  for (gsize i = 0; i < MOST_PLACES && programs[program].places[i] != NULL; i++)
    {
      g_autofree char *path = expand_place (programs[program].places[i]);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

void
postseal_import_source_free (PostsealImportSource *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self);
}

static void
free_source (gpointer data)
{
  postseal_import_source_free (data);
}

/* @path: (transfer full) */
static void
add_source (GPtrArray *sources, PostsealImportProgram program, char *path)
{
  PostsealImportSource *source = g_new0 (PostsealImportSource, 1);

  source->program = program;
  source->path = path;
  g_ptr_array_add (sources, source);
}

static gboolean
is_getmailrc (const char *path)
{
  gsize length = 0;
  char *text = postseal_import_load (path, LONGEST_FILE, &length, NULL);
  gboolean is_rc = text != NULL && g_strstr_len (text, (gssize)length, "[retriever]") != NULL;

  if (text != NULL)
    postseal_rc_wipe_text (text, length);
  return is_rc;
}

/* getmail has one file an account, of any name, beside what it remembers. */
static void
add_other_getmailrcs (GPtrArray *sources, const char *place)
{
  g_autofree char *path = expand_place (place);
  g_autofree char *dir_path = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *other = g_build_filename (dir_path, name, NULL);

      if (*name != '.' && !g_str_has_prefix (name, "oldmail-") && !g_str_has_suffix (name, "~")
          && !g_str_equal (name, "getmailrc") && g_file_test (other, G_FILE_TEST_IS_REGULAR)
          && is_getmailrc (other))
        add_source (sources, POSTSEAL_IMPORT_GETMAIL, g_steal_pointer (&other));
    }
}

GPtrArray *
postseal_import_find (void)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func (free_source);

  for (int i = 0; i < POSTSEAL_N_IMPORT_PROGRAMS; i++)
    {
      char *path = find_file (i);

      if (path != NULL)
        add_source (sources, i, path);
      for (gsize j = 0; i == POSTSEAL_IMPORT_GETMAIL && programs[i].places[j] != NULL; j++)
        add_other_getmailrcs (sources, programs[i].places[j]);
    }
  return sources;
}

/* --- what one says --- */

static void
free_draft (gpointer data)
{
  postseal_import_draft_free (data);
}

static PostsealImport *
new_import (PostsealImportProgram program, const char *path, const char *config)
{
  PostsealImport *self = g_new0 (PostsealImport, 1);

  g_atomic_ref_count_init (&self->references);
  self->program = program;
  self->config = g_strdup (config);
  self->drafts = g_ptr_array_new_with_free_func (free_draft);
  self->path = path != NULL ? postseal_paths_expand_home (path) : find_file (program);
  if (self->path == NULL)
    self->path = expand_place (programs[program].places[0]);
  return self;
}

PostsealImport *
postseal_import_ref (PostsealImport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
postseal_import_unref (PostsealImport *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->drafts);
  g_free (self->path);
  g_free (self->config);
  g_free (self);
}

static gboolean
map_text (PostsealImport *self, const char *text, gsize length, GError **error)
{
  const Program *program = &programs[self->program];

  if (!program->map (text, length, self->path, self->drafts, error))
    {
      g_prefix_error (error, "%s:", self->path);
      return FALSE;
    }
  if (self->drafts->len > 0)
    return TRUE;
  g_set_error (error, POSTSEAL_IMPORT_ERROR, POSTSEAL_IMPORT_ERROR_EMPTY,
               _ ("“%s” has no account of %s"), self->path, program->name);
  return FALSE;
}

static gboolean
read_file (PostsealImport *self, GError **error)
{
  gsize length = 0;
  char *text = postseal_import_load (self->path, LONGEST_FILE, &length, error);
  gboolean is_done;

  if (text == NULL)
    return FALSE;
  is_done = map_text (self, text, length, error);
  postseal_rc_wipe_text (text, length);
  if (is_done)
    _postseal_import_compare (self->drafts, self->config, programs[self->program].name);
  return is_done;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  PostsealImport *self = task_data;
  GError *error = NULL;

  if (read_file (self, &error))
    g_task_return_pointer (task, postseal_import_ref (self), (GDestroyNotify)postseal_import_unref);
  else
    g_task_return_error (task, error);
}

void
postseal_import_read_async (PostsealImportProgram program,
                            const char *path,
                            const char *config,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail ((int)program >= 0 && program < POSTSEAL_N_IMPORT_PROGRAMS);
  g_return_if_fail (config != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_import_read_async);
  g_task_set_task_data (task, new_import (program, path, config),
                        (GDestroyNotify)postseal_import_unref);
  g_task_run_in_thread (task, read_in_thread);
}

PostsealImport *
postseal_import_read_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The public part is the first of each draft. */
const GPtrArray *
postseal_import_get_accounts (PostsealImport *self)
{
  G_STATIC_ASSERT (G_STRUCT_OFFSET (PostsealImportDraft, account) == 0);

  g_return_val_if_fail (self != NULL, NULL);

  return self->drafts;
}

const char *
postseal_import_get_path (PostsealImport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

void
postseal_import_give_secret (PostsealImport *self, guint index, PostsealCredential *secret)
{
  PostsealImportDraft *draft;

  g_return_if_fail (self != NULL && index < self->drafts->len);
  g_return_if_fail (secret != NULL);

  draft = g_ptr_array_index (self->drafts, index);
  g_clear_pointer (&draft->secret, postseal_credential_unref);
  draft->secret = postseal_credential_ref (secret);
  draft->account.has_secret = TRUE;
}
