/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/event-log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_FIELDS 8

static PostsealEventLogDetail shown_detail;

static const char *
find_field (const GLogField *fields, gsize n_fields, const char *name)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, name) == 0)
      return fields[i].value;
  return NULL;
}

static gboolean
is_wanted (GLogLevelFlags level, const char *domain, gboolean is_journal)
{
  if ((level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) == 0)
    return TRUE;
  if ((level & G_LOG_LEVEL_INFO) != 0 && g_strcmp0 (domain, G_LOG_DOMAIN) == 0
      && (is_journal || shown_detail == POSTSEAL_EVENT_LOG_VERBOSE))
    return TRUE;
  return !g_log_writer_default_would_drop (level, domain);
}

/* One write a line, so that lines of several programs on one terminal do not mix. */
static GLogWriterOutput
write_line (const GLogField *fields, gsize n_fields)
{
  const char *account = find_field (fields, n_fields, "POSTSEAL_ACCOUNT");
  const char *message = find_field (fields, n_fields, "MESSAGE");
  g_autofree char *line
      = g_strdup_printf ("postseald: %s%s%s\n", account != NULL ? account : "",
                         account != NULL ? ": " : "", message != NULL ? message : "");

  fputs (line, stderr);
  fflush (stderr);
  return G_LOG_WRITER_HANDLED;
}

static GLogWriterOutput
write_entry (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  gboolean is_journal = GPOINTER_TO_INT (user_data);

  if (!is_wanted (level, find_field (fields, n_fields, "GLIB_DOMAIN"), is_journal))
    return G_LOG_WRITER_HANDLED;
  if (is_journal && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  return write_line (fields, n_fields);
}

void
postseal_event_log_start (PostsealEventLogDetail detail)
{
  gboolean is_journal = g_log_writer_is_journald (STDERR_FILENO);

  shown_detail = detail;
  g_log_set_writer_func (write_entry, GINT_TO_POINTER (is_journal), NULL);
}

/* As syslog(3) numbers them. */
static const char *
describe_priority (GLogLevelFlags level)
{
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    return "4";
  return (level & G_LOG_LEVEL_MESSAGE) != 0 ? "5" : "6";
}

void
postseal_event_log (
    GLogLevelFlags level, const char *account, const char *event, const char *format, ...)
{
  g_autofree char *message = NULL;
  GLogField fields[MOST_FIELDS];
  gsize n = 0;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  fields[n++] = (GLogField){ "PRIORITY", describe_priority (level), -1 };
  fields[n++] = (GLogField){ "GLIB_DOMAIN", G_LOG_DOMAIN, -1 };
  fields[n++] = (GLogField){ "SYSLOG_IDENTIFIER", "postseald", -1 };
  fields[n++] = (GLogField){ "MESSAGE", message, -1 };
  fields[n++] = (GLogField){ "POSTSEAL_EVENT", event, -1 };
  if (account != NULL)
    fields[n++] = (GLogField){ "POSTSEAL_ACCOUNT", account, -1 };
  g_log_structured_array (level, fields, n);
}
