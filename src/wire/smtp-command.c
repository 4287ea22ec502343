/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/smtp-command.h"

#include <string.h>

#include "wire/smtp-path.h"

/* RFC 3461 section 4.4 and section 4.2. */
#define ENVID_MAX 100
#define ORCPT_MAX 500
/* RFC 2852 section 4 and RFC 4865 section 4: nine digits. */
#define SECONDS_MAX 999999999

static gboolean
has_control (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guint8)*text < 0x20 || *text == 0x7f)
      return TRUE;
  return FALSE;
}

void
postseal_smtp_command_append_xtext (GString *out, const char *text)
{
  for (; *text != '\0'; text++)
    if (*text > ' ' && *text <= '~' && strchr ("+=<>", *text) == NULL)
      g_string_append_c (out, *text);
    else
      g_string_append_printf (out, "+%02X", (guint8)*text);
}

/* RFC 6533 section 3: what xtext would encode, a backslash and, unless @is_utf8, everything beyond
   ASCII is "\x{...}", the code point in hexadecimal. Not @is_utf8 is what any server can take. */
static void
append_utf8_address (GString *out, const char *text, gboolean is_utf8)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);
      gboolean is_plain = character <= '~' ? strchr ("+=\\ ", (int)character) == NULL
                                           : is_utf8 && g_unichar_isgraph (character);

      if (is_plain)
        g_string_append_unichar (out, character);
      else
        g_string_append_printf (out, "\\x{%02X}", character);
    }
}

static gboolean
append_body (GString *out, PostsealSmtpBody body)
{
  switch (body)
    {
    case POSTSEAL_SMTP_BODY_7BIT:
      return TRUE;
    case POSTSEAL_SMTP_BODY_8BIT:
      g_string_append (out, " BODY=8BITMIME");
      return TRUE;
    case POSTSEAL_SMTP_BODY_BINARY:
      g_string_append (out, " BODY=BINARYMIME");
      return TRUE;
    default:
      return FALSE;
    }
}

/* RET and ENVID. */
static gboolean
append_return (GString *out, const PostsealSmtpMailParameters *parameters)
{
  const char *envid = parameters->envid;

  if (parameters->ret == POSTSEAL_SMTP_RETURN_FULL)
    g_string_append (out, " RET=FULL");
  else if (parameters->ret == POSTSEAL_SMTP_RETURN_HEADERS)
    g_string_append (out, " RET=HDRS");
  else if (parameters->ret != POSTSEAL_SMTP_RETURN_UNSET)
    return FALSE;

  if (envid == NULL)
    return TRUE;
  if (*envid == '\0' || strlen (envid) > ENVID_MAX || has_control (envid)
      || !g_str_is_ascii (envid))
    return FALSE;
  g_string_append (out, " ENVID=");
  postseal_smtp_command_append_xtext (out, envid);
  return TRUE;
}

/* HOLDFOR, and BY: to return it, the time must lie ahead (RFC 2852 section 4). */
static gboolean
append_times (GString *out, const PostsealSmtpMailParameters *parameters)
{
  gint64 by = parameters->deliver_by;
  char mode = parameters->deliver_by_mode;

  if (parameters->hold_for > SECONDS_MAX)
    return FALSE;
  if (parameters->hold_for > 0)
    g_string_append_printf (out, " HOLDFOR=%" G_GUINT64_FORMAT, parameters->hold_for);

  if (mode == '\0')
    return TRUE;
  if ((mode != 'R' && mode != 'N') || (mode == 'R' && by <= 0) || by > SECONDS_MAX
      || by < -SECONDS_MAX)
    return FALSE;
  g_string_append_printf (out, " BY=%" G_GINT64_FORMAT ";%c%s", by, mode,
                          parameters->deliver_by_trace ? "T" : "");
  return TRUE;
}

static gboolean
append_mail_parameters (GString *out, const PostsealSmtpMailParameters *parameters)
{
  if (parameters->has_size)
    g_string_append_printf (out, " SIZE=%" G_GUINT64_FORMAT, parameters->size);
  if (!append_body (out, parameters->body))
    return FALSE;
  if (parameters->smtputf8)
    g_string_append (out, " SMTPUTF8");
  if (!append_return (out, parameters))
    return FALSE;
  if (parameters->requiretls)
    g_string_append (out, " REQUIRETLS");
  return append_times (out, parameters);
}

gboolean
postseal_smtp_command_append_mail (GString *out,
                                   const char *sender,
                                   const PostsealSmtpMailParameters *parameters)
{
  gsize start = out->len;

  if (*sender != '\0' && postseal_smtp_path_check (sender) != POSTSEAL_SMTP_PATH_OK)
    return FALSE;
  /* RFC 6531 section 3.4 */
  if (postseal_smtp_path_is_international (sender) && !parameters->smtputf8)
    return FALSE;
  g_string_append_printf (out, "MAIL FROM:<%s>", sender);
  if (!append_mail_parameters (out, parameters))
    {
      g_string_truncate (out, start);
      return FALSE;
    }
  g_string_append (out, "\r\n");
  return TRUE;
}

static gboolean
append_notify (GString *out, guint notify)
{
  static const struct
  {
    guint flag;
    const char *word;
  } words[] = {
    { POSTSEAL_SMTP_NOTIFY_NEVER, "NEVER" },
    { POSTSEAL_SMTP_NOTIFY_SUCCESS, "SUCCESS" },
    { POSTSEAL_SMTP_NOTIFY_FAILURE, "FAILURE" },
    { POSTSEAL_SMTP_NOTIFY_DELAY, "DELAY" },
  };
  const char *before = " NOTIFY=";

  if (notify >= POSTSEAL_SMTP_NOTIFY_DELAY << 1
      || ((notify & POSTSEAL_SMTP_NOTIFY_NEVER) != 0 && notify != POSTSEAL_SMTP_NOTIFY_NEVER))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if ((notify & words[i].flag) != 0)
      {
        g_string_append_printf (out, "%s%s", before, words[i].word);
        before = ",";
      }
  return TRUE;
}

static gboolean
append_original (GString *out, const char *original, gboolean is_utf8)
{
  gsize start;

  if (original == NULL)
    return TRUE;
  if (*original == '\0' || strlen (original) > ORCPT_MAX || has_control (original)
      || !g_utf8_validate (original, -1, NULL))
    return FALSE;
  g_string_append (out, " ORCPT=");
  start = out->len;
  if (g_str_is_ascii (original))
    {
      g_string_append (out, "rfc822;");
      postseal_smtp_command_append_xtext (out, original);
    }
  else
    {
      g_string_append (out, "utf-8;");
      append_utf8_address (out, original, is_utf8);
    }
  return out->len - start <= ORCPT_MAX;
}

gboolean
postseal_smtp_command_append_rcpt (GString *out,
                                   const char *recipient,
                                   guint notify,
                                   const char *original)
{
  gsize start = out->len;

  if (postseal_smtp_path_check (recipient) != POSTSEAL_SMTP_PATH_OK)
    return FALSE;
  g_string_append_printf (out, "RCPT TO:<%s>", recipient);
  if (!append_notify (out, notify)
      || !append_original (out, original, postseal_smtp_path_is_international (recipient)))
    {
      g_string_truncate (out, start);
      return FALSE;
    }
  g_string_append (out, "\r\n");
  return TRUE;
}
