/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "mail/sink-private.h"
#include "wire/crlf-codec.h"

struct _PostsealStage
{
  int dir_fd; /* borrowed */
  char *dir; /* owned */
  char *name; /* owned */
  int fd; /* owned */
  PostsealCrlfDecoder decoder;
  PostsealDigest *digest; /* owned */
  PostsealDigest *content; /* owned; NULL: no trace header, so it is the same */
  guint64 wire_size;
  guint64 length;
};

static gboolean
fail (PostsealStage *self, GError **error)
{
  return _postseal_sink_fail (error, errno, _ ("Cannot write a message into “%s”"), self->dir);
}

static gboolean
append (PostsealStage *self, const guint8 *data, gsize length, GError **error)
{
  postseal_digest_update (self->digest, data, length);
  if (self->content != NULL)
    postseal_digest_update (self->content, data, length);
  self->length += length;
  while (length > 0)
    {
      gssize written = write (self->fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail (self, error);
      data += written;
      length -= (gsize)written;
    }
  return TRUE;
}

static void
free_stage (PostsealStage *self)
{
  if (self->fd >= 0)
    close (self->fd);
  postseal_digest_free (self->digest);
  postseal_digest_free (self->content);
  g_free (self->dir);
  g_free (self->name);
  g_free (self);
}

void
_postseal_stage_abandon (PostsealStage *self)
{
  if (self->fd >= 0)
    unlinkat (self->dir_fd, self->name, 0);
  free_stage (self);
}

PostsealStage *
_postseal_stage_open (
    int dir_fd, const char *dir, const char *name, const char *trace, GError **error)
{
  PostsealStage *self = g_new0 (PostsealStage, 1);

  self->dir_fd = dir_fd;
  self->dir = g_strdup (dir);
  self->name = g_strdup (name);
  self->digest = postseal_digest_new ();
  self->fd = openat (dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    fail (self, error);
  if (self->fd < 0
      || (trace != NULL && !append (self, (const guint8 *)trace, strlen (trace), error)))
    {
      _postseal_stage_abandon (self);
      return NULL;
    }
  if (trace != NULL)
    self->content = postseal_digest_new ();
  return self;
}

gboolean
_postseal_stage_write (PostsealStage *self, const void *data, gsize length, GError **error)
{
  guint8 decoded[POSTSEAL_STAGE_CHUNK + 1];

  g_return_val_if_fail (length <= POSTSEAL_STAGE_CHUNK, FALSE);

  self->wire_size += length;
  length = postseal_crlf_decode (&self->decoder, data, length, decoded);
  return append (self, decoded, length, error);
}

int
_postseal_stage_finish (PostsealStage *self, PostsealStaged *ret_staged, GError **error)
{
  guint8 held[1];
  gsize n_held = postseal_crlf_decode_finish (&self->decoder, held);
  int fd;

  if (!append (self, held, n_held, error))
    {
      _postseal_stage_abandon (self);
      return -1;
    }
  ret_staged->wire_size = self->wire_size;
  ret_staged->length = self->length;
  postseal_digest_finish (g_steal_pointer (&self->digest), ret_staged->digest);
  if (self->content != NULL)
    postseal_digest_finish (g_steal_pointer (&self->content), ret_staged->content);
  else
    memcpy (ret_staged->content, ret_staged->digest, POSTSEAL_DIGEST_LENGTH);
  fd = self->fd;
  self->fd = -1;
  free_stage (self);
  return fd;
}
