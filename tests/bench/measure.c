/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* measure COMMAND...: runs it and appends what it took to standard error as one line:
   "measured: STATUS WALL-SECONDS CPU-SECONDS PEAK-RSS-KIB". Small itself, for a process begins with
   the peak of the one that started it. */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds (struct timeval t)
{
  return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main (int argc, char **argv)
{
  struct timespec begin, end;
  struct rusage usage;
  int status;
  if (argc < 2)
    return 64;
  clock_gettime (CLOCK_MONOTONIC, &begin);
  pid_t child = fork ();
  if (child == 0)
    {
      execvp (argv[1], argv + 1);
      perror (argv[1]);
      _exit (127);
    }
  if (child < 0 || wait4 (child, &status, 0, &usage) != child)
    return 71;
  clock_gettime (CLOCK_MONOTONIC, &end);
  fprintf (stderr, "measured: %d %.6f %.6f %ld\n",
           WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status),
           (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
           seconds (usage.ru_utime) + seconds (usage.ru_stime), usage.ru_maxrss);
  return 0;
}
