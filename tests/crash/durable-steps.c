/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* LD_PRELOAD library that counts the durable steps of a process (what reaches or changes files:
   creating, writing, syncing, renaming, linking, removing, truncating) and ends or fails it at a
   chosen one.

   POSTSEAL_STEPS_REPORT  a file of 8 bytes, made by the caller, that holds the count (survives
   SIGKILL) POSTSEAL_STEPS_AT      the step, from 1 on; absent or 0: only counts
   POSTSEAL_STEPS_ACTION  kill-before, kill-after: SIGKILL before or after the step
                          kill-torn: SIGKILL after half of a write, else before the step
                          ENOSPC, EIO, EROFS: this and every later step but removals fails with it
   POSTSEAL_STEPS_MATCH   counts only steps on paths that contain this */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum
{
  COUNT_ONLY,
  KILL_BEFORE,
  KILL_AFTER,
  KILL_TORN,
  FAIL,
} Action;

static uint64_t own_count;
static uint64_t *count = &own_count;
static uint64_t at;
static Action action;
static int fail_errno;
static const char *match;

__attribute__ ((constructor)) static void
read_orders (void)
{
  const char *report = getenv ("POSTSEAL_STEPS_REPORT");
  const char *step = getenv ("POSTSEAL_STEPS_AT");
  const char *what = getenv ("POSTSEAL_STEPS_ACTION");
  match = getenv ("POSTSEAL_STEPS_MATCH");
  at = step ? strtoull (step, NULL, 10) : 0;
  if (report)
    {
      int (*real_open) (const char *, int, ...)
          = (int (*) (const char *, int, ...))dlsym (RTLD_NEXT, "open");
      int fd = real_open (report, O_RDWR | O_CLOEXEC);
      void *shared = fd < 0 ? MAP_FAILED
                            : mmap (NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (shared != MAP_FAILED)
        count = shared;
      if (fd >= 0)
        close (fd);
    }
  if (!what || at == 0)
    return;
  static const struct
  {
    const char *name;
    Action action;
    int code;
  } orders[] = {
    { "kill-before", KILL_BEFORE, 0 },
    { "kill-after", KILL_AFTER, 0 },
    { "kill-torn", KILL_TORN, 0 },
    { "ENOSPC", FAIL, ENOSPC },
    { "EIO", FAIL, EIO },
    { "EROFS", FAIL, EROFS },
  };
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
    if (strcmp (what, orders[i].name) == 0)
      {
        action = orders[i].action;
        fail_errno = orders[i].code;
      }
}

static void
end_process (void)
{
  kill (getpid (), SIGKILL);
  while (true)
    pause ();
}

/* What is to be done with the step that begins now. */
typedef enum
{
  DO_IT,
  DO_IT_AND_DIE,
  DO_HALF_AND_DIE,
  REFUSE,
} Verdict;

static Verdict
count_step (bool may_fail)
{
  uint64_t number = __atomic_add_fetch (count, 1, __ATOMIC_SEQ_CST);
  if (at == 0 || number < at)
    return DO_IT;
  if (action == FAIL && may_fail)
    {
      errno = fail_errno;
      return REFUSE;
    }
  if (number > at)
    return DO_IT;
  switch (action)
    {
    case KILL_BEFORE:
      end_process ();
      break;
    case KILL_AFTER:
      return DO_IT_AND_DIE;
    case KILL_TORN:
      return DO_HALF_AND_DIE;
    case COUNT_ONLY:
    case FAIL:
      break;
    }
  return DO_IT;
}

/* Whether steps on @fd count: files and folders, not sockets, pipes, terminals or the standard
 * streams. */
static bool
is_counted_fd (int fd)
{
  struct stat info;
  char link[32], path[PATH_MAX];
  int saved = errno;
  bool is_counted
      = fd > 2 && fstat (fd, &info) == 0 && (S_ISREG (info.st_mode) || S_ISDIR (info.st_mode));
  if (is_counted && match)
    {
      snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
      ssize_t length = readlink (link, path, sizeof path - 1);
      path[length < 0 ? 0 : length] = '\0';
      is_counted = strstr (path, match) != NULL;
    }
  errno = saved;
  return is_counted;
}

static bool
is_counted_path (int folder, const char *path)
{
  if (!match || strstr (path, match))
    return true;
  return path[0] != '/' && folder >= 0 && is_counted_fd (folder);
}

/* STEP: the body of a wrapper. @torn is what happens for half a step. */
#define STEP(type, is_counted, may_fail, call, torn)                                               \
  if (!(is_counted))                                                                               \
    return (type)(call);                                                                           \
  Verdict verdict = count_step (may_fail);                                                         \
  if (verdict == REFUSE)                                                                           \
    return (type)-1;                                                                               \
  if (verdict == DO_HALF_AND_DIE)                                                                  \
    {                                                                                              \
      torn;                                                                                        \
      end_process ();                                                                              \
    }                                                                                              \
  type result = (type)(call);                                                                      \
  if (verdict == DO_IT_AND_DIE)                                                                    \
    end_process ();                                                                                \
  return result

#define REAL(name, ...)                                                                            \
  static int (*real) (__VA_ARGS__);                                                                \
  if (!real)                                                                                       \
  real = (int (*) (__VA_ARGS__))dlsym (RTLD_NEXT, name)

#define REAL_SIZE(name, ...)                                                                       \
  static ssize_t (*real) (__VA_ARGS__);                                                            \
  if (!real)                                                                                       \
  real = (ssize_t (*) (__VA_ARGS__))dlsym (RTLD_NEXT, name)

/* --- creating --- */

#define OPEN_WRAPPER(name)                                                                         \
  int name (const char *path, int flags, ...);                                                     \
  int name (const char *path, int flags, ...)                                                      \
  {                                                                                                \
    va_list arguments;                                                                             \
    va_start (arguments, flags);                                                                   \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg (arguments, mode_t) : 0;                  \
    va_end (arguments);                                                                            \
    REAL (#name, const char *, int, ...);                                                          \
    STEP (int, (flags & O_CREAT) && access (path, F_OK) != 0 && is_counted_path (-1, path), true,  \
          real (path, flags, mode), (void)0);                                                      \
  }
OPEN_WRAPPER (open)
OPEN_WRAPPER (open64)

#define OPENAT_WRAPPER(name)                                                                       \
  int name (int folder, const char *path, int flags, ...);                                         \
  int name (int folder, const char *path, int flags, ...)                                          \
  {                                                                                                \
    va_list arguments;                                                                             \
    va_start (arguments, flags);                                                                   \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg (arguments, mode_t) : 0;                  \
    va_end (arguments);                                                                            \
    REAL (#name, int, const char *, int, ...);                                                     \
    STEP (int, (flags & O_CREAT) && is_counted_path (folder, path), true,                          \
          real (folder, path, flags, mode), (void)0);                                              \
  }
OPENAT_WRAPPER (openat)
OPENAT_WRAPPER (openat64)

int
mkdir (const char *path, mode_t mode)
{
  REAL ("mkdir", const char *, mode_t);
  STEP (int, access (path, F_OK) != 0 && is_counted_path (-1, path), true, real (path, mode),
        (void)0);
}

/* --- writing --- */

ssize_t
write (int fd, const void *data, size_t length)
{
  REAL_SIZE ("write", int, const void *, size_t);
  STEP (ssize_t, is_counted_fd (fd), true, real (fd, data, length),
        (void)real (fd, data, length / 2));
}

#define PWRITE_WRAPPER(name, offset_type)                                                          \
  ssize_t name (int fd, const void *data, size_t length, offset_type offset)                       \
  {                                                                                                \
    REAL_SIZE (#name, int, const void *, size_t, offset_type);                                     \
    STEP (ssize_t, is_counted_fd (fd), true, real (fd, data, length, offset),                      \
          (void)real (fd, data, length / 2, offset));                                              \
  }
PWRITE_WRAPPER (pwrite, off_t)
PWRITE_WRAPPER (pwrite64, off64_t)

ssize_t
writev (int fd, const struct iovec *parts, int n)
{
  REAL_SIZE ("writev", int, const struct iovec *, int);
  STEP (ssize_t, is_counted_fd (fd), true, real (fd, parts, n), (void)real (fd, parts, n / 2));
}

/* --- syncing --- */

#define SYNC_WRAPPER(name)                                                                         \
  int name (int fd)                                                                                \
  {                                                                                                \
    REAL (#name, int);                                                                             \
    STEP (int, is_counted_fd (fd), true, real (fd), (void)0);                                      \
  }
SYNC_WRAPPER (fsync)
SYNC_WRAPPER (fdatasync)
SYNC_WRAPPER (syncfs)

/* --- naming --- */

int
rename (const char *from, const char *to)
{
  REAL ("rename", const char *, const char *);
  STEP (int, is_counted_path (-1, to), true, real (from, to), (void)0);
}

int
renameat (int from_folder, const char *from, int to_folder, const char *to)
{
  REAL ("renameat", int, const char *, int, const char *);
  STEP (int, is_counted_path (to_folder, to), true, real (from_folder, from, to_folder, to),
        (void)0);
}

int
renameat2 (int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
  REAL ("renameat2", int, const char *, int, const char *, unsigned);
  STEP (int, is_counted_path (to_folder, to), true, real (from_folder, from, to_folder, to, flags),
        (void)0);
}

int
link (const char *from, const char *to)
{
  REAL ("link", const char *, const char *);
  STEP (int, is_counted_path (-1, to), true, real (from, to), (void)0);
}

int
linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  REAL ("linkat", int, const char *, int, const char *, int);
  STEP (int, is_counted_path (to_folder, to), true, real (from_folder, from, to_folder, to, flags),
        (void)0);
}

/* --- removing: a full disk does not refuse this --- */

int
unlink (const char *path)
{
  REAL ("unlink", const char *);
  STEP (int, is_counted_path (-1, path), fail_errno == EROFS, real (path), (void)0);
}

int
unlinkat (int folder, const char *path, int flags)
{
  REAL ("unlinkat", int, const char *, int);
  STEP (int, is_counted_path (folder, path), fail_errno == EROFS, real (folder, path, flags),
        (void)0);
}

#define TRUNCATE_WRAPPER(name, offset_type)                                                        \
  int name (int fd, offset_type length)                                                            \
  {                                                                                                \
    REAL (#name, int, offset_type);                                                                \
    STEP (int, is_counted_fd (fd), fail_errno == EROFS, real (fd, length), (void)0);               \
  }
TRUNCATE_WRAPPER (ftruncate, off_t)
TRUNCATE_WRAPPER (ftruncate64, off64_t)
