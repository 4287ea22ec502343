/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* folder-watch FOLDER: says "+" once it watches, then the monotonic time in nanoseconds at which
   each file came to the folder under its final name, until it is killed. */

#include <stdio.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  char events[65536] __attribute__ ((aligned (8)));
  int fd = inotify_init1 (IN_CLOEXEC);

  if (argc != 2 || fd < 0 || inotify_add_watch (fd, argv[1], IN_MOVED_TO | IN_CREATE) < 0)
    return 1;
  setvbuf (stdout, NULL, _IOLBF, 0);
  puts ("+");
  while (1)
    {
      ssize_t length = read (fd, events, sizeof events);
      struct timespec now;

      clock_gettime (CLOCK_MONOTONIC, &now);
      for (char *p = events; p < events + length;
           p += sizeof (struct inotify_event) + ((struct inotify_event *)(void *)p)->len)
        printf ("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    }
}
