/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/bounce-private.h"

#include <gmime/gmime.h>
#include <string.h>

#define LINE_LENGTH 76

void
_postseal_bounce_append_field (GString *out, const char *name, const char *value)
{
  gsize line_start = out->len;

  g_string_append_printf (out, "%s:", name);
  while (*value != '\0')
    {
      gsize length = strcspn (value, " ");

      if (out->len - line_start + 1 + length > LINE_LENGTH && out->str[out->len - 1] != ':')
        {
          g_string_append_c (out, '\n');
          line_start = out->len;
        }
      g_string_append_c (out, ' ');
      g_string_append_len (out, value, (gssize)length);
      value += length;
      value += strspn (value, " ");
    }
  g_string_append_c (out, '\n');
}

/* RFC 6533 section 3: what is not US-ASCII as "\x{HEX}". */
static char *
make_ascii (const char *text)
{
  GString *ascii = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char_validated (at, -1);

      if (character < 0x80)
        g_string_append_c (ascii, (char)character);
      else if (character == (gunichar)-1 || character == (gunichar)-2)
        {
          g_string_append_printf (ascii, "\\x{%02X}", (guint8)*at);
          at -= g_utf8_next_char (at) - at - 1;
        }
      else
        g_string_append_printf (ascii, "\\x{%X}", character);
    }
  return g_string_free (ascii, FALSE);
}

/* A line end in a value would begin another field. */
static void
append (GString *out, const char *name, const char *value, gboolean is_international)
{
  g_autofree char *plain = is_international ? g_strdup (value) : make_ascii (value);

  for (char *at = plain; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  _postseal_bounce_append_field (out, name, plain);
}

static void
append_date (GString *out, const char *name, gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);
  g_autofree char *text = time != NULL ? g_mime_utils_header_format_date (time) : NULL;

  if (text != NULL)
    _postseal_bounce_append_field (out, name, text);
}

static void
append_address (GString *out, const char *name, const char *address, gboolean is_international)
{
  g_autofree char *typed
      = g_strdup_printf ("%s; %s", g_str_is_ascii (address) ? "rfc822" : "utf-8", address);

  append (out, name, typed, is_international);
}

/* RFC 3464 section 2.3.4; X.4.7: delivery time expired (RFC 3463 section 3.5). */
static char *
make_status (const PostsealOutboxRecipient *recipient)
{
  if (_postseal_bounce_is_given_up (recipient))
    return g_strdup ("4.4.7");
  if (recipient->status != NULL && recipient->status[0] == '5')
    return g_strdup (recipient->status);
  return g_strdup ("5.0.0");
}

static void
append_diagnosis (GString *out,
                  const PostsealBounce *bounce,
                  const PostsealOutboxRecipient *recipient,
                  gboolean is_international)
{
  const char *text = recipient->text != NULL ? recipient->text : bounce->entry->reason;
  g_autoptr (GString) diagnosis = g_string_new (NULL);

  if (recipient->code != 0)
    {
      g_string_append_printf (diagnosis, "smtp; %u", recipient->code);
      if (recipient->status != NULL && !g_str_has_suffix (recipient->status, ".0.0"))
        g_string_append_printf (diagnosis, " %s", recipient->status);
      if (recipient->text != NULL)
        g_string_append_printf (diagnosis, " %s", recipient->text);
    }
  else if (text != NULL)
    g_string_append_printf (diagnosis, "x-postseal; %s", text);
  if (diagnosis->len > 0)
    append (out, "Diagnostic-Code", diagnosis->str, is_international);
}

/* "dns; smtp.example.org" of "smtp.example.org:587". */
static void
append_remote (GString *out, const char *server, gboolean is_international)
{
  const char *colon = strrchr (server, ':');
  gboolean has_port
      = colon != NULL && (strchr (server, ']') == NULL || colon > strchr (server, ']'));
  g_autofree char *host = g_strndup (server, has_port ? (gsize)(colon - server) : strlen (server));
  g_autofree char *typed = g_strdup_printf ("dns; %s", host);

  append (out, "Remote-MTA", typed, is_international);
}

static void
append_recipient (GString *out,
                  const PostsealBounce *bounce,
                  const PostsealOutboxRecipient *recipient,
                  gboolean is_international)
{
  const PostsealEnvelopeRecipient *known = recipient->recipient;
  g_autofree char *status = make_status (recipient);
  gint64 time = recipient->time != 0 ? recipient->time : bounce->entry->last_attempt;

  g_string_append_c (out, '\n');
  append_address (out, "Original-Recipient",
                  known->original != NULL ? known->original : known->address, is_international);
  append_address (out, "Final-Recipient", known->address, is_international);
  _postseal_bounce_append_field (out, "Action", "failed");
  _postseal_bounce_append_field (out, "Status", status);
  if (recipient->code != 0 && bounce->server != NULL)
    append_remote (out, bounce->server, is_international);
  append_diagnosis (out, bounce, recipient, is_international);
  if (time != 0)
    append_date (out, "Last-Attempt-Date", time);
}

char *
_postseal_bounce_status_make (const PostsealBounce *bounce, gboolean is_international)
{
  const PostsealOutboxEntry *entry = bounce->entry;
  GString *out = g_string_new (NULL);

  if (entry->envelope->envid != NULL)
    append (out, "Original-Envelope-Id", entry->envelope->envid, is_international);
  /* Reports are forwarded for help, and the name of this machine is nobody's business. */
  _postseal_bounce_append_field (out, "Reporting-MTA", "dns; localhost");
  append_date (out, "Arrival-Date", entry->arrived);
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (_postseal_bounce_tells_of (&entry->recipients[i], bounce->is_expired))
      append_recipient (out, bounce, &entry->recipients[i], is_international);
  return g_string_free (out, FALSE);
}
