/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a job that waits costs, and how fast it is:

   push-bench memory [JOBS [S]] proportional memory of so many idle accounts; waits so long then
   push-bench latency [TIMES]   from the moment when a bare client on a raw IDLE connection has seen
                                a message announced to the moment when its file is in new/, and to
                                the moment when the job tells of it, all synced */

#include "support/dovecot.h"
#include "support/postseal-instance.h"
#include "support/staying-job.h"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sstream>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace postseal_test;

namespace
{

/* A connection in the clear, which Dovecot takes from its own machine only. */
class Line
{
public:
  explicit Line (unsigned port) : socket_ (socket (AF_INET, SOCK_STREAM, 0))
  {
    sockaddr_in address{};
    int on = 1;

    address.sin_family = AF_INET;
    address.sin_port = htons ((uint16_t)port);
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    if (connect (socket_, (sockaddr *)&address, sizeof address) != 0)
      throw std::runtime_error ("cannot connect");
    setsockopt (socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Line () { close (socket_); }
  void
  send (const std::string &text)
  {
    if (write (socket_, text.data (), text.size ()) != (ssize_t)text.size ())
      throw std::runtime_error ("cannot write");
  }
  /* Reads until @text has come. */
  void
  await (const std::string &text)
  {
    char buffer[4096];

    while (heard_.find (text) == std::string::npos)
      {
        ssize_t n = read (socket_, buffer, sizeof buffer);

        if (n <= 0)
          throw std::runtime_error ("closed, before " + text);
        heard_.append (buffer, (size_t)n);
      }
    heard_.erase (0, heard_.find (text) + text.size ());
  }
  void
  end ()
  {
    shutdown (socket_, SHUT_RDWR);
  }

private:
  int socket_;
  std::string heard_;
};

void
deliver (unsigned port, const std::string &user, const std::string &text)
{
  Line line (port);

  line.await ("220 ");
  line.send ("LHLO bench\r\n");
  line.await ("250 ");
  line.send ("MAIL FROM:<a@example.org>\r\nRCPT TO:<" + user + ">\r\nDATA\r\n");
  line.await ("354 ");
  line.send (text + "\r\n.\r\n");
  line.await ("250 ");
}

unsigned long
read_kib (const std::string &key)
{
  std::ifstream file ("/proc/self/smaps_rollup");

  for (std::string line; std::getline (file, line);)
    if (line.rfind (key + ":", 0) == 0)
      return std::stoul (line.substr (key.size () + 1));
  return 0;
}

void
report_memory (const char *when, unsigned n)
{
  std::ifstream file ("/proc/self/status");
  std::string threads;

  for (std::string line; std::getline (file, line);)
    if (line.rfind ("Threads", 0) == 0)
      threads = line;
  printf ("%s: Pss %lu KiB, anonymous %lu KiB, file %lu KiB, shared memory %lu KiB, %s, %zu files",
          when, read_kib ("Pss"), read_kib ("Pss_Anon"), read_kib ("Pss_File"),
          read_kib ("Pss_Shmem"), threads.c_str (), list_folder ("/proc/self/fd").size ());
  if (n > 0)
    printf (", %u jobs", n);
  printf ("\n");
}

/* Sleeps where there is nothing to do. */
void
run_for (AsyncLoop &loop, unsigned ms)
{
  bool is_over = false;
  GSource *end = g_timeout_source_new (ms);

  g_source_set_callback (
      end,
      [] (gpointer data) -> gboolean {
        *static_cast<bool *> (data) = true;
        return G_SOURCE_REMOVE;
      },
      &is_over, nullptr);
  g_source_attach (end, loop.context ());
  while (!is_over)
    g_main_context_iteration (loop.context (), TRUE);
  g_source_unref (end);
}

int
measure_memory (unsigned n, unsigned wait_s)
{
  Dovecot server;
  AsyncLoop loop;
  std::vector<std::unique_ptr<PostsealInstance>> homes;
  std::vector<std::unique_ptr<StayingJob>> jobs;
  unsigned long before = 0;

  for (unsigned i = 0; i <= n; i++)
    {
      std::string user = server.new_user ();

      server.admin (user)->append ("INBOX", std::string ("A: b\r\n\r\nc\r\n"));
      homes.push_back (std::make_unique<PostsealInstance> ());
      homes.back ()->configure (server.account ("main", "imap", user, homes.back ()->deliver ()));
      jobs.push_back (std::make_unique<StayingJob> (loop, homes.back ()->path ("")));
      jobs.back ()->start ();
      if (!jobs.back ()->watches ())
        return 1;
      if (i > 0)
        continue;
      run_for (loop, 1000); /* the first brings what all share */
      report_memory ("the first", 1);
      before = read_kib ("Pss");
    }
  run_for (loop, 1000);
  report_memory ("after a second", n + 1);
  run_for (loop, 17000);
  report_memory ("after more", n + 1);
  printf ("each further one: %.1f KiB\n", double (read_kib ("Pss") - before) / n);
  if (wait_s > 0)
    run_for (loop, 1000 * wait_s);
  for (auto &job : jobs)
    job->leave ();
  for (auto &job : jobs)
    job->ends ();
  return 0;
}

void
report_times (const char *what, std::vector<double> times)
{
  std::sort (times.begin (), times.end ());
  printf ("%s: median %.2f ms, 90 %% below %.2f ms, longest %.2f ms\n", what,
          times[times.size () / 2], times[times.size () * 9 / 10], times.back ());
}

int
measure_latency (unsigned times)
{
  Dovecot server;
  AsyncLoop loop;
  PostsealInstance home;
  std::string user = server.new_user ();
  std::atomic<gint64> seen{ 0 }, placed{ 0 };
  std::vector<double> to_file, to_signal, bare_total;

  home.configure (server.account ("main", "imap", user, home.deliver ()));
  StayingJob job (loop, home.path (""));
  gint64 told = 0;
  job.on_arrival = [&] { told = g_get_monotonic_time (); };
  job.start ();
  if (!job.watches ())
    return 1;

  Line bare (server.port ("imap"));
  bare.await ("* OK");
  bare.send ("a LOGIN " + user + " " + server.password () + "\r\nb SELECT INBOX\r\nc IDLE\r\n");
  bare.await ("+ ");
  std::thread watcher ([&] {
    try
      {
        while (true)
          {
            bare.await ("EXISTS");
            seen = g_get_monotonic_time ();
          }
      }
    catch (const std::runtime_error &)
      {
      }
  });
  int notifier = inotify_init1 (IN_CLOEXEC);
  inotify_add_watch (notifier, (home.maildir () + "/new").c_str (), IN_MOVED_TO | IN_CREATE);
  std::thread lister ([&] {
    char events[4096];
    while (read (notifier, events, sizeof events) > 0 && placed >= 0)
      placed = g_get_monotonic_time ();
  });

  for (unsigned i = 0; i < times; i++)
    {
      unsigned n = job.arrived ();
      gint64 begin;

      seen = placed = 0;
      run_for (loop,
               1600); /* Dovecot tells of news half a second late, and IDLE begun meanwhile later */
      begin = g_get_monotonic_time ();
      std::thread sender ([&] {
        deliver (server.port ("lmtp"), user, "Subject: x\r\n\r\n" + std::string (2000, 'x'));
      });
      loop.wait_for ([&] { return job.arrived () > n; });
      sender.join ();
      while (seen == 0 || placed == 0)
        g_usleep (100);
      bare_total.push_back (double (seen - begin) / 1000);
      to_file.push_back (double (placed - seen) / 1000);
      to_signal.push_back (double (told - seen) / 1000);
      job.watches ();
    }
  report_times ("LMTP to a bare client's EXISTS", bare_total);
  report_times ("from there to the file in new/", to_file);
  report_times ("from there to the word that it is safe", to_signal);
  job.leave ();
  job.ends ();
  bare.end ();
  watcher.join ();
  placed = -1;
  std::ofstream (home.maildir () + "/new/end").put ('x');
  lister.join ();
  close (notifier);
  return 0;
}

} // namespace

int
main (int argc, char **argv)
{
  bool is_memory = argc > 1 && strcmp (argv[1], "memory") == 0;
  unsigned n = argc > 2 ? (unsigned)atoi (argv[2]) : 50;

  if (argc < 2)
    return 64;
  return is_memory ? measure_memory (n, argc > 3 ? (unsigned)atoi (argv[3]) : 0)
                   : measure_latency (n);
}
