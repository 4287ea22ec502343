/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/credential.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auth/credential-private.h"

/* The bytes have pages of their own: what is set for a page (not swapped, not dumped, empty in a
   child) must not depend on what else the allocator put there. */
struct _PostsealCredential
{
  gatomicrefcount references;
  char *bytes; /* owned: mapped */
  gsize mapped;
  gsize length;
};

void
postseal_wipe (void *memory, gsize length)
{
  if (memory != NULL && length > 0)
    explicit_bzero (memory, length);
}

static char *
map_pages (gsize length)
{
  char *pages = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    g_error ("No memory for a secret of %" G_GSIZE_FORMAT " bytes", length);

  /* Best effort: RLIMIT_MEMLOCK may be 0 in a container, and old kernels lack WIPEONFORK. */
  (void)mlock (pages, length);
  (void)madvise (pages, length, MADV_DONTDUMP);
  if (madvise (pages, length, MADV_WIPEONFORK) < 0)
    (void)madvise (pages, length, MADV_DONTFORK);
  return pages;
}

PostsealCredential *
_postseal_credential_new_sized (gsize length)
{
  gsize page = (gsize)sysconf (_SC_PAGESIZE);
  PostsealCredential *self = g_new0 (PostsealCredential, 1);

  g_atomic_ref_count_init (&self->references);
  self->length = length;
  self->mapped = (length + 1 + page - 1) / page * page;
  self->bytes = map_pages (self->mapped);
  return self;
}

PostsealCredential *
postseal_credential_new (const char *secret, gssize length)
{
  g_return_val_if_fail (secret != NULL, NULL);

  gsize size = length < 0 ? strlen (secret) : (gsize)length;
  PostsealCredential *self = _postseal_credential_new_sized (size);

  memcpy (self->bytes, secret, size);
  return self;
}

PostsealCredential *
postseal_credential_ref (PostsealCredential *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
postseal_credential_unref (PostsealCredential *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  postseal_wipe (self->bytes, self->mapped);
  (void)munlock (self->bytes, self->mapped);
  (void)munmap (self->bytes, self->mapped);
  g_free (self);
}

const char *
postseal_credential_get (PostsealCredential *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->bytes;
}

gsize
postseal_credential_get_length (PostsealCredential *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->length;
}

char *
_postseal_credential_peek (PostsealCredential *self)
{
  return self->bytes;
}

void
_postseal_credential_truncate (PostsealCredential *self, gsize length)
{
  g_assert (length <= self->length);

  postseal_wipe (self->bytes + length, self->mapped - length);
  self->length = length;
}

gboolean
_postseal_credential_is_same (PostsealCredential *self, PostsealCredential *other)
{
  return self->length == other->length && memcmp (self->bytes, other->bytes, self->length) == 0;
}

gboolean
_postseal_credential_keep_first_line (PostsealCredential *self, gsize filled)
{
  const char *end = memchr (self->bytes, '\n', filled);
  gsize length = filled;

  if (end == NULL && filled == self->length)
    return FALSE;
  if (end != NULL)
    {
      length = (gsize)(end - self->bytes);
      if (length > 0 && self->bytes[length - 1] == '\r')
        length--;
    }
  _postseal_credential_truncate (self, length);
  return memchr (self->bytes, '\0', length) == NULL;
}
