/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/mbsync-state.h"

#include <string.h>

#include "base/paths.h"
#include "import/seen-file.h"
#include "wire/imap-utf7.h"

#define DEEPEST 10 /* folders in folders */

typedef struct
{
  const PostsealMbsyncPlace *place; /* borrowed */
  PostsealImportDraft *draft; /* borrowed */
  guint n_found;
} Search;

/* mbsync separates folders by "/" whatever the server does; what that is, is not known here. */
static void
take_file (Search *self, const char *path, const char *box)
{
  gsize length = 0;
  char *text = postseal_import_load_state (path, &length);
  g_autoptr (PostsealMbsyncState) state
      = text != NULL ? postseal_seen_file_read_mbsync (text, length) : NULL;
  g_autofree char *title = postseal_imap_utf7_decode (box, strlen (box));
  PostsealPriorMailbox *prior = NULL;

  g_free (text);
  if (state == NULL)
    return;
  if (title == NULL)
    title = g_utf8_make_valid (box, -1);
  self->n_found++;
  prior = postseal_prior_mailbox_new (title);
  prior->uid_validity = state->uid_validity;
  prior->next_uid = state->highest < G_MAXUINT32 ? state->highest + 1 : 0;
  g_array_append_vals (prior->uids, state->uids->data, state->uids->len);
  g_array_append_vals (prior->waiting, state->waiting->data, state->waiting->len);
  postseal_import_draft_take_prior (self->draft, prior);
  if (strchr (title, '/') != NULL)
    postseal_import_draft_take_prior_as (self->draft, prior, g_strdelimit (title, "/", '.'));
}

/* "far box" of a channel whose own box is @near_box below the near side's. */
static char *
get_far_box (const PostsealMbsyncPlace *place, const char *near_box)
{
  if (*place->far_box == '\0')
    return g_strdup (near_box);
  if (*near_box == '\0' || g_str_equal (near_box, "INBOX"))
    return g_strdup (place->far_box);
  return g_strdup_printf ("%s/%s", place->far_box, near_box);
}

/* --- ~/.mbsync/:far:box_:near:box, with "!" for "/" --- */

static void
take_named (Search *self, const char *dir, const char *name, const char *prefix, const char *middle)
{
  const char *end = strstr (name + strlen (prefix), middle);
  g_autofree char *box = NULL;
  g_autofree char *path = NULL;

  if (end == NULL || strchr (name, '~') != NULL || g_str_has_suffix (name, ".lock")
      || g_str_has_suffix (name, ".new") || g_str_has_suffix (name, ".journal"))
    return;
  box = g_strndup (name + strlen (prefix), (gsize)(end - name - (gssize)strlen (prefix)));
  g_strdelimit (box, "!", '/');
  path = g_build_filename (dir, name, NULL);
  take_file (self, path, box);
}

static void
search_directory (Search *self)
{
  const PostsealMbsyncPlace *place = self->place;
  g_autofree char *given
      = postseal_paths_expand_home (place->sync_state != NULL ? place->sync_state : "~/.mbsync/");
  g_autofree char *dir_path
      = g_str_has_suffix (given, "/") ? g_strdup (given) : g_path_get_dirname (given);
  const char *start = given + MIN (strlen (given), strlen (dir_path));
  g_autofree char *prefix = g_strdup_printf ("%s%c%s%c", *start == '/' ? start + 1 : start,
                                             place->delimiter, place->far_store, place->delimiter);
  g_autofree char *middle
      = g_strdup_printf ("_%c%s%c", place->delimiter, place->near_store, place->delimiter);
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix))
      take_named (self, dir_path, name, prefix, middle);
}

/* A channel's own SyncState: the near box's name follows. */
static void
search_prefixed (Search *self)
{
  g_autofree char *given = postseal_paths_expand_home (self->place->sync_state);
  g_autofree char *dir_path
      = g_str_has_suffix (given, "/") ? g_strdup (given) : g_path_get_dirname (given);
  g_autofree char *base
      = g_str_has_suffix (given, "/") ? g_strdup ("") : g_path_get_basename (given);
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, base) && strchr (name, '~') == NULL
        && !g_str_has_suffix (name, ".lock"))
      {
        g_autofree char *path = g_build_filename (dir_path, name, NULL);
        g_autofree char *near_box = g_strdelimit (g_strdup (name + strlen (base)), "!", '/');
        g_autofree char *box = get_far_box (self->place, near_box);

        take_file (self, path, box);
      }
}

/* --- .mbsyncstate in the Maildirs --- */

/* Maildir++ writes ".A.B" for "A/B". */
static char *
join_box (const char *parent, const char *name)
{
  g_autofree char *plain = g_strdup (*name == '.' ? name + 1 : name);

  if (*name == '.')
    g_strdelimit (plain, ".", '/');
  return *parent != '\0' ? g_strdup_printf ("%s/%s", parent, plain) : g_steal_pointer (&plain);
}

static void
take_maildir (Search *self, const char *maildir, const char *near_box)
{
  g_autofree char *path = g_build_filename (maildir, ".mbsyncstate", NULL);
  g_autofree char *box = get_far_box (self->place, near_box);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    take_file (self, path, box);
}

static gboolean
is_maildir_part (const char *name)
{
  return g_str_equal (name, "cur") || g_str_equal (name, "new") || g_str_equal (name, "tmp");
}

static void
search_below (Search *self, const char *root, const char *parent, const char *inbox, guint depth)
{
  g_autoptr (GDir) dir = depth < DEEPEST ? g_dir_open (root, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, NULL);
      g_autofree char *box = join_box (parent, name);

      if (is_maildir_part (name) || g_strcmp0 (path, inbox) == 0
          || g_file_test (path, G_FILE_TEST_IS_SYMLINK) || !g_file_test (path, G_FILE_TEST_IS_DIR))
        continue;
      take_maildir (self, path, box);
      search_below (self, path, box, inbox, depth + 1);
    }
}

static char *
expand_directory (const char *path)
{
  char *expanded = postseal_paths_expand_home (path);

  while (strlen (expanded) > 1 && g_str_has_suffix (expanded, "/"))
    expanded[strlen (expanded) - 1] = '\0';
  return expanded;
}

static void
search_maildirs (Search *self)
{
  g_autofree char *inbox
      = expand_directory (self->place->near_inbox != NULL ? self->place->near_inbox : "~/Maildir");

  take_maildir (self, inbox, "INBOX");
  if (self->place->near_path != NULL)
    {
      g_autofree char *root = expand_directory (self->place->near_path);

      search_below (self, root, "", inbox, 0);
    }
  search_below (self, inbox, "", NULL, DEEPEST - 3);
}

guint
postseal_mbsync_state_collect (const PostsealMbsyncPlace *place, PostsealImportDraft *draft)
{
  Search search = { .place = place, .draft = draft };

  if (g_strcmp0 (place->sync_state, "*") == 0)
    search_maildirs (&search);
  else if (place->is_global || place->sync_state == NULL)
    search_directory (&search);
  else
    search_prefixed (&search);
  return search.n_found;
}
