/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/printable.h"
#include "net/local-link.h"
#include "net/net-error.h"

#define CHUNK 65536
#define MAX_REPLY_LINES 128

/* LMTP (RFC 2033) to a program on this machine. The connection is kept for the next message; one
   that fails is closed, and the next message begins a new one. */
typedef struct
{
  PostsealSink parent;
  char *address; /* owned */
  char *recipient; /* owned */
  PostsealLocalLink *link; /* owned; NULL when not connected; LHLO has been answered */
} LmtpSink;

typedef struct
{
  guint code;
  char *text; /* owned: the last line, printable */
} Reply;

static gboolean
fail_temporary (LmtpSink *self, GError *cause, GError **error)
{
  g_clear_pointer (&self->link, postseal_local_link_close);
  if (g_error_matches (cause, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_LOOPBACK))
    g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_NOT_LOOPBACK,
                 _ ("“%s” is another machine, and LMTP would carry mail there unsealed; deliver to "
                    "this machine"),
                 self->address);
  else
    g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                 _ ("Delivery by LMTP to “%s” failed: %s"), self->address, cause->message);
  g_error_free (cause);
  return FALSE;
}

static gboolean
fail_protocol (LmtpSink *self, const char *problem, GError **error)
{
  return fail_temporary (
      self, g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED, problem), error);
}

static gboolean
is_reply_line (const char *line)
{
  return g_ascii_isdigit (line[0]) && g_ascii_isdigit (line[1]) && g_ascii_isdigit (line[2])
         && (line[3] == '\0' || line[3] == ' ' || line[3] == '-');
}

/* RFC 5321 section 4.2: all lines of a reply have one code; the last has no hyphen behind it. */
static gboolean
read_reply (LmtpSink *self, Reply *ret_reply, GError **error)
{
  GError *cause = NULL;
  guint code = 0;

  for (guint n = 0; n < MAX_REPLY_LINES; n++)
    {
      g_autofree char *line = postseal_local_link_read_line (self->link, &cause);
      guint line_code;

      if (line == NULL)
        return fail_temporary (self, cause, error);
      if (!is_reply_line (line))
        return fail_protocol (self, _ ("its answer is not LMTP"), error);
      line_code = (guint)g_ascii_strtoull (line, NULL, 10);
      if (n > 0 && line_code != code)
        return fail_protocol (self, _ ("its answer contradicts itself"), error);
      code = line_code;
      if (line[3] == '-')
        continue;
      ret_reply->code = code;
      g_free (ret_reply->text);
      ret_reply->text = postseal_printable (line, -1);
      return TRUE;
    }
  return fail_protocol (self, _ ("its answer does not end"), error);
}

static gboolean
send_text (LmtpSink *self, const char *text, GError **error)
{
  GError *cause = NULL;

  return postseal_local_link_write (self->link, text, strlen (text), &cause)
         || fail_temporary (self, cause, error);
}

/* The server has judged this message, or this moment. */
static gboolean
fail_by_reply (LmtpSink *self, const Reply *reply, GError **error)
{
  if (reply->code >= 500)
    g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_REJECTED,
                 _ ("“%s” refused a message; it stays on the mail server: “%s”"), self->address,
                 reply->text);
  else
    g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                 _ ("“%s” does not take a message now: “%s”"), self->address, reply->text);
  return FALSE;
}

/* Sends @command and demands an answer of the @wanted class (2 or 3). */
static gboolean
converse (LmtpSink *self, const char *command, guint wanted, GError **error)
{
  Reply reply = { 0 };
  gboolean is_done = send_text (self, command, error) && read_reply (self, &reply, error)
                     && (reply.code / 100 == wanted || fail_by_reply (self, &reply, error));

  g_free (reply.text);
  return is_done;
}

static gboolean
greet (LmtpSink *self, GError **error)
{
  Reply reply = { 0 };
  gboolean is_done = read_reply (self, &reply, error)
                     && (reply.code / 100 == 2 || fail_by_reply (self, &reply, error))
                     && converse (self, "LHLO localhost\r\n", 2, error);

  g_free (reply.text);
  if (!is_done)
    g_clear_pointer (&self->link, postseal_local_link_close);
  return is_done;
}

static gboolean
connect_server (LmtpSink *self, GError **error)
{
  GError *cause = NULL;

  if (self->link != NULL)
    return TRUE;
  self->link = postseal_local_link_open (self->address, POSTSEAL_LIMIT_DELIVERY_MS, &cause);
  if (self->link == NULL)
    return fail_temporary (self, cause, error);
  return greet (self, error);
}

/* --- content --- */

typedef struct
{
  LmtpSink *sink;
  GString *out; /* owned */
  char last; /* byte of the message, LF at its beginning */
} Stuffer;

/* LF becomes CR LF, and a dot that begins a line is doubled (RFC 5321 section 4.5.2). */
static void
stuff (Stuffer *self, const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '.' && self->last == '\n')
        g_string_append_c (self->out, '.');
      if (data[i] == '\n')
        g_string_append_c (self->out, '\r');
      g_string_append_c (self->out, data[i]);
      self->last = data[i];
    }
}

static gboolean
write_out (Stuffer *self, GError **error)
{
  GError *cause = NULL;

  if (!postseal_local_link_write (self->sink->link, self->out->str, self->out->len, &cause))
    return fail_temporary (self->sink, cause, error);
  g_string_truncate (self->out, 0);
  return TRUE;
}

static gboolean
send_content (LmtpSink *self, int message, GError **error)
{
  g_autofree char *in = g_malloc (CHUNK);
  Stuffer stuffer = { self, g_string_sized_new (CHUNK + CHUNK / 8), '\n' };
  gboolean is_sent = TRUE;
  gssize n;

  while (is_sent && (n = read (message, in, CHUNK)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          /* Without its final dot the server throws it away. */
          g_clear_pointer (&self->link, postseal_local_link_close);
          is_sent = _postseal_sink_fail (error, errno, _ ("Cannot read a message for “%s”"),
                                         self->address);
          break;
        }
      stuff (&stuffer, in, (gsize)n);
      is_sent = write_out (&stuffer, error);
    }
  if (is_sent)
    {
      g_string_append (stuffer.out, stuffer.last == '\n' ? ".\r\n" : "\r\n.\r\n");
      is_sent = write_out (&stuffer, error);
    }
  g_string_free (stuffer.out, TRUE);
  return is_sent;
}

/* --- one message --- */

static gboolean
send_envelope (LmtpSink *self, GError **error)
{
  g_autofree char *rcpt = g_strdup_printf ("RCPT TO:<%s>\r\n", self->recipient);

  return converse (self, "MAIL FROM:<>\r\n", 2, error) && converse (self, rcpt, 2, error)
         && converse (self, "DATA\r\n", 3, error);
}

/* RFC 2033 section 4.2: after the dot one reply for each recipient; only 2yz means delivered. */
static gboolean
send_message (LmtpSink *self, int message, GError **error)
{
  Reply reply = { 0 };
  gboolean is_done;

  if (!connect_server (self, error))
    return FALSE;
  if (!send_envelope (self, error))
    {
      GError *ignored = NULL;

      if (self->link != NULL && !converse (self, "RSET\r\n", 2, &ignored))
        g_clear_pointer (&self->link, postseal_local_link_close);
      g_clear_error (&ignored);
      return FALSE;
    }
  is_done = send_content (self, message, error) && read_reply (self, &reply, error)
            && (reply.code / 100 == 2 || fail_by_reply (self, &reply, error));
  g_free (reply.text);
  return is_done;
}

/* A kept connection may have been closed by the server since; then the message goes over a new one.
 */
static gboolean
deliver_item (LmtpSink *self, PostsealSinkItem *item, GError **error)
{
  int message = open (item->staged_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean is_done;

  if (message < 0)
    return _postseal_sink_fail (error, errno, _ ("Cannot read a message for “%s”"), self->address);
  if (self->link != NULL && !converse (self, "NOOP\r\n", 2, NULL))
    g_clear_pointer (&self->link, postseal_local_link_close);
  is_done = send_message (self, message, error);
  close (message);
  return is_done;
}

static gboolean
deliver_lmtp (PostsealSink *sink, PostsealSinkItem *items, gsize n_items, GError **error)
{
  LmtpSink *self = (LmtpSink *)sink;

  for (gsize i = 0; i < n_items; i++)
    {
      if (deliver_item (self, &items[i], &items[i].error))
        {
          items[i].place = g_strdup (self->address);
          unlink (items[i].staged_path);
        }
      else if (_postseal_sink_error_is_fatal (items[i].error))
        {
          _postseal_sink_fail_rest (items, n_items, items[i].error);
          g_propagate_error (error, g_error_copy (items[i].error));
          return FALSE;
        }
    }
  return TRUE;
}

static void
clear_lmtp (PostsealSink *sink)
{
  LmtpSink *self = (LmtpSink *)sink;

  if (self->link != NULL && send_text (self, "QUIT\r\n", NULL))
    postseal_local_link_close (self->link);
  g_free (self->address);
  g_free (self->recipient);
}

static const PostsealSinkClass lmtp_class = { deliver_lmtp, clear_lmtp };

/* The address comes from the user's own configuration, but nothing may break the command line. */
static gboolean
is_clean_recipient (const char *recipient)
{
  for (const char *c = recipient; *c != '\0'; c++)
    if ((guchar)*c <= 0x20 || *c == 0x7f || *c == '<' || *c == '>')
      return FALSE;
  return *recipient != '\0';
}

PostsealSink *
_postseal_sink_lmtp_new (const char *address, const char *recipient, GError **error)
{
  LmtpSink *self;

  if (!is_clean_recipient (recipient))
    {
      g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                   _ ("“%s” cannot be an LMTP recipient; correct the account's address"),
                   recipient);
      return NULL;
    }
  self = g_new0 (LmtpSink, 1);
  self->parent.klass = &lmtp_class;
  self->parent.kind = POSTSEAL_SINK_LMTP;
  self->address = g_strdup (address);
  self->recipient = g_strdup (recipient);
  return &self->parent;
}
