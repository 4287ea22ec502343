/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A TCP proxy on a free port of 127.0.0.1 that is as far away, or as unreliable, as one likes:

   delay-proxy TARGET-PORT [--rtt MS] [--cut-after BYTES] [--listen PORT]

   --rtt        a connection begins 1.5 round trips after it was made (SYN, SYN-ACK, ACK), and each
   byte takes half a round trip: so a greeting is read after 2, as over a real distance
   --cut-after  resets the connection after so many bytes from the server
   --listen     on this port, so that one server can take the place of another

   Prints its port, serves until standard input ends, and then prints the bytes that went up and
   down. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
  CHUNK = 1 << 16,
  MAX_CONNECTIONS = 64,
  MAX_QUEUED = 64 << 20, /* per direction: more is not read until something has gone */
};

typedef struct Chunk
{
  struct Chunk *next;
  int64_t due_ns;
  size_t length, sent;
  char data[];
} Chunk;

/* One direction of a connection. */
typedef struct
{
  int from, to;
  Chunk *first, *last;
  size_t queued;
  bool is_ended; /* @from will send no more */
  bool is_closed; /* ... and @to has been told */
} Lane;

typedef struct
{
  bool is_used;
  int64_t connect_ns; /* when to connect to the target; 0: done */
  Lane up, down;
  uint64_t down_bytes;
} Connection;

static int64_t half_ns;
static uint64_t cut_after = UINT64_MAX;
static uint16_t target, own;
static Connection connections[MAX_CONNECTIONS];
static uint64_t total_up, total_down;

static int64_t
now_ns (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C (1000000000) + t.tv_nsec;
}

static struct sockaddr_in
loopback (uint16_t port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons (port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
}

static void
drop_chunks (Lane *lane)
{
  while (lane->first)
    {
      Chunk *next = lane->first->next;
      free (lane->first);
      lane->first = next;
    }
  lane->last = NULL;
}

static void
end_connection (Connection *connection, bool is_reset)
{
  struct linger hard = { .l_onoff = 1, .l_linger = 0 };
  if (is_reset)
    setsockopt (connection->up.from, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close (connection->up.from);
  if (connection->up.to >= 0)
    close (connection->up.to);
  drop_chunks (&connection->up);
  drop_chunks (&connection->down);
  memset (connection, 0, sizeof *connection);
}

static void
accept_client (int listener)
{
  int client = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0)
    return;
  setsockopt (client, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  for (int i = 0; i < MAX_CONNECTIONS; i++)
    if (!connections[i].is_used)
      {
        Connection *new = &connections[i];
        *new = (Connection){ .is_used = true, .connect_ns = now_ns () + 3 * half_ns };
        new->up = (Lane){ .from = client, .to = -1 };
        new->down = (Lane){ .from = -1, .to = client };
        return;
      }
  close (client);
}

static void
connect_target (Connection *connection)
{
  struct sockaddr_in address = loopback (target);
  int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (server, (struct sockaddr *)&address, sizeof address) != 0)
    {
      close (server);
      end_connection (connection, true);
      return;
    }
  setsockopt (server, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  connection->connect_ns = 0;
  connection->up.to = connection->down.from = server;
}

/* Reads what is there. Returns: bytes, 0 when there is nothing more to come. */
static size_t
read_lane (Lane *lane, size_t limit)
{
  Chunk *chunk = malloc (sizeof *chunk + CHUNK);
  ssize_t n = recv (lane->from, chunk->data, limit < CHUNK ? limit : CHUNK, MSG_DONTWAIT);
  if (n <= 0)
    {
      free (chunk);
      lane->is_ended = lane->is_ended || n == 0 || (errno != EAGAIN && errno != EINTR);
      return 0;
    }
  chunk->next = NULL;
  chunk->due_ns = now_ns () + half_ns;
  chunk->length = (size_t)n;
  chunk->sent = 0;
  if (lane->last)
    lane->last->next = chunk;
  else
    lane->first = chunk;
  lane->last = chunk;
  lane->queued += chunk->length;
  return chunk->length;
}

/* Returns: false when the other end is gone. */
static bool
write_lane (Lane *lane, int64_t now)
{
  while (lane->to >= 0 && lane->first && lane->first->due_ns <= now)
    {
      Chunk *chunk = lane->first;
      ssize_t n = send (lane->to, chunk->data + chunk->sent, chunk->length - chunk->sent,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0)
        return errno == EAGAIN || errno == EINTR;
      chunk->sent += (size_t)n;
      if (chunk->sent < chunk->length)
        return true;
      lane->first = chunk->next;
      lane->queued -= chunk->length;
      if (!lane->first)
        lane->last = NULL;
      free (chunk);
    }
  if (lane->is_ended && !lane->first && lane->to >= 0 && !lane->is_closed)
    {
      shutdown (lane->to, SHUT_WR);
      lane->is_closed = true;
    }
  return true;
}

static void
serve (Connection *connection, int64_t now)
{
  if (connection->connect_ns != 0 && connection->connect_ns <= now)
    connect_target (connection);
  if (!connection->is_used)
    return;
  if (!connection->up.is_ended && connection->up.queued < MAX_QUEUED)
    total_up += read_lane (&connection->up, CHUNK);
  if (connection->down.from >= 0 && !connection->down.is_ended
      && connection->down.queued < MAX_QUEUED && connection->down_bytes < cut_after)
    {
      uint64_t left = cut_after - connection->down_bytes;
      size_t n = read_lane (&connection->down, left < CHUNK ? (size_t)left : CHUNK);
      connection->down_bytes += n;
      total_down += n;
    }
  bool is_alive = write_lane (&connection->up, now) && write_lane (&connection->down, now);
  bool is_cut = connection->down_bytes >= cut_after && !connection->down.first;
  if (!is_alive || is_cut || (connection->up.is_closed && connection->down.is_closed)
      || connection->down.is_closed)
    end_connection (connection, is_cut);
}

/* Fills @polls. Returns: how many; @ret_timeout_ns until something is due, -1: nothing. */
static nfds_t
prepare (struct pollfd *polls, int listener, int64_t now, int64_t *ret_timeout_ns)
{
  nfds_t n = 0;
  int64_t due = INT64_MAX;
  polls[n++] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
  polls[n++] = (struct pollfd){ .fd = listener, .events = POLLIN };
  for (int i = 0; i < MAX_CONNECTIONS; i++)
    {
      Connection *c = &connections[i];
      if (!c->is_used)
        continue;
      if (c->connect_ns != 0 && c->connect_ns < due)
        due = c->connect_ns;
      Lane *lanes[] = { &c->up, &c->down };
      for (int j = 0; j < 2; j++)
        {
          Lane *lane = lanes[j];
          bool may_read = j == 0 || c->down_bytes < cut_after;
          if (lane->from >= 0 && !lane->is_ended && lane->queued < MAX_QUEUED && may_read)
            polls[n++] = (struct pollfd){ .fd = lane->from, .events = POLLIN };
          if (lane->first && lane->to >= 0 && lane->first->due_ns <= now)
            polls[n++] = (struct pollfd){ .fd = lane->to, .events = POLLOUT };
          else if (lane->first && lane->to >= 0 && lane->first->due_ns < due)
            due = lane->first->due_ns;
        }
    }
  *ret_timeout_ns = due == INT64_MAX ? -1 : due > now ? due - now : 0;
  return n;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    return 64;
  target = (uint16_t)atoi (argv[1]);
  for (int i = 2; i + 1 < argc; i += 2)
    {
      if (strcmp (argv[i], "--rtt") == 0)
        half_ns = (int64_t)(atof (argv[i + 1]) * 500000);
      else if (strcmp (argv[i], "--cut-after") == 0)
        cut_after = strtoull (argv[i + 1], NULL, 10);
      else if (strcmp (argv[i], "--listen") == 0)
        own = (uint16_t)atoi (argv[i + 1]);
    }

  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback (own);
  socklen_t length = sizeof address;
  setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof (int));
  if (bind (listener, (struct sockaddr *)&address, length) != 0 || listen (listener, 64) != 0
      || getsockname (listener, (struct sockaddr *)&address, &length) != 0)
    return 1;
  printf ("%u\n", ntohs (address.sin_port));
  fflush (stdout);

  struct pollfd polls[2 + 4 * MAX_CONNECTIONS];
  while (true)
    {
      int64_t timeout_ns;
      nfds_t n = prepare (polls, listener, now_ns (), &timeout_ns);
      struct timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
      ppoll (polls, n, timeout_ns < 0 ? NULL : &timeout, NULL);
      char ignored[64];
      if (polls[0].revents != 0 && read (STDIN_FILENO, ignored, sizeof ignored) <= 0)
        break;
      if (polls[1].revents != 0)
        accept_client (listener);
      int64_t now = now_ns ();
      for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].is_used)
          serve (&connections[i], now);
    }
  printf ("%llu %llu\n", (unsigned long long)total_up, (unsigned long long)total_down);
  return 0;
}
