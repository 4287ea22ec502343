/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/scratch-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/paths.h"

int
postseal_scratch_file_open (void)
{
  g_autofree char *outbox = postseal_paths_outbox_dir ();
  g_autofree char *place = g_build_filename (outbox, "tmp", NULL);
  g_autofree char *name = NULL;
  int fd = open (place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  int saved_errno;

  if (fd >= 0)
    return fd;
  fd = g_file_open_tmp (NULL, &name, NULL);
  saved_errno = errno;
  if (fd >= 0)
    {
      unlink (name);
      fcntl (fd, F_SETFD, FD_CLOEXEC); /* no program that we start has anything to do with it */
    }
  errno = saved_errno;
  return fd;
}
